package test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
)

// platform is a fixture and what may be asked of it.
type platform struct {
	name   string
	visit  visit
	asks   bool // its theme asks a server for each choice
	absent bool // a combination that does not exist can be chosen
	blind  bool // nothing on the page says how it stands before the first choice
}

// platforms are those whose variants a shopper switches. Bare ones show that the adapter needs no more than the theme.
func platforms() []platform {
	return []platform{
		{"dawn15", visit{}, true, true, false},
		{"dawn15", visit{bare: true}, true, true, false},
		{"dawn12", visit{}, true, true, false},
		{"dawn12", visit{bare: true}, true, true, false},
		{"horizon3", visit{}, true, true, false},
		{"horizon3", visit{bare: true}, true, true, false},
		{"horizon4", visit{}, true, true, false},
		{"horizon4", visit{bare: true}, true, true, false},
		{"family", visit{}, true, true, false},
		{"family", visit{bare: true}, true, true, true},
		{"woo", visit{}, false, true, false},
		{"woo", visit{ajax: true}, true, true, false},
		{"bigcommerce", visit{}, true, true, false},
		{"hyva", visit{}, false, true, false},
		{"html", visit{}, true, true, false},
		{"element", visit{}, true, true, false},
	}
}

func (p platform) String() string {
	name := p.name
	if p.visit.bare {
		name += " bare"
	}
	if p.visit.ajax {
		name += " ajax"
	}
	return name
}

// TestRightVariant switches through in stock, sold out, sold out, in stock and back at each latency, and asks after each
// switch: what is captured is what is chosen, and nothing is shown for what can be bought.
func TestRightVariant(t *testing.T) {
	t.Parallel()
	for _, p := range platforms() {
		for _, latency := range []time.Duration{0, 50 * time.Millisecond, 900 * time.Millisecond} {
			if latency > 0 && !p.asks || p.visit.bare && latency != 50*time.Millisecond {
				continue
			}
			t.Run(fmt.Sprint(p, " ", latency), func(t *testing.T) {
				t.Parallel()
				v := p.visit
				v.variant = blackM
				tb := open(t, p.name, v).ready()
				tb.shop.set(latency, well)
				if !p.blind {
					tb.showsCover()
					tb.expect("first", tb.ask("ann@example.com"), blackM)
				}
				for _, step := range []struct{ value, variant string }{{"L", blackL}, {"S", ""}, {"Oat", oatS}, {"M", ""}, {"Black", blackM}} {
					tb.choose(step.value)
					tb.settled()
					if step.variant == "" {
						tb.hidesCover()
						continue
					}
					tb.showsCover()
					tb.coversButton()
					tb.expect(step.value, tb.ask("ann@example.com"), step.variant)
				}
				tb.clean()
			})
		}
	}
}

// expect holds a capture against the variant that was chosen.
func (tb *tab) expect(step string, c capture, variant string) {
	tb.Helper()
	if c.Variant != variant || c.Source != source || c.Email != "ann@example.com" {
		tb.Errorf("%s: after %s the capture is of %q, want %q: %+v\n%s", tb.shop.platform, step, c.Variant, variant, c, tb.describe())
	}
}

// coversButton checks that the theme's button is there, unseen, and that ours has its box.
func (tb *tab) coversButton() {
	tb.Helper()
	off := eval[float64](tb, `(() => {
	  const host = document.querySelector('restock-cover');
	  if (!host) return 0;                                        // a slot covers nothing
	  const theirs = host.previousElementSibling, a = theirs.getBoundingClientRect(), b = probe.covers()[0].getBoundingClientRect();
	  if (getComputedStyle(theirs).visibility !== 'hidden') return 1e6;
	  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y), Math.abs(a.width - b.width), Math.abs(a.height - b.height));
	})()`)
	if off > 1 {
		tb.Errorf("%s: the cover is %g px off the theme's button, or the button shows", tb.shop.platform, off)
	}
}

// TestSwitchDuringFetch chooses again while the theme still waits for the answer to the first choice: while it waits
// nothing is shown, then only the last choice counts.
func TestSwitchDuringFetch(t *testing.T) {
	t.Parallel()
	for _, p := range platforms() {
		if !p.asks {
			continue
		}
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			tb := openAt(t, newShop(t, p.name, newEdge(t, nil)), p.visit).ready()
			tb.shop.set(300*time.Millisecond, well)
			tb.hidesCover()
			tb.run(`theme.choose("M"); await probe.frames(3); theme.choose("L"); await probe.frames(2); theme.choose("S"); await probe.frames(2); theme.choose("M")`)
			tb.settled()
			tb.showsCover()
			tb.expect("M", tb.ask("ann@example.com"), blackM)
			tb.run(`theme.choose("L"); await probe.frames(3); theme.choose("S")`)
			tb.settled()
			tb.hidesCover()
			tb.clean()
		})
	}
}

// TestPending: from a choice to the theme's answer nobody can ask for what was chosen before, however long that takes.
func TestPending(t *testing.T) {
	t.Parallel()
	for _, p := range platforms() {
		if !p.asks || p.blind || p.name == "html" || p.name == "element" || p.name == "dawn12" {
			continue // the page's own words are all that is known; Dawn 8 to 14 answer themselves, at once
		}
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			v := p.visit
			v.variant = blackM
			tb := open(t, p.name, v).ready()
			tb.showsCover()
			tb.shop.set(time.Hour, well)
			t.Cleanup(func() { tb.visit("about:blank") }) // ends what the theme waits for
			for _, value := range []string{"L", "S"} {
				tb.choose(value)
				tb.until("theme.busy() > 0 && probe.shown() === 0")
				tb.hidesCover()
				if eval[bool](tb, "window.Restock.open()") {
					t.Errorf("after %s the form opens before the theme has answered", value)
				}
			}
		})
	}
}

