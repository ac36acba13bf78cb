package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const templateFile = `kind: Template
name: waiting
spec:
  subject: "Ours: {{ product.title }}"
  html: |
    <h1>Noted</h1>
    <p>PRICE</p>
  sms: "{{ product.title }}: {{ links.buy }}"
  locales:
    de: {subject: "Unsere: {{ product.title }}", html: <p>Notiert</p>, sms: "{{ product.title }} ist da: {{ links.buy }}"}
`

// TestTemplates is an operator's story: a template with a hole in it is refused where it stands, the mended one takes the place of what is
// ready-made, is previewed in a language, and is sent as a test, whose links work and end nothing.
func TestTemplates(t *testing.T) {
	p := startDemo(t)
	file := filepath.Join(t.TempDir(), "waiting.yaml")
	restock := func(args ...string) (string, int) {
		return run(t, nil, append(args, "--core", "http://"+p.core)...)
	}
	apply := func(price string) (string, int) {
		if err := os.WriteFile(file, []byte(strings.Replace(templateFile, "PRICE", price, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		return restock("apply", "-f", file)
	}
	if out, code := apply("{{ variant.price }}"); code != 1 || !strings.Contains(out, `waiting.yaml:7: spec.html: variant.price may be missing`) {
		t.Errorf("a hole: %d\n%s", code, out)
	}
	if out, code := apply("{{ variant.price | default: 'soon' }}"); code != 0 || !strings.Contains(out, "template waiting applied") || !strings.Contains(out, "journey demo-waiting applied") {
		t.Fatalf("mended: %d\n%s", code, out)
	}
	out, _ := restock("template", "list")
	if !strings.Contains(out, "your own, in place of a ready-made one") || !strings.Contains(out, "journey demo-waiting/mail") {
		t.Errorf("list says\n%s", out)
	}
	out, _ = restock("template", "preview", "waiting", "--channel", "sms", "--locale", "de-AT")
	if !strings.Contains(out, "GSM-7, sent and paid for as 1") || !strings.Contains(out, " ist da: http") {
		t.Errorf("an SMS is previewed as\n%s", out)
	}
	html := filepath.Join(t.TempDir(), "back.html")
	if out, code := restock("template", "preview", "--journey", "demo-back", "--locale", "ar", "--out", html); code != 0 {
		t.Errorf("a preview: %d\n%s", code, out)
	}
	if b, err := os.ReadFile(html); err != nil || !strings.Contains(string(b), `<html lang="ar" dir="rtl">`) {
		t.Errorf("the HTML is not there: %v", err)
	}
	shown, code := restock("template", "show", "back")
	if err := os.WriteFile(file, []byte(shown), 0o600); err != nil || code != 0 {
		t.Fatal(err, code)
	}
	if out, code := restock("apply", "-f", file); code != 0 {
		t.Errorf("what show says cannot be applied: %d\n%s", code, out)
	}
	p.sendsTest(restock)
}

// sendsTest sends a test and follows its links.
func (p place) sendsTest(restock func(...string) (string, int)) {
	p.t.Helper()
	if out, code := restock("template", "send", "back", "--to", "boss@example.com", "--sender", "inbox", "--locale", "de"); code != 0 || !strings.Contains(out, "accepted") {
		p.t.Fatalf("a test: %d\n%s", code, out)
	}
	sent := p.inbox()[0]
	if sent.To != "boss@example.com" || !strings.HasPrefix(sent.Subject, "[Test] Wieder da: ") || sent.Headers["List-Unsubscribe"] != "" {
		p.t.Errorf("sent to %s: %q %v", sent.To, sent.Subject, sent.Headers)
	}
	link := func(path string) string {
		at := strings.Index(sent.HTML, "http://"+p.edge+path)
		if at < 0 {
			p.t.Fatalf("the test has no link %s", path)
		}
		return sent.HTML[at : at+strings.IndexByte(sent.HTML[at:], '"')]
	}
	eventually(p.t, "the button leads to the shop", func() bool {
		ask, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, link("/r/"), nil)
		if err != nil {
			p.t.Fatal(err)
		}
		r, err := http.DefaultTransport.RoundTrip(ask) // it follows no redirect
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusFound
	})
	if code, _, _ := call("POST", link("/u/"), nil, "List-Unsubscribe=One-Click"); code != http.StatusGone {
		p.t.Errorf("to unsubscribe by a test answers %d, want 410: its link is none", code)
	}
	if out, code := restock("template", "send", "back", "--to", "boss@example.com", "--sender", "inbox"); code != 0 {
		p.t.Errorf("who unsubscribed by a test gets no other: %d\n%s", code, out)
	}
	out, _ := restock("message", "list", "--at", "sent")
	if strings.Contains(out, "boss") {
		p.t.Errorf("a test stands in the ledger:\n%s", out)
	}
}
