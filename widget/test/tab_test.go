package test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"restock/widget"
)

// patience is how long a tab waits for what must come. It is never waited for when things are well.
const patience = 20 * time.Second

// tab is a page in the browser together with the shop and the edge that it is of.
type tab struct {
	*testing.T
	ctx  context.Context
	shop *shop
	edge *edge
}

// probe is put into every page before its own scripts: how tests look at the widget. It keeps its own references, so
// that pages with spoiled prototypes can be looked at as well.
const probe = `(() => {
  const q = Document.prototype.querySelector, all = Document.prototype.querySelectorAll, rect = Element.prototype.getBoundingClientRect;
  const style = window.getComputedStyle, list = Array.from, raf = window.requestAnimationFrame.bind(window), later = window.setTimeout.bind(window), P = Promise;
  const seen = (el) => { if (!el) return false; const r = rect.call(el), s = style(el); return r.width > 0 && r.height > 0 && s.visibility === 'visible' && s.display !== 'none' && +s.opacity > 0; };
  const covers = () => list(all.call(document, 'restock-cover, restock-notify')).map((host) => host.shadowRoot && host.shadowRoot.querySelector('button')).filter(seen);
  const dialog = () => { const host = q.call(document, 'restock-dialog'); return host && host.shadowRoot && host.shadowRoot.querySelector('dialog'); };
  const probe = {
    covers,
    shown: () => covers().length,
    dialog,
    open: () => { const d = dialog(); return !!d && d.open; },
    state: () => { const d = dialog(); return d && d.open ? d.getAttribute('data-state') : ''; },
    submit: () => list(dialog().querySelectorAll('form button')).find((b) => b.type === 'submit'),
    $: (sel) => dialog().querySelector(sel),
    seen: (sel) => { const d = dialog(); return !!d && d.open && seen(d.querySelector(sel)); },
    focus: () => { let a = document.activeElement; while (a && a.shadowRoot && a.shadowRoot.activeElement) a = a.shadowRoot.activeElement; return a; },
    frames: (n) => new P((done) => { const step = () => (n-- > 0 ? raf(step) : done(true)); step(); }),
    until: (holds) => new P((done) => { let left = 1500; const look = () => { let ok = false; try { ok = holds(); } catch {} ok || !left-- ? done(!!ok) : later(look, 8); }; look(); }),
    violations: [],
    errors: [],
    flashes: 0,
  };
  // Themes that import JSON scripts from another document break Trusted Types themselves.
  const own = (e) => e.sample.startsWith('HTMLScriptElement text|') && e.sourceFile.startsWith(location.origin);
  document.addEventListener('securitypolicyviolation', (e) => own(e) || probe.violations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber + ' ' + e.sample));
  window.addEventListener('error', (e) => probe.errors.push(String(e.message) + ' ' + (e.filename || '')));
  window.addEventListener('unhandledrejection', (e) => probe.errors.push('unhandled: ' + String(e.reason)));
  // watch counts the frames in which something of ours shows; it costs a layout per frame.
  probe.watch = () => { if (probe.shown()) probe.flashes++; raf(probe.watch); };
  Object.defineProperty(window, 'probe', { value: probe });
})();`

// open opens a page of a new shop of that platform.
func open(t *testing.T, platform string, v visit) *tab {
	t.Helper()
	return openAt(t, newShop(t, platform, newEdge(t, configOf(platform, v))), v)
}

// configOf names the platform where our own integration is installed, so that its lighter loader is tried; bare pages get the
// loader that finds out.
func configOf(platform string, v visit) *widget.Config {
	names := map[string]string{"dawn15": "shopify", "dawn12": "shopify", "horizon3": "shopify", "horizon4": "shopify", "family": "shopify",
		"woo": "woocommerce", "woosimple": "woocommerce", "wooblock": "woocommerce", "bigcommerce": "bigcommerce", "luma": "magento", "hyva": "magento"}
	if v.bare || v.plainTag {
		return &widget.Config{}
	}
	return &widget.Config{Platform: names[platform]}
}

// openAt opens a page of a shop in a new tab.
func openAt(t *testing.T, s *shop, v visit) *tab {
	t.Helper()
	tb := newTab(t, s)
	tb.visit(v.url(s))
	return tb
}

// newTab is an empty tab with the probe in it.
func newTab(t *testing.T, s *shop) *tab {
	t.Helper()
	tb := &tab{T: t, ctx: browser.open(t), shop: s, edge: s.edge}
	call(tb, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: probe})
	return tb
}

// call sends a command of the DevTools protocol to the tab.
func call[P, R any](tb *tab, command cdp.Command[P, R], params P) R {
	tb.Helper()
	ctx, end := context.WithTimeout(tb.ctx, patience)
	defer end()
	r, err := chromedp.Call(ctx, command, params)
	if err != nil {
		tb.Fatalf("calling %v: %v", command, err)
	}
	return r
}

// do runs actions of chromedp.
func (tb *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	tb.Helper()
	ctx, end := context.WithTimeout(tb.ctx, patience)
	defer end()
	if err := chromedp.Do(ctx, actions...); err != nil {
		tb.Fatal(err)
	}
}

// visit goes to a page and waits for its load event.
func (tb *tab) visit(url string) {
	tb.Helper()
	tb.do(chromedp.Navigate(url))
}

// eval evaluates an expression in the page, waits for it where it is a promise, and returns what it comes to.
func eval[T any](tb *tab, expression string) T {
	tb.Helper()
	v, err := tryEval[T](tb, expression)
	if err != nil {
		tb.Fatalf("evaluating %s: %v", expression, err)
	}
	return v
}

