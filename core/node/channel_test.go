package node

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/sender/webpush"
	"restock/core/sign"
	"restock/core/wire"
)

// far is a server of somebody else's that keeps what it was posted and answers as told.
type far struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	posts  []*http.Request
	answer func(n int, w http.ResponseWriter, r *http.Request) // n is 1 for the first post
}

func newFar(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *far {
	f := &far{answer: answer}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.bodies, f.posts = append(f.bodies, string(body)), append(f.posts, r)
		n := len(f.posts)
		f.mu.Unlock()
		f.answer(n, w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *far) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.posts)
}

// post is the nth post and its body, from 0 on.
func (f *far) post(n int) (string, *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bodies[n], f.posts[n]
}

// paths are those that were posted to, sorted.
func (f *far) paths() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, p := range f.posts {
		all = append(all, p.URL.Path)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func created(body string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, body)
	}
}

const (
	testAccount = "AC0123456789abcdef0123456789abcdef"
	testHook    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// append appends what an edge took.
func (r *running) fromEdge(first uint64, entries ...wire.Entry) {
	r.t.Helper()
	b := wire.Batch{Origin: wire.Origin{Edge: core.EdgeID{7}, First: first}}
	for _, e := range entries {
		raw, err := wire.Encode(e)
		if err != nil {
			r.t.Fatal(err)
		}
		b.Entries = append(b.Entries, raw)
	}
	seq, err := r.workspaces[0].journal.Append(r.t.Context(), b)
	if err == nil {
		err = r.workspaces[0].await(r.t.Context(), seq)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// browser is a subscription at a push service.
func browser(t *testing.T, service, path string) core.PushSubscription {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return core.PushSubscription{
		Endpoint: service + path, P256DH: base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
		Auth: base64.RawURLEncoding.EncodeToString(make([]byte, 16)),
	}
}

const channelFiles = `
kind: Source
name: shop
spec: {title: Shop, platform: shopify, url: "https://shop.example", secrets: [env:CHANNEL_SHOP], currency: EUR, region: DE, widget: {push: {sender: push, worker: /restock-worker.js}}}
---
kind: Sender
name: text
spec: {type: twilio, account: ` + testAccount + `, from: "+15005550006", countries: [DE], token: env:CHANNEL_TWILIO, url: "TWILIO"}
---
kind: Sender
name: push
spec: {type: webpush, contact: "mailto:push@shop.example", key: env:CHANNEL_VAPID, private: true}
---
kind: Sender
name: hook
spec: {type: webhook, url: "HOOK", secret: env:CHANNEL_HOOK}
---
kind: Journey
name: everywhere
state: on
spec:
  enter: {occurs: waiting_on_stock}
  shapes:
    - name: text
      sms: {sender: text, text: "We will tell you. {{ links.unsubscribe }}"}
    - name: push
      push: {sender: push, title: "Noted, {{ contact.email | default: 'you' }}", text: "We will tell you."}
    - name: hook
      webhook: {sender: hook}
`

// channels is a node whose journey sends by all channels, and those who are sent to.
func channels(t *testing.T, twilio, hook *far) *running {
	t.Helper()
	private, _, err := webpush.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"SHOP": "s3cret", "TWILIO": "t0ken", "VAPID": private, "HOOK": testHook} {
		t.Setenv("CHANNEL_"+name, value)
	}
	r := start(t, settings(t.TempDir()))
	files := strings.NewReplacer("TWILIO\"", twilio.URL+"\"", "HOOK\"", hook.URL+"/hook\"").Replace(channelFiles)
	if _, err := r.Apply(t.Context(), []console.File{{Name: "shop.yaml", Data: []byte(files)}}); err != nil {
		t.Fatal(err)
	}
	return r
}

func annEverywhere(browsers ...core.PushSubscription) (entries []wire.Entry) {
	for _, b := range browsers {
		entries = append(entries, wire.Capture{Capture: core.Capture{
			Target: core.Target{Source: "shop", Variant: "71"}, Email: "ann@example.com", Phone: "+4915123456789", Push: b, CapturedAt: core.TimeOf(time.Now()),
		}})
	}
	return entries
}

// TestEveryChannel: an SMS, a push and a webhook go out, each once, as they are documented; the push to all of the contact's browsers.
func TestEveryChannel(t *testing.T) {
	twilio := newFar(t, created(`{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued"}`))
	hook := newFar(t, func(int, http.ResponseWriter, *http.Request) {})
	service := newFar(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	r := channels(t, twilio, hook)
	r.fromEdge(1, annEverywhere(browser(t, service.URL, "/alive"), browser(t, service.URL, "/gone"))...)
	eventually(t, "all were sent", func() bool {
		all := r.intents("everywhere")
		return len(all) == 3 && !slices.ContainsFunc(all, func(i core.Intent) bool { return i.At != core.IntentSent })
	})

	posted, _ := twilio.post(0)
	form, err := url.ParseQuery(posted)
	if err != nil || twilio.count() != 1 || form.Get("To") != "+4915123456789" || !strings.HasPrefix(form.Get("Body"), "We will tell you. http://127.0.0.1:8080/u/") {
		t.Errorf("Twilio was posted %v (%v)", form, err)
	}
	callback := form.Get("StatusCallback")
	if !strings.HasPrefix(callback, "http://127.0.0.1:8080/v1/providers/text/events?key=") {
		t.Errorf("Twilio is to tell %s", callback)
	}
	if got := service.paths(); got != "/alive /gone" {
		t.Errorf("the push service was posted at %s", got)
	}
	expectHook(t, hook)

	body := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"delivered"}, "To": {"+4915123456789"}}.Encode()
	_, query, _ := strings.Cut(callback, "?")
	r.fromEdge(3, wire.Posting{Sender: "text", Query: query, Body: []byte(body)})
	why, _, err := r.Why("default", "ann@example.com", "")
	if text, _ := json.Marshal(why); err != nil || !strings.Contains(string(text), "delivered") {
		t.Errorf("why says %s, %v", text, err)
	}
}

// TestEveryBrowser: a push goes to all of a contact's browsers. One whose subscription has ended is deleted, and one whose service is busy is
// called again, alone.
func TestEveryBrowser(t *testing.T) {
	nobody := newFar(t, created(`{"sid":"SM0123456789abcdef0123456789abcdef"}`))
	var busy atomic.Int64
	service := newFar(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/gone":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/busy" && busy.Add(1) == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusCreated)
		}
	})
	r := channels(t, nobody, nobody)
	var all []core.PushSubscription
	for _, path := range []string{"/alive", "/busy", "/gone"} {
		all = append(all, browser(t, service.URL, path))
	}
	r.fromEdge(1, annEverywhere(all...)...)
	var sent core.Intent
	eventually(t, "the push is sent", func() bool {
		for _, i := range r.intents("everywhere") {
			if i.Channel == core.Push && i.At == core.IntentSent {
				sent = i
			}
		}
		return sent.At == core.IntentSent
	})
	if got := service.paths(); got != "/alive /busy /busy /gone" {
		t.Errorf("the push service was posted at %s", got)
	}
	if len(sent.Browsers) != 3 || sent.Reason != core.ReasonAccepted || sent.Attempts != 2 {
		t.Errorf("%+v", sent)
	}
	var left []string
	_ = r.workspaces[0].view(func(tx *db.Tx) {
		contact, _ := db.Contacts.Get(tx, sent.Contact)
		for _, p := range contact.Pushes {
			left = append(left, strings.TrimPrefix(p.Endpoint, service.URL))
		}
	})
	if got := strings.Join(left, " "); got != "/alive /busy" {
		t.Errorf("the contact has %s", got)
	}
}

