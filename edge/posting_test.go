package edge

import (
	"encoding/base64"
	"strings"
	"testing"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

const (
	twilioToken = "t0ken-t0ken-t0ken"
	twilioURL   = "https://alerts.example/v1/providers/text/events"
	basicPair   = "hook:s3cret-s3cret"
)

// senderEdge is an edge that knows the senders "text" (twilio) and "post" (smtp), and of "box" that nobody posts for it.
func senderEdge(t testing.TB) *Node {
	t.Helper()
	n := newEdge(t)
	for _, s := range []wire.EdgeSender{
		{Name: "text", Workspace: "default", Kind: "twilio", Secrets: [][]byte{[]byte(twilioToken)}, URL: twilioURL},
		{Name: "post", Workspace: "default", Kind: "smtp", Secrets: [][]byte{[]byte(basicPair)}, URL: "https://alerts.example/v1/providers/post/events"},
		{Name: "box", Workspace: "default", Kind: "inbox", Secrets: [][]byte{[]byte(basicPair)}},
	} {
		b, err := wire.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		configure(t, n, wire.SenderKey(s.Name), b)
	}
	return n
}

func basic(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }

// TestPostings: what is signed is kept as it came, once it is on disk; nothing else is kept.
func TestPostings(t *testing.T) {
	const form, query = "MessageSid=SM1&MessageStatus=delivered&To=%2B4915123456789", "key=00112233445566778899aabbccddeeff"
	signed := func(to, token string) map[string]string {
		return map[string]string{"X-Twilio-Signature": sign.SignTwilio(to, []byte(token), []byte(form)), "Content-Type": "application/x-www-form-urlencoded"}
	}
	const json = `{"RecordType":"Bounce"}`
	for _, c := range []struct {
		name, path string
		headers    map[string]string
		body       string
		want       int
	}{
		{"Twilio", "/v1/providers/text/events?" + query, signed(twilioURL+"?"+query, twilioToken), form, 200},
		{"Twilio without a query", "/v1/providers/text/events", signed(twilioURL, twilioToken), form, 200},
		{"signed for another message", "/v1/providers/text/events?key=1", signed(twilioURL+"?"+query, twilioToken), form, 401},
		{"signed for another host", "/v1/providers/text/events", signed("https://other.example/v1/providers/text/events", twilioToken), form, 401},
		{"signed by another account", "/v1/providers/text/events", signed(twilioURL, "other"), form, 401},
		{"another form", "/v1/providers/text/events", signed(twilioURL, twilioToken), form + "&x=y", 401},
		{"a long query", "/v1/providers/text/events?" + strings.Repeat("x", maxQuery+1), signed(twilioURL+"?"+strings.Repeat("x", maxQuery+1), twilioToken), form, 401},
		{"not signed", "/v1/providers/text/events", nil, form, 401},
		{"Postmark", "/v1/providers/post/events", map[string]string{"Authorization": basic(basicPair), "Content-Type": "application/json"}, json, 200},
		{"another password", "/v1/providers/post/events", map[string]string{"Authorization": basic("hook:x")}, json, 401},
		{"no password", "/v1/providers/post/events", nil, json, 401},
		{"nobody posts for it", "/v1/providers/box/events", map[string]string{"Authorization": basic(basicPair)}, json, 404},
		{"nobody knows it", "/v1/providers/other/events", map[string]string{"Authorization": basic(basicPair)}, json, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := senderEdge(t)
			r := ask(n, "POST", c.path, c.headers, c.body)
			if r.StatusCode() != c.want {
				t.Fatalf("answered %d %s, want %d", r.StatusCode(), r.Body(), c.want)
			}
			entries := kept(t, n)
			if c.want != 200 {
				wantProblem(t, r, "")
				if len(entries) != 0 {
					t.Error("something was kept")
				}
				return
			}
			p := core.Posting(entries[0].(wire.Posting))
			_, asked, _ := strings.Cut(c.path, "?")
			if string(p.Body) != c.body || p.Query != asked || p.ReceivedAt == 0 || p.Header("authorization") != "" || !strings.Contains(c.path, string(p.Sender)) {
				t.Errorf("kept %+v", p)
			}
			if c.name == "Postmark" && p.Header("content-type") != "application/json" {
				t.Errorf("kept %+v", p.Headers)
			}
		})
	}
}

func TestPostingsAreBounded(t *testing.T) {
	n := senderEdge(t)
	headers := map[string]string{"Authorization": basic(basicPair)}
	if r := ask(n, "POST", "/v1/providers/post/events", headers, strings.Repeat("x", MaxPostingBytes)); r.StatusCode() != 200 {
		t.Errorf("the largest is answered %d", r.StatusCode())
	}
	if r := ask(n, "POST", "/v1/providers/post/events", headers, strings.Repeat("x", MaxPostingBytes+1)); r.StatusCode() != 413 {
		t.Errorf("a larger one is answered %d", r.StatusCode())
	}
	if r := ask(n, "GET", "/v1/providers/post/events", headers, ""); r.StatusCode() != 405 {
		t.Errorf("GET is answered %d", r.StatusCode())
	}
	configure(t, n, wire.SenderKey("post"), nil)
	if r := ask(n, "POST", "/v1/providers/post/events", headers, "x"); r.StatusCode() != 404 {
		t.Errorf("a sender that was taken back is answered %d", r.StatusCode())
	}
}

func FuzzPosting(f *testing.F) {
	n := senderEdge(f)
	f.Add("text", "key=1", "sig", []byte("a=b"))
	f.Add("post", "", "Basic Og==", []byte("{}"))
	f.Fuzz(func(t *testing.T, sender, query, signature string, body []byte) {
		if strings.ContainsAny(sender+query+signature, "\r\n") {
			return
		}
		r := ask(n, "POST", "/v1/providers/"+sender+"/events?"+query, map[string]string{"X-Twilio-Signature": signature, "Authorization": signature}, string(body))
		if r.StatusCode() == 200 {
			t.Errorf("took what nobody signed: %q", body)
		}
	})
}
