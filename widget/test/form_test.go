package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"restock/widget"
)

// everything is a configuration with all that the form can ask.
func everything() *widget.Config {
	return &widget.Config{Region: "DE", Channels: []string{"email", "phone"}, Marketing: true, Quantity: true, Any: true, Privacy: "https://shop.example/privacy", Market: "eu"}
}

// TestCaptureSays is what a capture carries beside the address.
func TestCaptureSays(t *testing.T) {
	t.Parallel()
	tb := openAt(t, newShop(t, "html", newEdge(t, everything())), visit{variant: blackM, lang: "en-GB"}).ready()
	tb.showsCover()
	tb.openDialog()
	tb.field("input[name=email]", "ann@example.com")
	tb.field("input[name=quantity]", "3")
	request := eval[string](tb, "probe.$('#note').textContent")
	news := eval[string](tb, "probe.$('input[name=marketing]').closest('label').textContent")
	c := tb.submit()
	for what, holds := range map[string]bool{
		"variant":   c.Variant == blackM && c.Source == source,
		"email":     c.Email == "ann@example.com" && c.Phone == "",
		"locale":    c.Locale == "en-GB",
		"market":    c.Market == "eu",
		"quantity":  c.Quantity == 3,
		"page":      strings.HasPrefix(c.Page, tb.shop.URL+"/products/heavyweight-tee"),
		"form":      c.Form != "" && len(c.Form) <= 64 && strings.Contains(c.Form, widget.Version()),
		"consent":   c.Consent != nil && !c.Consent.Marketing,
		"proof":     c.Consent != nil && strings.Contains(c.Consent.Text, request) && strings.Contains(c.Consent.Text, news),
		"key":       len(c.Key) >= 16 && len(c.Key) <= 128,
		"honeypot":  c.Website == "",
		"elapsed":   c.ElapsedMS > 0,
		"no typing": !c.AsTyped,
	} {
		if !holds {
			tb.Errorf("%s: %+v, consent %+v", what, c, c.Consent)
		}
	}
	tb.clean()
}

// TestMarketing: consent to news is unticked, apart, and sent only when it was given.
func TestMarketing(t *testing.T) {
	t.Parallel()
	tb := openAt(t, newShop(t, "html", newEdge(t, everything())), visit{variant: blackM}).ready()
	tb.showsCover()
	tb.openDialog()
	if eval[bool](tb, "probe.$('input[name=marketing]').checked || probe.$('input[name=any]').checked") {
		tb.Error("a box is ticked before anybody ticked it")
	}
	tb.click("probe.$('input[name=marketing]')")
	tb.field("input[name=email]", "ann@example.com")
	if c := tb.submit(); c.Consent == nil || !c.Consent.Marketing {
		tb.Errorf("the consent given is not sent: %+v", c.Consent)
	}
}

// TestAnyVariant waits for the product.
func TestAnyVariant(t *testing.T) {
	t.Parallel()
	tb := openAt(t, newShop(t, "html", newEdge(t, everything())), visit{variant: blackM}).ready()
	tb.showsCover()
	tb.openDialog()
	tb.click("probe.$('input[name=any]')")
	tb.field("input[name=email]", "ann@example.com")
	if c := tb.submit(); c.Variant != "" || c.Product != tee().ID {
		tb.Errorf("any variant is asked for as %+v", c)
	}
}

// TestPhone switches the channel by the keyboard, and the dial code.
func TestPhone(t *testing.T) {
	t.Parallel()
	tb := openAt(t, newShop(t, "html", newEdge(t, everything())), visit{variant: blackM}).ready()
	tb.showsCover()
	tb.openDialog()
	tb.run("probe.$('input[name=channel][value=email]').focus()")
	tb.press(kb.ArrowRight)
	tb.until("probe.seen('input[name=phone]') && !probe.seen('input[name=email]')")
	if eval[string](tb, "probe.$('select[name=region]').value + probe.$('input[name=phone]').inputMode + probe.$('input[name=phone]').autocomplete") != "DEteltel-national" {
		tb.Error("the phone field does not stand on the source's region, or lacks inputmode or autocomplete")
	}
	tb.field("input[name=phone]", "0151 23456789")
	if c := tb.submit(); c.Phone != "0151 23456789" || c.Region != "DE" || c.Email != "" {
		tb.Errorf("the phone is sent as %+v", c)
	}
	tb.until("probe.state() === 'done'")
}