// TestTakenBackBetweenClaimAndCall: a message that is claimed already, and waits for its turn at the provider, does not go out when its
// contact takes the consent back, or replies STOP, meanwhile.
func TestTakenBackBetweenClaimAndCall(t *testing.T) {
	for name, take := range map[string]func(ann core.ContactID) wire.Entry{
		"unsubscribed": func(ann core.ContactID) wire.Entry {
			return wire.OptOut{Contact: ann, Channel: core.SMS, Purpose: core.StockAlert, At: core.TimeOf(time.Now())}
		},
		"STOP": func(core.ContactID) wire.Entry {
			body := url.Values{"MessageSid": {"SM9"}, "SmsStatus": {"received"}, "From": {"+4915123456789"}, "Body": {"STOP"}}.Encode()
			return wire.Posting{Sender: "text", Body: []byte(body)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			twilio := newFar(t, func(n int, w http.ResponseWriter, r *http.Request) {
				<-release
				created(`{"sid":"SM0123456789abcdef0123456789abcdef","status":"queued"}`)(n, w, r)
			})
			r := channels(t, twilio, newFar(t, func(int, http.ResponseWriter, *http.Request) {}))
			once := sync.OnceFunc(func() { close(release) })
			t.Cleanup(once)
			text := r.workspaces[0].machine.Senders()["text"]
			text.Concurrency = 1
			r.declare(core.Declaration{Senders: []core.Sender{text}})
			capture := func(variant core.VariantID) wire.Entry {
				return wire.Capture{Capture: core.Capture{Target: core.Target{Source: "shop", Variant: variant}, Phone: "+4915123456789", CapturedAt: core.TimeOf(time.Now())}}
			}
			r.fromEdge(1, capture("71"), capture("72"))
			claimed := func() (all []core.Intent) {
				for _, i := range r.intents("everywhere") {
					if i.Channel == core.SMS && i.At == core.IntentClaimed {
						all = append(all, i)
					}
				}
				return all
			}
			eventually(t, "one call is made, and both messages are claimed", func() bool { return twilio.count() == 1 && len(claimed()) == 2 })
			r.fromEdge(3, take(claimed()[0].Contact))
			once()
			eventually(t, "both have ended", func() bool { return len(claimed()) == 0 })
			at := map[core.IntentAt]int{}
			for _, i := range r.intents("everywhere") {
				if i.Channel == core.SMS {
					at[i.At]++
				}
			}
			if twilio.count() != 1 || at[core.IntentSent] != 1 || at[core.IntentDropped] != 1 {
				t.Errorf("%d calls, and the messages are %v", twilio.count(), at)
			}
		})
	}
}

