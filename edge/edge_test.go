package edge

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// noJournal is a journal that is away.
type noJournal struct{}

func (noJournal) InProcessConn() (net.Conn, error) { return nil, errors.New("away") }

// newEdge is an edge that knows the source "shop" (secret "s3cret-s3cret", any origin) and "closed" (one origin), with the
// journal away: whatever it answers, it answers from its own disk.
func newEdge(t testing.TB) *Node {
	t.Helper()
	n, err := New(Config{Data: t.TempDir(), Listen: "127.0.0.1:0", InProcess: noJournal{}, Log: discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	configureShop(t, n)
	return n
}

var discard = slog.New(slog.DiscardHandler)

func ipOf(e wire.Entry) string { return e.(wire.Capture).Capture.Consent.IP }

// configureShop tells an edge what the core would.
func configureShop(t testing.TB, n *Node) {
	t.Helper()
	configure(t, n, wire.ReadyKey, []byte{1})
	for _, s := range []wire.EdgeSource{
		{Name: "shop", Workspace: "default", Platform: core.Shopify, Secrets: [][]byte{[]byte("s3cret-s3cret")}, Region: "DE"},
		{Name: "closed", Workspace: "default", Platform: core.Shopify, Secrets: [][]byte{[]byte("s3cret-s3cret")}, Origins: []string{"https://shop.example"}},
	} {
		b, err := wire.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		configure(t, n, wire.SourceKey(s.Name), b)
	}
	keys, err := wire.Marshal(wire.RingKeys{Keys: []wire.RingKeyBytes{{ID: 1, Key: []byte("0123456789abcdef0123456789abcdef")}}})
	if err != nil {
		t.Fatal(err)
	}
	configure(t, n, wire.RingKey, keys)
}

func configure(t testing.TB, n *Node, key string, value []byte) {
	t.Helper()
	if err := n.configuration.Configure(key, value); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request straight to the handler.
func ask(n *Node, method, path string, headers map[string]string, body string) *fasthttp.Response {
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7)}, nil)
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(path)
	for name, value := range headers {
		ctx.Request.Header.Set(name, value)
	}
	ctx.Request.SetBodyString(body)
	n.guard(n.route)(&ctx)
	return &ctx.Response
}

func postCapture(n *Node, contentType, body string) *fasthttp.Response {
	return ask(n, "POST", "/v1/captures", map[string]string{"Content-Type": contentType}, body)
}

