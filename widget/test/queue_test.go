package test

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// waiting is how many captures wait in the browser.
const waiting = "Object.keys(localStorage).filter((k) => k.startsWith('restock:')).length"

// TestRetry: what the edge could not take now waits in the browser, is sent again, and arrives once by its key.
func TestRetry(t *testing.T) {
	t.Parallel()
	for name, first := range map[string][]answer{
		"too many": {tooMany()},
		"HTTP 500": {internal()},
		"dropped":  {dead(), dead()}, // Chromium itself tries again when a connection that it kept breaks
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := open(t, "html", visit{variant: blackM}).ready()
			tb.edge.answer(first...)
			tb.showsCover()
			tb.openDialog()
			tb.field("input[name=email]", "ann@example.com")
			tb.click("probe.submit()")
			tb.until("probe.state() === 'queued' && probe.focus() === probe.$('.done h2') && " + waiting + " === 1")
			tb.run("dispatchEvent(new Event('online'))")
			tb.until(waiting + " === 0")
			all := tb.edge.captured()
			last := all[len(all)-1]
			tb.expect("trying again", last, blackM)
			if len(all) < 2 || all[0].Key != last.Key || last.Consent == nil || last.Consent.Text == "" {
				tb.Errorf("%d tries: %+v", len(all), all)
			}
		})
	}
}

// TestOffline: without a network it is kept, the next page sends it.
func TestOffline(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.showsCover()
	tb.openDialog()
	tb.network(true)
	tb.field("input[name=email]", "ann@example.com")
	tb.click("probe.submit()")
	tb.until("probe.state() === 'queued' && " + waiting + " === 1")
	tb.network(false)
	tb.visit(visit{variant: blackS}.url(tb.shop)) // in stock: the form would not be needed there
	tb.untilGo("the capture at the edge", func() bool { return len(tb.edge.captured()) == 1 })
	tb.expect("coming back", tb.edge.captured()[0], blackM)
	tb.until(waiting + " === 0")
}

// network takes the network away, and gives it back.
func (tb *tab) network(off bool) {
	tb.Helper()
	call(tb, network.Enable, network.EnableParams{})
	call(tb, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}}})
}

// queue puts captures into the browser's storage, as the widget keeps them: %d hours old.
const queue = `for (let i = 0; i < %d; i++) { const key = crypto.randomUUID();
  localStorage.setItem('restock:' + key, JSON.stringify({ at: Date.now() - %d * 3600e3, capture: { source: 'my-shop', channel: 'email', variant: '1' },
    body: JSON.stringify({ source: 'my-shop', variant: '4401234567890' + i, email: 'ann@example.com', consent: { marketing: false, text: 'x' }, idempotency_key: key }) })) }`

// TestQueueBounds: at most five wait, the sixth is refused; what is older than a day is forgotten.
func TestQueueBounds(t *testing.T) {
	t.Parallel()
	t.Run("five", func(t *testing.T) {
		t.Parallel()
		tb := open(t, "html", visit{variant: blackM}).ready()
		tb.edge.answer(internal(), internal(), internal())
		tb.showsCover()
		tb.openDialog()
		tb.run(fmt.Sprintf(queue, 5, 1))
		tb.field("input[name=email]", "ann@example.com")
		tb.submit()
		tb.until("probe.state() === 'form' && probe.seen('.error') && " + waiting + " === 5")
	})
	t.Run("a day", func(t *testing.T) {
		t.Parallel()
		tb := open(t, "html", visit{variant: blackS, late: true})
		tb.run(fmt.Sprintf(queue, 1, 25))
		tb.run(fmt.Sprintf(queue, 1, 23))
		tb.visit(visit{variant: blackS}.url(tb.shop))
		tb.until(waiting + " === 0")
		if n := len(tb.edge.captured()); n != 1 {
			tb.Errorf("%d captures sent, want the one of 23 hours", n)
		}
	})
	t.Run("spoiled", func(t *testing.T) {
		t.Parallel()
		tb := open(t, "html", visit{variant: blackS, late: true})
		tb.run("localStorage.setItem('restock:a', 'nonsense'); localStorage.setItem('restock:b', 'null'); localStorage.setItem('restock:c', '{}'); localStorage.setItem('theirs', 'stays')")
		tb.visit(visit{variant: blackS}.url(tb.shop))
		tb.until(waiting + " === 0 && localStorage.theirs === 'stays'")
		if n := len(tb.edge.captured()); n != 0 {
			tb.Errorf("%d captures of nonsense", n)
		}
		tb.clean()
	})
}

// TestOneTabSends: three tabs of the same shop come back at once; each capture is sent by one of them.
func TestOneTabSends(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackS, late: true})
	tb.run(fmt.Sprintf(queue, 3, 1))
	tabs := []*tab{tb, tb.sibling(), tb.sibling()}
	for _, one := range tabs {
		one.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf("void setTimeout(() => location.assign(%q))", visit{variant: blackS}.url(tb.shop))))
			return err
		}))
	}
	tb.untilThere("window.Restock && " + waiting + " === 0")
	for _, one := range tabs {
		one.untilThere("window.Restock")
	}
	if n := len(tb.edge.captured()); n != 3 {
		tb.Errorf("%d captures reached the edge, want 3", n)
	}
}

// TestAnotherTabSends: while one tab holds the lock, the others send nothing that waits.
func TestAnotherTabSends(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackS, late: true})
	other := tb.sibling()
	other.run("window.letGo = () => {}; await new Promise((held) => void navigator.locks.request('restock', () => { held(); return new Promise((done) => { window.letGo = done }) }))")
	tb.run(fmt.Sprintf(queue, 3, 1))
	tb.visit(visit{variant: blackS}.url(tb.shop))
	tb.until("window.Restock")
	tb.run("dispatchEvent(new Event('online')); await probe.frames(30)")
	if n := len(tb.edge.captured()); n != 0 {
		tb.Errorf("%d captures were sent beside the tab that sends", n)
	}
	other.run("letGo()")
	tb.run("dispatchEvent(new Event('online'))")
	tb.until(waiting + " === 0")
	if n := len(tb.edge.captured()); n != 3 {
		tb.Errorf("%d captures reached the edge, want 3", n)
	}
}

// sibling is another tab of the same browser context, on the same shop.
func (tb *tab) sibling() *tab {
	tb.Helper()
	ctx, end := chromedp.NewContext(tb.ctx)
	tb.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		tb.Fatalf("opening a second tab: %v", err)
	}
	other := &tab{T: tb.T, ctx: ctx, shop: tb.shop, edge: tb.edge}
	other.visit(visit{variant: blackS, late: true}.url(tb.shop))
	return other
}