func tryEval[T any](tb *tab, expression string) (T, error) {
	ctx, end := context.WithTimeout(tb.ctx, patience)
	defer end()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise, func(p *runtime.EvaluateParams) { p.UserGesture = new(true) }))
}

// run evaluates statements for what they do.
func (tb *tab) run(statements string) {
	tb.Helper()
	eval[bool](tb, "(async () => { "+statements+"; return true })()")
}

// until waits for a condition in the page. The page itself polls, which costs a fraction of asking it again and again.
func (tb *tab) until(condition string) {
	tb.Helper()
	tb.untilGo(condition, func() bool {
		ok, err := tryEval[bool](tb, "probe.until(() => "+condition+")")
		return err == nil && ok
	})
}

// untilThere is until for a page that is about to be left: what was asked of the old one is never answered.
func (tb *tab) untilThere(condition string) {
	tb.Helper()
	tb.untilGo(condition, func() bool { ok, err := tryEval[bool](tb, "!!("+condition+")"); return err == nil && ok })
}

// untilGo polls a condition until it holds; what says which.
func (tb *tab) untilGo(what string, holds func() bool) {
	tb.Helper()
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if holds() {
			return
		}
	}
	tb.Fatalf("%s: it never came to %s\n%s", tb.shop.platform, what, tb.describe())
}

// describe says how the page stands, for failures.
func (tb *tab) describe() string {
	text, err := tryEval[string](tb, `JSON.stringify({ url: location.href, covers: probe.shown(), state: probe.state(), busy: theme.busy(), known: theme.known, errors: probe.errors, violations: probe.violations,
	  focus: probe.focus() && probe.focus().outerHTML.slice(0, 200), dialog: probe.open() ? probe.dialog().innerText : '' }, null, 1)`)
	if err != nil {
		return "the page does not answer: " + err.Error()
	}
	return text
}

// ready waits for the widget to be there and for the theme to have settled.
func (tb *tab) ready() *tab {
	tb.Helper()
	tb.until("window.Restock && theme.known !== undefined")
	return tb
}

// choose acts as a shopper who clicks values.
func (tb *tab) choose(values ...string) {
	tb.Helper()
	tb.run("theme.choose(" + quoteAll(values) + ")")
}

// settled waits until the theme has worked in all that it asked for, and for some frames more.
func (tb *tab) settled() {
	tb.Helper()
	tb.until("theme.busy() === 0")
	tb.run("await probe.frames(4)")
}

// showsCover waits for the one cover.
func (tb *tab) showsCover() {
	tb.Helper()
	tb.until("probe.shown() === 1")
}

// hidesCover waits until there is none, and looks again some frames later.
func (tb *tab) hidesCover() {
	tb.Helper()
	tb.until("probe.shown() === 0")
	if n := eval[int](tb, "probe.frames(6).then(probe.shown)"); n != 0 {
		tb.Errorf("%s: a cover comes back where none belongs\n%s", tb.shop.platform, tb.describe())
	}
}

// point is the middle of what an expression finds, in the viewport.
func (tb *tab) point(element string) (x, y float64) {
	tb.Helper()
	at := eval[[]float64](tb, "(async () => { const el = "+element+"; el.scrollIntoView({ block: 'center', behavior: 'instant' }); await probe.frames(1); const r = el.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()")
	return at[0], at[1]
}

// click presses the mouse in the middle of an element; what lies above it would get the click.
func (tb *tab) click(element string) {
	tb.Helper()
	x, y := tb.point(element)
	tb.do(chromedp.MouseClickXY(x, y))
}

// openDialog clicks the cover and waits for the form.
func (tb *tab) openDialog() {
	tb.Helper()
	tb.click("probe.covers()[0]")
	tb.until("probe.state() === 'form' && probe.seen('form')")
}

// field puts text into a field of the dialog as typing does.
func (tb *tab) field(selector, text string) {
	tb.Helper()
	tb.run(fmt.Sprintf("const f = probe.$(%q); f.focus(); f.select && f.select()", selector))
	call(tb, input.InsertText, input.InsertTextParams{Text: text})
}

// press presses a key.
func (tb *tab) press(keys string, with ...chromedp.Modifier) {
	tb.Helper()
	tb.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(with...)))
}

// escape closes the dialog by its key.
func (tb *tab) escape() {
	tb.Helper()
	tb.press(kb.Escape)
	tb.until("!probe.open()")
}

// submit sends the form and returns the capture that reached the edge.
func (tb *tab) submit() capture {
	tb.Helper()
	before := len(tb.edge.captured())
	tb.click("probe.submit()")
	tb.untilGo("a capture at the edge", func() bool { return len(tb.edge.captured()) > before })
	return tb.edge.captured()[before]
}

// ask does what a shopper does: opens the dialog, types an address, sends it, reads that it is done, closes.
func (tb *tab) ask(email string) capture {
	tb.Helper()
	tb.openDialog()
	tb.field("input[name=email]", email)
	c := tb.submit()
	tb.until("probe.state() === 'done'")
	tb.escape()
	return c
}

// clean fails the test if the page saw an error or a violation of its policy.
func (tb *tab) clean() {
	tb.Helper()
	for _, what := range []string{"errors", "violations"} {
		if found := eval[[]string](tb, "probe."+what); len(found) > 0 {
			tb.Errorf("%s: %s of the page: %s", tb.shop.platform, what, strings.Join(found, "\n"))
		}
	}
}

func quoteAll(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	return strings.Join(quoted, ", ")
}