// TestFailedSwitch: the theme's request fails, so the page shows a choice that the theme knows nothing of. Whatever the
// widget offers then is what the page holds, by its own word, and never what can be bought or does not exist.
func TestFailedSwitch(t *testing.T) {
	t.Parallel()
	for _, p := range platforms() {
		for _, f := range []fault{dropped, broken} {
			if !p.asks || p.visit.bare && f == broken {
				continue
			}
			t.Run(fmt.Sprint(p, " ", f), func(t *testing.T) {
				t.Parallel()
				v := p.visit
				v.variant = blackM
				tb := open(t, p.name, v).ready()
				if p.blind {
					tb.choose("L", "M")
					tb.settled()
				}
				tb.showsCover()
				tb.shop.set(0, f)
				tb.choose("S") // can be bought
				tb.settled()
				tb.offersKnown()
				tb.choose("L")
				tb.settled()
				tb.offersKnown()
				tb.shop.set(0, well)
				tb.choose("M") // and all is well again
				tb.settled()
				tb.showsCover()
				tb.expect("M", tb.ask("ann@example.com"), blackM)
			})
		}
	}
}

// offersKnown checks that what is offered, if anything, is the sold-out variant that the theme believes to be chosen.
func (tb *tab) offersKnown() {
	tb.Helper()
	if eval[int](tb, "probe.frames(6).then(probe.shown)") == 0 {
		return
	}
	known := eval[string](tb, "String(theme.known && !theme.known.available && theme.known.id)")
	tb.expect("a failed request", tb.ask("ann@example.com"), known)
}

// TestNoSuchCombination: Oat / L does not exist, on its own page and after a switch.
func TestNoSuchCombination(t *testing.T) {
	t.Parallel()
	for _, p := range platforms() {
		if !p.absent {
			continue
		}
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			v := p.visit
			v.choice = "Oat,L"
			tb := open(t, p.name, v).ready()
			tb.settled()
			tb.hidesCover()
			tb.choose("S")
			tb.settled()
			tb.showsCover()
			tb.choose("L")
			tb.settled()
			tb.hidesCover()
			if flashes := eval[bool](tb, "window.Restock.open().then((opened) => opened && !!probe.open())"); flashes {
				tb.Error("Restock.open() offers a combination that does not exist")
			}
			tb.clean()
		})
	}
}

// TestOneVariant is for pages without choices.
func TestOneVariant(t *testing.T) {
	t.Parallel()
	cap := waxedCap()
	for _, p := range []struct {
		platform string
		visit    visit
		variant  string
	}{
		{"dawn15", visit{}, capID},
		{"dawn15", visit{bare: true}, capID},
		{"horizon4", visit{bare: true}, capID},
		{"family", visit{}, capID},
		{"woosimple", visit{}, cap.ID},
		{"woosimple", visit{bare: true}, cap.ID},
		{"wooblock", visit{}, cap.ID},
		{"bigcommerce", visit{}, capID},
		{"html", visit{}, capID},
		{"element", visit{}, capID},
		{"jsonld", visit{}, capID},
	} {
		t.Run(platform{name: p.platform, visit: p.visit}.String(), func(t *testing.T) {
			t.Parallel()
			v := p.visit
			v.handle = cap.Handle
			tb := open(t, p.platform, v).ready()
			tb.showsCover()
			tb.expect("opening", tb.ask("ann@example.com"), p.variant)
			tb.clean()
		})
	}
}

// TestMagentoChoices: what is sold out cannot be clicked in Luma's swatches, so the widget offers the sold-out variants
// itself while nothing is chosen.
func TestMagentoChoices(t *testing.T) {
	t.Parallel()
	tb := open(t, "luma", visit{head: `<script>addEventListener('DOMContentLoaded', () => document.querySelector('#product_addtocart_form').after(document.createElement('restock-notify')))</script>`}).ready()
	tb.showsCover()
	tb.openDialog()
	tb.run(fmt.Sprintf("const s = probe.$('select[name=variant]'); s.value = %q; s.dispatchEvent(new Event('change', { bubbles: true }))", oatS))
	tb.field("input[name=email]", "ann@example.com")
	tb.expect("choosing in the dialog", tb.submit(), oatS)
	tb.until("probe.state() === 'done'")
	tb.escape()
	tb.choose("Black", "S")
	tb.settled()
	tb.hidesCover()
	tb.clean()
}

// TestNeverInStock looks at every frame from the first: a page of something that can be bought never shows the widget.
func TestNeverInStock(t *testing.T) {
	t.Parallel()
	for _, p := range append(platforms(), platform{name: "luma"}, platform{name: "woosimple"}, platform{name: "jsonld"}) {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			v := p.visit
			v.variant = blackS
			tb := newTab(t, newShop(t, p.name, newEdge(t, nil)))
			call(tb, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "probe.watch()"})
			tb.visit(v.url(tb.shop))
			tb.ready().settled()
			tb.run("await probe.frames(20)")
			if n := eval[int](tb, "probe.flashes"); n > 0 {
				tb.Errorf("the widget showed in %d frames", n)
			}
			for _, r := range tb.edge.asked() {
				if len(r.path) > 20 && r.path[:8] == "/widget/" && r.path != "/widget/"+source+".js" {
					tb.Errorf("a page in stock loads %s", r.path)
				}
			}
			tb.clean()
		})
	}
}