// kept are the entries in the outbox.
func kept(t testing.TB, n *Node) (entries []wire.Entry) {
	t.Helper()
	raws, _, err := n.store.Next("default", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range raws {
		e, err := raw.Decode()
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

// pushJSON is a browser's subscription.
func pushJSON(endpoint string) string {
	key := base64.RawURLEncoding.EncodeToString(append([]byte{4}, make([]byte, 64)...))
	return fmt.Sprintf(`{"endpoint":%q,"p256dh":%q,"auth":"AAAAAAAAAAAAAAAAAAAAAA"}`, endpoint, key)
}

// TestASlipIsRemembered: the guess is the same when it comes from memory, and is of the address at hand.
func TestASlipIsRemembered(t *testing.T) {
	s := newSlips()
	for _, who := range []string{"ann", "bob"} {
		if got, want := s.meant(who+"@gmial.com"), who+"@gmail.com"; got != want {
			t.Errorf("meant was %q, want %q", got, want)
		}
		if got := s.meant(who + "@example.com"); got != "" {
			t.Errorf("%q was suggested for what looks right", got)
		}
	}
}

func TestCaptureAnswers(t *testing.T) {
	const (
		jsonType = "application/json"
		formType = "application/x-www-form-urlencoded"
		good     = `{"source":"shop","variant":"1001","email":"ann@example.com"}`
	)
	long := strings.Repeat("x", MaxCaptureBytes)
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		field                   string // of the first error
	}{
		{"JSON", jsonType, good, 202, ""},
		{"JSON as text/plain, as a page sends it without asking first", "text/plain;charset=UTF-8", good, 202, ""},
		{"a form", formType, "source=shop&variant=1001&email=ann%40example.com&consent.marketing=on&website=", 202, ""},
		{"a phone in the source's region", jsonType, `{"source":"shop","variant":"1001","phone":"0151 12345678"}`, 202, ""},
		{"any variant of a product", jsonType, `{"source":"shop","product":"7001","email":"ann@example.com"}`, 202, ""},
		{"an id as a number", jsonType, `{"source":"shop","variant":9007199254740993,"email":"ann@example.com"}`, 202, ""},
		{"unknown fields", jsonType, `{"source":"shop","variant":"1","email":"a@example.com","mood":"good"}`, 202, ""},
		{"a honeypot that was filled is answered like any other", jsonType, `{"source":"shop","variant":"1","email":"a@example.com","website":"x"}`, 202, ""},
		{"no JSON", jsonType, `source=shop`, 400, ""},
		{"half a JSON", jsonType, `{"source":"shop"`, 400, ""},
		{"an array", jsonType, `[]`, 400, ""},
		{"a field of another type", jsonType, `{"source":"shop","email":5}`, 400, ""},
		{"not UTF-8", jsonType, "{\"source\":\"\xff\"}", 400, ""},
		{"a form that is not UTF-8", formType, "source=%ff", 400, ""},
		{"no media type", "", good, 415, ""},
		{"another media type", "application/xml", good, 415, ""},
		{"too large", jsonType, `{"source":"shop","page":"` + long + `"}`, 413, ""},
		{"an unknown source", jsonType, `{"source":"nowhere","variant":"1","email":"a@example.com"}`, 404, ""},
		{"no source", jsonType, `{"variant":"1","email":"a@example.com"}`, 422, "source"},
		{"no variant", jsonType, `{"source":"shop","email":"a@example.com"}`, 422, "variant"},
		{"no address", jsonType, `{"source":"shop","variant":"1"}`, 422, "email"},
		{"a bad e-mail address", jsonType, `{"source":"shop","variant":"1","email":"a@b"}`, 422, "email"},
		{"a slip of a well-known domain", jsonType, `{"source":"shop","variant":"1","email":"ann@gmial.com"}`, 422, "email"},
		{"a slip that is right as it is", jsonType, `{"source":"shop","variant":"1","email":"ann@gmial.com","email_as_typed":true}`, 202, ""},
		{"the same by a form", formType, "source=shop&variant=1&email=ann%40gmial.com&email_as_typed=on", 202, ""},
		{"a browser alone", jsonType, `{"source":"shop","variant":"1","push":` + pushJSON("https://push.example/1") + `}`, 202, ""},
		{"a browser beside an address", jsonType, `{"source":"shop","variant":"1","email":"a@example.com","push":` + pushJSON("https://push.example/1") + `}`, 202, ""},
		{"no browser", jsonType, `{"source":"shop","variant":"1","email":"a@example.com","push":null}`, 202, ""},
		{"a browser by its name", jsonType, `{"source":"shop","variant":"1","push":"mine"}`, 400, ""},
		{"a push service on our own network", jsonType, `{"source":"shop","variant":"1","push":` + pushJSON("https://127.0.0.1/1") + `}`, 422, "push.endpoint"},
		{"a push service at another port", jsonType, `{"source":"shop","variant":"1","push":` + pushJSON("https://push.example:22/1") + `}`, 422, "push.endpoint"},
		{"a push service without a public name", jsonType, `{"source":"shop","variant":"1","push":` + pushJSON("https://localhost/1") + `}`, 422, "push.endpoint"},
		{"a push service without TLS", jsonType, `{"source":"shop","variant":"1","push":` + pushJSON("http://push.example/1") + `}`, 422, "push.endpoint"},
		{"a browser without keys", jsonType, `{"source":"shop","variant":"1","push":{"endpoint":"https://push.example/1"}}`, 422, "push.p256dh"},
		{"a bad phone number", jsonType, `{"source":"shop","variant":"1","phone":"12"}`, 422, "phone"},
		{"a bad region", jsonType, `{"source":"shop","variant":"1","email":"a@example.com","region":"Germany"}`, 422, "region"},
		{"a negative quantity", jsonType, `{"source":"shop","variant":"1","email":"a@example.com","quantity":-1}`, 422, "quantity"},
		{"a long id", jsonType, `{"source":"shop","variant":"` + strings.Repeat("1", 129) + `","email":"a@example.com"}`, 422, "variant"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newEdge(t)
			r := postCapture(n, c.contentType, c.body)
			if r.StatusCode() != c.status {
				t.Fatalf("answered %d %s, want %d", r.StatusCode(), r.Body(), c.status)
			}
			if c.status == 202 {
				if string(r.Body()) != `{"result":"waiting"}` || len(kept(t, n)) != 1 {
					t.Errorf("answered %s and kept %d entries", r.Body(), len(kept(t, n)))
				}
				return
			}
			wantProblem(t, r, c.field)
			if len(kept(t, n)) != 0 {
				t.Error("something was kept")
			}
		})
	}
}

func wantProblem(t *testing.T, r *fasthttp.Response, field string) {
	t.Helper()
	var p problem
	if err := json.Unmarshal(r.Body(), &p); err != nil || string(r.Header.ContentType()) != "application/problem+json" {
		t.Fatalf("answered %s as %s (%v), want a problem", r.Body(), r.Header.ContentType(), err)
	}
	if p.Status != r.StatusCode() || p.Title == "" || p.Detail == "" {
		t.Errorf("the problem says %+v", p)
	}
	if field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != field || p.Errors[0].Message == "") {
		t.Errorf("the problem names %+v, want field %s", p.Errors, field)
	}
}

