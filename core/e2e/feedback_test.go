package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"restock/core/sign"
)

const (
	smsAccount = "AC0123456789abcdef0123456789abcdef"
	smsToken   = "twilio-auth-token"
	bouncePair = "bounces:s3cret-s3cret"
)

// smsProvider is Twilio as it is documented, as far as a story needs it: it takes messages, and tells what becomes of them when
// told to.
type smsProvider struct {
	*httptest.Server
	mu    sync.Mutex
	forms []url.Values
}

func newSMSProvider(t *testing.T) *smsProvider {
	p := &smsProvider{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account, token, _ := r.BasicAuth()
		if err := r.ParseForm(); err != nil || account != smsAccount || token != smsToken {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.forms = append(p.forms, r.PostForm)
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"sid":"SM%032d","status":"queued","error_code":null}`, len(p.forms))
	}))
	t.Cleanup(p.Close)
	return p
}

// to are the texts that a number got.
func (p *smsProvider) to(number string) (all []url.Values) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.forms {
		if f.Get("To") == number {
			all = append(all, f)
		}
	}
	return all
}

// tell posts to a URL as Twilio does; it returns the status of the answer.
func tellAs(token, to string, fields ...string) int {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	body := form.Encode()
	code, _, _ := call("POST", to, map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": sign.SignTwilio(to, []byte(token), []byte(body)),
	}, body)
	return code
}

const feedbackFiles = `
kind: Source
name: my-shop
spec: {title: My shop, platform: shopify, url: "https://shop.example", secrets: [env:SHOP_SECRET], currency: EUR, region: DE}
---
kind: Sender
name: text
spec: {type: twilio, account: ` + smsAccount + `, from: "+15005550006", countries: [DE], token: env:TWILIO_TOKEN, url: "%s"}
---
kind: Journey
name: texts
state: on
spec:
  enter: {occurs: waiting_on_stock}
  shapes:
    - name: text
      sms: {sender: text, text: "Noted: {{ product.title }}. STOP to end"}
    - name: mail
      email: {sender: post, subject: Noted, html: "<p>{{ product.title }}</p>"}
`

// startTold runs an installation whose senders' providers reach its edge.
func startTold(t *testing.T, twilio *smsProvider, box *mailServer) place {
	t.Helper()
	p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	env := []string{"SHOP_SECRET=" + p.secret, "TWILIO_TOKEN=" + smsToken, "BOUNCES=" + bouncePair}
	serve := start(t, env, "serve", "--data", t.TempDir(), "--edge-listen", p.edge, "--core-listen", p.core, "--metrics-listen", freePort(t),
		"--public-url", "http://"+p.edge)
	p.token = tokenOf(t, serve)
	p.ready()
	post := strings.TrimSpace(box.listen(t))
	post = strings.TrimSuffix(post, "}") + ", events: {from: mailbox, secret: env:BOUNCES}}\n"
	p.applyFiles(fmt.Sprintf(feedbackFiles, twilio.URL), post)
	return p
}

// why is what the command says of a contact.
func (p place) why(address string) string {
	out, _ := run(p.t, []string{"RESTOCK_TOKEN=" + p.token}, "why", "--core", "http://"+p.core, "--contact", address)
	return out
}

func (p place) export(address string) string {
	out, _ := run(p.t, []string{"RESTOCK_TOKEN=" + p.token}, "contact", "export", "--core", "http://"+p.core, address)
	return out
}

// TestWhatProvidersTell: a text is sent, delivered and answered by STOP; an e-mail bounces. Afterwards neither address is sent to.
func TestWhatProvidersTell(t *testing.T) {
	const number = "+4915123456789"
	twilio, box := newSMSProvider(t), &mailServer{}
	p := startTold(t, twilio, box)
	ask := func(variant string) {
		if code, _, body := p.capture(fmt.Sprintf(`{"source":"my-shop","variant":%q,"email":"ann@example.com","phone":"0151 23456789"}`, variant)); code != http.StatusAccepted {
			t.Fatalf("answered %d %s", code, body)
		}
	}
	ask("71")
	eventually(t, "a text and a mail go out", func() bool { return len(twilio.to(number)) == 1 && len(box.all()) == 1 })
	sent := twilio.to(number)[0]
	if sent.Get("Body") != "Noted: Tee. STOP to end" {
		t.Errorf("the text is %q", sent.Get("Body"))
	}

	callback := sent.Get("StatusCallback")
	status := []string{"MessageSid", "SM1", "MessageStatus", "delivered", "To", number}
	if code := tellAs("another-token", callback, status...); code != http.StatusUnauthorized {
		t.Errorf("a status by somebody else is answered %d", code)
	}
	if code := tellAs(smsToken, callback, status...); code != http.StatusOK {
		t.Errorf("a status is answered %d", code)
	}
	eventually(t, "why says delivered", func() bool { return strings.Contains(p.why("ann@example.com"), "delivered") })

	inbound, _, _ := strings.Cut(callback, "?")
	if code := tellAs(smsToken, inbound, "MessageSid", "SM2", "SmsStatus", "received", "From", number, "Body", "Stop."); code != http.StatusOK {
		t.Errorf("STOP is answered %d", code)
	}
	if code := p.bounced(box.all()[0]); code != http.StatusOK {
		t.Errorf("a bounce is answered %d", code)
	}
	eventually(t, "both are suppressed", func() bool {
		out := p.export("ann@example.com")
		return strings.Contains(out, `"unsubscribed"`) && strings.Contains(out, `"bounced"`)
	})
	if out := p.why("ann@example.com"); !strings.Contains(out, "unsubscribed") || !strings.Contains(out, "bounced  ") || !strings.Contains(out, "a***@example.com") {
		t.Errorf("why does not say who stopped, and what bounced:\n%s", out)
	}
	ask("72")
	eventually(t, "why names the gate", func() bool { return strings.Count(p.why("ann@example.com"), "suppressed") >= 2 })
	if texts, mails := len(twilio.to(number)), len(box.all()); texts != 1 || mails != 1 {
		t.Errorf("%d texts and %d mails, want one each", texts, mails)
	}
}

var messageID = regexp.MustCompile(`(?mi)^Message-ID:.*$`)

// bounced sends a mail's delivery status notification from the bounce mailbox to the edge, as documented for mail servers.
func (p place) bounced(mail string) (status int) {
	report := "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n" +
		"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n" + strings.TrimSpace(messageID.FindString(mail)) + "\r\n\r\n--b--\r\n"
	code, _, _ := call("POST", "http://"+p.edge+"/v1/providers/post/events", map[string]string{
		"Content-Type": "message/rfc822", "Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(bouncePair)),
	}, report)
	return code
}
