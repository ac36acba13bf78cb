package smtp

import (
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"restock/core"
	"restock/core/address"
)

// security is how a connection is encrypted.
type security string

const (
	none     security = "none"     // for a relay on the same machine or network
	startTLS security = "starttls" // RFC 3207; a server that does not offer it is not used
	implicit security = "implicit" // TLS from the first byte (RFC 8314, 3.3)
)

// ports are the defaults: relay, submission (RFC 6409), submission with implicit TLS (RFC 8314).
var ports = map[security]string{none: "25", startTLS: "587", implicit: "465"}

// config is what a sender of the kind smtp is configured with.
type config struct {
	host     string
	port     string
	tls      security
	username string // "": no login
	password string
	from     mail.Address // domain in Punycode
	domain   string       // of from
	bounces  string       // address that bounces go to; "": from's
	dkim     *signer      // nil: the mail server signs, or nobody does
	postmark bool         // its events are told by the ledger key, which it must be given in a header of its own
}

// Secrets are a definition's, resolved by the caller; "" for none.
type Secrets struct {
	Password string
	DKIM     string // private key in PEM
}

// Names of the settings and secrets, beside host, port, tls and username, and password.
const (
	settingSelector = "dkim_selector" // of the key's DNS record: <selector>._domainkey.<domain>
	settingDomain   = "dkim_domain"   // that signs; From's unless set
	settingBounces  = "bounces"       // where bounces go, for who reads them there (envelope sender); From unless set
	settingEvents   = "events"        // who tells what became of messages: postmark or mailbox
	secretDKIM      = "dkim_key"
	secretEvents    = "events" // user:password that they are posted with; the edge checks it
)

// postmark is the provider whose SMTP service hands a message's metadata back with its events.
const postmark = "postmark"

// readConfig checks a definition. The error is a *core.InvalidError whose fields are paths within the definition.
func readConfig(def core.Sender, secrets Secrets) (config, error) {
	var bad core.InvalidError
	s := def.Settings
	c := config{
		host: strings.TrimSpace(s["host"]), port: s["port"], tls: security(s["tls"]),
		username: s["username"], password: secrets.Password, postmark: s[settingEvents] == postmark,
	}
	checkNames(&bad, def)
	c.checkServer(&bad)
	c.checkLogin(&bad)
	if from, err := readFrom(def.From); err != "" {
		bad.Add("from", "%s", err)
	} else {
		c.from = from
		c.domain = from.Address[strings.LastIndexByte(from.Address, '@')+1:]
		c.readDKIM(&bad, s, secrets.DKIM)
	}
	c.readBounces(&bad, s[settingBounces])
	return c, bad.OrNil()
}

// checkNames refuses what nobody would read: a misspelt setting would be silently without effect.
func checkNames(bad *core.InvalidError, def core.Sender) {
	settings := []string{"host", "port", "tls", "username", settingSelector, settingDomain, settingBounces, settingEvents}
	for _, name := range sorted(def.Settings) {
		if !slices.Contains(settings, name) {
			bad.Add("settings."+name, "there is no such setting; there are %s", strings.Join(settings, ", "))
		}
	}
	secrets := []string{"password", secretDKIM, secretEvents}
	for _, name := range sorted(def.Secrets) {
		if !slices.Contains(secrets, name) {
			bad.Add("secrets."+name, "there is no such secret; there are %s", strings.Join(secrets, ", "))
		}
	}
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (c *config) checkServer(bad *core.InvalidError) {
	if c.host == "" || strings.ContainsAny(c.host, " /@\r\n") || strings.Contains(c.host, ":") && net.ParseIP(c.host) == nil {
		bad.Add("settings.host", "want the mail server's name or IP address, such as smtp.example.com")
	}
	if c.tls == "" {
		c.tls = startTLS
	}
	if ports[c.tls] == "" {
		bad.Add("settings.tls", "want none, starttls or implicit, got %q", string(c.tls))
	}
	if c.port == "" {
		c.port = ports[c.tls]
	}
	if n, err := strconv.Atoi(c.port); c.port != "" && (err != nil || n < 1 || n > 65535) {
		bad.Add("settings.port", "want a number from 1 to 65535, got %q", c.port)
	}
}

func (c *config) checkLogin(bad *core.InvalidError) {
	switch {
	case c.username != "" && c.password == "":
		bad.Add("secrets.password", "is needed to log in as settings.username; write env:NAME or file:PATH")
	case c.username == "" && c.password != "":
		bad.Add("settings.username", "is needed together with the password")
	case c.username != "" && c.tls == none:
		bad.Add("settings.tls", "is none, and a password is not sent in the clear; want starttls or implicit")
	}
}

// readBounces reads where bounces go: they are sent to the envelope's sender (RFC 5321, 4.4), not to From.
func (c *config) readBounces(bad *core.InvalidError, text string) {
	if text == "" {
		return
	}
	normal, err := address.Email(text)
	if err != nil {
		bad.Add("settings.bounces", "want the address of the mailbox that bounces go to, such as bounces@example.com: %s", err)
	}
	c.bounces = normal
}

// readFrom reads "Name <box@domain>" with an international domain or not; why says what is wrong, "" nothing.
func readFrom(s string) (from mail.Address, why string) {
	if strings.TrimSpace(s) == "" {
		return from, "want whom the e-mails come from, such as Example Shop <shop@example.com>"
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil {
		return from, "cannot be read; write it as Example Shop <shop@example.com>"
	}
	normal, err := address.Email(parsed.Address)
	if err != nil {
		return from, err.Error()
	}
	return mail.Address{Name: parsed.Name, Address: normal}, ""
}
