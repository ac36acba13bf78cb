package test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"restock/widget"
)

// paint is the sum of red, green and blue of what paints an element's ground: 0 is black, 765 is white.
const paint = "((el) => getComputedStyle(el).backgroundColor.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0))(probe.dialog())"

// TestScheme: the form is dark on dark pages and light on light ones, whatever the shopper's system prefers; the shop can say so.
func TestScheme(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ page, system, theme, want string }{
		{"light", "light", "", "light"},
		{"light", "dark", "", "light"},
		{"dark", "light", "", "dark"},
		{"dark", "dark", "", "dark"},
		{"dark", "dark", "light", "light"},
		{"light", "light", "dark", "dark"},
	} {
		t.Run(c.page+" "+c.system+" "+c.theme, func(t *testing.T) {
			t.Parallel()
			style := "<style>body { background: #fff !important; color: #111 }</style>"
			if c.page == "dark" {
				style = "<style>body { background: #111 !important; color: #eee }</style>"
			}
			tb := newTab(t, newShop(t, "html", newEdge(t, &widget.Config{Theme: c.theme})))
			tb.prefers(c.system)
			tb.visit(visit{variant: blackM, head: style}.url(tb.shop))
			tb.ready().showsCover()
			tb.openDialog()
			got := "light"
			if eval[float64](tb, paint) < 200 {
				got = "dark"
			}
			if got != c.want {
				t.Errorf("the form is %s, want %s", got, c.want)
			}
		})
	}
}

// TestProperties: what a shop sets by custom properties reaches cover and form.
func TestProperties(t *testing.T) {
	t.Parallel()
	const style = `<style>:root { --restock-accent: rgb(1, 2, 3); --restock-on-accent: rgb(251, 252, 253); --restock-surface: rgb(240, 230, 220);
	  --restock-text: rgb(20, 10, 5); --restock-radius: 3px; --restock-font: "Courier New" }</style>`
	tb := open(t, "html", visit{variant: blackM, head: style}).ready()
	tb.showsCover()
	tb.openDialog()
	const said = "((el, ...names) => names.map((n) => getComputedStyle(el)[n]).join('; '))"
	for element, want := range map[string]string{
		"probe.covers()[0], 'backgroundColor', 'color'":                                       "rgb(1, 2, 3); rgb(251, 252, 253)",
		"probe.submit(), 'backgroundColor', 'color', 'borderTopLeftRadius', 'fontFamily'":     `rgb(1, 2, 3); rgb(251, 252, 253); 3px; "Courier New"`,
		"probe.dialog(), 'backgroundColor', 'color', 'fontFamily'":                            `rgb(240, 230, 220); rgb(20, 10, 5); "Courier New"`,
		"probe.$('input[name=email]'), 'backgroundColor', 'color', 'borderBottomRightRadius'": "rgb(240, 230, 220); rgb(20, 10, 5); 3px",
	} {
		if got := eval[string](tb, said+"("+element+")"); got != want {
			t.Errorf("%s: %s, want %s", element, got, want)
		}
	}
}

// media sets what a shopper's system asks for beside the colour scheme.
func (tb *tab) media(name, value string) {
	tb.Helper()
	call(tb, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: name, Value: value}}})
}

// TestMotion: the form slides in, and not for those who asked for less motion.
func TestMotion(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]int{"no-preference": 1, "reduce": 0} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			tb := newTab(t, newShop(t, "html", newEdge(t, nil)))
			tb.media("prefers-reduced-motion", value)
			tb.visit(visit{variant: blackM}.url(tb.shop))
			tb.ready().showsCover()
			tb.run("window.began = 0; document.addEventListener('restock:open', () => { began = probe.dialog().getAnimations({ subtree: true }).length })")
			tb.openDialog()
			if got := eval[int](tb, "began"); got != want {
				t.Errorf("%d animations at its opening, want %d", got, want)
			}
		})
	}
}

// TestForcedColors: where the system's colours replace ours, the chosen channel is told from the other, and buttons have edges.
func TestForcedColors(t *testing.T) {
	t.Parallel()
	tb := newTab(t, newShop(t, "html", newEdge(t, everything())))
	tb.media("forced-colors", "active")
	tb.visit(visit{variant: blackM}.url(tb.shop))
	tb.ready().showsCover()
	tb.openDialog()
	const edge = `((el) => {
		const s = getComputedStyle(el)
		const seen = (width, style, color) => width !== '0px' && style !== 'none' && !/^rgba.*, 0\)$/.test(color)
		return seen(s.borderTopWidth, s.borderTopStyle, s.borderTopColor) || seen(s.outlineWidth, s.outlineStyle, s.outlineColor)
	})`
	for element, want := range map[string]bool{
		"probe.$('input[name=channel][value=email]').closest('label')": true,
		"probe.$('input[name=channel][value=phone]').closest('label')": false,
		"probe.$('input[name=email]')":                                 true,
		"probe.submit()":                                               true,
		"probe.dialog()":                                               true,
	} {
		if got := eval[bool](tb, edge+"("+element+")"); got != want {
			t.Errorf("%s has an edge: %t, want %t", element, got, want)
		}
	}
	// Browsers put a plate in the colour of the page's ground behind all text.
	if eval[bool](tb, "getComputedStyle(probe.submit()).color === getComputedStyle(probe.dialog()).backgroundColor") {
		t.Error("the button's text cannot be told from its plate")
	}
}

