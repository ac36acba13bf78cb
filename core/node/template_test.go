package node

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/wire"
)

const templateFiles = `
kind: Source
name: shop
spec: {title: Shop, platform: shopify, url: "https://shop.example", secrets: [env:CHANNEL_SHOP], currency: EUR, region: DE}
---
kind: Playbook
name: shop-waiting
state: on
---
kind: Journey
name: noted
state: on
spec:
  enter: {occurs: waiting_on_stock}
  shapes:
    - {name: mail, email: {sender: inbox, template: noted}}
    - {name: text, sms: {sender: inbox, template: noted}}
---
kind: Template
name: noted
spec:
  subject: "Noted, {{ contact.first_name | default: 'you' }}"
  html: <p>noted</p>
  sms: "Noted: {{ links.buy }}"
  locales:
    de: {subject: Notiert, html: <p>notiert</p>, sms: "Notiert: {{ links.buy }}"}
`

func templated(t *testing.T) *running {
	t.Helper()
	t.Setenv("CHANNEL_SHOP", "secret")
	c := settings(t.TempDir())
	c.TextURL = "https://go.example"
	r := start(t, c)
	r.applies("all.yaml", templateFiles)
	return r
}

func (r *running) applies(name, content string) console.ApplyReport {
	r.t.Helper()
	report, err := r.Apply(r.t.Context(), []console.File{{Name: name, Data: []byte(content)}})
	if err != nil {
		r.t.Fatal(err)
	}
	return report
}

// asksIn is somebody who waits and speaks a language.
func asksIn(locale, email string) wire.Capture {
	return wire.Capture{Capture: core.Capture{
		Target: core.Target{Source: "shop", Variant: "1"}, Email: email, Phone: "+4930123456", Locale: locale, CapturedAt: core.TimeOf(time.Now()),
	}}
}

// TestLocalesAndNames: everybody is written to in their language; a template that changes changes what refers to it, playbooks as well,
// and nothing else.
func TestLocalesAndNames(t *testing.T) {
	r := templated(t)
	ann, jo := asksIn("de-AT", "ann@example.com"), asksIn("fr-CA", "jo@example.com")
	ann.Capture.Phone, jo.Capture.Phone = "", ""
	r.fromEdge(1, ann, jo)
	subjects := func() map[string]bool {
		all, err := r.Inbox(100)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, m := range all {
			found[m.To+": "+m.Subject] = true
		}
		return found
	}
	want := []string{"ann@example.com: Notiert", "jo@example.com: Noted, you", "ann@example.com: Wir sagen dir Bescheid: sobald es wieder da ist", "jo@example.com: Nous vous préviendrons : dès le retour en stock"}
	eventually(t, strings.Join(want, ", "), func() bool {
		found := subjects()
		for _, w := range want {
			if !found[w] {
				return false
			}
		}
		return true
	})

	before := shapeHashes(r)
	report := r.applies("new.yaml", "kind: Template\nname: noted\nspec: {subject: Anew, html: <p>anew</p>}\n---\nkind: Template\nname: waiting\nspec: {subject: Ours, html: <p>ours</p>}\n")
	if got := fmt.Sprint(report.Templates, report.Journeys); got != "[noted waiting] [noted shop-waiting]" {
		t.Errorf("applied %s", got)
	}
	after := shapeHashes(r)
	for shape, changes := range map[string]bool{"noted/mail": true, "noted/text": false, "shop-waiting/mail": true, "shop-back/mail": false} {
		if before[shape] == (core.Hash{}) || (before[shape] != after[shape]) != changes {
			t.Errorf("%s went from %s to %s", shape, before[shape], after[shape])
		}
	}
	if report := r.applies("new.yaml", "kind: Template\nname: noted\nspec: {subject: Anew, html: <p>anew</p>}\n"); len(report.Journeys) != 0 {
		t.Errorf("the same again changed %v", report.Journeys)
	}
	eve := asksIn("de", "eve@example.com")
	eve.Capture.Phone = ""
	r.fromEdge(3, eve)
	eventually(t, "eve is told in the new words", func() bool { f := subjects(); return f["eve@example.com: Anew"] && f["eve@example.com: Ours"] })
}

func shapeHashes(r *running) map[string]core.Hash {
	all := map[string]core.Hash{}
	for _, j := range r.workspaces[0].machine.Journeys() {
		for _, s := range j.Shapes {
			_, send, _ := s.Sends()
			all[string(j.Name)+"/"+s.Name] = send.Template
		}
	}
	return all
}

