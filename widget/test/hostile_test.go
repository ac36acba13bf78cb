package test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// TestStrictPolicy runs every platform under style-src 'none', nonces with strict-dynamic, and Trusted Types: from the
// cover to the success text nothing is reported.
func TestStrictPolicy(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dawn15", "dawn12", "horizon3", "horizon4", "family", "woo", "bigcommerce", "hyva", "html", "element"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := open(t, name, visit{variant: blackM, strict: true}).ready()
			tb.showsCover()
			tb.openDialog()
			tb.field("input[name=email]", "nonsense")
			tb.click("probe.submit()")
			tb.until("probe.seen('.error')")
			tb.field("input[name=email]", "ann@example.com")
			tb.expect("opening", tb.submit(), blackM)
			tb.until("probe.state() === 'done'")
			if round := eval[string](tb, "getComputedStyle(probe.dialog()).borderRadius"); round != "20px" {
				tb.Errorf("the dialog has no styles: its corners are %s", round)
			}
			tb.escape()
			tb.choose("L")
			tb.settled()
			tb.showsCover()
			tb.clean()
		})
	}
}

// hostileStyles are rules that themes really have, and worse.
var hostileStyles = map[string]string{
	"all initial":    "* { all: initial !important }",
	"all unset":      "body * { all: unset !important; }",
	"nothing shows":  "dialog, button, form, input, label, :not(:defined), [hidden] ~ *, body > :last-child { display: none !important; }",
	"unknown hidden": "body > *:not(header):not(main):not(script) { display: none !important; visibility: hidden !important; opacity: 0 !important; pointer-events: none !important }",
	"huge fonts":     "html { font-size: 40px !important } * { font-size: 40px !important; line-height: 3 !important; letter-spacing: 1em !important; text-transform: uppercase !important }",
	"moved":          "* { transform: rotate(2deg) !important; position: relative !important; float: left !important; transition: all 9s !important; animation: none !important }",
	"inert layers":   "* { pointer-events: none !important; user-select: none !important; z-index: 1 !important; overflow: hidden !important; contain: strict !important }",
}

// TestHostileStyles: whatever the page's rules say, the dialog opens, is on the screen, is readable and sends.
func TestHostileStyles(t *testing.T) {
	t.Parallel()
	for name, css := range hostileStyles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := open(t, "html", visit{variant: blackM, head: "<style>" + css + "</style>"}).ready()
			// Under some of these rules the page has no boxes, its button and our cover included: it is opened by script.
			tb.run("await window.Restock.open()")
			tb.until("probe.open() && probe.state() === 'form'")
			box := eval[[]float64](tb, "(() => { const r = probe.dialog().getBoundingClientRect(); return [r.x, r.y, r.right, r.bottom, innerWidth, innerHeight] })()")
			if box[2]-box[0] < 240 || box[3]-box[1] < 200 || box[0] < -1 || box[1] < -1 || box[2] > box[4]+1 || box[3] > box[5]+1 {
				tb.Errorf("the dialog stands at %v", box)
			}
			if size := eval[float64](tb, "parseFloat(getComputedStyle(probe.submit()).fontSize)"); size < 12 || size > 20 {
				tb.Errorf("the button's text is %v px high", size)
			}
			tb.field("input[name=email]", "ann@example.com")
			tb.expect(name, tb.submit(), blackM)
			tb.until("probe.seen('.done')")
			tb.escape()
		})
	}
}

// hostileScripts are what old libraries and other widgets do to the language.
var hostileScripts = map[string]string{
	"toJSON":                   `Array.prototype.toJSON = function () { return 'spoiled' }; String.prototype.toJSON = function () { return 'spoiled' }; Object.prototype.toJSON = function () { return {} }`,
	"enumerable prototypes":    `Object.prototype.each = function () {}; Array.prototype.remove = function () {}; Object.prototype.variant = 'spoiled'; Function.prototype.bind2 = 1`,
	"watched fetch":            `const f = window.fetch; window.fetch = function (...args) { return f.apply(this, args).then((r) => { r.clone().text(); return r }) }; const s = setTimeout; window.setTimeout = (fn, ...args) => s(() => fn(), ...args)`,
	"fetch as Request":         `const f = window.fetch; window.fetch = (url, init) => f.call(window, new Request(url, init))`,
	"JSON of Prototype.js":     `const s = JSON.stringify, p = JSON.parse; JSON.stringify = (v, r, i) => s(v, null, 4); JSON.parse = (t) => { const v = p(t); if (v && typeof v === 'object') v.spoiled = true; return v }`,
	"Object.prototype setters": `for (const k of ['value', 'get', 'email', 'source', 'credentials', 'lang']) Object.defineProperty(Object.prototype, k, { configurable: true, set(v) { Object.defineProperty(this, k, { value: v, writable: true, configurable: true, enumerable: true }) }, get() { return undefined } })`,
	"old MutationObserver":     `const M = window.MutationObserver; window.WebKitMutationObserver = M; Element.prototype.matchesSelector = Element.prototype.matches; delete window.requestIdleCallback`,
	"no storage":               `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })`,
	"no locks":                 `Object.defineProperty(navigator, 'locks', { value: undefined }); delete window.crypto.randomUUID; Crypto.prototype.randomUUID = undefined`,
}

