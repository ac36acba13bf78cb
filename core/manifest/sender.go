package manifest

import (
	"net/mail"
	"regexp"
	"slices"
	"strconv"

	"restock/core"
)

// The kinds of sender, as core.Sender.Kind has them.
const (
	senderInbox   = "inbox"
	senderSMTP    = "smtp"
	senderTwilio  = "twilio"
	senderWebPush = "webpush"
	senderWebhook = "webhook"
)

// senderKind is a kind of sender and what its documents may say beside type.
type senderKind struct {
	name string
	keys []string
	read func(object, *core.Sender)
}

// senderKinds are those of this version, in the order in which errors name them.
func senderKinds() []senderKind {
	return []senderKind{
		{senderInbox, []string{"from"}, inboxSender},
		{senderSMTP, []string{"from", "host", "port", "tls", "username", "password", "dkim", "bounces", "events"}, smtpSender},
		{senderTwilio, []string{"from", "service", "account", "token", "countries", "validity", "url"}, twilioSender},
		{senderWebPush, []string{"contact", "key", "ttl", "private"}, webPushSender},
		{senderWebhook, []string{"url", "secret", "private", "idempotent"}, webhookSender},
	}
}

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
	var names []string
	known := commonKeys()
	for _, k := range senderKinds() {
		names = append(names, k.name)
		for _, key := range k.keys {
			if !slices.Contains(known, key) {
				known = append(known, key)
			}
		}
	}
	spec := h.need("spec", "a mapping with type "+either(names))
	all := spec.fields(known...)
	s := core.Sender{Name: h.name, Kind: all.need("type", either(names)).word(names...)}
	for _, k := range senderKinds() {
		if k.name == s.Kind {
			all.only(k)
			k.read(all, &s)
		}
	}
	s.Rate = all.get("rate").sendRate()
	s.Quiet = all.get("quiet_hours").senderQuiet()
	if v := all.get("concurrency"); v.given() {
		s.Concurrency = v.integer(1, core.MaxConcurrency)
	}
	d := p.declaration(h.workspace)
	d.Senders = append(d.Senders, s)
}

// commonKeys are what documents of senders of all kinds may say.
func commonKeys() []string { return []string{"type", "rate", "concurrency", "quiet_hours"} }

// only refuses what means nothing to a kind of sender.
func (o object) only(k senderKind) {
	for _, key := range o.keys {
		if !slices.Contains(commonKeys(), key) && !slices.Contains(k.keys, key) && o.get(key).given() {
			o.get(key).wrong("means nothing to a sender of type %s, which has %s; take it out, or set another type", k.name, either(k.keys))
		}
	}
}

// inboxSender needs nothing: it keeps what would be sent.
func inboxSender(o object, s *core.Sender) {
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
	dkim(o.get("dkim"), s)
	if v := o.get("bounces"); v.given() {
		s.Settings["bounces"] = v.line()
	}
	events(o.get("events"), s)
}

// dkim reads what a sender signs with, where its mail server does not.
func dkim(v value, s *core.Sender) {
	if !v.given() {
		return
	}
	o := v.fields("selector", "domain", "key")
	s.Settings["dkim_selector"] = o.need("selector", "the selector of the key's DNS record").line()
	if domain := o.get("domain"); domain.given() {
		s.Settings["dkim_domain"] = domain.line()
	}
	keep(s, "dkim_key", o.need("key", "the private key, as file:PATH or env:NAME").secret())
}

// events reads who tells what became of e-mails: Postmark, or whoever empties a bounce mailbox.
func events(v value, s *core.Sender) {
	if !v.given() {
		return
	}
	o := v.fields("from", "secret")
	s.Settings["events"] = o.need("from", "postmark or mailbox").word("postmark", "mailbox")
	keep(s, "events", o.need("secret", "user:password that they are posted with, as env:NAME or file:PATH").secret())
}

// keep adds a secret to those that a sender has.
func keep(s *core.Sender, name string, secret core.Secret) {
	if s.Secrets == nil {
		s.Secrets = map[string]core.Secret{}
	}
	s.Secrets[name] = secret
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
