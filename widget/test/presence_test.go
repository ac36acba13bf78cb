package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"

	"restock/widget"
)

// TestOnce: however the loader comes to the page, there is one widget.
func TestOnce(t *testing.T) {
	t.Parallel()
	add := "for (let i = 0; i < %d; i++) { const s = document.createElement('script'); s.src = %q; s.dataset.source = 'my-shop'; s.async = true; document.head.append(s) }"
	for _, c := range []struct {
		name  string
		visit visit
		then  int    // tags that a script adds after the load event
		path  string // what they load
	}{
		{"by two tags", visit{variant: blackM, twice: true}, 0, ""},
		{"late", visit{variant: blackM, late: true}, 1, "/widget/" + source + ".js"},
		{"late, three times", visit{variant: blackM, late: true}, 3, "/widget/" + source + ".js"},
		{"again, much later", visit{variant: blackM}, 1, "/widget/" + source + ".js?again"},
		{"by data-source, with a query", visit{late: true, variant: blackM}, 1, "/widget.js?v=2"},
		{"by data-source", visit{variant: blackM, plainTag: true}, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tb := open(t, "html", c.visit)
			if !c.visit.late {
				tb.ready().showsCover()
			}
			if c.then > 0 {
				tb.run(fmt.Sprintf(add, c.then, tb.edge.URL+c.path))
				tb.untilGo("the script", func() bool { return tb.served(c.path) >= 1 })
			}
			tb.ready().showsCover()
			tb.run("await probe.frames(10)")
			if n := eval[int](tb, "document.querySelectorAll('restock-cover').length"); n != 1 {
				tb.Errorf("%d covers", n)
			}
			tb.expect("opening", tb.ask("ann@example.com"), blackM)
			if n := len(tb.edge.captured()); n != 1 {
				tb.Errorf("%d captures of one submit", n)
			}
			tb.clean()
		})
	}
}

// TestPinned loads the single-file build by its hash, under a policy that would stop anything else; a hash that is another's stops it.
func TestPinned(t *testing.T) {
	t.Parallel()
	const name = "restock.en.js"
	for integrity, runs := range map[string]bool{widget.Integrity(name): true, widget.Integrity("worker.js"): false} {
		t.Run(fmt.Sprint("runs ", runs), func(t *testing.T) {
			t.Parallel()
			e := newEdge(t, nil)
			tag := fmt.Sprintf(`<script async nonce="n0nce" src="%s/widget/%s/%s" integrity="%s" crossorigin="anonymous" data-source="%s"></script>`, e.URL, widget.Version(), name, integrity, source)
			tb := openAt(t, newShop(t, "html", e), visit{variant: blackM, late: true, strict: true, head: tag})
			if !runs {
				tb.untilGo("the script", func() bool { return len(e.asked()) > 0 })
				tb.run("await probe.frames(10)")
				tb.hidesCover()
				return
			}
			tb.ready().showsCover()
			tb.expect("opening", tb.ask("ann@example.com"), blackM)
			tb.costs("submitted", 2)
			tb.clean()
		})
	}
}

// served counts the requests for a path.
func (tb *tab) served(path string) (n int) {
	path, _, _ = strings.Cut(path, "?")
	for _, r := range tb.edge.asked() {
		if r.path == path {
			n++
		}
	}
	return n
}

// TestReplaced puts a fresh product in place of the old one, as page editors, quick views and page transitions do.
func TestReplaced(t *testing.T) {
	t.Parallel()
	for _, p := range platforms() {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			v := p.visit
			v.variant = blackM
			tb := open(t, p.name, v).ready()
			if p.blind {
				tb.choose("L", "M")
				tb.settled()
			}
			tb.showsCover()
			tb.run("theme.replace(); await probe.frames(3); theme.replace()")
			tb.settled()
			tb.showsCover()
			tb.coversButton()
			tb.choose("L")
			tb.settled()
			tb.showsCover()
			tb.expect("being replaced", tb.ask("ann@example.com"), blackL)
			tb.choose("S")
			tb.settled()
			tb.hidesCover()
			tb.clean()
		})
	}
}

// TestLeavesNothing removes the product: cover and inline styles go, what is detached can be collected, and listeners do
// not pile up however often it comes back.
func TestLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"html", "dawn15", "element"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			tb := open(t, platform, visit{variant: blackM}).ready()
			tb.showsCover()
			tb.expect("opening", tb.ask("ann@example.com"), blackM)
			tb.run("window.again = document.querySelector('main [data-root]').cloneNode(true); again.querySelectorAll('restock-cover').forEach((c) => c.remove())")
			tb.comesAndGoes(5) // caches are filled
			before := tb.counts()
			tb.comesAndGoes(40)
			after := tb.counts()
			tb.Logf("%s: nodes %v → %v, listeners %v → %v after 40 times", platform, before["Nodes"], after["Nodes"], before["JSEventListeners"], after["JSEventListeners"])
			if after["Nodes"] > before["Nodes"]+60 || after["JSEventListeners"] > before["JSEventListeners"]+8 {
				tb.Errorf("40 products that came and went left nodes %v → %v, listeners %v → %v", before["Nodes"], after["Nodes"], before["JSEventListeners"], after["JSEventListeners"])
			}
			if n := eval[int](tb, "document.querySelectorAll('restock-cover').length"); n != 0 {
				tb.Errorf("%d covers stay behind", n)
			}
			tb.clean()
		})
	}
}

// comesAndGoes takes the product away and brings it back, n times, and takes it away at the end.
func (tb *tab) comesAndGoes(n int) {
	tb.Helper()
	tb.run(fmt.Sprintf(`for (let i = 0; i < %d; i++) {
	  const root = document.querySelector('main [data-root]');
	  if (root) { root.remove(); await probe.frames(2); }
	  document.querySelector('main').append(again.cloneNode(true));
	  while (probe.shown() !== 1) await probe.frames(1);
	}
	document.querySelector('main [data-root]').remove();
	while (probe.shown() !== 0) await probe.frames(1);
	await probe.frames(4)`, n))
}

// counts collects garbage and returns Chromium's counters of what is alive.
func (tb *tab) counts() map[string]float64 {
	tb.Helper()
	call(tb, performance.Enable, performance.EnableParams{})
	for range 3 {
		call(tb, heapprofiler.CollectGarbage, cdp.Empty{})
	}
	counts := map[string]float64{}
	for _, m := range call(tb, performance.GetMetrics, cdp.Empty{}).Metrics {
		counts[m.Name] = m.Value
	}
	return counts
}

// TestUndone: when the variant can be bought again, the theme's button is as it was.
func TestUndone(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackS}).ready()
	before := eval[string](tb, "document.querySelector('.buy').outerHTML + getComputedStyle(document.querySelector('.buy')).visibility")
	tb.choose("M")
	tb.showsCover()
	tb.choose("S")
	tb.settled()
	tb.hidesCover()
	after := eval[string](tb, "document.querySelector('.buy').outerHTML + getComputedStyle(document.querySelector('.buy')).visibility")
	if before != after {
		tb.Errorf("the theme's button was %s and is %s", before, after)
	}
}

// TestPlatformsOwnForm: where WooCommerce asks by itself, we do not.
func TestPlatformsOwnForm(t *testing.T) {
	t.Parallel()
	tb := open(t, "woo", visit{variant: blackM, head: `<script>addEventListener('DOMContentLoaded', () => { const d = document.createElement('div'); d.className = 'wc_bis_form hidden'; document.querySelector('form.cart').after(d) })</script>`}).ready()
	tb.settled()
	tb.run("await probe.frames(20)")
	tb.hidesCover()
}