// expectHook looks at what the operator's own system was posted.
func expectHook(t *testing.T, hook *far) {
	t.Helper()
	scheme, _ := sign.For(core.Generic)
	body, post := hook.post(0)
	if hook.count() != 1 || !scheme.Verify(core.TimeOf(time.Now()), [][]byte{[]byte(testHook)}, post.Header.Get, []byte(body)) {
		t.Fatalf("it was posted %d times, or not signed", hook.count())
	}
	var got struct {
		Type string
		Data posted
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if d := got.Data; got.Type != "waiting_on_stock" || d.Journey != "everywhere" || d.Contact.Email != "ann@example.com" || d.Contact.Phone != "+4915123456789" || d.Source != "shop" || d.Contact.ID == "" {
		t.Errorf("it was posted %s", body)
	}
}

// TestAnAnswerThatWasLost: of an SMS nobody knows until Twilio tells; it is not sent again.
func TestAnAnswerThatWasLost(t *testing.T) {
	drop := func(int, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	twilio, hook := newFar(t, drop), newFar(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			panic(http.ErrAbortHandler)
		}
	})
	r := channels(t, twilio, hook)
	r.fromEdge(1, annEverywhere(core.PushSubscription{})...)
	unknown := func() (all []core.Intent) {
		for _, i := range r.intents("everywhere") {
			if i.At == core.IntentUnknown {
				all = append(all, i)
			}
		}
		return all
	}
	eventually(t, "nobody knows of the SMS and the webhook", func() bool { return len(unknown()) == 2 })
	posted, _ := twilio.post(0)
	form, _ := url.ParseQuery(posted)
	_, query, _ := strings.Cut(form.Get("StatusCallback"), "?")
	body := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {"sent"}, "To": {"+4915123456789"}}.Encode()
	r.fromEdge(2, wire.Posting{Sender: "text", Query: query, Body: []byte(body)})
	if left := unknown(); len(left) != 1 || left[0].Channel != core.Webhook {
		t.Errorf("unknown are still %+v", left)
	}
	if twilio.count() != 1 || hook.count() != 1 {
		t.Errorf("%d and %d calls", twilio.count(), hook.count())
	}
}

