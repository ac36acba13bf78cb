package console

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/sender/inbox"
)

func TestPages(t *testing.T) {
	const b = "0000000000000000000000000000000b"
	const a = "0000000000000000000000000000000a"
	for _, c := range []struct {
		name, path string
		code       int
		change     func(*fake)
		has, not   []string
	}{
		{
			"overview", "/", 200, nil,
			[]string{
				"Heavyweight Tee", "TEE-BLK-M", "1\u202f248", "any variant", "Sold out", "1\u202f190", "Up to date", "Kelp &amp; Cotton",
				`action="/journeys/default/back/off"`, `aria-checked="true"`, `action="/journeys/default/waiting/on"`, `width="25%"`, "gate (condition domain-gate)",
				"Held: until there is stock again",
			},
			[]string{"Sign out", "behind", "workspace-name"},
		},
		{"overview, behind", "/", 200, func(f *fake) { f.reports[0].Behind = 12345 }, []string{"12\u202f345 behind"}, []string{"Up to date"}},
		{"overview, two workspaces", "/", 200, func(f *fake) { f.reports = append(f.reports, WorkspaceReport{Workspace: "outlet"}) }, []string{`aria-label="Workspace outlet"`, "Nobody waits"}, nil},
		{"overview, nothing", "/", 200, func(f *fake) { f.reports = nil }, []string{"No workspace yet"}, nil},
		{"overview, new place of sends", "/", 200, func(f *fake) { f.reports[0].Intents["on_hold"] = 7 }, []string{"on hold"}, nil},
		{"overview, broken", "/", 500, func(f *fake) { f.broken = errAway }, []string{"the journal: it is away"}, nil},
		{"overview, not ready", "/", 503, func(f *fake) { f.broken, f.notReady = errAway, errors.New("replaying") }, []string{"replaying"}, nil},
		{"overview, panic", "/", 500, func(f *fake) { f.panics = true }, []string{"its log says why"}, nil},
		{"inbox", "/inbox", 200, nil, []string{"2 messages", "It&#39;s back: Heavyweight Tee", "bob@example.com", `src="/inbox/` + b + `/mail"`, `sandbox="allow-popups allow-popups-to-escape-sandbox"`}, []string{"picked", "allow-scripts", "allow-same-origin"}},
		{"inbox, none", "/inbox", 200, func(f *fake) { f.sent = nil }, []string{"Nothing was sent yet"}, []string{"<iframe"}},
		{"inbox, text", "/inbox/" + b + "?view=text", 200, nil, []string{"<pre", "Buy it: http://127.0.0.1:8080/products/heavyweight-tee", "picked"}, []string{"<iframe"}},
		{"inbox, headers", "/inbox/" + b + "?view=headers", 200, nil, []string{"List-Unsubscribe-Post", "&lt;http://127.0.0.1:8080/u/x&gt;", "1 Mar 2026, 12:01:00 UTC"}, []string{"<iframe"}},
		{"inbox, text only", "/inbox/" + a, 200, nil, []string{"We will tell you."}, []string{"<iframe"}},
		{"inbox, text only as HTML", "/inbox/" + a + "?view=html", 200, nil, []string{"has no HTML"}, []string{"<iframe"}},
		{"inbox, unknown", "/inbox/ff", 404, nil, []string{"holds no such message"}, nil},
		{"demand", "/demand", 200, nil, []string{"1\u202f564 places in line, in 3 lines", "Heavyweight Tee", "Wide &lt;Twill&gt; Trouser", "any variant", "52000.00 EUR", "at 40.00 EUR", "on backorder", `value="50"`}, []string{`name="workspace"`, "<Twill>"}},
		{"demand of one source", "/demand?source=sample&limit=1", 200, nil, []string{`<option value="sample" selected>`, "TEE-BLK-M"}, []string{"TRS-OLV-34"}},
		{"demand of nothing", "/demand", 200, func(f *fake) { f.wanted = DemandReport{} }, []string{"0 places in line", "Nobody waits here"}, []string{"<table"}},
		{"demand of an unknown source", "/demand?source=nothing", 422, nil, []string{"there is no source nothing"}, []string{"<table"}},
		{"demand with a bad limit", "/demand?limit=x", 422, nil, []string{"from 1 to 1000"}, []string{"<table"}},
		{"broadcasts", "/broadcasts", 200, nil, []string{`href="/broadcasts/default/sale"`, "Going", "email to recent"}, nil},
		{"broadcast", "/broadcasts/default/sale", 200, nil, []string{`action="/broadcasts/default/sale/pause"`, "Stop for good", "Try: count"}, []string{"sale/resume", "Turn on", "If it began now"}},
		{"broadcast, tried", "/broadcasts/default/sale?try=1", 200, nil, []string{"50 contacts, 40 messages", "Can be reached by sms", "never agreed"}, []string{"data-live"}},
		{"broadcast, unknown", "/broadcasts/default/none", 404, nil, []string{"There is no broadcast"}, nil},
		{"sales", "/", 200, nil, []string{"131 units", "10.0%", "5129.00 EUR", "120.00 CHF", "Merchant told at 50"}, nil},
		{"messages", "/messages", 200, func(f *fake) {
			f.reports[0].Dropped = map[core.Reason]int{core.ReasonGivenUp: 3}
			f.reports[0].Gates = []GateReport{{Name: "quiet_hours", Held: 12345}}
			f.reports[0].Senders = []SenderReport{{Name: "post", Type: "smtp", PausedUntil: "2026-03-01T12:00:00Z", Why: "421 <busy>"}}
		}, []string{"a***@example.com", "Was tried too often", "back/mail", "451 &lt;later&gt;", "Send again", "Gave up</a> 3", "Quiet hours", "12\u202f345", "Not called before", "421 &lt;busy&gt;"}, []string{"<later>", "<busy>", "Send all"}},
		{"messages of a reason", "/messages?at=dropped&reason=gave_up", 200, nil, []string{"Send all of these again", `value="gave_up"`}, nil},
		{"messages, none", "/messages?at=unknown", 200, nil, []string{"Unknown: may have been sent", "There are none"}, []string{"Send again", "Send all"}},
		{"messages of no such place", "/messages?at=lost", 422, nil, []string{"dropped, unknown, held or due"}, nil},
		{"why", "/why", 200, nil, []string{`name="contact"`, `name="variant"`}, []string{"timeline", `name="workspace"`}},
		{"why, asked", "/why?contact=ada@example.com&variant=1001", 200, nil, []string{"a***@example.com", "Was told", "Sold out again before it was sent", "out_of_stock_at_send", "the domain is welcome", "back/gate", `value="1001"`, "Message sent", "Left the line"}, nil},
		{"why, nobody", "/why?contact=eve@example.com", 404, nil, []string{"Nobody with the address", "eve@example.com"}, nil},
		{"why, nonsense", "/why?contact=nonsense", 422, nil, []string{"want an address; did you mean a@b.example?", `aria-invalid="true"`}, nil},
		{"why, two workspaces", "/why?workspace=outlet", 200, func(f *fake) { f.reports = append(f.reports, WorkspaceReport{Workspace: "outlet"}) }, []string{`<option selected>outlet</option>`}, nil},
		{"why, no line", "/why?contact=bare", 200, func(f *fake) { f.stories["default bare "] = WhyReport{} }, []string{"stands on no waitlist"}, nil},
		{"nothing", "/nothing", 404, nil, []string{"There is nothing at this address."}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := shop()
			if c.change != nil {
				c.change(f)
			}
			resp := do(New(f, Config{}), "GET", c.path, "")
			body := text(t, resp)
			if resp.StatusCode != c.code || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("got %d %s; want %d", resp.StatusCode, resp.Header.Get("Content-Type"), c.code)
			}
			for _, part := range c.has {
				if !strings.Contains(body, part) {
					t.Errorf("the page lacks %q", part)
				}
			}
			for _, part := range c.not {
				if strings.Contains(body, part) {
					t.Errorf("the page has %q", part)
				}
			}
		})
	}
}