func TestWhatACaptureBecomes(t *testing.T) {
	n := newEdge(t)
	postCapture(n, "application/json", `{"source":"shop","variant":"gid://shopify/ProductVariant/1001","product":"7001","email":" Ann@EXAMPLE.com",
		"phone":"0151 12345678","locale":"de-DE","market":"eu","quantity":2,"page":"https://shop.example/p","form":"f1","elapsed_ms":5000,
		"idempotency_key":"k1","consent":{"marketing":true,"text":"Tell me"}}`)
	entries := kept(t, n)
	if len(entries) != 1 {
		t.Fatalf("%d entries kept", len(entries))
	}
	got := entries[0].(wire.Capture).Capture
	if got.CapturedAt == 0 {
		t.Error("no time")
	}
	got.CapturedAt = 0
	want := core.Capture{
		Target: core.Target{Source: "shop", Variant: "1001"}, Email: "Ann@example.com", Phone: "+4915112345678", Region: "DE",
		Locale: "de-DE", Market: "eu", Quantity: 2, Key: "k1",
		Consent: core.Proof{Marketing: true, Text: "Tell me", IP: "192.0.2.7", Page: "https://shop.example/p", Form: "f1"},
	}
	if got != want {
		t.Errorf("kept\n%+v\nwant\n%+v", got, want)
	}
}

func TestTraps(t *testing.T) {
	for body, want := range map[string]core.TrapName{
		`"website":"http://x"`: core.TrapHoneypot,
		`"elapsed_ms":12`:      core.TrapTooFast,
		`"elapsed_ms":4000`:    "",
	} {
		n := newEdge(t)
		postCapture(n, "application/json", `{"source":"shop","variant":"1","email":"a@example.com",`+body+`}`)
		if got := kept(t, n)[0].(wire.Capture).Capture.Trapped; got != want {
			t.Errorf("%s is trapped as %q, want %q", body, got, want)
		}
	}
}

