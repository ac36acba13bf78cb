package test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The gates: see widget/RATIONALE.md for what others cost.
const (
	maxShift = 0.001 // cumulative layout shift that the widget may add
)

// TestRequests counts what a page costs: 1 in stock, 2 sold out, 1 more for a submit; to the edge and to nobody else, and
// none carries a cookie but the classic script, which browsers send as they send any.
func TestRequests(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dawn15", "horizon4", "woo", "bigcommerce", "html"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := newTab(t, newShop(t, name, newEdge(t, nil)))
			sent := tb.watchRequests()
			tb.visit(visit{variant: blackS}.url(tb.shop))
			tb.ready().settled()
			tb.run("await probe.frames(10)")
			tb.costs("in stock", 1)
			tb.choose("M")
			tb.settled()
			tb.showsCover()
			tb.openDialog()
			tb.costs("sold out, open", 2)
			tb.field("input[name=email]", "ann@example.com")
			tb.submit()
			tb.until("probe.state() === 'done'")
			tb.costs("submitted", 3)
			tb.noPreflight()
			for _, r := range tb.edge.asked() {
				if r.path != "/widget/"+source+".js" && r.header.Get("Cookie") != "" {
					tb.Errorf("%s carries a cookie", r.path)
				}
			}
			for _, url := range sent() {
				if !strings.HasPrefix(url, tb.shop.URL) && !strings.HasPrefix(url, tb.edge.URL) && !strings.HasPrefix(url, "data:") {
					tb.Errorf("a request to somebody else: %s", url)
				}
			}
			if got := eval[string](tb, "document.cookie"); got != "shopper=ann" {
				tb.Errorf("the page's cookies are %q", got)
			}
		})
	}
}

// watchRequests notes every request of the tab.
func (tb *tab) watchRequests() func() []string {
	tb.Helper()
	var mu sync.Mutex
	var urls []string
	call(tb, network.Enable, network.EnableParams{})
	if err := chromedp.Listen(tb.ctx, func(ev any) {
		if sent, ok := ev.(*network.EventRequestWillBeSent); ok {
			mu.Lock()
			defer mu.Unlock()
			urls = append(urls, sent.Request.URL)
		}
	}); err != nil {
		tb.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), urls...)
	}
}

func (tb *tab) costs(state string, want int) {
	tb.Helper()
	if got := tb.edge.asked(); len(got) != want {
		var paths []string
		for _, r := range got {
			paths = append(paths, r.method+" "+r.path)
		}
		tb.Errorf("%s: %s: %d requests, want %d: %s", tb.shop.platform, state, len(got), want, strings.Join(paths, ", "))
	}
}

// shifts adds up layout shifts from the first frame on, those after input as well: it is our input.
const shifts = `(() => { let sum = 0; const what = [];
  new PerformanceObserver((l) => { for (const e of l.getEntries()) { sum += e.value; what.push(e.value.toFixed(4) + ' ' + e.sources.map((s) => s.node && (s.node.nodeName + '.' + s.node.className)).join()); } }).observe({ type: 'layout-shift', buffered: true });
  Object.defineProperty(window, 'shifted', { get: () => ({ sum, what }) }); })()`

// TestLayoutShift: nothing on the page moves, from loading through switching, opening, an error and success to closing.
func TestLayoutShift(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dawn15", "dawn12", "horizon3", "horizon4", "family", "woo", "bigcommerce", "hyva", "html", "element", "headless"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			without, _ := measureShift(t, name, true)
			with, what := measureShift(t, name, false)
			t.Logf("%s: layout shift %.4f, without the widget %.4f", name, with, without)
			if with-without > maxShift {
				t.Errorf("the widget adds a layout shift of %.4f: %v", with-without, what)
			}
		})
	}
}

// measureShift walks through the states and returns the sum of shifts; late leaves out the widget.
func measureShift(t *testing.T, platform string, late bool) (sum float64, what []string) {
	t.Helper()
	tb := newTab(t, newShop(t, platform, newEdge(t, nil)))
	call(tb, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: shifts})
	if late && platform == "headless" {
		return 0, nil // its own script loads the widget
	}
	tb.visit(visit{variant: blackM, late: late}.url(tb.shop))
	tb.until("theme.known !== undefined")
	if !late {
		tb.showsCover()
		tb.openDialog()
		tb.click("probe.submit()")
		tb.until("probe.seen('.error')")
		tb.field("input[name=email]", "ann@example.com")
		tb.submit()
		tb.until("probe.state() === 'done'")
		tb.escape()
	}
	for _, value := range []string{"L", "S", "M"} {
		tb.choose(value)
		tb.settled()
	}
	tb.run("await probe.frames(10)")
	got := eval[struct {
		Sum  float64
		What []string
	}](tb, "shifted")
	return got.Sum, got.What
}

