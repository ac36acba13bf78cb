package feedback_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"restock/core"
	"restock/core/sender"
	"restock/core/sender/feedback"
)

var (
	twilio   = core.Sender{Name: "text", Kind: "twilio"}
	postmark = core.Sender{Name: "post", Kind: "smtp", Settings: map[string]string{"events": "postmark"}}
	mailbox  = core.Sender{Name: "post", Kind: "smtp", Settings: map[string]string{"events": "mailbox"}}
)

const keyText = "00112233445566778899aabbccddeeff"

var (
	key = core.LedgerKey{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	ann = core.Address{Channel: core.Email, Value: "ann@example.com"}
	tel = core.Address{Channel: core.SMS, Value: "+4915123456789"}
)

// form is a post of Twilio's; its fields come in pairs.
func form(fields ...string) []byte {
	v := url.Values{"MessageSid": {"SM00000000000000000000000000000001"}, "AccountSid": {"AC1"}, "ApiVersion": {"2010-04-01"}}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	return []byte(v.Encode())
}

func TestTwilio(t *testing.T) {
	status := func(word, code string) []byte {
		return form("MessageStatus", word, "SmsStatus", word, "ErrorCode", code, "To", tel.Value, "From", "+15005550006")
	}
	reply := func(body string, more ...string) []byte {
		return form(append([]string{"SmsStatus", "received", "From", tel.Value, "To", "+15005550006", "Body", body}, more...)...)
	}
	said := func(k core.FeedbackKind, detail string) []core.Feedback {
		return []core.Feedback{{Kind: k, Key: key, Address: tel, Detail: detail}}
	}
	asked := func(k core.FeedbackKind) []core.Feedback { return []core.Feedback{{Kind: k, Address: tel}} }
	for _, tt := range []struct {
		name  string
		query string
		body  []byte
		want  []core.Feedback
		err   string
	}{
		{"queued", "key=" + keyText, status("queued", ""), said(core.FeedbackTaken, "queued"), ""},
		{"sent", "key=" + keyText, status("sent", ""), said(core.FeedbackTaken, "sent"), ""},
		{"delivered", "key=" + keyText, status("delivered", ""), said(core.FeedbackDelivered, "delivered"), ""},
		{"filtered by a carrier", "key=" + keyText, status("undelivered", "30007"), said(core.FeedbackFailed, "undelivered, error 30007"), ""},
		{"nobody has the number", "key=" + keyText, status("undelivered", "30005"), said(core.FeedbackBounced, "undelivered, error 30005"), ""},
		{"a landline", "key=" + keyText, status("failed", "30006"), said(core.FeedbackBounced, "failed, error 30006"), ""},
		{"stopped before", "key=" + keyText, status("failed", "21610"), said(core.FeedbackStopped, "failed, error 21610"), ""},
		{"too late", "key=" + keyText, status("failed", "30036"), said(core.FeedbackFailed, "failed, error 30036"), ""},
		{"without a key", "", status("delivered", ""), []core.Feedback{{Kind: core.FeedbackDelivered, Address: tel, Detail: "delivered"}}, ""},
		{"a key that is none", "key=xyz", status("delivered", ""), []core.Feedback{{Kind: core.FeedbackDelivered, Address: tel, Detail: "delivered"}}, ""},
		{"a status to come", "", status("partially_delivered", ""), nil, "acted on"},
		{"STOP", "", reply("Stop!"), asked(core.FeedbackStopped), ""},
		{"by Advanced Opt-Out", "", reply("Basta", "OptOutType", "STOP"), asked(core.FeedbackStopped), ""},
		{"START", "", reply("unstop"), asked(core.FeedbackStarted), ""},
		{"HELP", "", reply("Info"), asked(core.FeedbackHelp), ""},
		{"a conversation", "", reply("When will it be back?"), nil, "acted on"},
		{"by another channel", "", form("SmsStatus", "received", "From", "whatsapp:"+tel.Value, "Body", "STOP"), nil, "acted on"},
		{"no form", "", []byte("%zz"), nil, "reading Twilio's form"},
		{"no message", "", []byte("MessageStatus=sent"), nil, "names no message"},
		{"a broken query", "%zz", status("sent", ""), nil, "the URL's query"},
	} {
		got, err := feedback.Read(twilio, core.Posting{Query: tt.query, Body: tt.body})
		expect(t, tt.name, got, err, tt.want, tt.err)
	}
}

func expect(t *testing.T, name string, got []core.Feedback, err error, want []core.Feedback, wrong string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) || (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
		t.Errorf("%s:\ngot  %+v, %v\nwant %+v, %s", name, got, err, want, wrong)
	}
}

