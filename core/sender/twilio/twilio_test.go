package twilio

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"restock/core"
	"restock/core/sender/sendertest"
	"restock/core/sender/web"
)

const (
	testAccount = "AC0123456789abcdef0123456789abcdef"
	testService = "MG0123456789abcdef0123456789abcdef"
	testToken   = "s3cret-t0ken"
	testTo      = "+4915123456789"
)

// pretend is Twilio as its Messages API is documented.
type pretend struct {
	*sendertest.Provider
	mu    sync.Mutex
	forms []url.Values
}

func newPretend(t testing.TB, http2 bool) *pretend {
	p := &pretend{}
	p.Provider = sendertest.NewProvider(t, http2, p.answer)
	return p
}

func (p *pretend) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	account, token, _ := r.BasicAuth()
	form, err := url.ParseQuery(string(body))
	switch {
	case account != testAccount || token != testToken:
		sendertest.Answer(http.StatusUnauthorized, `{"code":20003,"message":"Authenticate","status":401}`)(w, r)
		return
	case r.Method != http.MethodPost || r.URL.Path != "/2010-04-01/Accounts/"+testAccount+"/Messages.json":
		sendertest.Answer(http.StatusNotFound, `{"code":20404,"message":"not found","status":404}`)(w, r)
		return
	case err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || form.Get("To") == "" || form.Get("Body") == "":
		sendertest.Answer(http.StatusBadRequest, `{"code":21604,"message":"'To' is required","status":400}`)(w, r)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forms = append(p.forms, form)
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"sid":"SM%032x","status":"queued","error_code":null,"error_message":null,"to":%q}`, len(p.forms), form.Get("To"))
}

func (p *pretend) received() []url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]url.Values(nil), p.forms...)
}

func (p *pretend) definition() core.Sender {
	return core.Sender{Name: "text", Kind: "twilio", From: "+15005550006", Settings: map[string]string{
		settingAccount: testAccount, settingCountries: "DE,US", settingURL: p.URL,
	}}
}

func (p *pretend) sender(t testing.TB, def core.Sender) *Twilio {
	t.Helper()
	s, err := Open(def, testToken, "https://edge.example/v1/providers/text/events")
	if err != nil {
		t.Fatal(err)
	}
	s.client = web.New(web.Config{Private: true, Roots: p.Roots(), Secrets: []string{testToken}})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func message(n uint64) core.Message {
	m := sendertest.Message(n)
	m.Channel, m.To = core.SMS, core.Address{Channel: core.SMS, Value: testTo}
	m.From, m.Subject, m.HTML = "", "", ""
	return m
}

func TestConformance(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2 %t", http2), func(t *testing.T) {
			sendertest.Run(t, func(t *testing.T) sendertest.Rig {
				p := newPretend(t, http2)
				faults := p.Faults(sendertest.Answer(http.StatusBadRequest, `{"code":21617,"message":"too long for `+testTo+`","status":400}`))
				faults[sendertest.Gone] = func() {
					p.Next(sendertest.Answer(http.StatusBadRequest, `{"code":21610,"message":"Attempt to send to unsubscribed recipient `+testTo+`","status":400}`))
				}
				return sendertest.Rig{
					Sender: p.sender(t, p.definition()), Message: message, Faults: faults, Hang: p.Hang,
					Arrived: func(*testing.T) (all []sendertest.Arrived) {
						for _, f := range p.received() {
							all = append(all, sendertest.Arrived{To: f.Get("To"), From: f.Get("From"), Text: f.Get("Body")})
						}
						return all
					},
				}
			})
		})
	}
}

// TestForm is what Twilio is asked for.
func TestForm(t *testing.T) {
	p := newPretend(t, false)
	by := p.definition()
	by.From, by.Settings[settingService], by.Settings[settingValidity] = "", testService, "7200"
	for _, def := range []core.Sender{p.definition(), by} {
		o := p.sender(t, def).Send(t.Context(), message(0xfe))
		if o.Kind != core.OutcomeAccepted || !messageForm.MatchString(o.Receipt) {
			t.Fatalf("%+v", o)
		}
	}
	const common = "Body=It+is+back.&%s&StatusCallback=https%%3A%%2F%%2Fedge.example%%2Fv1%%2Fproviders%%2Ftext%%2Fevents%%3Fkey%%3D000000000000000000000000000000fe&To=%%2B4915123456789&ValidityPeriod=%s"
	for n, want := range []string{fmt.Sprintf(common, "From=%2B15005550006", "3600"), fmt.Sprintf(common, "MessagingServiceSid="+testService, "7200")} {
		if got := p.received()[n].Encode(); got != want {
			t.Errorf("it was asked for\n%s\nwant\n%s", got, want)
		}
	}
}

// TestAnswers are Twilio's documented errors, and answers that it never gives.
func TestAnswers(t *testing.T) {
	failed := func(code int) string {
		return fmt.Sprintf(`{"code":%d,"message":"no","more_info":"…","status":400}`, code)
	}
	for _, tt := range []struct {
		name   string
		status int
		body   string
		kind   core.OutcomeKind
		reason core.Reason
		detail string
	}{
		{"stopped", 400, failed(21610), core.OutcomePermanent, core.ReasonUnsubscribed, "HTTP 400, error 21610: no"},
		{"no number", 400, failed(21211), core.OutcomePermanent, core.ReasonBounced, "error 21211"},
		{"no mobile", 400, failed(21614), core.OutcomePermanent, core.ReasonBounced, "error 21614"},
		{"anything else", 400, failed(21619), core.OutcomePermanent, core.ReasonRefused, "error 21619"},
		{"a region that is off", 400, failed(21408), core.OutcomeTemporary, core.ReasonTemporary, "error 21408"},
		{"a queue that is full", 400, failed(21611), core.OutcomeTemporary, core.ReasonTemporary, "error 21611"},
		{"a callback that is not reachable", 400, failed(21609), core.OutcomeTemporary, core.ReasonTemporary, "error 21609"},
		{"a number that is not ours", 400, failed(21659), core.OutcomeTemporary, core.ReasonTemporary, "error 21659"},
		{"a bad request without a code", 400, "<html>", core.OutcomeTemporary, core.ReasonTemporary, "HTTP 400"},
		{"a wrong token", 401, `{"code":20003,"message":"Authenticate ` + testToken + `","status":401}`, core.OutcomeTemporary, core.ReasonTemporary, "error 20003: Authenticate ***"},
		{"no such account", 404, failed(20404), core.OutcomeTemporary, core.ReasonTemporary, "error 20404"},
		{"too many", 429, failed(20429), core.OutcomeTemporary, core.ReasonTemporary, "error 20429"},
		{"not now", 503, "", core.OutcomeTemporary, core.ReasonTemporary, "HTTP 503"},
		{"it failed, who knows when", 500, failed(20500), core.OutcomeUnknown, core.ReasonUnanswered, "error 20500"},
		{"a gateway gave up waiting", 504, "<html>", core.OutcomeUnknown, core.ReasonUnanswered, "HTTP 504"},
		{"taken and failed at once", 201, `{"sid":"SM1","status":"failed","error_code":30006}`, core.OutcomePermanent, core.ReasonBounced, "failed it at once"},
		{"taken, the id was cut off", 201, `{"sid":"SM0123`, core.OutcomeAccepted, core.ReasonAccepted, ""},
		{"another id", 201, `{"sid":"XX"}`, core.OutcomeAccepted, core.ReasonAccepted, ""},
		{"somebody's start page", 200, "<html>Welcome</html>", core.OutcomeUnknown, core.ReasonUnanswered, "no answer of Twilio's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPretend(t, false)
			p.Next(sendertest.Answer(tt.status, tt.body))
			o := p.sender(t, p.definition()).Send(t.Context(), message(1))
			if o.Kind != tt.kind || o.Reason != tt.reason || !strings.Contains(o.Detail, tt.detail) || o.Receipt != "" || strings.Contains(o.Detail, testToken) {
				t.Errorf("%+v, want %s, %s and %q", o, tt.kind, tt.reason, tt.detail)
			}
		})
	}
}