// TestMainThread measures, at a fourth of the CPU, the longest task that the widget adds and how long a click on the cover
// is handled. It prints: machines differ, and the other tests share this one.
func TestMainThread(t *testing.T) {
	tb := newTab(t, newShop(t, "html", newEdge(t, nil)))
	call(tb, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `(() => { const all = []; window.tasks = all;
	  new PerformanceObserver((l) => { for (const e of l.getEntries()) for (const s of e.scripts) all.push({ took: s.duration, by: s.sourceURL, from: s.invoker, layout: s.forcedStyleAndLayoutDuration }); }).observe({ type: 'long-animation-frame', buffered: true });
	  window.clicked = []; new PerformanceObserver((l) => { for (const e of l.getEntries()) if (e.name === 'click') clicked.push(e.processingEnd - e.processingStart); }).observe({ type: 'event', durationThreshold: 16, buffered: true }); })()`})
	call(tb, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
	tb.visit(visit{variant: blackM}.url(tb.shop))
	tb.ready().showsCover()
	tb.openDialog()
	tb.field("input[name=email]", "ann@example.com")
	tb.submit()
	tb.until("probe.state() === 'done'")
	type task struct {
		Took   float64 // milliseconds
		By     string
		From   string
		Layout float64 // milliseconds of it that went into layout
	}
	longest := 0.0
	for _, one := range eval[[]task](tb, "tasks") {
		if strings.HasPrefix(one.By, tb.edge.URL) {
			longest = max(longest, one.Took)
			t.Logf("  %.1f ms, of them %.1f ms layout: %s in %s", one.Took, one.Layout, one.From, one.By[len(tb.edge.URL):])
		}
	}
	handled := eval[[]float64](tb, "clicked")
	t.Logf("at a fourth of the CPU: longest script of ours in a long frame %.1f ms (gate 50), clicks that took a frame handled in %.1f ms (gate 16)", longest, handled)
}

// TestBackForward: the page comes back from the back/forward cache, and the widget with it.
func TestBackForward(t *testing.T) {
	t.Parallel()
	tb := newTab(t, newShop(t, "html", newEdge(t, nil)))
	var mu sync.Mutex
	var reasons []string
	call(tb, page.Enable, page.EnableParams{})
	if err := chromedp.Listen(tb.ctx, func(ev any) {
		if e, ok := ev.(*page.EventBackForwardCacheNotUsed); ok {
			mu.Lock()
			defer mu.Unlock()
			for _, r := range e.NotRestoredExplanations {
				reasons = append(reasons, string(r.Reason))
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	tb.visit(visit{variant: blackM}.url(tb.shop))
	tb.ready().showsCover()
	tb.expect("opening", tb.ask("ann@example.com"), blackM)
	tb.run("addEventListener('pageshow', (e) => { window.persisted = e.persisted })")
	tb.visit(tb.shop.URL + "/elsewhere")
	tb.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void]("void setTimeout(() => history.back())"))
		return err
	}))
	tb.untilThere("location.pathname.startsWith('/products/') && window.Restock")
	mu.Lock()
	defer mu.Unlock()
	if !eval[bool](tb, "window.persisted === true") {
		t.Errorf("the page was not restored from the back/forward cache: %v", reasons)
	}
	tb.showsCover()
	tb.expect("coming back", tb.ask("ann@example.com"), blackM)
}

// axe is axe-core, as npm ci installs it.
var axe = sync.OnceValues(func() (string, error) {
	script, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		return "", fmt.Errorf("reading axe-core: run make deps: %w", err)
	}
	return string(script), nil
})

// violation is what axe-core complains of.
type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// accessible holds cover and dialog to axe-core.
func (tb *tab) accessible(state string) {
	tb.Helper()
	for _, v := range tb.complaints() {
		tb.Errorf("%s: %s: %s\n  %s", state, v.ID, v.Help, strings.Join(v.Nodes, "\n  "))
	}
}

// complaints are what axe-core has to say of cover and dialog.
func (tb *tab) complaints() []violation {
	tb.Helper()
	script, err := axe()
	if err != nil {
		tb.Fatal(err)
	}
	return eval[[]violation](tb, `(async () => {
	  if (!window.axe) { `+script+`; }
	  const include = ['restock-cover', 'restock-notify', 'restock-dialog'].filter((s) => document.querySelector(s)).map((s) => [s]);
	  const r = await axe.run({ include }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] });
	  return r.violations.map((v) => ({ id: v.id, help: v.help, nodes: v.nodes.map((n) => n.html.slice(0, 160) + ' ' + n.any.map((c) => c.message).join()) }));
	})()`)
}