// TestKeyboardOnly does all of it without a mouse: to the cover by Tab, open by Enter, an error, mend it, send, close, and
// the focus is where it was. Within the dialog Tab goes round.
func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	tb := openAt(t, newShop(t, "html", newEdge(t, everything())), visit{variant: blackM}).ready()
	tb.showsCover()
	for range 12 {
		if eval[bool](tb, "probe.focus() === probe.covers()[0]") {
			break
		}
		tb.press(kb.Tab)
	}
	tb.focusIs("the cover", "probe.covers()[0]")
	tb.press(kb.Enter)
	tb.until("probe.state() === 'form'")
	tb.focusIs("the first field", "probe.$('input[name=email]')")
	seen := map[string]bool{"email": true}
	for range 24 {
		tb.press(kb.Tab)
		where := eval[string](tb, "(() => { const f = probe.focus(); return probe.dialog().contains(f) ? f.name || f.className || f.tagName : f === document.body ? 'browser' : 'page' })()")
		if where == "page" {
			tb.Fatalf("Tab leaves the dialog for %s", tb.describe())
		}
		if where == "website" {
			tb.Error("Tab comes to the honeypot")
		}
		seen[where] = true
	}
	for _, name := range []string{"email", "quantity", "any", "marketing"} {
		if !seen[name] {
			tb.Errorf("Tab does not come to %s, but to %v", name, seen)
		}
	}
	tb.run("probe.$('input[name=email]').focus()")
	tb.press("nonsense" + kb.Enter)
	tb.until("probe.seen('.error')")
	tb.focusIs("the field that is wrong", "probe.$('input[name=email]')")
	tb.press("a", chromedp.ModifierCtrl)
	tb.press("ann@example.com" + kb.Enter)
	tb.until("probe.state() === 'done'")
	tb.focusIs("the success text", "probe.$('.done h2')")
	tb.press(kb.Escape)
	tb.until("!probe.open()")
	tb.focusIs("the cover again", "probe.covers()[0]")
	tb.expect("keys only", tb.edge.captured()[0], blackM)
	tb.clean()
}

// focusIs waits until that element has the focus.
func (tb *tab) focusIs(what, element string) {
	tb.Helper()
	tb.until("/* " + what + " has the focus */ probe.focus() === " + element)
}

// TestErrorsAreTied: the error is the field's description, the field says that it is invalid, and both end with it.
func TestErrorsAreTied(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.showsCover()
	tb.openDialog()
	tb.click("probe.submit()")
	tb.until("probe.seen('.error')")
	tied := `(() => { const f = probe.$('input[name=email]'), e = probe.dialog().querySelector('.error');
	  return f.getAttribute('aria-invalid') === 'true' && (f.getAttribute('aria-describedby') || '').split(' ').includes(e.id) && e.textContent.length > 5 })()`
	if !eval[bool](tb, tied) {
		tb.Errorf("field and error are not tied:\n%s", eval[string](tb, "probe.dialog().innerHTML"))
	}
	if n := len(tb.edge.captured()); n != 0 {
		tb.Errorf("%d captures of an empty form", n)
	}
	tb.field("input[name=email]", "ann@example.com")
	tb.submit()
	tb.until("probe.state() === 'done' && probe.$('input[name=email]').getAttribute('aria-invalid') !== 'true'")
}

// TestSuggestion: the edge says what was probably meant; one click takes it, the next sends it.
func TestSuggestion(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.edge.answer(suggests("email", "ann@gmail.com"))
	tb.showsCover()
	tb.openDialog()
	tb.field("input[name=email]", "ann@gmial.com")
	tb.submit()
	tb.until("probe.seen('button.suggest') && probe.$('button.suggest').textContent.includes('ann@gmail.com')")
	tb.until("probe.state() === 'form' && probe.$('input[name=email]').getAttribute('aria-invalid') === 'true'")
	tb.click("probe.$('button.suggest')")
	tb.until("probe.$('input[name=email]').value === 'ann@gmail.com' && !probe.seen('.error') && probe.focus() === probe.submit()")
	if c := tb.submit(); c.Email != "ann@gmail.com" || c.AsTyped || c.Variant != blackM {
		tb.Errorf("the suggestion is sent as %+v", c)
	}
	tb.until("probe.state() === 'done'")
	tb.clean()
}

