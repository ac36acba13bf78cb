package smtp

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/sender/sendertest"
)

func TestOpenRefuses(t *testing.T) {
	good := func() core.Sender {
		return core.Sender{From: "Shop <shop@example.com>", Settings: map[string]string{"host": "mail.example.com"}}
	}
	tests := []struct {
		name     string
		change   func(*core.Sender)
		password string
		want     string
	}{
		{"nothing", func(d *core.Sender) { *d = core.Sender{} }, "", "settings.host: want the mail server's name or IP address, " +
			"such as smtp.example.com; from: want whom the e-mails come from, such as Example Shop <shop@example.com>"},
		{"host with port", func(d *core.Sender) { d.Settings["host"] = "mail.example.com:25" }, "", "settings.host: want"},
		{"tls", func(d *core.Sender) { d.Settings["tls"] = "ssl" }, "", `settings.tls: want none, starttls or implicit, got "ssl"`},
		{"port", func(d *core.Sender) { d.Settings["port"] = "70000" }, "", `settings.port: want a number from 1 to 65535, got "70000"`},
		{"no password", func(d *core.Sender) { d.Settings["username"] = "u" }, "", "secrets.password: is needed"},
		{"no username", func(*core.Sender) {}, "p", "settings.username: is needed"},
		{"password in the clear", func(d *core.Sender) { d.Settings["username"], d.Settings["tls"] = "u", "none" }, "p",
			"settings.tls: is none, and a password is not sent in the clear"},
		{"unknown setting", func(d *core.Sender) { d.Settings["user"] = "u" }, "", "settings.user: there is no such setting"},
		{"unknown secret", func(d *core.Sender) { d.Secrets = map[string]core.Secret{"pass": "env:P"} }, "", "secrets.pass: there is no such secret"},
		{"from", func(d *core.Sender) { d.From = "Shop" }, "", "from: cannot be read; write it as"},
		{"from's domain", func(d *core.Sender) { d.From = "shop@localhost" }, "", "from: "},
		{"bounces", func(d *core.Sender) { d.Settings["bounces"] = "bounces" }, "", "settings.bounces: want the address of the mailbox that bounces go to"},
		{"two from", func(d *core.Sender) { d.From = "a@example.com, b@example.com" }, "", "from: cannot be read"},
	}
	for _, tt := range tests {
		def := good()
		tt.change(&def)
		s, err := Open(def, Secrets{Password: tt.password})
		if _, ok := errors.AsType[*core.InvalidError](err); !ok || s != nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s\ngot  %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

func TestOpenDefaults(t *testing.T) {
	tests := []struct{ tls, port, want string }{
		{"", "", "starttls 587"}, {"starttls", "2525", "starttls 2525"}, {"implicit", "", "implicit 465"}, {"none", "", "none 25"},
	}
	for _, tt := range tests {
		s, err := Open(core.Sender{From: "Bücher <laden@Bücher.example>", Settings: map[string]string{
			"host": "::1", "tls": tt.tls, "port": tt.port,
		}}, Secrets{})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.config.tls) + " " + s.config.port; got != tt.want || s.config.domain != "xn--bcher-kva.example" {
			t.Errorf("%+v: got %s, domain %s", tt, got, s.config.domain)
		}
	}
}

func TestSealRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*core.Message)
		want   string
	}{
		{"header value", func(m *core.Message) { m.Headers = []core.Header{{Name: "X-A", Value: "a\r\nBcc: b@example.org"}} }, `writing header "X-A"`},
		{"header name", func(m *core.Message) { m.Headers = []core.Header{{Name: "X-A: b", Value: "c"}} }, "writing header"},
		{"empty header name", func(m *core.Message) { m.Headers = []core.Header{{Value: "c"}} }, "writing header"},
		{"long header", func(m *core.Message) { m.Headers = []core.Header{{Name: "X-A", Value: strings.Repeat("x", 999)}} }, "longer than 998 bytes"},
		{"recipient", func(m *core.Message) { m.To.Value = "ada@example.org>\r\nRCPT TO:<bob@example.org" }, "reading the message's recipient"},
		{"channel", func(m *core.Message) { m.To = core.Address{Channel: core.SMS, Value: "+4915112345678"} }, "smtp sends e-mail, not sms"},
		{"from", func(m *core.Message) { m.From = "nobody" }, "reading the message's sender"},
	}
	m := startServer(t, none)
	s := m.sender(t, none)
	for _, tt := range tests {
		msg := sendertest.Message(1)
		tt.change(&msg)
		o := s.Send(t.Context(), msg)
		if o.Kind != core.OutcomePermanent || !strings.Contains(o.Detail, tt.want) {
			t.Errorf("%s: got %+v, want …%s…", tt.name, o, tt.want)
		}
	}
	if total, _ := m.listener.counts(); total != 0 {
		t.Errorf("%d connections for messages that cannot be sent", total)
	}
}

