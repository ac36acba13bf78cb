package manifest

import (
	"net/mail"
	"regexp"
	"strconv"

	"restock/core"
)

// The kinds of sender, as core.Sender.Kind has them.
const (
	senderInbox = "inbox"
	senderSMTP  = "smtp"
)

// InboxFrom is whom an inbox sender's messages come from unless its document says so.
const InboxFrom = "Restock <restock@localhost>"

// How an SMTP sender's connection is secured, as its setting tls has it: STARTTLS demanded (RFC 3207), TLS from the
// first byte (RFC 8314), or not at all.
const (
	TLSStart    = "starttls"
	TLSImplicit = "implicit"
	TLSNone     = "none"
)

var hostForm = regexp.MustCompile(`^[A-Za-z0-9.:_-]{1,253}$`)

// sender reads a document that names a provider.
func (p *parser) sender(h header) {
	h.alwaysOn()
	p.claim(installation("sender"), h.name, h)
	spec := h.need("spec", "a mapping with type inbox or smtp")
	all := spec.fields("type", "from", "host", "port", "tls", "username", "password")
	s := core.Sender{Name: h.name, Kind: all.need("type", "inbox or smtp").word(senderInbox, senderSMTP)}
	switch s.Kind {
	case senderInbox:
		inboxSender(all, &s)
	case senderSMTP:
		smtpSender(all, &s)
	}
	d := p.declaration(h.workspace)
	d.Senders = append(d.Senders, s)
}

// inboxSender needs nothing: it keeps what would be sent.
func inboxSender(o object, s *core.Sender) {
	for _, key := range []string{"host", "port", "tls", "username", "password"} {
		if v := o.get(key); v.given() {
			v.wrong("an inbox connects to nothing; take it out, or set type to smtp")
		}
	}
	s.From = InboxFrom
	if v := o.get("from"); v.given() {
		s.From = v.mailbox()
	}
}

// smtpSender reads a submission server (RFC 6409) into the settings host, port, tls and username and the secret
// password.
func smtpSender(o object, s *core.Sender) {
	s.From = o.need("from", `who sends, like "Shop <hello@shop.example>"`).mailbox()
	s.Settings = map[string]string{
		"host": o.need("host", "the mail server's name").match(hostForm, "a host name or an IP address without a port"),
		"tls":  TLSStart,
	}
	if v := o.get("tls"); v.given() {
		s.Settings["tls"] = v.word(TLSStart, TLSImplicit, TLSNone)
	}
	s.Settings["port"] = smtpPort(o.get("port"), s.Settings["tls"])
	if o.get("username").given() || o.get("password").given() {
		s.Settings["username"] = o.need("username", "who signs in, since there is a password").line()
		s.Secrets = map[string]core.Secret{"password": o.need("password", "env:NAME or file:PATH, since there is a username").secret()}
	}
}

// smtpPort is the port that was given, else the one that IANA registered for the way of securing.
func smtpPort(v value, tls string) string {
	switch {
	case v.given():
		return strconv.FormatInt(v.integer(1, 65535), 10)
	case tls == TLSImplicit:
		return "465"
	case tls == TLSNone:
		return "25"
	default:
		return "587"
	}
}

// mailbox reads an address as a From header has it (RFC 5322, section 3.4), kept as it was written.
func (v value) mailbox() string {
	s := v.line()
	if s == "" {
		return ""
	}
	if _, err := mail.ParseAddress(s); err != nil {
		v.wrong(`want one address like "Shop <hello@shop.example>", found %s`, quote(s))
	}
	return s
}