// TestSuggestionDeclined: who sends the same address again means it.
func TestSuggestionDeclined(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.edge.answer(suggests("email", "ann@gmail.com"))
	tb.showsCover()
	tb.openDialog()
	tb.field("input[name=email]", "ann@gmial.com")
	tb.submit()
	tb.until("probe.seen('button.suggest')")
	if c := tb.submit(); c.Email != "ann@gmial.com" || !c.AsTyped {
		tb.Errorf("the same address again is sent as %+v, want email_as_typed", c)
	}
	tb.until("probe.state() === 'done'")
}

// TestRefused: what the edge refuses for other reasons is said, and can be tried again.
func TestRefused(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.edge.answer(answer{code: 403, body: `{"status":403,"detail":"this origin may not post captures for that data source"}`})
	tb.showsCover()
	tb.openDialog()
	tb.field("input[name=email]", "ann@example.com")
	tb.submit()
	tb.until("probe.state() === 'form' && probe.seen('.error')")
	tb.expect("trying again", tb.submit(), blackM)
	tb.until("probe.state() === 'done'")
}

// TestFailed: what the shopper can mend is no failure; a refusal is, also in HTML, as firewalls and missing pages answer. It is
// said, and nothing is kept to be sent again.
func TestFailed(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.run("window.failed = []; Restock.on('failed', (d) => failed.push(d))")
	tb.edge.answer(suggests("email", "ann@gmail.com"), answer{code: 404, body: "<!doctype html><title>Not found</title>"})
	tb.showsCover()
	tb.openDialog()
	tb.field("input[name=email]", "ann@gmial.com")
	tb.submit()
	tb.until("probe.seen('button.suggest')")
	if eval[int](tb, "failed.length") != 0 {
		tb.Error("a slip of the shopper is called a failure")
	}
	tb.submit()
	tb.until("probe.state() === 'form' && probe.seen('.error') && !probe.$('button.suggest') && failed.length === 1")
	if got := eval[string](tb, "failed[0].variant + ' ' + "+waiting); got != blackM+" 0" {
		tb.Errorf("failed says %s", got)
	}
}

// TestQuantity: what is no number of pieces is not sent, so that the edge need not refuse it.
func TestQuantity(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int64{"2.7": 2, "-3": 0, "99999999": 1_000_000} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			tb := openAt(t, newShop(t, "html", newEdge(t, everything())), visit{variant: blackM}).ready()
			tb.showsCover()
			tb.openDialog()
			tb.field("input[name=email]", "ann@example.com")
			tb.run(fmt.Sprintf("probe.$('input[name=quantity]').value = %q", typed))
			if c := tb.submit(); c.Quantity != want {
				t.Errorf("%s is sent as %d, want %d", typed, c.Quantity, want)
			}
		})
	}
}

// TestDoubleClick sends once, however often the button is pressed.
func TestDoubleClick(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.showsCover()
	tb.openDialog()
	tb.field("input[name=email]", "ann@example.com")
	tb.run("const b = probe.submit(); for (let i = 0; i < 5; i++) b.click()")
	tb.until("probe.state() === 'done'")
	if n := len(tb.edge.captured()); n != 1 {
		tb.Errorf("%d captures of one form", n)
	}
}

// TestLanguages: each language loads one file, and the page's own wins; a language that we do not speak is English.
func TestLanguages(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{"de": "de ltr", "de-AT": "de ltr", "de_AT": "de ltr", "ar": "ar rtl", "he-IL": "he rtl", "ja": "ja ltr", "xx": "en ltr", "pt-BR": "pt ltr",
		"pt-PT": "pt-pt ltr", "no": "nb ltr", "fil": "en ltr", "zh-CN": "zh ltr", "zh-Hant-TW": "zh-tw ltr", "zh-HK": "zh-tw ltr"} {
		t.Run(lang, func(t *testing.T) {
			_, dir, _ := strings.Cut(want, " ")
			t.Parallel()
			tb := open(t, "html", visit{variant: blackM, lang: lang, dir: dir}).ready()
			tb.showsCover()
			tb.openDialog()
			if got := eval[string](tb, "probe.dialog().lang + ' ' + probe.dialog().dir"); got != want {
				tb.Errorf("the dialog speaks %s, want %s", got, want)
			}
			files := 0
			for _, r := range tb.edge.asked() {
				if strings.Contains(r.path, "/form.") {
					files++
				}
			}
			if files != 1 {
				tb.Errorf("%d files of the form were loaded", files)
			}
			tb.clean()
		})
	}
}