// TestWords is the union of the providers' lists, as people type them.
func TestWords(t *testing.T) {
	for want, replies := range map[core.FeedbackKind][]string{
		core.FeedbackStopped: {"STOP", "stop", " Stop. ", "\"STOP\"", "STOPALL", "stop all", "UNSUBSCRIBE", "End", "QUIT", "cancel", "REVOKE", "OPTOUT",
			"opt-out", "Opt out", "ARRET", "Arrêt", "REMOVE", "TD", "Stop texting me", "unsubscribe me please", "STOP,please", "stop...",
			"Stop. I have asked you three times now, and this is my own phone: take my number off your list!", "\n STOP\nTexts", strings.Repeat("STOP ", 20)},
		core.FeedbackStarted: {"START", "yes", "Unstop", "opt-in"},
		core.FeedbackHelp:    {"HELP", "help?", "info", "AIDE"},
		"":                   {"", " ", "!", "?", "1", "no", "is it the end", "helpful", "yes please", "weekend", "stopping", "THE END", "stopping by tomorrow", "YES, " + strings.Repeat("tell me ", 20), strings.Repeat("STOP", 20)},
	} {
		for _, reply := range replies {
			if got := feedback.Word(reply); got != want {
				t.Errorf("%q is %q, want %q", reply, got, want)
			}
		}
	}
}

func TestPostmark(t *testing.T) {
	const to = `"ServerID":23,"MessageStream":"outbound","MessageID":"00000000-0000-0000-0000-000000000000","Metadata":{"restock":"` + keyText + `"},`
	bounce := func(kind string) string {
		return `{"RecordType":"Bounce",` + to + `"Type":"` + kind + `","TypeCode":1,"Email":"Ann@Example.com","Description":"It bounced.","Inactive":true}`
	}
	lower := core.Address{Channel: core.Email, Value: "Ann@example.com"}
	said := func(k core.FeedbackKind, a core.Address, detail string) []core.Feedback {
		return []core.Feedback{{Kind: k, Key: key, Address: a, Detail: detail}}
	}
	change := func(suppress, reason string) string {
		return `{"RecordType":"SubscriptionChange",` + to + `"Recipient":"ann@example.com","SuppressSending":` + suppress + `,"SuppressionReason":` + reason + `}`
	}
	for _, tt := range []struct {
		name string
		body string
		want []core.Feedback
		err  string
	}{
		{"delivered", `{"RecordType":"Delivery",` + to + `"Recipient":"ann@example.com","Details":"Test"}`, said(core.FeedbackDelivered, ann, ": Test"), ""},
		{"hard", bounce("HardBounce"), said(core.FeedbackBounced, lower, "It bounced."), ""},
		{"no address", bounce("BadEmailAddress"), said(core.FeedbackBounced, lower, "It bounced."), ""},
		{"soft", bounce("SoftBounce"), said(core.FeedbackFailed, lower, "It bounced."), ""},
		{"blocked", bounce("Blocked"), said(core.FeedbackFailed, lower, "It bounced."), ""},
		{"on holiday", bounce("AutoResponder"), nil, "acted on"},
		{"unsubscribed there", bounce("Unsubscribe"), said(core.FeedbackStopped, lower, "It bounced."), ""},
		{"complained", `{"RecordType":"SpamComplaint",` + to + `"Type":"SpamComplaint","Email":"ann@example.com","Details":"said ann@example.com"}`,
			said(core.FeedbackComplained, ann, "SpamComplaint: said a***@example.com"), ""},
		{"of earlier days", `{"ID":42,"Type":"HardBounce","Email":"ann@example.com","Metadata":{"user_id":43}}`, []core.Feedback{{Kind: core.FeedbackBounced, Address: ann}}, ""},
		{"suppressed there", change("true", `"ManualSuppression"`), said(core.FeedbackStopped, ann, ""), ""},
		{"suppressed for a bounce", change("true", `"HardBounce"`), said(core.FeedbackBounced, ann, ""), ""},
		{"suppressed for a complaint", change("true", `"SpamComplaint"`), said(core.FeedbackComplained, ann, ""), ""},
		{"activated there", change("false", "null"), nil, "acted on"},
		{"opened", `{"RecordType":"Open",` + to + `"Recipient":"ann@example.com"}`, nil, "acted on"},
		{"another's metadata", `{"RecordType":"Delivery","Recipient":"ann@example.com","Metadata":{"restock":7}}`, []core.Feedback{{Kind: core.FeedbackDelivered, Address: ann}}, ""},
		{"nobody", `{"RecordType":"Delivery"}`, nil, "its recipient"},
		{"no JSON", `<html>`, nil, "reading Postmark's webhook"},
		{"a list", `[]`, nil, "reading Postmark's webhook"},
	} {
		got, err := feedback.Read(postmark, core.Posting{Body: []byte(tt.body)})
		expect(t, tt.name, got, err, tt.want, tt.err)
	}
}