// TestHostileScripts: the capture that reaches the edge is whole and right, whatever was done to the language before.
func TestHostileScripts(t *testing.T) {
	t.Parallel()
	for name, script := range hostileScripts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := open(t, "html", visit{variant: blackM, head: "<script>" + script + "</script>"})
			tb.until("window.Restock")
			tb.showsCover()
			tb.openDialog()
			tb.field("input[name=email]", "ann@example.com")
			c := tb.submit()
			tb.expect(name, c, blackM)
			if c.Product != tee().ID && c.Product != "" || c.Consent == nil || c.Consent.Text == "" || c.Key == "" || c.Locale != "en" {
				tb.Errorf("the capture lost something: %+v", c)
			}
			tb.until("probe.seen('.done')")
			tb.noPreflight()
		})
	}
}

// TestClobbered: HTML that a shop lets its readers write, such as reviews, names elements like what scripts ask for. Where the widget
// is loaded from, and where it sends addresses, cannot be said that way: it does not run.
func TestClobbered(t *testing.T) {
	t.Parallel()
	for _, element := range []string{
		`<img name="currentScript" src="https://elsewhere.example/widget/x.js" data-source="theirs" data-privacy="javascript:alert(1)">`,
		`<form name="currentScript"><input name="localName" value="script"><input name="src"></form>`,
	} {
		tb := open(t, "html", visit{variant: blackM, head: element})
		tb.until("probe.errors.length > 0")
		tb.run("await probe.frames(6)")
		if eval[bool](tb, "'Restock' in window") || len(tb.edge.asked()) != 1 {
			tb.Errorf("beside %s the widget runs: %d requests", element, len(tb.edge.asked()))
		}
	}
}

// TestNamedLikeUs: a heading whose anchor is called as our object does not keep the widget away.
func TestNamedLikeUs(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM, head: `<h2 id="Restock">When do you restock?</h2>`})
	tb.until("window.Restock.refresh")
	tb.showsCover()
	tb.clean()
}

// TestBrokenLater: JSON is taken when the form is loaded; pages that break it after that break it for others.
func TestBrokenLater(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.showsCover()
	tb.openDialog()
	tb.run(`window.JSON.stringify = () => 'spoiled'; window.JSON.parse = () => 'spoiled'; Array.prototype.toJSON = Object.prototype.toJSON = () => 'spoiled'`)
	call(tb, page.BringToFront, cdp.Empty{})
	tb.field("input[name=email]", "ann@example.com")
	tb.expect("breaking everything", tb.submit(), blackM)
	tb.until("probe.seen('.done')")
	tb.noPreflight()
}

// noPreflight checks that the edge was asked nothing beforehand.
func (tb *tab) noPreflight() {
	tb.Helper()
	for _, r := range tb.edge.asked() {
		if r.method == "OPTIONS" {
			tb.Errorf("a preflight for %s: %v", r.path, r.header)
		}
	}
}

// TestHostileProduct: what the page says of a product is text, wherever it is shown.
func TestHostileProduct(t *testing.T) {
	t.Parallel()
	evil := `<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>`
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.run(fmt.Sprintf(`const d = document.querySelector('main [data-restock-product]').dataset; d.restockTitle = "%s"; d.restockChoice = "%s"; d.restockImage = 'javascript:window.hit=1'; d.restockVariant = %q; await probe.frames(6)`, evil, evil, blackL))
	tb.showsCover()
	tb.openDialog()
	tb.until("probe.dialog().textContent.includes('<img src=x')")
	if eval[bool](tb, "!!window.hit || !!probe.dialog().querySelector('script, img[onerror]')") {
		tb.Error("a product's title became HTML")
	}
	tb.clean()
}