func TestOrigins(t *testing.T) {
	for _, c := range []struct {
		origin, source string
		status         int
	}{
		{"https://shop.example", "closed", 202},
		{"", "closed", 202}, // no page sent it
		{"https://evil.example", "closed", 403},
		{"https://shop.example.evil.example", "closed", 403},
		{"http://shop.example", "closed", 403},
		{"null", "closed", 403},
		{"https://anything.example", "shop", 202},
	} {
		n := newEdge(t)
		headers := map[string]string{"Content-Type": "text/plain"}
		if c.origin != "" {
			headers["Origin"] = c.origin
		}
		r := ask(n, "POST", "/v1/captures", headers, `{"source":"`+c.source+`","variant":"1","email":"a@example.com"}`)
		if r.StatusCode() != c.status || (c.status == 403) != (len(kept(t, n)) == 0) {
			t.Errorf("%q for %s: answered %d and kept %d", c.origin, c.source, r.StatusCode(), len(kept(t, n)))
		}
		if readable := string(r.Header.Peek("Access-Control-Allow-Origin")); readable != "*" {
			t.Errorf("%q for %s: the answer is readable by %q, want any page", c.origin, c.source, readable)
		}
	}
}

func TestWebhooks(t *testing.T) {
	scheme, _ := sign.For(core.Shopify)
	body := `{"inventory_item_id":5001,"location_id":1,"available":3}`
	signed := func(secret, body string) map[string]string {
		h := map[string]string{"X-Shopify-Topic": "inventory_levels/update", "X-Shopify-Webhook-Id": "w1", "X-Ignored": "x"}
		for _, s := range scheme.Sign([]byte(secret), []byte(body)) {
			h[s.Name] = s.Value
		}
		return h
	}
	for _, c := range []struct {
		name, source string
		headers      map[string]string
		status       int
	}{
		{"signed", "shop", signed("s3cret-s3cret", body), 200},
		{"signed with another secret", "shop", signed("other-secret-x", body), 401},
		{"signed for another body", "shop", signed("s3cret-s3cret", body+" "), 401},
		{"not signed", "shop", map[string]string{"X-Shopify-Topic": "inventory_levels/update"}, 401},
		{"unknown source", "nowhere", signed("s3cret-s3cret", body), 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newEdge(t)
			r := ask(n, "POST", "/v1/sources/"+c.source+"/webhooks", c.headers, body)
			if r.StatusCode() != c.status {
				t.Fatalf("answered %d %s, want %d", r.StatusCode(), r.Body(), c.status)
			}
			entries := kept(t, n)
			if c.status != 200 {
				wantProblem(t, r, "")
				if len(entries) != 0 {
					t.Error("something was kept")
				}
				return
			}
			w := entries[0].(wire.Webhook)
			topic := core.Delivery(w).Header("x-shopify-topic")
			if string(w.Body) != body || topic != "inventory_levels/update" || len(w.Headers) != 2 {
				t.Errorf("kept %s with %+v", w.Body, w.Headers)
			}
		})
	}
}

// platformEdge is an edge with a source of another platform than Shopify.
func platformEdge(t *testing.T, p core.Platform) *Node {
	t.Helper()
	n := newEdge(t)
	b, err := wire.Marshal(wire.EdgeSource{Name: "other", Workspace: "default", Platform: p, Secrets: [][]byte{[]byte("s3cret-s3cret")}})
	if err != nil {
		t.Fatal(err)
	}
	configure(t, n, wire.SourceKey("other"), b)
	return n
}

// TestPing: WooCommerce's unsigned ping is answered and leaves nothing behind; whatever else is not signed is refused.
func TestPing(t *testing.T) {
	n := platformEdge(t, core.WooCommerce)
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for body, want := range map[string]int{"webhook_id=7": 200, "webhook_id=7&x=1": 401, `{"id":7}`: 401} {
		if r := ask(n, "POST", "/v1/sources/other/webhooks", form, body); r.StatusCode() != want {
			t.Errorf("%s is answered %d, want %d", body, r.StatusCode(), want)
		}
	}
	if r := ask(n, "POST", "/v1/sources/shop/webhooks", form, "webhook_id=7"); r.StatusCode() != 401 {
		t.Errorf("a ping to a source of Shopify's is answered %d", r.StatusCode())
	}
	if len(kept(t, n)) != 0 {
		t.Error("something was kept")
	}
}

