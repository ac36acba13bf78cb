package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// gossip is a mail server that repeats whom it was told of, and takes mails to nobody but ann.
type gossip struct{ mailServer }

func (g *gossip) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &gossipSession{mailSession{&g.mailServer}}, nil
}

type gossipSession struct{ mailSession }

func (*gossipSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case strings.HasPrefix(to, "bob"):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + ">: no such user here, said " + to}
	case strings.HasPrefix(to, "cat"):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "greylisted: " + to + " try later"}
	}
	return nil
}

const (
	logFiles = `
kind: Source
name: my-shop
spec: {title: My shop, platform: shopify, url: "https://shop.example", secrets: [env:SHOP_SECRET], currency: EUR, region: DE, widget: {push: {sender: push, worker: /w.js}}}
---
{kind: Workspace, name: default, spec: {zone: UTC, quiet_hours: {state: "off", channels: [sms, push]}}}
---
kind: Sender
name: text
spec: {type: twilio, account: ` + smsAccount + `, from: "+15005550006", countries: [DE], token: env:TWILIO_TOKEN, url: "%s"}
---
kind: Sender
name: push
spec: {type: webpush, contact: "mailto:push@shop.example", key: env:VAPID}
---
kind: Journey
name: all
state: on
spec:
  enter: {occurs: waiting_on_stock}
  shapes:
    - {name: text, sms: {sender: text, text: "Noted. STOP to end"}}
    - {name: push, push: {sender: push, title: Noted, text: Noted}}
    - {name: mail, email: {sender: post, subject: Noted, html: "<p>{{ product.title }}</p>"}}
`
	logNumber   = "+4915123456789"
	logEndpoint = "https://push.example/send/c4p4b1l1ty"
	logKeys     = `"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"`
)

// TestLogsNameNobody: whatever goes wrong, nodes log no address, number or push endpoint, at any level; nor do metrics and lists that
// operators look at.
func TestLogsNameNobody(t *testing.T) {
	box := &gossip{}
	twilio := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"code":21211,"status":400,"message":"The 'To' number %s is not a valid phone number."}`, logNumber)
	}))
	t.Cleanup(twilio.Close)
	p := place{t: t, edge: freePort(t), core: freePort(t), metrics: freePort(t), secret: "shop-secret-1"}
	env := []string{"SHOP_SECRET=" + p.secret, "TWILIO_TOKEN=" + smsToken, "BOUNCES=" + bouncePair, "VAPID=q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"}
	serve := start(t, env, "serve", "--data", t.TempDir(), "--edge-listen", p.edge, "--core-listen", p.core, "--metrics-listen", p.metrics,
		"--public-url", "http://"+p.edge, "--log-level", "debug")
	p.token = tokenOf(t, serve)
	p.ready()
	post := strings.TrimSuffix(strings.TrimSpace(listenWith(t, box)), "}") + ", events: {from: mailbox, secret: env:BOUNCES}}\n"
	p.applyFiles(fmt.Sprintf(logFiles, twilio.URL), post)

	for _, who := range []string{"ann", "bob", "cat"} {
		body := fmt.Sprintf(`{"source":"my-shop","variant":"71","email":"%s@example.com","phone":%q,"push":{"endpoint":%q,%s}}`, who, logNumber, logEndpoint+who, logKeys)
		if code, _, answer := p.capture(body); code != http.StatusAccepted {
			t.Fatalf("answered %d %s", code, answer)
		}
	}
	p.capture(`{"source":"my-shop","variant":"71","email":"eve@example","phone":"0151 2345678900000","page":"https://shop.example/?mail=dan@example.com"}`)
	p.capture(`{"source":"my-shop","variant":"71","email":"dan@example.com"`)
	inbound := "http://" + p.edge + "/v1/providers/text/events"
	tellAs(smsToken, inbound, "MessageSid", "SM2", "SmsStatus", "received", "From", logNumber, "Body", "Stop.")
	tellAs("wrong", inbound, "MessageSid", "SM3", "SmsStatus", "received", "From", logNumber, "Body", "Stop.")
	basic := map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(bouncePair))}
	for _, body := range []string{"To: dan@example.com\r\n\r\nhello", "dan@example.com \x00", ""} {
		call("POST", "http://"+p.edge+"/v1/providers/post/events", basic, body)
	}
	for _, path := range []string{"/u/dan@example.com", "/c/dan@example.com", "/r/dan@example.com", "/v1/providers/dan@example.com/events", "/dan@example.com?to=dan@example.com"} {
		call("POST", "http://"+p.edge+path, nil, "dan@example.com")
	}
	eventually(t, "ann has her mail, and the others' were refused", func() bool {
		list, _ := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "message", "list", "--core", "http://"+p.core)
		late, _ := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "message", "list", "--core", "http://"+p.core, "--at", "due")
		return len(box.all()) == 1 && strings.Contains(list, "no such user") && strings.Contains(late, "greylisted")
	})
	p.bounced(box.all()[0])
	run(t, []string{"RESTOCK_TOKEN=" + p.token}, "why", "--core", "http://"+p.core, "--contact", "ann@example.com")
	run(t, []string{"RESTOCK_TOKEN=" + p.token}, "contact", "erase", "--core", "http://"+p.core, "ann@example.com")

	list, _ := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "message", "list", "--core", "http://"+p.core)
	status, _ := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "status", "--core", "http://"+p.core)
	_, _, metrics := call("GET", "http://"+p.metrics+"/metrics", nil, "")
	serve.stop()
	if !strings.Contains(serve.output.String(), "edge is listening") || !strings.Contains(metrics, "restock_core_reasons_total") || !strings.Contains(list, "b***@example.com") {
		t.Fatalf("there is nothing to look at:\n%s\n%s\n%s", serve.output, metrics, list)
	}
	for where, text := range map[string]string{"the log": serve.output.String(), "metrics": metrics, "the list": list, "status": status} {
		for _, name := range []string{"ann@", "bob@", "cat@", "dan@", "eve@", logNumber[1:], "2345678900000", "c4p4b1l1ty"} {
			if at := strings.Index(text, name); at >= 0 {
				t.Errorf("%s says %q: …%s…", where, name, text[max(0, at-100):min(len(text), at+60)])
			}
		}
	}
}