// TestAPI is window.Restock: events in their order, open and close by script, and a listener that was taken off is silent.
func TestAPI(t *testing.T) {
	t.Parallel()
	tb := open(t, "html", visit{variant: blackM}).ready()
	tb.run(`window.heard = []; for (const n of ['open', 'close', 'captured', 'queued', 'failed']) Restock.on(n, (d) => heard.push(n));
	  Restock.on('open', () => { throw new Error('a listener of the shop throws') }); const off = Restock.on('captured', () => heard.push('never')); off()`)
	tb.showsCover()
	if !eval[bool](tb, "Restock.open()") {
		tb.Error("Restock.open() opens nothing")
	}
	tb.until("probe.state() === 'form'")
	tb.field("input[name=email]", "ann@example.com")
	tb.expect("opening by script", tb.submit(), blackM)
	tb.until("probe.state() === 'done'")
	tb.run("Restock.close()")
	tb.until("!probe.open() && heard.join() === 'open,captured,close'") // a dialog says that it closed a task later
	if eval[string](tb, "Restock.version") != widget.Version() {
		tb.Error("Restock.version is another")
	}
}

// vapid is a public key as RFC 8292 has it.
const vapid = "BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U"

// TestPushOffered: without a worker on the shop's own origin nobody is offered what cannot work.
func TestPushOffered(t *testing.T) {
	t.Parallel()
	const key = vapid
	for name, c := range map[string]struct {
		config  widget.Config
		offered bool
	}{
		"no key":         {widget.Config{PushWorker: "/worker.js"}, false},
		"no worker":      {widget.Config{PushKey: key}, false},
		"another origin": {widget.Config{PushKey: key, PushWorker: "https://elsewhere.example/worker.js"}, false},
		"key and worker": {widget.Config{PushKey: key, PushWorker: "/worker.js"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := openAt(t, newShop(t, "html", newEdge(t, &c.config)), visit{variant: blackM}).ready()
			tb.showsCover()
			tb.openDialog()
			if got := eval[bool](tb, "!!probe.$('input[name=push]')"); got != c.offered {
				t.Errorf("push is offered: %t, want %t", got, c.offered)
			}
		})
	}
}

// TestPush ticks the box, with stand-ins for the browser's question and the push service. Who grants gets a right that goes with the
// capture, and the shop's own worker stays; who leaves the question open, or whose worker does not start, is captured without.
func TestPush(t *testing.T) {
	t.Parallel()
	const grants = `Notification.requestPermission = async () => 'granted'; PushManager.prototype.subscribe = async () => ({ toJSON: () => ({ endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' } }) });`
	const hurries = `const later = window.setTimeout; window.setTimeout = (f, ms) => later(f, Math.min(ms || 0, 200));`
	for name, c := range map[string]struct {
		script, worker string
		endpoint       string
	}{
		"granted":           {grants, "/restock-worker.js", "https://push.example/1"},
		"no answer":         {hurries + `Notification.requestPermission = () => new Promise(() => {})`, "/restock-worker.js", ""},
		"no such worker":    {grants, "/none.js", ""},
		"worker that fails": {grants + hurries + `Object.defineProperty(ServiceWorker.prototype, 'state', { value: 'redundant' }); const r = ServiceWorkerRegistration.prototype, { get } = Object.getOwnPropertyDescriptor(r, 'active'); Object.defineProperty(r, 'active', { get() { return this.scope.endsWith('.js') ? null : get.call(this) } })`, "/restock-worker.js", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, "html", newEdge(t, &widget.Config{PushKey: vapid, PushWorker: c.worker}))
			tb := openAt(t, s, visit{variant: blackM, head: "<script>" + c.script + "</script>"}).ready()
			tb.run("await navigator.serviceWorker.register('/restock-worker.js?their-own', { scope: '/' })")
			tb.showsCover()
			tb.openDialog()
			tb.click("probe.$('input[name=push]')")
			tb.field("input[name=email]", "ann@example.com")
			got := tb.submit()
			if got.Push == nil && c.endpoint != "" || got.Push != nil && got.Push.Endpoint != c.endpoint {
				t.Errorf("the capture carries %+v, want %s", got.Push, c.endpoint)
			}
			own := eval[string](tb, "(async () => { const r = await navigator.serviceWorker.getRegistration('/'); return (r.active || r.waiting || r.installing).scriptURL })()")
			if !strings.HasSuffix(own, "?their-own") {
				t.Errorf("the shop's own worker gave way to %s", own)
			}
		})
	}
}
