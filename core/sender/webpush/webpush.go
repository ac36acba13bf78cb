// Package webpush is the sender that shows notifications in browsers (RFC 8030), encrypted for the browser alone
// (RFC 8291) and signed with the key that it was asked to trust (RFC 8292).
//
// A push endpoint is what a shopper's browser claims: package web keeps calls from going anywhere but to public addresses.
// Endpoints are capabilities as well: whoever knows one may try to push, so none is ever shown.
package webpush

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"restock/core"
	"restock/core/sender"
	"restock/core/sender/web"
)

// UsualCalls is how many calls run at once, unless the sender's concurrency says otherwise.
const UsualCalls = 64

// Bounds of TTL, for how long a push service keeps a message for a browser that is away, and what it is unless set: a
// browser that comes back tomorrow is told of what may be sold out by then.
const (
	MaxTTL     = 28 * 24 * time.Hour // what the large push services cut it to
	DefaultTTL = 4 * time.Hour
)

// Names of the settings and of the secret.
const (
	settingContact = "contact" // mailto: or https: of whom a push service may write to
	settingTTL     = "ttl"     // seconds; 0: only who is there now
	settingPrivate = "private" // true: push services may stand on the operator's own network
	secretKey      = "key"     // the private key
)

// WebPush is the sender.
type WebPush struct {
	tokens  *tokens
	ttl     time.Duration
	private bool
	client  *web.Client
}

var _ sender.Sender = (*WebPush)(nil)

// Open checks the definition of a sender of the kind webpush: settings contact, ttl and private, and the private key that the
// caller resolved. The error is a *core.InvalidError. Nothing is called yet.
func Open(def core.Sender, key string) (*WebPush, error) {
	var bad core.InvalidError
	checkNames(&bad, def)
	w := &WebPush{ttl: DefaultTTL, private: def.Settings[settingPrivate] == "true"}
	w.readTTL(&bad, def.Settings[settingTTL])
	if !validContact(def.Settings[settingContact]) {
		bad.Add("settings.contact", "want whom a push service may write to, such as mailto:push@shop.example")
	}
	w.readKey(&bad, key, def.Settings[settingContact])
	if err := bad.OrNil(); err != nil {
		return nil, err
	}
	w.client = web.New(web.Config{Private: w.private})
	return w, nil
}

// checkNames refuses what nobody would read: a misspelt setting would be silently without effect.
func checkNames(bad *core.InvalidError, def core.Sender) {
	for name, value := range def.Settings {
		switch {
		case !slices.Contains([]string{settingContact, settingTTL, settingPrivate}, name):
			bad.Add("settings."+name, "there is no such setting; there are contact, ttl, private")
		case name == settingPrivate && value != "true" && value != "false":
			bad.Add("settings.private", "want true or false")
		}
	}
	for name := range def.Secrets {
		if name != secretKey {
			bad.Add("secrets."+name, "there is no such secret; there is key")
		}
	}
}

func (w *WebPush) readTTL(bad *core.InvalidError, seconds string) {
	if seconds == "" {
		return
	}
	n, err := strconv.Atoi(seconds)
	w.ttl = time.Duration(n) * time.Second
	if err != nil || n < 0 || n > int(MaxTTL.Seconds()) {
		bad.Add("settings.ttl", "want 0 to %d seconds", int(MaxTTL.Seconds()))
	}
}

// validContact holds for what RFC 8292 (section 2.1) lets stand in a token.
func validContact(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "mailto" && strings.Contains(u.Opaque, "@") || u.Scheme == "https" && u.Hostname() != "")
}

func (w *WebPush) readKey(bad *core.InvalidError, text, contact string) {
	key, err := readKey(text)
	if err != nil {
		bad.Add("secrets.key", "%s", err)
		return
	}
	public, err := publicOf(key)
	if err != nil {
		bad.Add("secrets.key", "%s", err)
		return
	}
	w.tokens = &tokens{key: key, public: public, subject: contact, made: map[string]token{}}
}

