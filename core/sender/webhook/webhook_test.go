package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"restock/core"
	"restock/core/sender/sendertest"
	"restock/core/sender/web"
	"restock/core/sign"
)

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// taker takes webhooks as Standard Webhooks says: it verifies them, and may know those that come again.
type taker struct {
	*sendertest.Provider
	once bool // it takes each id once

	mu     sync.Mutex
	ids    []string
	bodies []posted
}

func newTaker(t testing.TB, http2, once bool) *taker {
	k := &taker{once: once}
	k.Provider = sendertest.NewProvider(t, http2, k.answer)
	return k
}

func (k *taker) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	scheme, _ := sign.For(core.Generic)
	if !scheme.Verify(core.TimeOf(time.Now()), [][]byte{[]byte(testSecret)}, r.Header.Get, body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var p posted
	if err := json.Unmarshal(body, &p); err != nil || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	id := r.Header.Get("webhook-id")
	for _, known := range k.ids {
		if k.once && known == id {
			return
		}
	}
	k.ids, k.bodies = append(k.ids, id), append(k.bodies, p)
}

func (k *taker) arrived(t *testing.T) (all []sendertest.Arrived) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, b := range k.bodies {
		a := sendertest.Arrived{To: message(0).To.Value, Subject: b.Type}
		if err := json.Unmarshal(b.Data, &a.Text); err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

func (k *taker) sender(t testing.TB) *Webhook {
	t.Helper()
	w, err := Open(core.Sender{Name: "hook", Kind: "webhook", Settings: map[string]string{
		settingURL: k.URL + "/hook", core.IdempotentSetting: fmt.Sprint(k.once),
	}}, testSecret)
	if err != nil {
		t.Fatal(err)
	}
	w.client = web.New(web.Config{Private: true, Roots: k.Roots()})
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func message(n uint64) core.Message {
	m := sendertest.Message(n)
	m.Channel, m.To = core.Webhook, core.Address{Channel: core.Webhook, Value: "6f1c5a0b9d8e47d2a1b2c3d4e5f60718"}
	m.From, m.HTML = "", ""
	return m
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestConformance(t *testing.T) {
	for _, once := range []bool{false, true} {
		t.Run(fmt.Sprintf("idempotent %t", once), func(t *testing.T) {
			sendertest.Run(t, func(t *testing.T) sendertest.Rig {
				k := newTaker(t, once, once)
				return sendertest.Rig{
					Sender: k.sender(t), Message: message, Text: quote, Arrived: k.arrived, Hang: k.Hang,
					Faults: k.Faults(sendertest.Answer(http.StatusUnprocessableEntity, "")),
				}
			})
		})
	}
}

// TestBody is what is posted, to the letter.
func TestBody(t *testing.T) {
	m := message(0xfe)
	m.Subject, m.Text = "back_in_stock", `{"sku": "TR-42", "price": 12.50, "tags": ["<a>"]}`
	body, why := bodyOf(m)
	const want = `{"type":"back_in_stock","timestamp":"2026-01-02T00:00:00.000Z","data":{"sku":"TR-42","price":12.50,"tags":["\u003ca\u003e"]}}`
	if why != "" || string(body) != want {
		t.Errorf("%s\n%s\nwant\n%s", why, body, want)
	}
	k := newTaker(t, false, false)
	w := k.sender(t)
	for range 2 {
		if o := w.Send(t.Context(), m); o.Kind != core.OutcomeAccepted {
			t.Fatalf("%+v", o)
		}
	}
	if k.ids[0] != m.Key.String() || k.ids[1] != k.ids[0] {
		t.Errorf("its ids are %v", k.ids)
	}
}

func TestAnswers(t *testing.T) {
	for status, want := range map[int]core.OutcomeKind{
		200: core.OutcomeAccepted, 202: core.OutcomeAccepted, 204: core.OutcomeAccepted, 301: core.OutcomeTemporary, 400: core.OutcomePermanent,
		401: core.OutcomeTemporary, 404: core.OutcomeTemporary, 408: core.OutcomeTemporary, 410: core.OutcomePermanent, 413: core.OutcomePermanent,
		422: core.OutcomePermanent, 429: core.OutcomeTemporary, 500: core.OutcomeTemporary, 502: core.OutcomeTemporary, 504: core.OutcomeTemporary,
	} {
		k := newTaker(t, false, false)
		k.Next(sendertest.Answer(status, ""))
		m := message(1)
		m.Text = "{}"
		if o := k.sender(t).Send(t.Context(), m); o.Kind != want {
			t.Errorf("%d: %+v, want %s", status, o, want)
		}
	}
}

func TestRefusedBeforeTheCall(t *testing.T) {
	k := newTaker(t, false, false)
	for _, tt := range []struct {
		name   string
		change func(*core.Message)
		want   string
	}{
		{"another channel", func(m *core.Message) { *m = sendertest.Message(1) }, "no way to send email"},
		{"no JSON", func(m *core.Message) { m.Text = "hello" }, "no JSON"},
		{"nothing", func(m *core.Message) { m.Text = "" }, "no JSON"},
		{"too long", func(m *core.Message) { m.Text = quote(strings.Repeat("x", MaxBody)) }, "at most 262144"},
	} {
		m := message(1)
		m.Text = "{}"
		tt.change(&m)
		if o := k.sender(t).Send(t.Context(), m); o.Kind != core.OutcomePermanent || !strings.Contains(o.Detail, tt.want) {
			t.Errorf("%s: %+v, want %q", tt.name, o, tt.want)
		}
	}
}

// TestPrivateIsNotCalled unless the operator says so.
func TestPrivateIsNotCalled(t *testing.T) {
	w, err := Open(core.Sender{Settings: map[string]string{settingURL: "https://10.255.255.1/hook"}}, testSecret)
	if err != nil {
		t.Fatal(err)
	}
	m := message(1)
	m.Text = "{}"
	if o := w.Send(t.Context(), m); o.Kind != core.OutcomeTemporary || !strings.Contains(o.Detail, "not a public address") {
		t.Errorf("%+v", o)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := map[string]string{settingURL: "https://hooks.example/x"}
	for _, tt := range []struct {
		name     string
		settings map[string]string
		secret   string
		want     string
	}{
		{"nothing", nil, "", "settings.url: want where to post"},
		{"no secret", good, "", "secrets.secret: want a signing secret"},
		{"in the clear", map[string]string{settingURL: "http://hooks.example/x"}, testSecret, "settings.url: want"},
		{"a user", map[string]string{settingURL: "https://a:b@hooks.example/x"}, testSecret, "settings.url: want"},
		{"maybe", map[string]string{settingURL: "https://hooks.example/x", settingPrivate: "1"}, testSecret, "settings.private: want true or false"},
		{"a misspelt setting", map[string]string{settingURL: "https://hooks.example/x", "URL": "x"}, testSecret, "settings.URL: there is no such setting"},
	} {
		w, err := Open(core.Sender{Settings: tt.settings}, tt.secret)
		if _, ok := errors.AsType[*core.InvalidError](err); !ok || w != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	for _, settings := range []map[string]string{
		good, {settingURL: "http://127.0.0.1:8000/x"}, {settingURL: "http://jobs.internal/x", settingPrivate: "true"},
	} {
		if _, err := Open(core.Sender{Settings: settings}, testSecret); err != nil {
			t.Errorf("%v: %v", settings, err)
		}
	}
}
