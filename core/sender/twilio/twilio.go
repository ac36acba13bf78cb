// Package twilio is the sender that sends SMS by Twilio's Messages API
// (https://www.twilio.com/docs/messaging/api/message-resource).
//
// A message is one POST, which Twilio has no way to recognise when it comes again. What becomes of it, and what shoppers
// answer (STOP), Twilio tells the edge; package feedback reads that. The URL that Twilio is told to call for a message
// carries its ledger key, so that a message whose answer was lost is found again.
package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"restock/core"
	"restock/core/sender"
	"restock/core/sender/web"
)

// UsualCalls is how many calls run at once, unless the sender's concurrency says otherwise; Twilio refuses with 429 what is too many, and queues what it takes.
const UsualCalls = 32

// Bounds of a message's text: Twilio takes no more characters (error 21617), and each segment is paid for.
const (
	MaxText     = 1600 // characters
	MaxSegments = 10
)

// KeyParameter is the parameter of the callback's URL that carries the ledger key.
const KeyParameter = "key"

// Twilio is the sender.
type Twilio struct {
	config config
	client *web.Client
}

var _ sender.Sender = (*Twilio)(nil)

// Open checks the definition of a sender of the kind twilio: settings account, countries, service, validity and url, From unless
// there is a service, and the auth token that the caller resolved. callback is the URL at an edge where Twilio tells what
// becomes of messages; "" for none. The error is a *core.InvalidError. Nothing is called yet.
func Open(def core.Sender, token, callback string) (*Twilio, error) {
	c, err := readConfig(def, token, callback)
	if err != nil {
		return nil, err
	}
	return &Twilio{c, web.New(web.Config{Private: core.Loopback(c.api.Hostname()), Proxy: true, Secrets: []string{token}})}, nil
}

// Idempotent is false: the API has no key by which it would know a message again.
func (t *Twilio) Idempotent() bool { return false }

// Close gives connections back.
func (t *Twilio) Close() error { return t.client.Close() }

// Send hands m over.
func (t *Twilio) Send(ctx context.Context, m core.Message) core.Outcome {
	if why := t.config.wrong(m); why != "" {
		return sender.Permanent(m.Key, why)
	}
	header := http.Header{
		"Content-Type":  {"application/x-www-form-urlencoded"},
		"Accept":        {"application/json"},
		"Authorization": {t.config.authorization()},
	}
	answer, failed := t.client.Post(ctx, t.config.endpoint(), header, []byte(t.config.form(m).Encode()))
	if failed != nil {
		return failed.Outcome(m.Key)
	}
	o := judge(m.Key, answer)
	o.Detail = t.client.Clean(o.Detail)
	return o
}

// wrong says why a message will never be sent; "" when it may be.
func (c config) wrong(m core.Message) string {
	if m.To.Channel != core.SMS {
		return fmt.Sprintf("twilio sends SMS, not %s", m.To.Channel)
	}
	if country, ok := c.allows(m.To.Value); !ok {
		return fmt.Sprintf("numbers of %q are not among the sender's countries", country)
	}
	n, _ := sender.Segments(m.Text)
	switch {
	case strings.TrimSpace(m.Text) == "":
		return "the message has no text"
	case n > MaxSegments || utf8.RuneCountInString(m.Text) > MaxText:
		return fmt.Sprintf("the message is %d SMS long, and at most %d are sent", n, MaxSegments)
	}
	return ""
}

func (c config) authorization() string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(c.account, c.token)
	return r.Header.Get("Authorization")
}

func (c config) endpoint() string {
	return c.api.JoinPath("2010-04-01", "Accounts", c.account, "Messages.json").String()
}

// form is what is posted.
func (c config) form(m core.Message) url.Values {
	f := url.Values{"To": {m.To.Value}, "Body": {m.Text}, "ValidityPeriod": {strconv.Itoa(int(c.validity.Seconds()))}}
	if c.service != "" {
		f.Set("MessagingServiceSid", c.service)
	} else {
		f.Set("From", c.from)
	}
	if c.callback != "" {
		f.Set("StatusCallback", c.callback+"?"+KeyParameter+"="+m.Key.String())
	}
	return f
}

// answered is what we read of an answer: a message that was made, or an error
// (https://www.twilio.com/docs/usage/twilios-response).
type answered struct {
	SID       string          `json:"sid"`
	Status    json.RawMessage `json:"status"` // of a message a word, of an error HTTP's number
	ErrorCode int             `json:"error_code"`
	Code      int             `json:"code"`
	Message   string          `json:"message"`
}

var messageForm = regexp.MustCompile(`^(SM|MM)[0-9a-fA-F]{32}$`)

// judge is what an answer means.
func judge(key core.LedgerKey, a web.Answer) core.Outcome {
	var said answered
	readable := json.Unmarshal(a.Body, &said) == nil
	switch {
	case a.Status == http.StatusCreated && readable && said.ErrorCode != 0:
		return refused(key, said.ErrorCode, "Twilio took the message and failed it at once")
	case a.Status == http.StatusCreated && messageForm.MatchString(said.SID):
		return sender.Accepted(key, said.SID)
	case a.Status == http.StatusCreated:
		return sender.Accepted(key, "") // it is made; its id was lost on the way
	case a.Status < 300:
		return sender.Unknown(key, fmt.Sprintf("HTTP %d is no answer of Twilio's; does settings.url lead there?", a.Status))
	case a.Status < 400:
		return sender.Temporary(key, fmt.Sprintf("HTTP %d: redirects are not followed; does settings.url lead to Twilio?", a.Status))
	case a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable:
		return sender.Later(key, words(a.Status, said), a.After)
	case a.Status >= 500:
		// Twilio may have made the message before it failed, and would make another.
		return sender.Unknown(key, words(a.Status, said))
	case a.Status == http.StatusBadRequest && said.Code != 0:
		return refused(key, said.Code, words(a.Status, said))
	}
	// Whoever answers so does not know us: it ends when the operator mends it, and until then nobody may lose a message.
	return sender.Temporary(key, words(a.Status, said))
}

func words(status int, said answered) string {
	if said.Code == 0 {
		return fmt.Sprintf("HTTP %d", status)
	}
	return fmt.Sprintf("HTTP %d, error %d: %s", status, said.Code, said.Message)
}

// Twilio's errors that say more than that this message will never do (https://www.twilio.com/docs/api/errors).
const (
	errorStopped      = 21610 // the recipient has replied STOP
	errorBadNumber    = 21211 // To is no number
	errorNoMobile     = 21614 // To cannot get SMS
	errorLandline     = 30006 // the same, found out by the carrier
	errorUnknownPhone = 30005 // nobody has the number
	errorRegion       = 21408 // the account may not send to that country: the operator can change that
	errorFrom         = 21606 // From cannot send SMS: so can this
	errorNotOwned     = 21659 // From is not the account's
	errorNoSender     = 21603 // From is missing
	errorNoService    = 21701 // there is no such messaging service
	errorEmptyService = 21703 // the service has no number that could send
)

// refused is what an error of Twilio's means.
func refused(key core.LedgerKey, code int, detail string) core.Outcome {
	switch code {
	case errorStopped:
		return sender.NoMore(key, core.ReasonUnsubscribed, detail)
	case errorBadNumber, errorNoMobile, errorLandline, errorUnknownPhone:
		return sender.NoMore(key, core.ReasonBounced, detail)
	case errorRegion, errorFrom, errorNotOwned, errorNoSender, errorNoService, errorEmptyService:
		return sender.Temporary(key, detail)
	}
	return sender.Permanent(key, detail)
}