// TestPreview: what is shown is what would be sent, by any channel, in any language, to a contact or to somebody made up.
func TestPreview(t *testing.T) {
	r := templated(t)
	r.fromEdge(1, asksIn("de-AT", "ann@example.com"))
	for _, tt := range []struct {
		q    console.TemplateQuery
		want string // parts of the preview, or of the error
	}{
		{console.TemplateQuery{Template: "noted"}, "email en Noted, Ada"},
		{console.TemplateQuery{Template: "noted", Locale: "de-CH"}, "email de Notiert"},
		{console.TemplateQuery{Template: "noted", Channel: core.SMS, Locale: "de"}, "sms de Notiert: https://go.example/r/"},
		{console.TemplateQuery{Journey: "noted", Shape: "text"}, "sms en Noted: https://go.example/r/"},
		{console.TemplateQuery{Journey: "noted", Shape: "mail", Contact: "ann@example.com"}, "email de Notiert"},
		{console.TemplateQuery{Template: "back", Locale: "ar"}, `email ar متوفر من جديد`},
		{console.TemplateQuery{Template: "alert"}, "email en 207 are waiting"},
		{console.TemplateQuery{Template: "confirm"}, "http://127.0.0.1:8080/c/"},
		{console.TemplateQuery{Journey: "shop-back"}, "email en"},
		{console.TemplateQuery{Journey: "noted"}, "shape: want one of mail, text"},
		{console.TemplateQuery{Journey: "noted", Shape: "other"}, "shape: want one of mail, text"},
		{console.TemplateQuery{Journey: "none"}, "journey: there is no journey"},
		{console.TemplateQuery{Broadcast: "none"}, "broadcast: there is no broadcast"},
		{console.TemplateQuery{Template: "none"}, "template: there is no template"},
		{console.TemplateQuery{Template: "back", Channel: core.Push}, "channel: template back says nothing for push"},
		{console.TemplateQuery{Template: "noted", Contact: "eve@example.com"}, "contact: nobody with this address"},
		{console.TemplateQuery{Journey: "shop-back", Contact: "ann@example.com"}, "contact: back_in_stock has not occurred"},
	} {
		p, err := r.Preview(t.Context(), "default", tt.q)
		got := fmt.Sprintf("%s %s %s %s", p.Channel, p.Locale, p.Subject, p.Text)
		if p.Channel == core.SMS {
			got = fmt.Sprintf("%s %s %s", p.Channel, p.Locale, p.Text)
		}
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%+v\ngot  %s\nwant %s", tt.q, got, tt.want)
		}
	}
	p, err := r.Preview(t.Context(), "default", console.TemplateQuery{Template: "noted", Channel: core.SMS})
	if link := len("https://go.example/r/") + wire.BriefClick; err != nil || p.Characters != len("Noted: ")+link || p.Segments != 1 || p.Encoding != "GSM-7" {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestSendTest: a test goes through the real sender, says that it is one, and leaves nothing behind; who wants nothing gets none.
func TestSendTest(t *testing.T) {
	r := templated(t)
	r.fromEdge(1, asksIn("de-AT", "ann@example.com"))
	const before = "map[sent:3] <nil>"
	eventually(t, "ann is told", func() bool { return r.ledger() == before })
	q := console.TemplateQuery{Template: "noted", Sender: "inbox", To: "Boss@Example.com", Locale: "de"}
	report, err := r.SendTest(t.Context(), "default", q)
	if err != nil || report.Outcome != core.OutcomeAccepted {
		t.Fatalf("%+v, %v", report, err)
	}
	all, err := r.Inbox(1)
	if err != nil || len(all) != 1 || all[0].Subject != "[Test] Notiert" || !strings.EqualFold(all[0].To, "boss@example.com") {
		t.Fatalf("%+v, %v", all, err)
	}
	if h := all[0].Headers; h["X-Restock-Test"] != "true" || h["List-Unsubscribe"] != "" {
		t.Errorf("a test has the headers %v", h)
	}
	if after := r.ledger(); after != before {
		t.Errorf("the ledger went from %s to %s", before, after)
	}
	token := report.Preview.HTML[strings.Index(report.Preview.HTML, "/u/")+3:]
	token = token[:strings.IndexByte(token, '"')]
	if _, err := r.linkKeys.current(t.Context()).Open(wire.PurposeUnsubscribe, token, core.TimeOf(time.Now())); err == nil {
		t.Error("the link in a test ends messages")
	}
	for range maxTests {
		_, err = r.SendTest(t.Context(), "default", q)
	}
	if err == nil || !strings.Contains(err.Error(), "to: 10 tests were sent in the last minute") {
		t.Errorf("the eleventh test: %v", err)
	}
}

// ledger is how many messages there are, and where they stand.
func (r *running) ledger() string {
	counts := map[core.IntentAt]int{}
	err := r.workspaces[0].view(func(tx *db.Tx) {
		db.Intents.All(tx, func(i core.Intent) bool { counts[i.At]++; return true })
	})
	return fmt.Sprint(counts, err)
}

func TestSendTestRefuses(t *testing.T) {
	r := templated(t)
	ann := asksIn("de-AT", "ann@example.com")
	r.fromEdge(1, ann, wire.OptOut{Contact: r.contactOf(ann), Channel: core.Email})
	for _, tt := range []struct {
		q    console.TemplateQuery
		want string
	}{
		{console.TemplateQuery{Template: "noted", To: "boss@example.com"}, "sender: say by which sender"},
		{console.TemplateQuery{Template: "noted", Sender: "post", To: "boss@example.com"}, "sender: there is no sender post"},
		{console.TemplateQuery{Template: "noted", Sender: "inbox", To: "nonsense"}, "to: "},
		{console.TemplateQuery{Template: "noted", Sender: "inbox", To: "+4930123456"}, "to: want an address that email goes to"},
		{console.TemplateQuery{Template: "noted", Sender: "inbox", To: "ann@example.com"}, "to: nothing is sent to this address any more"},
		{console.TemplateQuery{Journey: "noted", Shape: "mail", To: "a@b"}, "to: "},
	} {
		_, err := r.SendTest(t.Context(), "default", tt.q)
		var invalid *core.InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %s", tt.q, err, tt.want)
		}
	}
	if all, err := r.Inbox(10); err != nil || strings.Contains(fmt.Sprint(all), "[Test]") {
		t.Errorf("a test that was refused is in the inbox (%v)", err)
	}
}

// contactOf is the contact that a capture makes.
func (r *running) contactOf(c wire.Capture) (id core.ContactID) {
	err := r.workspaces[0].view(func(tx *db.Tx) {
		w, _ := db.Workspaces.Get(tx, struct{}{})
		id = core.NewContactID(w.Key, core.Address{Channel: core.Email, Value: c.Capture.Email})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}