// TestAccessible holds every state to WCAG 2.2 AA as far as a program can see it, light and dark, in both directions.
func TestAccessible(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"light", "dark"} {
		for lang, dir := range map[string]string{"en": "ltr", "ar": "rtl"} {
			t.Run(scheme+" "+dir, func(t *testing.T) {
				t.Parallel()
				tb := newTab(t, newShop(t, "html", newEdge(t, everything())))
				tb.prefers(scheme)
				tb.visit(visit{variant: blackM, lang: lang, dir: dir, scheme: scheme}.url(tb.shop))
				tb.ready()
				tb.edge.answer(suggests("email", "ann@gmail.com"), internal())
				tb.everyState(func(state string) {
					tb.still()
					tb.accessible(scheme + " " + dir + " " + state)
				})
			})
		}
	}
}

// TestDisabledLooks: the cover takes the theme's look from a button that is disabled, often grey on grey; it can be read.
func TestDisabledLooks(t *testing.T) {
	t.Parallel()
	for name, css := range map[string]string{
		"as browsers do":   ".buy { all: revert !important; width: 100% !important }",
		"grey on grey":     ".buy[disabled] { background: #e5e5e5 !important; color: #bbb !important; border-color: #e5e5e5 !important }",
		"transparent text": ".buy[disabled] { background: #fff !important; color: rgba(18, 18, 18, .4) !important }",
		"outline":          ".buy[disabled] { background: transparent !important; color: #999 !important; border: 1px dashed #999 !important }",
		"on a dark page":   "body { background: #111 !important } .buy[disabled] { background: #222 !important; color: #444 !important }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := open(t, "html", visit{variant: blackM, head: "<style>" + css + "</style>"}).ready()
			tb.showsCover()
			tb.accessible(name + ", cover")
			tb.openDialog()
			tb.accessible(name + ", form")
		})
	}
}

// prefers sets the colour scheme that the shopper's system asks for.
func (tb *tab) prefers(scheme string) {
	tb.Helper()
	call(tb, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// still waits until nothing moves: contrast is measured, and pictures are taken, of what stays.
func (tb *tab) still() {
	tb.Helper()
	tb.run("await Promise.all(document.getAnimations().concat(probe.dialog() ? probe.dialog().getAnimations({ subtree: true }) : []).filter((a) => a.effect.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {}))); await probe.frames(2)")
}

// everyState walks through the states and calls look in each: cover, form, error, suggestion, phone, queued, done. The edge
// must have been told to suggest first, then to fail, then to take.
func (tb *tab) everyState(look func(state string)) {
	tb.Helper()
	tb.showsCover()
	look("cover")
	tb.openDialog()
	look("form")
	tb.click("probe.submit()")
	tb.until("probe.seen('.error')")
	look("error")
	tb.field("input[name=email]", "ann@gmial.com")
	tb.submit()
	tb.until("probe.seen('button.suggest')")
	look("suggestion")
	tb.click("probe.$('button.suggest')")
	tb.click("probe.submit()")
	tb.until("probe.state() === 'queued'")
	look("queued")
	tb.escape()
	tb.openDialog()
	tb.click("probe.$('input[name=channel][value=phone]').closest('label')")
	tb.until("probe.seen('input[name=phone]')")
	look("phone")
	tb.field("input[name=phone]", "0151 23456789")
	tb.submit()
	tb.until("probe.state() === 'done'")
	look("done")
	tb.escape()
}

// TestSpoken reads the accessibility tree, as screen readers do: names, roles and descriptions of what can be reached.
func TestSpoken(t *testing.T) {
	t.Parallel()
	tb := openAt(t, newShop(t, "html", newEdge(t, everything())), visit{variant: blackM}).ready()
	tb.showsCover()
	tb.openDialog()
	nodes := call(tb, fullTree, cdp.Empty{})
	said := map[string]string{} // role: names
	for _, n := range nodes.Nodes {
		if name := n.Name.text(); name != "" && !n.Ignored {
			said[n.Role.text()] += name + "|"
		}
	}
	for role, want := range map[string]string{"dialog": "back in stock|Get told", "button": "Close", "checkbox": "news", "radio": "Email", "textbox": "Email address"} {
		found := false
		for _, one := range strings.Split(want, "|") {
			found = found || strings.Contains(said[role], one)
		}
		if !found {
			roles := make([]string, 0, len(said))
			for r := range said {
				roles = append(roles, r+": "+said[r])
			}
			sort.Strings(roles)
			tb.Errorf("no %s is called %q:\n%s", role, want, strings.Join(roles, "\n"))
		}
	}
}

// fullTree is Accessibility.getFullAXTree with what is read of it: the generated types refuse roles that they do not know.
var fullTree = cdp.Command[cdp.Empty, spokenTree]{Method: "Accessibility.getFullAXTree"}

type spokenTree struct {
	Nodes []struct {
		Ignored bool   `json:"ignored"`
		Role    spoken `json:"role"`
		Name    spoken `json:"name"`
	} `json:"nodes"`
}

type spoken struct {
	Value json.RawMessage `json:"value"`
}

func (s spoken) text() (text string) {
	_ = json.Unmarshal(s.Value, &text)
	return text
}