// TestPushes: what is signed by Standard Webhooks now is kept with its id; what was signed long ago is refused.
func TestPushes(t *testing.T) {
	n := platformEdge(t, core.Generic)
	const body = `{"type":"levels","levels":[]}`
	for _, c := range []struct {
		at   core.Time
		want int
	}{{n.now(), 200}, {n.now().Add(-core.Hour), 401}} {
		headers := map[string]string{}
		for _, h := range sign.SignStandard([]byte("s3cret-s3cret"), "msg_1", c.at, []byte(body)) {
			headers[h.Name] = h.Value
		}
		if r := ask(n, "POST", "/v1/sources/other/webhooks", headers, body); r.StatusCode() != c.want {
			t.Errorf("signed at %s: answered %d, want %d", c.at, r.StatusCode(), c.want)
		}
	}
	entries := kept(t, n)
	if len(entries) != 1 || core.Delivery(entries[0].(wire.Webhook)).Header("webhook-id") != "msg_1" {
		t.Errorf("kept %+v, want one delivery with its id", entries)
	}
}

func TestUnsubscribeLinks(t *testing.T) {
	n := newEdge(t)
	ring := n.configuration.current.Load().ring
	token := ring.Seal(wire.PurposeUnsubscribe, wire.Link{Workspace: "default", Contact: core.ContactID{9}, Channel: core.Email}.Encode(), 0)
	get := ask(n, "GET", "/u/"+token, nil, "")
	if get.StatusCode() != 200 || len(kept(t, n)) != 0 {
		t.Fatalf("GET answered %d and kept %d entries: a mail scanner would unsubscribe people", get.StatusCode(), len(kept(t, n)))
	}
	if post := ask(n, "POST", "/u/"+token, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, "List-Unsubscribe=One-Click"); post.StatusCode() != 200 {
		t.Errorf("one click was answered %d", post.StatusCode())
	}
	for _, method := range []string{"GET", "POST"} { // forged, cut off, or sealed by a key that was dropped
		lost := ask(n, method, "/u/"+token[:len(token)-2]+"xx", nil, "List-Unsubscribe=One-Click")
		if text := string(lost.Body()); lost.StatusCode() != 410 || strings.Contains(text, "<button") || !strings.Contains(text, "does not work any more") {
			t.Errorf("%s of a link that stops nothing was answered %d: %s", method, lost.StatusCode(), text)
		}
	}
	entries := kept(t, n)
	if len(entries) != 1 || entries[0].(wire.OptOut).Contact != (core.ContactID{9}) {
		t.Errorf("kept %+v, want one opt-out", entries)
	}
}