// mails are messages from a bounce mailbox, in testdata.
func TestMails(t *testing.T) {
	said := func(k core.FeedbackKind, a core.Address, detail string) []core.Feedback {
		return []core.Feedback{{Kind: k, Key: key, Address: a, Detail: detail, Hearsay: true}}
	}
	for _, tt := range []struct {
		name string
		want []core.Feedback
		err  string
	}{
		{"bounced", said(core.FeedbackBounced, ann, "5.1.1 550 5.1.1 <a***@example.com>: Recipient address rejected: User unknown"), ""},
		{"delayed", said(core.FeedbackTaken, ann, "4.4.1 connect to mx.example.com[192.0.2.1]:25: Connection timed out"), ""},
		{"full", said(core.FeedbackFailed, ann, "5.2.2 552 5.2.2 The mailbox is full"), ""},
		{"spam", said(core.FeedbackFailed, ann, "5.7.1 554 5.7.1 Message rejected as spam"), ""},
		{"vague", said(core.FeedbackBounced, ann, "5.0.0 550 5.1.1 user unknown"), ""},
		{"delivered", said(core.FeedbackDelivered, ann, "2.0.0"), ""},
		{"global", said(core.FeedbackBounced, core.Address{}, "5.1.1 550 5.1.1 no such user"), ""},
		{"no-original", said(core.FeedbackBounced, ann, "5.1.1"), ""},
		{"cut-off", []core.Feedback{{Kind: core.FeedbackBounced, Address: ann, Detail: "5.1.1", Hearsay: true}}, ""},
		{"two", []core.Feedback{
			{Kind: core.FeedbackBounced, Key: key, Address: ann, Detail: "5.1.1", Hearsay: true},
			{Kind: core.FeedbackTaken, Key: key, Address: core.Address{Channel: core.Email, Value: "bob@example.com"}, Detail: "4.2.0", Hearsay: true},
		}, ""},
		{"abuse", said(core.FeedbackComplained, ann, ""), ""},
		{"not-spam", nil, "acted on"},
		{"holiday", nil, "acted on"},
		{"prose", nil, "acted on"},
		{"empty-report", nil, "acted on"},
		{"no-mail", nil, "reading a bounce"},
	} {
		body, err := os.ReadFile(filepath.Join("testdata", tt.name+".eml"))
		if err != nil {
			t.Fatal(err)
		}
		for end, text := range map[string]string{"CRLF": strings.ReplaceAll(string(body), "\n", "\r\n"), "LF": string(body)} {
			got, err := feedback.Read(mailbox, core.Posting{Body: []byte(text)})
			expect(t, tt.name+" with "+end, got, err, tt.want, tt.err)
		}
	}
}

func TestNobodyIsTold(t *testing.T) {
	for _, s := range []core.Sender{{Kind: "inbox"}, {Kind: "smtp"}, {Kind: "webpush"}, {}} {
		if _, err := feedback.Read(s, core.Posting{Body: []byte("{}")}); !errors.Is(err, feedback.ErrNobody) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// check is what holds for whatever comes in.
func check(t *testing.T, s core.Sender, p core.Posting) {
	facts, err := feedback.Read(s, p)
	if (err == nil) != (len(facts) > 0) || len(facts) > feedback.MaxFacts {
		t.Errorf("%d facts with %v", len(facts), err)
	}
	for _, f := range facts {
		if f.Kind == "" || len(f.Detail) > sender.MaxDetail || strings.ContainsAny(f.Detail, "\r\n\x00") || (f.Address.Value == "") != (f.Address.Channel == "") {
			t.Errorf("it says %+v", f)
		}
		if f.Hearsay != (s.Settings["events"] == "mailbox") {
			t.Errorf("who says it is taken for another: %+v", f)
		}
	}
}

func FuzzTwilio(f *testing.F) {
	f.Add("key="+keyText, form("MessageStatus", "delivered", "To", tel.Value))
	f.Add("", form("Body", "STOP", "From", tel.Value))
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		check(t, twilio, core.Posting{Query: query, Body: body})
	})
}

func FuzzPostmark(f *testing.F) {
	f.Add([]byte(`{"RecordType":"Bounce","Type":"HardBounce","Email":"ann@example.com","Metadata":{"restock":"` + keyText + `"}}`))
	f.Add([]byte(`{"Metadata":{"restock":{}}}`))
	f.Fuzz(func(t *testing.T, body []byte) { check(t, postmark, core.Posting{Body: body}) })
}

func FuzzMail(f *testing.F) {
	names, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(names) == 0 {
		f.Fatalf("no examples: %v", err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) { check(t, mailbox, core.Posting{Body: body}) })
}
