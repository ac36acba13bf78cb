package webpush

import (
	"bytes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"restock/core"
	"restock/core/sender/sendertest"
	"restock/core/sender/web"
)

func unbase(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRFC8291 is the RFC's example (section 5 and appendix A), byte for byte.
func TestRFC8291(t *testing.T) {
	own, err := ecdh.P256().NewPrivateKey(unbase(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := readBrowser(core.PushSubscription{
		P256DH: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", Auth: "BTBZMqHH6r4Tts7J_aSIgg",
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := seal(b, own, [saltLen]byte(unbase(t, "DGv6ra1nlYgDCS1FRnbzlw")), []byte("When I grow up, I want to be a watermelon"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if text := base64.RawURLEncoding.EncodeToString(got); text != want {
		t.Errorf("sealed it is\n%s\nwant\n%s", text, want)
	}
}

// verify checks a token as a push service does.
func verify(t testing.TB, authorization string) (c claims, public string) {
	t.Helper()
	text, ok := strings.CutPrefix(authorization, "vapid t=")
	text, public, ok2 := strings.Cut(text, ", k=")
	parts := strings.Split(text, ".")
	if !ok || !ok2 || len(parts) != 3 {
		t.Fatalf("no authorization: %q", authorization)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), unbase(t, public))
	if err != nil {
		t.Fatal(err)
	}
	signature := unbase(t, parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if len(signature) != 64 || !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Fatalf("the signature does not fit: %q", authorization)
	}
	var head struct{ Typ, Alg string }
	if err := errors.Join(json.Unmarshal(unbase(t, parts[0]), &head), json.Unmarshal(unbase(t, parts[1]), &c)); err != nil || head.Alg != "ES256" || head.Typ != "JWT" {
		t.Fatalf("head %+v, claims %+v, %v", head, c, err)
	}
	return c, public
}

// TestRFC8292: the RFC's example (section 2.4) verifies as ours do, and ours say the same with the same head.
func TestRFC8292(t *testing.T) {
	const example = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0" +
		".i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, " +
		"k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
	theirs, _ := verify(t, example)
	if want := (claims{"https://push.example.net", 1453523768, "mailto:push@example.com"}); theirs != want {
		t.Fatalf("the example says %+v", theirs)
	}
	private, public, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := readKey(private)
	if err != nil {
		t.Fatal(err)
	}
	text, err := sign(key, theirs)
	if err != nil {
		t.Fatal(err)
	}
	if ours, by := verify(t, "vapid t="+text+", k="+public); ours != theirs || by != public {
		t.Errorf("ours says %+v by %s", ours, by)
	}
	said, _, _ := strings.Cut(strings.TrimPrefix(example, "vapid t="), ".i3CY")
	if !strings.HasPrefix(text, said+".") {
		t.Errorf("what is signed is\n%s\nwant\n%s", text, said)
	}
}

// TestTokens: one for each push service, used again while it is good for long enough.
func TestTokens(t *testing.T) {
	private, public, _ := NewKey()
	key, _ := readKey(private)
	ts := &tokens{key: key, public: public, subject: "mailto:a@example.com", made: map[string]token{}}
	now := time.Unix(1_800_000_000, 0)
	ask := func(origin string, now time.Time) string {
		a, err := ts.authorization(origin, now)
		if err != nil {
			t.Fatal(err)
		}
		if c, _ := verify(t, a); c.Audience != origin || c.Expires-now.Unix() > int64(tokenLife.Seconds()) || c.Expires-now.Unix() < int64(tokenLeft.Seconds()) {
			t.Errorf("at %s for %s the token says %+v", now, origin, c)
		}
		return a
	}
	first := ask("https://a.example", now)
	if ask("https://a.example", now.Add(11*time.Hour)) != first {
		t.Error("a token that is good for an hour more was not used again")
	}
	if ask("https://a.example", now.Add(11*time.Hour+time.Second)) == first {
		t.Error("a token was used until it ended")
	}
	for n := range 3 * maxTokens {
		ask("https://"+strconv.Itoa(n)+".example", now)
	}
	if len(ts.made) > maxTokens {
		t.Errorf("%d tokens are kept", len(ts.made))
	}
}

func TestReadKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := key.Bytes()
	sec1, _ := x509.MarshalECPrivateKey(key)
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(key)
	encode := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	for name, text := range map[string]string{
		"base64url": base64.RawURLEncoding.EncodeToString(raw), "with padding": base64.URLEncoding.EncodeToString(raw) + "\n",
		"SEC 1": encode("EC PRIVATE KEY", sec1), "PKCS 8": encode("PRIVATE KEY", pkcs8),
		"with parameters": encode("EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}) + encode("EC PRIVATE KEY", sec1),
	} {
		if got, err := readKey(text); err != nil || !got.Equal(key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	der, _ := x509.MarshalECPrivateKey(other)
	for name, text := range map[string]string{
		"nothing": "", "words": "no key", "short": "AAAA", "zero": strings.Repeat("A", 43), "another curve": encode("EC PRIVATE KEY", der), "a public key": encode("PUBLIC KEY", raw),
	} {
		if _, err := readKey(text); err == nil || !strings.Contains(err.Error(), "P-256") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// service is a push service with one subscription, whose browser reads what arrives.
type service struct {
	*sendertest.Provider
	t       testing.TB
	private *ecdh.PrivateKey
	auth    []byte

	mu      sync.Mutex
	arrived []sendertest.Arrived
	headers []http.Header
}

func newService(t testing.TB, http2 bool) *service {
	s := &service{t: t, auth: make([]byte, authLen)}
	_, _ = rand.Read(s.auth)
	var err error
	if s.private, err = ecdh.P256().GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	s.Provider = sendertest.NewProvider(t, http2, s.answer)
	return s
}

func (s *service) subscription() core.PushSubscription {
	return core.PushSubscription{
		Endpoint: s.URL + "/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV", Auth: base64.RawURLEncoding.EncodeToString(s.auth),
		P256DH: base64.RawURLEncoding.EncodeToString(s.private.PublicKey().Bytes()),
	}
}

// answer takes a message as RFC 8030 says.
func (s *service) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	if _, err := strconv.Atoi(r.Header.Get("TTL")); err != nil || r.Header.Get("Content-Encoding") != "aes128gcm" || len(body) > maxBody {
		sendertest.Answer(http.StatusBadRequest, "TTL")(w, r)
		return
	}
	if c, _ := verify(s.t, r.Header.Get("Authorization")); c.Audience != s.URL {
		sendertest.Answer(http.StatusForbidden, "aud")(w, r)
		return
	}
	var n notification
	if err := json.Unmarshal(s.open(body), &n); err != nil {
		s.t.Errorf("the notification cannot be read: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived = append(s.arrived, sendertest.Arrived{To: s.URL + r.URL.Path, Subject: n.Title, Text: n.Body, URL: n.URL})
	s.headers = append(s.headers, r.Header)
	w.Header().Set("Location", s.URL+"/message/"+strconv.Itoa(len(s.arrived)))
	w.WriteHeader(http.StatusCreated)
}

// open decrypts as a browser does, by RFC 8188 and RFC 8291 read from its side.
func (s *service) open(body []byte) []byte {
	theirs, err := ecdh.P256().NewPublicKey(body[21:86])
	if err != nil {
		s.t.Fatal(err)
	}
	shared, err := s.private.ECDH(theirs)
	if err != nil {
		s.t.Fatal(err)
	}
	var gcm cipher.AEAD
	gcm, nonce, err := derive(shared, browser{s.private.PublicKey(), s.auth}, body[21:86], [saltLen]byte(body[:saltLen]))
	if err != nil {
		s.t.Fatal(err)
	}
	plain, err := gcm.Open(nil, nonce, body[headLen:], nil)
	if err != nil || plain[len(plain)-1] != 2 {
		s.t.Fatalf("it does not open: %v", err)
	}
	return plain[:len(plain)-1]
}

func (s *service) message(n uint64) core.Message {
	m := sendertest.Message(n)
	m.Browser = s.subscription()
	m.Channel, m.To = core.Push, core.Address{Channel: core.Push, Value: m.Browser.Endpoint}
	m.From, m.HTML, m.URL, m.Topic = "", "", "https://shop.example/p/42?variant=7", "restock 7"
	return m
}

func definition() core.Sender {
	return core.Sender{Name: "push", Kind: "webpush", Settings: map[string]string{settingContact: "mailto:push@shop.example", settingPrivate: "true"}}
}

func (s *service) sender(t testing.TB) *WebPush {
	t.Helper()
	private, _, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	w, err := Open(definition(), private)
	if err != nil {
		t.Fatal(err)
	}
	w.client = web.New(web.Config{Private: true, Roots: s.Roots()})
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func TestConformance(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2 %t", http2), func(t *testing.T) {
			sendertest.Run(t, func(t *testing.T) sendertest.Rig {
				s := newService(t, http2)
				faults := s.Faults(sendertest.Answer(http.StatusRequestEntityTooLarge, ""))
				faults[sendertest.Gone] = func() { s.Next(sendertest.Answer(http.StatusGone, "")) }
				return sendertest.Rig{
					Sender: s.sender(t), Message: s.message, Faults: faults, Hang: s.Hang,
					Arrived: func(*testing.T) []sendertest.Arrived {
						s.mu.Lock()
						defer s.mu.Unlock()
						return append([]sendertest.Arrived(nil), s.arrived...)
					},
				}
			})
		})
	}
}

func TestHeaders(t *testing.T) {
	s := newService(t, false)
	w := s.sender(t)
	other := s.message(2)
	other.Topic = ""
	for _, m := range []core.Message{s.message(1), other} {
		if o := w.Send(t.Context(), m); o.Kind != core.OutcomeAccepted {
			t.Fatalf("%+v", o)
		}
	}
	h := s.headers[0]
	if h.Get("TTL") != "14400" || h.Get("Urgency") != "high" || len(h.Get("Topic")) != 32 || strings.Trim(h.Get("Topic"), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("%v", h)
	}
	if _, public := verify(t, h.Get("Authorization")); public != w.PublicKey() {
		t.Errorf("it is signed by %s, want %s", public, w.PublicKey())
	}
	if _, has := s.headers[1]["Topic"]; has {
		t.Error("a message without a topic has one")
	}
	if topic("restock 7") != h.Get("Topic") || topic("restock 8") == h.Get("Topic") {
		t.Error("a topic is not its name's")
	}
}

func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		status int
		kind   core.OutcomeKind
		reason core.Reason
	}{
		{200, core.OutcomeAccepted, core.ReasonAccepted}, {201, core.OutcomeAccepted, core.ReasonAccepted}, {202, core.OutcomeAccepted, core.ReasonAccepted},
		{404, core.OutcomePermanent, core.ReasonGone}, {410, core.OutcomePermanent, core.ReasonGone},
		{400, core.OutcomePermanent, core.ReasonRefused}, {413, core.OutcomePermanent, core.ReasonRefused},
		{401, core.OutcomeTemporary, core.ReasonTemporary}, {403, core.OutcomeTemporary, core.ReasonTemporary},
		{307, core.OutcomeTemporary, core.ReasonTemporary}, {429, core.OutcomeTemporary, core.ReasonTemporary},
		{500, core.OutcomeTemporary, core.ReasonTemporary}, {503, core.OutcomeTemporary, core.ReasonTemporary},
	} {
		s := newService(t, false)
		s.Next(sendertest.Answer(tt.status, ""))
		if o := s.sender(t).Send(t.Context(), s.message(1)); o.Kind != tt.kind || o.Reason != tt.reason {
			t.Errorf("%d: %+v, want %s, %s", tt.status, o, tt.kind, tt.reason)
		}
	}
}

func TestRefusedBeforeTheCall(t *testing.T) {
	s := newService(t, false)
	w := s.sender(t)
	strict := s.sender(t)
	strict.private, strict.client = false, web.New(web.Config{Roots: s.Roots()})
	for _, tt := range []struct {
		name   string
		by     *WebPush
		change func(*core.Message)
		want   string
	}{
		{"another channel", w, func(m *core.Message) { *m = sendertest.Message(1) }, "it sends no email"},
		{"another endpoint", w, func(m *core.Message) { m.To.Value += "x" }, "none of a browser's"},
		{"no key", w, func(m *core.Message) { m.Browser.P256DH = "" }, "no point on P-256"},
		{"a point beside the curve", w, func(m *core.Message) {
			m.Browser.P256DH = base64.RawURLEncoding.EncodeToString(append([]byte{4}, bytes.Repeat([]byte{1}, 64)...))
		}, "no point on P-256"},
		{"a short secret", w, func(m *core.Message) { m.Browser.Auth = "AAAA" }, "want 16 bytes"},
		{"too long", w, func(m *core.Message) { m.Text = strings.Repeat("x", MaxPlain) }, "browsers take 3993"},
		{"a port", strict, func(*core.Message) {}, "none of a browser's"},
		{"a private address", strict, func(m *core.Message) { m.Browser.Endpoint = "https://127.0.0.1/push"; m.To.Value = m.Browser.Endpoint }, "not a public address"},
		{"in the clear", strict, func(m *core.Message) {
			m.Browser.Endpoint = "http://push.example/push"
			m.To.Value = m.Browser.Endpoint
		}, "only https:// is called"},
	} {
		m := s.message(1)
		tt.change(&m)
		if o := tt.by.Send(t.Context(), m); o.Kind != core.OutcomePermanent || !strings.Contains(o.Detail, tt.want) {
			t.Errorf("%s: %+v, want %q", tt.name, o, tt.want)
		}
	}
	if len(s.arrived) != 0 {
		t.Errorf("%d messages arrived", len(s.arrived))
	}
}

// TestTheLongestMessage fits what push services take.
func TestTheLongestMessage(t *testing.T) {
	s := newService(t, false)
	m := s.message(1)
	plain, _ := json.Marshal(notification{m.Subject, "", "", m.URL})
	m.Text = strings.Repeat("x", MaxPlain-len(plain)-len(`"body":"",`))
	if o := s.sender(t).Send(t.Context(), m); o.Kind != core.OutcomeAccepted {
		t.Errorf("%+v", o)
	}
	m.Text += "x"
	if o := s.sender(t).Send(t.Context(), m); o.Kind != core.OutcomePermanent {
		t.Errorf("one byte more: %+v", o)
	}
}

func TestOpenRefuses(t *testing.T) {
	private, _, _ := NewKey()
	for _, tt := range []struct {
		name   string
		change func(*core.Sender)
		key    string
		want   string
	}{
		{"nothing", func(d *core.Sender) { *d = core.Sender{} }, "", "settings.contact: want whom a push service may write to, such as mailto:push@shop.example; secrets.key: want a private key"},
		{"a contact in words", func(d *core.Sender) { d.Settings[settingContact] = "me" }, private, "settings.contact: want"},
		{"a year", func(d *core.Sender) { d.Settings[settingTTL] = "31536000" }, private, "settings.ttl: want 0 to 2419200 seconds"},
		{"maybe", func(d *core.Sender) { d.Settings[settingPrivate] = "yes" }, private, "settings.private: want true or false"},
		{"a misspelt setting", func(d *core.Sender) { d.Settings["TTL"] = "1" }, private, "settings.TTL: there is no such setting"},
		{"a misspelt secret", func(d *core.Sender) { d.Secrets = map[string]core.Secret{"private": "env:X"} }, private, "secrets.private: there is no such secret"},
	} {
		def := definition()
		tt.change(&def)
		w, err := Open(def, tt.key)
		if _, ok := errors.AsType[*core.InvalidError](err); !ok || w != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// FuzzSeal: whatever a browser claims its keys are, nothing panics, and what is sealed is within the bound and opens.
func FuzzSeal(f *testing.F) {
	s := newService(f, false)
	good := s.subscription()
	f.Add(good.P256DH, good.Auth, []byte("hello"))
	f.Add("BP", "", []byte{})
	f.Fuzz(func(t *testing.T, key, auth string, plain []byte) {
		b, err := readBrowser(core.PushSubscription{P256DH: key, Auth: auth})
		if err != nil {
			return
		}
		body, err := encrypt(b, plain)
		if (err != nil) != (len(plain) > MaxPlain) || len(body) > maxBody {
			t.Fatalf("%d bytes became %d, %v", len(plain), len(body), err)
		}
		if err == nil && key == good.P256DH && auth == good.Auth && !bytes.Equal(s.open(body), plain) {
			t.Error("it opens as something else")
		}
	})
}