// PublicKey is what a source's widget must offer browsers, so that they take what this sender pushes.
func (w *WebPush) PublicKey() string { return w.tokens.public }

// Idempotent is false: a message that comes again takes the place of the first on the screen, and rings again.
func (w *WebPush) Idempotent() bool { return false }

// Close gives connections back.
func (w *WebPush) Close() error { return w.client.Close() }

// Send hands m over.
func (w *WebPush) Send(ctx context.Context, m core.Message) core.Outcome {
	body, err := w.seal(m)
	if err != nil {
		return sender.Permanent(m.Key, err.Error())
	}
	header, err := w.header(m)
	if err != nil {
		return sender.Temporary(m.Key, err.Error())
	}
	answer, failed := w.client.Post(ctx, m.To.Value, header, body)
	switch {
	case failed == nil:
		return judge(m, answer)
	case failed.Refused:
		return sender.Permanent(m.Key, failed.Text)
	}
	return failed.Outcome(m.Key)
}

// notification is what the widget's worker shows (widget/src/worker.ts).
type notification struct {
	Title string `json:"title"`
	Body  string `json:"body,omitempty"`
	Icon  string `json:"icon,omitempty"`
	URL   string `json:"url,omitempty"`
}

// seal makes the body. An error means that this message will never do.
func (w *WebPush) seal(m core.Message) ([]byte, error) {
	if m.To.Channel != core.Push {
		return nil, fmt.Errorf("webpush shows notifications in browsers; it sends no %s", m.To.Channel)
	}
	u, err := url.Parse(m.To.Value)
	if err != nil || m.Browser.Endpoint != m.To.Value || !w.private && u.Port() != "" {
		return nil, fmt.Errorf("the push endpoint is none of a browser's")
	}
	b, err := readBrowser(m.Browser)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(notification{m.Subject, m.Text, m.Image, m.URL})
	if err != nil {
		return nil, fmt.Errorf("writing the notification: %w", err)
	}
	return encrypt(b, plain)
}

// header is what a push service is told of a message, beside its body.
func (w *WebPush) header(m core.Message) (http.Header, error) {
	u, err := url.Parse(m.To.Value)
	if err != nil {
		return nil, fmt.Errorf("the push endpoint cannot be read")
	}
	authorization, err := w.tokens.authorization(u.Scheme+"://"+u.Host, time.Now())
	if err != nil {
		return nil, err
	}
	h := http.Header{
		"Authorization":    {authorization},
		"Content-Encoding": {"aes128gcm"},
		"Content-Type":     {"application/octet-stream"},
		"TTL":              {strconv.Itoa(int(w.ttl.Seconds()))},
		"Urgency":          {"high"}, // whoever waits for it is glad to be woken
	}
	if m.Topic != "" {
		h["Topic"] = []string{topic(m.Topic)}
	}
	return h, nil
}

// topic is a name as RFC 8030 (section 5.4) takes it: 32 characters of base64url. It tells the push service nothing.
func topic(name string) string {
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}

// judge is what an answer means (RFC 8030, sections 5, 5.2, 7.3 and 8.4).
func judge(m core.Message, a web.Answer) core.Outcome {
	detail := fmt.Sprintf("HTTP %d", a.Status)
	switch {
	case a.Status >= 200 && a.Status < 300:
		return sender.Accepted(m.Key, "")
	case a.Status == http.StatusNotFound || a.Status == http.StatusGone:
		return sender.NoMore(m.Key, core.ReasonGone, detail+": the browser's subscription has ended")
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		// It does not take our key. The operator mends that, and until then nobody may lose a message.
		return sender.Temporary(m.Key, detail+": it does not take the key; is it the one that the source's widget offers, and is the clock right?")
	case a.Status == http.StatusTooManyRequests || a.Status >= 500:
		return sender.Later(m.Key, detail, a.After)
	case a.Status >= 400:
		return sender.Permanent(m.Key, detail)
	}
	return sender.Temporary(m.Key, detail+": redirects are not followed")
}
