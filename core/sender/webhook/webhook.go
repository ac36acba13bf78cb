// Package webhook is the sender for everything that has no sender of its own: it posts what a journey says of a contact to a
// URL of the operator's, signed by Standard Webhooks (https://www.standardwebhooks.com).
//
// The body is {"type", "timestamp", "data"}; webhook-id is the ledger key, the same for every try. Whoever takes it answers
// 2xx. Any other answer means that it was not taken, as the specification has it, and it is sent again.
package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"restock/core"
	"restock/core/sender"
	"restock/core/sender/web"
	"restock/core/sign"
)

// UsualCalls is how many calls run at once, unless the sender's concurrency says otherwise.
const UsualCalls = 16

// MaxBody bounds what is posted, in bytes.
const MaxBody = 256 << 10

// Names of the settings and of the secret.
const (
	settingURL     = "url"
	settingPrivate = "private" // true: it may stand on the operator's own network
	secretSigning  = "secret"  // whsec_…
)

// Webhook is the sender.
type Webhook struct {
	url        string
	secret     []byte
	idempotent bool
	client     *web.Client
}

var _ sender.Sender = (*Webhook)(nil)

// Open checks the definition of a sender of the kind webhook: settings url, private and idempotent, and the signing secret that
// the caller resolved. The error is a *core.InvalidError. Nothing is called yet.
func Open(def core.Sender, secret string) (*Webhook, error) {
	var bad core.InvalidError
	checkNames(&bad, def)
	private, local := def.Settings[settingPrivate] == "true", false
	u, err := url.Parse(def.Settings[settingURL])
	if err == nil {
		local = core.Loopback(u.Hostname())
	}
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !private && !local) {
		bad.Add("settings.url", "want where to post, beginning with https:// (http:// on your own network alone, with private: true)")
	}
	if len(secret) < sign.MinSecret {
		bad.Add("secrets.secret", "want a signing secret such as whsec_…, of at least %d characters; write env:NAME or file:PATH", sign.MinSecret)
	}
	if err := bad.OrNil(); err != nil {
		return nil, err
	}
	return &Webhook{
		url: u.String(), secret: []byte(secret), idempotent: def.Settings[core.IdempotentSetting] == "true",
		client: web.New(web.Config{Private: private || local, Secrets: []string{secret}}),
	}, nil
}

// checkNames refuses what nobody would read: a misspelt setting would be silently without effect.
func checkNames(bad *core.InvalidError, def core.Sender) {
	for name, value := range def.Settings {
		switch {
		case !slices.Contains([]string{settingURL, settingPrivate, core.IdempotentSetting}, name):
			bad.Add("settings."+name, "there is no such setting; there are url, private, idempotent")
		case name != settingURL && value != "true" && value != "false":
			bad.Add("settings."+name, "want true or false")
		}
	}
	for name := range def.Secrets {
		if name != secretSigning {
			bad.Add("secrets."+name, "there is no such secret; there is secret")
		}
	}
}

// Idempotent is what the definition says of whoever takes it.
func (w *Webhook) Idempotent() bool { return w.idempotent }

// Close gives connections back.
func (w *Webhook) Close() error { return w.client.Close() }

// posted is a body (Standard Webhooks, "Payload structure").
type posted struct {
	Type      string          `json:"type"`      // the message's subject
	Timestamp string          `json:"timestamp"` // when it was decided, RFC 3339
	Data      json.RawMessage `json:"data"`      // the message's text
}

// Send posts m, whose text is JSON.
func (w *Webhook) Send(ctx context.Context, m core.Message) core.Outcome {
	body, why := bodyOf(m)
	if why != "" {
		return sender.Permanent(m.Key, why)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	for _, h := range sign.SignStandard(w.secret, m.Key.String(), core.TimeOf(time.Now()), body) {
		header.Set(h.Name, h.Value)
	}
	answer, failed := w.client.Post(ctx, w.url, header, body)
	if failed != nil {
		return failed.Outcome(m.Key)
	}
	return judge(m.Key, answer)
}

// bodyOf makes the body, or says why this message will never do.
func bodyOf(m core.Message) (body []byte, why string) {
	if m.To.Channel != core.Webhook {
		return nil, fmt.Sprintf("a webhook is no way to send %s", m.To.Channel)
	}
	body, err := json.Marshal(posted{m.Subject, m.At.String(), json.RawMessage(m.Text)})
	switch {
	case err != nil:
		return nil, "what is to be posted is no JSON"
	case len(body) > MaxBody:
		return nil, fmt.Sprintf("what is to be posted has %d bytes; at most %d are", len(body), MaxBody)
	}
	return body, ""
}

// judge is what an answer means.
func judge(key core.LedgerKey, a web.Answer) core.Outcome {
	detail := fmt.Sprintf("HTTP %d", a.Status)
	switch a.Status {
	case http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return sender.Permanent(key, detail)
	}
	switch {
	case a.Status >= 200 && a.Status < 300:
		return sender.Accepted(key, "")
	case a.Status >= 300 && a.Status < 400:
		return sender.Temporary(key, detail+": redirects are not followed; name the URL that it leads to")
	}
	return sender.Later(key, detail, a.After)
}