func TestHeaders(t *testing.T) {
	m := startServer(t, none)
	msg := sendertest.Message(0xfe)
	msg.From = "Bücher Müller <laden@bücher.example>"
	msg.To.Value = "ada@xn--bcher-kva.example"
	msg.Subject = "one\r\nBcc: bob@example.org"
	token := strings.Repeat("t", 200)
	msg.Headers = []core.Header{
		{Name: "X-Z", Value: "first"},
		{Name: "List-Unsubscribe", Value: "<https://edge.example/u/" + token + ">"},
		{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
		{Name: "X-A", Value: "Ä"},
		{Name: "Subject", Value: "another"}, {Name: "content-type", Value: "text/evil"},
	}
	if o := m.sender(t, none).Send(t.Context(), msg); o.Kind != core.OutcomeAccepted {
		t.Fatalf("%+v", o)
	}
	got := head(m.received()[0])
	begins := "X-Z: first\r\nList-Unsubscribe: <https://edge.example/u/" + token + ">\r\n" +
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nX-A: =?utf-8?q?=C3=84?=\r\n"
	if !strings.HasPrefix(got, begins) {
		t.Errorf("the headers it brought are not first, in order and unfolded:\n%s", got)
	}
	for _, want := range []string{
		"\r\nDate: Fri, 02 Jan 2026 00:00:00 +0000\r\n",
		"\r\nMessage-ID: <000000000000000000000000000000fe@xn--bcher-kva.example>\r\n",
		"\r\nSubject: one Bcc: bob@example.org\r\n",
		"\r\nTo: <ada@xn--bcher-kva.example>\r\n",
		"<laden@xn--bcher-kva.example>\r\n",
		"\r\nMIME-Version: 1.0\r\n",
		"\r\nContent-Type: multipart/alternative;",
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("want once %q in\n%s", want, got)
		}
	}
	for _, bad := range []string{"\r\nBcc:", "evil", "another", "User-Agent", "X-Mailer"} {
		if strings.Contains(got, bad) {
			t.Errorf("the header holds %q:\n%s", bad, got)
		}
	}
}

// FuzzSeal: no message smuggles a header or a recipient in, and what is sealed has no line a server may refuse.
func FuzzSeal(f *testing.F) {
	f.Add("Subject", "X-A", "value", "ada@example.org", "text\n.\n", "<p>html</p>")
	f.Add("a\nb", "X-A\r\nBcc", "v\r\n\r\nbody", "ada@example.org\r\n", "\r\n.\r\n", "")
	c, err := readConfig(core.Sender{From: "Shop <shop@example.com>", Settings: map[string]string{"host": "mail.example.com"}}, Secrets{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, subject, name, value, to, text, html string) {
		m := sendertest.Message(1)
		m.Subject, m.To.Value, m.Text, m.HTML = subject, to, text, html
		m.Headers = []core.Header{{Name: name, Value: value}}
		e, err := c.seal(m)
		if err != nil {
			return
		}
		known := []string{strings.ToLower(name), "date", "message-id", "mime-version", "subject", "from", "to", "content-type",
			"content-transfer-encoding", ""}
		for line := range strings.SplitSeq(head(string(e.data)), "\r\n") {
			if len(line) > maxHeaderLine || strings.ContainsAny(line, "\r\n") {
				t.Errorf("a header line is too long or broken: %q", line)
			}
			field, _, _ := strings.Cut(line, ":")
			if strings.HasPrefix(line, " ") || slices.Contains(known, strings.ToLower(field)) {
				continue
			}
			t.Errorf("a header came in that nobody wrote: %q", line)
		}
		if strings.ContainsAny(e.to+e.from, "\r\n <>") {
			t.Errorf("the envelope is broken: %q %q", e.from, e.to)
		}
	})
}

// TestBouncesGoToTheirMailbox: MAIL names it, and what people see stays as it is.
func TestBouncesGoToTheirMailbox(t *testing.T) {
	m := startServer(t, none)
	def, _ := m.definition(none)
	def.Settings[settingBounces] = "bounces@BÜCHER.example"
	s, err := Open(def, Secrets{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if o := s.Send(t.Context(), sendertest.Message(1)); o.Kind != core.OutcomeAccepted {
		t.Fatalf("%+v", o)
	}
	mail := head(m.received()[0])
	if !slices.Equal(m.froms, []string{"bounces@xn--bcher-kva.example"}) || strings.Contains(mail, "bounces@") || !strings.Contains(mail, "From: ") {
		t.Errorf("MAIL FROM %q, and the mail says\n%s", m.froms, mail)
	}
}