func TestSwitch(t *testing.T) {
	for _, c := range []struct {
		path, set, location string
		code                int
	}{
		{"/journeys/default/back/on", "default back true", "/#journey-default-back", 303},
		{"/journeys/outlet/back/off", "outlet back false", "/#journey-outlet-back", 303},
		{"/journeys/default/nothing/on", "", "", 404},
		{"/journeys/default/back/half", "", "", 422},
		{"/broadcasts/default/sale/pause", "default sale pause", "/broadcasts/default/sale", 303},
		{"/broadcasts/default/none/pause", "default none pause", "", 404},
		{"/broadcasts/default/sale/on", "", "", 409},
		{"/broadcasts/default/sale/send", "", "", 422},
	} {
		f := shop()
		resp := do(New(f, Config{}), "POST", c.path, "")
		if resp.StatusCode != c.code || resp.Header.Get("Location") != c.location || strings.Join(f.set, ";") != c.set {
			t.Errorf("%s: %d to %q, set %v", c.path, resp.StatusCode, resp.Header.Get("Location"), f.set)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := New(shop(), Config{})
	for _, path := range []string{"/", "/inbox", "/why", "/demand", "/sign-in", "/nothing", "/api/v1/status", "/api/v1/nothing", "/healthz"} {
		header := do(h, "GET", path, "").Header
		for name, want := range map[string]string{
			"Content-Security-Policy": pagePolicy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
		} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	if strings.Contains(pagePolicy, "unsafe") || !strings.Contains(pagePolicy, "frame-ancestors 'none'") {
		t.Errorf("the pages' policy is %s", pagePolicy)
	}
}

func TestPagesHoldNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle\s*=|\son[a-z]+\s*=|<script[^>]*>[^<]|javascript:`)
	h := New(shop(), Config{})
	for _, path := range []string{"/", "/inbox", "/inbox/0000000000000000000000000000000b?view=headers", "/why?contact=ada@example.com", "/nothing"} {
		if found := inline.FindString(text(t, do(h, "GET", path, ""))); found != "" {
			t.Errorf("%s has %q, which its policy forbids", path, found)
		}
	}
}

func TestFiles(t *testing.T) {
	h := New(shop(), Config{})
	for path, kind := range map[string]string{
		"/console.css": "text/css; charset=utf-8", "/console.js": "text/javascript; charset=utf-8", "/icon.svg": "image/svg+xml",
	} {
		resp := do(h, "GET", path, "")
		tag := resp.Header.Get("ETag")
		if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != kind || tag == "" || text(t, resp) == "" {
			t.Errorf("%s: %d %v", path, resp.StatusCode, resp.Header)
		}
		if again := do(h, "GET", path, "", "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s asked again: %d", path, again.StatusCode)
		}
	}
}

const hostile = `"'><script>alert(1)</script><img src=x onerror=alert(2)>`

// hostileNode has the same hostile text wherever a shop, a contact or a plugin can put text.
func hostileNode() *fake {
	return &fake{
		reports: []WorkspaceReport{{
			Workspace: hostile, Intents: map[string]int{hostile: 1},
			Sources:   []SourceReport{{Name: hostile, Title: hostile, Platform: hostile, URL: "javascript:alert(3)"}},
			Journeys:  []JourneyReport{{Name: hostile, Title: hostile, Occurs: hostile, Shapes: []string{hostile}}},
			Waitlists: []WaitlistReport{{Source: hostile, Variant: hostile, SKU: hostile, Title: hostile, Choice: hostile, Waiting: 1, Phase: hostile}},
			Restocks:  []RestockReport{{ID: hostile, Title: hostile, Choice: hostile, SKU: hostile, OpenedAt: hostile, At: hostile}},
		}},
		sent: []inbox.Sent{{
			Key: "a/" + hostile, At: noon, To: hostile, From: hostile, Subject: hostile, Text: hostile, HTML: hostile, Headers: map[string]string{hostile: hostile},
		}},
		stories: map[string]WhyReport{"default " + hostile + " ": {Contact: hostile, Address: hostile, Entries: []WhyEntry{{
			Source: hostile, Variant: hostile, Title: hostile, Closed: hostile,
			Lines: []WhyLine{{At: hostile, What: hostile, Where: hostile, Reason: hostile, Detail: hostile, ID: hostile}},
		}}}},
	}
}

func TestHostileText(t *testing.T) {
	h := New(hostileNode(), Config{})
	const contact = "%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cimg%20src=x%20onerror=alert(2)%3E"
	key := "/inbox/a%2F" + contact
	key = strings.Replace(key, "%3C/script", "%3C%2Fscript", 1)
	for _, path := range []string{"/", "/inbox", key + "?view=text", key + "?view=headers", "/why?contact=" + contact, "/why?contact=x&variant=" + contact, "/" + contact} {
		resp := do(h, "GET", path, "")
		if known := path != "/"+contact && !strings.Contains(path, "contact=x"); known != (resp.StatusCode == 200) {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
		body := text(t, resp)
		for _, bad := range []string{"<script>", "<img src=x", `href="javascript`, "href=\"'"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
		if !strings.Contains(body, "</html>") {
			t.Errorf("%s is not a whole page", path)
		}
	}
}

func TestMailIsSandboxed(t *testing.T) {
	f := shop()
	f.sent[0].HTML = "<html><head><base href='https://evil.example/'></head><body>" + hostile + "</body></html>"
	resp := do(New(f, Config{}), "GET", "/inbox/"+f.sent[0].Key+"/mail", "")
	policy := resp.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'none'", "img-src http: https: data:", "base-uri 'none'", "frame-ancestors 'self'", "sandbox allow-popups"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the mail's policy lacks %s", part)
		}
	}
	if strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") || len(resp.Header.Values("Content-Security-Policy")) != 1 {
		t.Errorf("the mail's policy is %q", resp.Header.Values("Content-Security-Policy"))
	}
	if body := text(t, resp); !strings.HasPrefix(body, `<html><head><base target="_blank">`) || !strings.Contains(body, hostile) {
		t.Errorf("the mail is not shown as it is: %s", body)
	}
	if resp := do(New(f, Config{}), "GET", "/inbox/ff/mail", ""); resp.StatusCode != 404 {
		t.Errorf("an unknown mail: %d", resp.StatusCode)
	}
}

func TestLinksOutside(t *testing.T) {
	const base = `<base target="_blank">`
	for in, want := range map[string]string{
		"":                                     base,
		"<p>x</p>":                             base + "<p>x</p>",
		"<!DOCTYPE html>\n<p>x":                "<!DOCTYPE html>" + base + "\n<p>x",
		"<!doctype html><html lang=en><p>x":    "<!doctype html><html lang=en>" + base + "<p>x",
		"<HTML><HEAD id=a><title>x</title>":    "<HTML><HEAD id=a>" + base + "<title>x</title>",
		"<html><body><header>x</header>":       "<html>" + base + "<body><header>x</header>",
		"<p>say <!doctype html> in the middle": base + "<p>say <!doctype html> in the middle",
	} {
		if got := withLinksOutside(in); got != want {
			t.Errorf("%q: got %q; want %q", in, got, want)
		}
	}
}

// Every reason of the vocabulary has its plain words.
func TestEveryReasonHasWords(t *testing.T) {
	found := 0
	for _, value := range constantsOf(t, filepath.Join("..", "reason.go"), "Reason") {
		found++
		if _, ok := reasonWords()[value]; !ok {
			t.Errorf("reason %q has no words; add them to reasonWords", value)
		}
	}
	if found < 30 {
		t.Errorf("found %d reasons in reason.go; has it moved?", found)
	}
	if got := plain("something_new"); got != "something new" {
		t.Errorf("a reason of tomorrow reads %q", got)
	}
}

// constantsOf reads the values of the string constants whose names begin with prefix.
func constantsOf(t *testing.T, path, prefix string) (values []string) {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, value)
		return true
	})
	return values
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"time", when(noon), "1 Mar 2026, 12:00:00 UTC"},
		{"time elsewhere", when(noon.In(time.FixedZone("", 7200))), "1 Mar 2026, 12:00:00 UTC"},
		{"text time", when("2026-03-01T12:00:00.250Z"), "1 Mar 2026, 12:00:00 UTC"},
		{"no time", when("soon"), "soon"},
		{"small", count(7), "7"},
		{"hundreds", count(100), "100"},
		{"thousands", count(uint64(1234567)), "1\u202f234\u202f567"},
		{"negative", count(int64(-100000)), "-100\u202f000"},
		{"one", plural(1, "message", "messages"), "1 message"},
		{"none", plural(0, "message", "messages"), "0 messages"},
		{"half", percent(1, 2), "50%"},
		{"of nothing", percent(1, 0), "0%"},
		{"too much", percent(3, 2), "100%"},
		{"activity", what("waiting_on_stock"), "Waiting on stock"},
		{"what is new", what("something_new"), "Something new"},
		{"not ASCII", what("ärger"), "Ärger"},
		{"what is not said", what(""), ""},
		{"stock unknown", phase(core.StockUnknown), "Stock not known"},
		{"told", closedWords("told"), "Was told"},
		{"good", tone("accepted"), "good"},
		{"held", tone("out_of_stock_at_send"), "held"},
		{"bad", tone("template_failed"), "bad"},
		{"neither", tone("entered"), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q; want %q", c.name, c.got, c.want)
		}
	}
}