// TestApplyRefusesWhatASenderCannotSend: a shape by a sender of another kind, and a sender whose secret is of no use.
func TestApplyRefusesWhatASenderCannotSend(t *testing.T) {
	nobody := newFar(t, created(""))
	r := channels(t, nobody, nobody)
	t.Setenv("CHANNEL_VAPID", "no key")
	for files, want := range map[string]string{
		"kind: Journey\nname: j\nspec: {enter: {occurs: back_in_stock}, shapes: [{name: a, sms: {sender: push, text: x}}]}":                                                             "journey j.a.sms.sender: sender push is of type webpush, which sends no sms",
		"kind: Journey\nname: j\nspec: {enter: {occurs: back_in_stock}, shapes: [{name: a, email: {sender: text, subject: x, html: x}}]}":                                               "sender text is of type twilio, which sends no email",
		"kind: Journey\nname: j\nspec: {enter: {occurs: back_in_stock}, shapes: [{name: a, push: {sender: nobody, title: x, text: x}}]}":                                                "journey j.a.push.sender: there is no sender nobody",
		"kind: Journey\nname: j\nspec: {enter: {occurs: back_in_stock}, shapes: [{name: a, sms: {sender: text, text: \"{% back_in_stock %}\"}}]}":                                       "the back_in_stock block is for e-mail only",
		"kind: Source\nname: shop\nspec: {platform: shopify, url: \"https://shop.example\", secrets: [env:CHANNEL_SHOP], currency: EUR, widget: {push: {sender: text, worker: /w.js}}}": "source shop.widget.push.sender: there is no sender text of type webpush",
		"kind: Sender\nname: other\nspec: {type: webpush, contact: \"mailto:a@b.example\", key: env:CHANNEL_VAPID}":                                                                     "sender other: secrets.key: want a private key on P-256",
		"kind: Sender\nname: other\nspec: {type: webhook, url: \"http://jobs.internal/x\", secret: env:CHANNEL_HOOK}":                                                                   "sender other: settings.url: want where to post",
		"kind: Sender\nname: other\nspec: {type: smtp, from: a@b.example, host: h, dkim: {selector: s, key: env:CHANNEL_VAPID}}":                                                        "sender other: secrets.dkim_key: want a private key",
		"kind: Sender\nname: other\nspec: {type: twilio, account: " + testAccount + ", from: \"+1\", countries: [DE], token: env:CHANNEL_TWILIO}":                                       "sender other: from: ",
	} {
		_, err := r.Apply(t.Context(), []console.File{{Name: "a.yaml", Data: []byte(files)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v\nwant %s", files, err, want)
		}
	}
}

// TestHooksNameNoSuppressedAddress.
func TestHooksNameNoSuppressedAddress(t *testing.T) {
	c := core.Contact{ID: core.ContactID{1}, Email: "ann@example.com", Phone: "+4915123456789"}
	for _, ch := range []core.Channel{core.Email, core.SMS} {
		p := postedOf(c, map[core.Channel]bool{ch: true})
		if (p.Email == "") != (ch == core.Email) || (p.Phone == "") != (ch == core.SMS) {
			t.Errorf("%s is suppressed, and it is posted %+v", ch, p)
		}
	}
}

// TestEdgesAreToldOfSenders: whose provider posts, with the secret and the URL that it signs.
func TestEdgesAreToldOfSenders(t *testing.T) {
	nobody := newFar(t, created(""))
	r := channels(t, nobody, nobody)
	b, err := r.conn.Get(t.Context(), wire.SenderKey("text"))
	var e wire.EdgeSender
	if err == nil {
		err = wire.Unmarshal(b, &e)
	}
	if err != nil || e.Kind != "twilio" || e.Workspace != "default" || e.URL != "http://127.0.0.1:8080/v1/providers/text/events" || len(e.Secrets) != 1 || string(e.Secrets[0]) != "t0ken" {
		t.Errorf("told %+v, %v", e, err)
	}
	b, err = r.conn.Get(t.Context(), wire.SourceKey("shop"))
	var source wire.EdgeSource
	if err == nil {
		err = wire.Unmarshal(b, &source)
	}
	push, err2 := r.senders.pushKey(r.workspaces[0].machine.Senders()["push"])
	if err != nil || err2 != nil || push == "" || source.Widget.PushKey != push || source.Widget.Worker != "/restock-worker.js" {
		t.Errorf("browsers are given %+v, want the key %s (%v, %v)", source.Widget, push, err, err2)
	}
	_ = r.workspaces[0].view(func(tx *db.Tx) {
		if s, _ := db.Senders.Get(tx, "text"); s.Secrets["token"] != "env:CHANNEL_TWILIO" {
			t.Errorf("the state holds %q", s.Secrets["token"])
		}
	})
}