// TestSending: while a capture is on its way the form says so, can be read, and is sent once.
func TestSending(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	now := make(chan struct{})
	a := accepted()
	a.after = now
	tb.edge.answer(a)
	tb.showsCover()
	tb.openDialog()
	tb.field("input[name=email]", "ann@example.com")
	tb.submit()
	tb.until("probe.state() === 'sending' && probe.submit().textContent === 'Sending…'")
	if spins := eval[string](tb, "getComputedStyle(probe.submit(), '::before').content + getComputedStyle(probe.submit(), '::before').borderRightStyle"); spins != `""solid` {
		t.Errorf("nothing turns while it is sent: %s", spins)
	}
	tb.accessible("sending")
	tb.click("probe.submit()")
	close(now)
	tb.until("probe.state() === 'done'")
	if n := len(tb.edge.captured()); n != 1 {
		t.Errorf("%d captures of one form", n)
	}
}

// TestFieldsDoNotZoom: telephones zoom into fields whose text is smaller than 16 pixels, and stay there.
func TestFieldsDoNotZoom(t *testing.T) {
	t.Parallel()
	tb := openAt(t, newShop(t, "luma", newEdge(t, everything())), visit{head: `<script>addEventListener('DOMContentLoaded', () => document.querySelector('#product_addtocart_form').after(document.createElement('restock-notify')))</script>`}).ready()
	tb.showsCover()
	tb.openDialog()
	small := eval[[]string](tb, "[...probe.dialog().querySelectorAll('input, select')].filter((e) => e.name !== 'website' && parseFloat(getComputedStyle(e).fontSize) < 16).map((e) => e.name)")
	for _, name := range small {
		if name != "channel" && name != "any" && name != "marketing" { // nothing is typed there
			t.Errorf("the text of %s is smaller than 16 px", name)
		}
	}
	if eval[int](tb, "probe.dialog().querySelectorAll('select[name=variant], input[name=quantity], input[name=email]').length") != 3 {
		t.Error("a field is not there")
	}
}

// TestZoomed: at 400 % (WCAG 2.2, 1.4.10) a screen of 1280 by 1024 has room for 320 by 256. The form scrolls in one direction, and
// success and its button can be read and reached, with a title that is longer than a line.
func TestZoomed(t *testing.T) {
	t.Parallel()
	for lang, dir := range map[string]string{"de": "ltr", "ar": "rtl"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			tb := newTab(t, newShop(t, "html", newEdge(t, everything())))
			tb.size(320, 256)
			tb.visit(visit{variant: blackM, lang: lang, dir: dir}.url(tb.shop))
			tb.ready().showsCover()
			tb.run("const d = document.querySelector('main [data-restock-product]').dataset; d.restockTitle = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen '.repeat(4); await probe.frames(6)")
			tb.openDialog()
			if eval[bool](tb, "probe.dialog().scrollWidth > probe.dialog().clientWidth || document.scrollingElement.scrollWidth > innerWidth") {
				t.Error("the form scrolls sideways")
			}
			tb.field("input[name=email]", "ann.with.a.rather.long.name@subdomain.example.com")
			tb.submit()
			tb.until("probe.state() === 'done'")
			const reached = `((el) => { el.scrollIntoView({ block: 'nearest' }); const r = el.getBoundingClientRect(), d = probe.dialog().getBoundingClientRect();
			  return r.top >= d.top - 1 && r.bottom <= d.bottom + 1 && r.left >= d.left - 1 && r.right <= d.right + 1 && el.contains(probe.dialog().getRootNode().elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)) })`
			for _, part := range []string{".done h2", ".done p", ".done button"} {
				if !eval[bool](tb, reached+"(probe.$('"+part+"'))") {
					t.Errorf("%s is out of reach: %s", part, eval[string](tb, "JSON.stringify([probe.$('"+part+"').getBoundingClientRect(), probe.dialog().getBoundingClientRect()])"))
				}
			}
		})
	}
}