func TestAnEdgeWithoutConfigurationIsNotReady(t *testing.T) {
	n, err := New(Config{Data: t.TempDir(), Listen: "127.0.0.1:0", InProcess: noJournal{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	r := postCapture(n, "application/json", `{"source":"shop","variant":"1","email":"a@example.com"}`)
	if r.StatusCode() != 503 || n.Ready() == nil {
		t.Errorf("answered %d; ready: %v", r.StatusCode(), n.Ready())
	}
	for _, asked := range []struct{ method, path string }{{"POST", "/u/AQIDBA"}, {"GET", "/u/AQIDBA"}, {"POST", "/c/AQIDBA"}, {"GET", "/c/AQIDBA"}, {"GET", "/r/AQIDBA"}} {
		r := ask(n, asked.method, asked.path, nil, "")
		if r.StatusCode() != 503 || len(r.Header.Peek("Retry-After")) == 0 {
			t.Errorf("%s %s was answered %d by an edge that can open no link: who unsubscribes would not be heard", asked.method, asked.path, r.StatusCode())
		}
	}
}

func TestOtherPathsAndMethods(t *testing.T) {
	n := newEdge(t)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/", 404}, {"GET", "/v1/captures", 405}, {"OPTIONS", "/v1/captures", 204}, {"DELETE", "/v1/captures", 405},
		{"POST", "/v1/sources//webhooks", 404}, {"POST", "/v1/sources/a/b/webhooks", 404}, {"GET", "/u/", 404},
	} {
		if r := ask(n, c.method, c.path, nil, ""); r.StatusCode() != c.status {
			t.Errorf("%s %s answered %d, want %d", c.method, c.path, r.StatusCode(), c.status)
		}
	}
}

// TestAPanicEndsOneRequest, which is said once with where it was, counted, and answered with nothing of what was begun.
func TestAPanicEndsOneRequest(t *testing.T) {
	n := newEdge(t)
	var log lines
	n.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	n.config.Fallback = func(ctx *fasthttp.RequestCtx) {
		ctx.Response.Header.Set("Content-Encoding", "br")
		panic("ouch")
	}
	for range 3 {
		r := ask(n, "GET", "/boom", nil, "")
		if r.StatusCode() != 500 || len(r.Header.Peek("Content-Encoding")) > 0 {
			t.Errorf("answered %d, encoded as %q; want 500", r.StatusCode(), r.Header.Peek("Content-Encoding"))
		}
	}
	if text := log.String(); strings.Count(text, "panicked") != 1 || !strings.Contains(text, "edge_test.go") {
		t.Errorf("three panics alike were said as\n%s", text)
	}
	families, err := n.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(families); !strings.Contains(text, `value:"panic"`) {
		t.Errorf("the panics were not counted in\n%s", text)
	}
}

func TestARefusingDiskAcknowledgesNothing(t *testing.T) {
	n := newEdge(t)
	n.addresses = newLimiter(1, time.Hour)
	if err := n.store.Close(); err != nil {
		t.Fatal(err)
	}
	r := postCapture(n, "application/json", `{"source":"shop","variant":"1","email":"a@example.com"}`)
	if r.StatusCode() != 503 || len(r.Header.Peek("Retry-After")) == 0 {
		t.Errorf("answered %d, want 503 with Retry-After", r.StatusCode())
	}
	if wait := n.addresses.allow([]byte("a@example.com"), time.Since(n.begin)); wait != 0 {
		t.Errorf("what was refused counts: the address has to wait %s", wait)
	}
}

func FuzzCapture(f *testing.F) {
	source := wire.EdgeSource{Name: "shop", Region: "DE"}
	for _, seed := range []string{
		`{"source":"shop","variant":"1","email":"a@example.com","consent":{"marketing":true}}`,
		`source=shop&variant=1&email=a%40example.com&consent.text=%C3%A4`, `{"variant":123,"quantity":1e3}`, `{`, ``,
	} {
		f.Add("application/json", []byte(seed))
		f.Add("application/x-www-form-urlencoded", []byte(seed))
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		form, err := parseForm(contentType, body)
		if err != nil {
			return
		}
		c, err := form.check(source, newSlips())
		if err != nil {
			return
		}
		raw, err := wire.Encode(wire.Capture{Capture: c})
		if err != nil {
			t.Fatal(err)
		}
		if e, err := raw.Decode(); err != nil || e.(wire.Capture).Capture != c {
			t.Errorf("%+v came back as %+v, %v", c, e, err)
		}
	})
}

func FuzzWebhook(f *testing.F) {
	n := newEdge(f)
	f.Add("shop", "sig", []byte("{}"))
	f.Fuzz(func(t *testing.T, source, signature string, body []byte) {
		if strings.ContainsAny(source, "\r\n") || strings.ContainsAny(signature, "\r\n") {
			return
		}
		r := ask(n, "POST", "/v1/sources/"+source+"/webhooks", map[string]string{"X-Shopify-Hmac-Sha256": signature}, string(body))
		if r.StatusCode() == 200 {
			t.Errorf("took a webhook that nobody signed: %q", body)
		}
	})
}

// BenchmarkCapture is a capture from parsing to the answer, committed to disk, without the network.
func BenchmarkCapture(b *testing.B) {
	n := newEdge(b)
	for _, c := range []struct{ name, body string }{
		{"email", `{"source":"shop","variant":"1001","email":"ann@example.com","page":"https://shop.example/p","consent":{"marketing":false,"text":"Tell me"}}`},
		{"phone", `{"source":"shop","variant":"1001","phone":"0151 12345678"}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(128)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if r := postCapture(n, "application/json", c.body); r.StatusCode() != 202 {
						b.Fatal(fmt.Sprint(r.StatusCode(), string(r.Body())))
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "captures/s")
		})
	}
}