// TestABodyWithoutEnd is read no further than it must be, and the status still counts.
func TestABodyWithoutEnd(t *testing.T) {
	p := newPretend(t, false)
	p.Next(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("x", 4096)); err != nil {
				return
			}
		}
	})
	if o := p.sender(t, p.definition()).Send(t.Context(), message(1)); o.Kind != core.OutcomeAccepted {
		t.Errorf("%+v", o)
	}
}

// TestRefusedBeforeTheCall: nobody is asked to send what may not be sent.
func TestRefusedBeforeTheCall(t *testing.T) {
	p := newPretend(t, false)
	s := p.sender(t, p.definition())
	for _, tt := range []struct {
		name   string
		change func(*core.Message)
		want   string
	}{
		{"another country", func(m *core.Message) { m.To.Value = "+447400123456" }, `numbers of "GB" are not among`},
		{"no number", func(m *core.Message) { m.To.Value = "+49" }, `numbers of "" are not among`},
		{"another channel", func(m *core.Message) { *m = sendertest.Message(1) }, "not email"},
		{"no text", func(m *core.Message) { m.Text = " \n" }, "no text"},
		{"eleven segments", func(m *core.Message) { m.Text = strings.Repeat("x", 1531) }, "11 SMS long"},
		{"eleven segments in UCS-2", func(m *core.Message) { m.Text = strings.Repeat("ж", 671) }, "11 SMS long"},
	} {
		m := message(1)
		tt.change(&m)
		if o := s.Send(t.Context(), m); o.Kind != core.OutcomePermanent || !strings.Contains(o.Detail, tt.want) {
			t.Errorf("%s: %+v, want %q", tt.name, o, tt.want)
		}
	}
	if n := len(p.received()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*core.Sender)
		token  string
		want   string
	}{
		{"nothing", func(d *core.Sender) { *d = core.Sender{} }, "", "settings.account: want the account's SID"},
		{"no token", func(*core.Sender) {}, "", "secrets.token: is needed"},
		{"neither number nor service", func(d *core.Sender) { d.From = "" }, "t", "from: want either"},
		{"both", func(d *core.Sender) { d.Settings[settingService] = testService }, "t", "from: want either"},
		{"a service of another form", func(d *core.Sender) { d.From, d.Settings[settingService] = "", "MG1" }, "t", "settings.service: want"},
		{"a number that is none", func(d *core.Sender) { d.From = "+1" }, "t", "from: "},
		{"a long name", func(d *core.Sender) { d.From = "TwelveLetter" }, "t", "from: want a number"},
		{"no countries", func(d *core.Sender) { delete(d.Settings, settingCountries) }, "t", "settings.countries: want"},
		{"a country in words", func(d *core.Sender) { d.Settings[settingCountries] = "Germany" }, "t", "settings.countries: want"},
		{"half a day", func(d *core.Sender) { d.Settings[settingValidity] = "43200" }, "t", "settings.validity: want 60 to 36000"},
		{"another host in the clear", func(d *core.Sender) { d.Settings[settingURL] = "http://api.example" }, "t", "settings.url: want"},
		{"a path", func(d *core.Sender) { d.Settings[settingURL] = "https://api.example/x" }, "t", "settings.url: want"},
		{"a misspelt setting", func(d *core.Sender) { d.Settings["country"] = "DE" }, "t", "settings.country: there is no such setting"},
		{"a misspelt secret", func(d *core.Sender) { d.Secrets = map[string]core.Secret{"auth": "env:X"} }, "t", "secrets.auth: there is no such secret"},
	} {
		def := core.Sender{From: "Shop", Settings: map[string]string{settingAccount: testAccount, settingCountries: "DE, AT"}}
		tt.change(&def)
		s, err := Open(def, tt.token, "")
		if _, ok := errors.AsType[*core.InvalidError](err); !ok || s != nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	for _, from := range []string{"Shop", "12345", "+15005550006", "My Shop 24"} {
		def := core.Sender{From: from, Settings: map[string]string{settingAccount: testAccount, settingCountries: "DE, AT"}}
		if _, err := Open(def, "t", ""); err != nil {
			t.Errorf("from %s: %v", from, err)
		}
	}
}
