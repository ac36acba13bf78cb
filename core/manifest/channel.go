package manifest

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"restock/core"
)

// Bounds of how long an SMS may wait at Twilio, and a push at a push service.
const (
	MinValidity = core.Minute
	MaxValidity = 10 * core.Hour
	MinTTL      = core.Second
	MaxTTL      = 28 * core.Day
)

var (
	accountForm = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	serviceForm = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	contactForm = regexp.MustCompile(`^(mailto:[^@\s]+@[^@\s]+|https://\S+)$`)
)

// twilioSender reads an account of Twilio's into the settings account, service, countries, validity and url and the secret token.
func twilioSender(o object, s *core.Sender) {
	s.Settings = map[string]string{
		"account":   o.need("account", "the account's SID, AC…").match(accountForm, "the account's SID: AC and 32 hexadecimal digits"),
		"countries": strings.Join(distinct(o.need("countries", "the countries that are sent to, such as [DE, AT]"), value.country), ","),
	}
	from, service := o.get("from"), o.get("service")
	switch {
	case from.given() && service.given():
		service.wrong("a messaging service has senders of its own; take from or this out")
	case service.given():
		s.Settings["service"] = service.match(serviceForm, "the messaging service's SID: MG and 32 hexadecimal digits")
	default:
		s.From = o.need("from", "a number like \"+15005550006\", a short code or a name, or service: MG… instead").line()
	}
	if v := o.get("validity"); v.given() {
		s.Settings["validity"] = seconds(v.duration(MinValidity, MaxValidity))
	}
	if v := o.get("url"); v.given() {
		s.Settings["url"] = v.endpoint()
	}
	keep(s, "token", o.need("token", "the account's auth token, as env:NAME or file:PATH").secret())
}

// webPushSender reads who pushes to browsers into the settings contact, ttl and private and the secret key.
func webPushSender(o object, s *core.Sender) {
	s.Settings = map[string]string{
		"contact": o.need("contact", "whom a push service may write to, such as mailto:push@shop.example").match(contactForm, "mailto:push@shop.example or a page that begins with https://"),
	}
	if v := o.get("ttl"); v.given() {
		s.Settings["ttl"] = seconds(v.duration(MinTTL, MaxTTL))
	}
	private(o, s)
	keep(s, "key", o.need("key", "the VAPID private key, as env:NAME or file:PATH").secret())
}

// webhookSender reads a URL of the operator's into the settings url, private and idempotent and the secret secret.
func webhookSender(o object, s *core.Sender) {
	s.Settings = map[string]string{"url": o.need("url", "where to post, beginning with https://").endpoint()}
	private(o, s)
	if v := o.get(core.IdempotentSetting); v.given() {
		s.Settings[core.IdempotentSetting] = strconv.FormatBool(v.flag())
	}
	keep(s, "secret", o.need("secret", "the signing secret, as env:NAME or file:PATH").secret())
}

// private reads whether addresses that are not public may be called.
func private(o object, s *core.Sender) {
	if v := o.get("private"); v.given() {
		s.Settings["private"] = strconv.FormatBool(v.flag())
	}
}

func (v value) country() string { return v.match(regionForm, "two capitals of ISO 3166, such as DE") }

func seconds(d core.Milliseconds) string { return strconv.FormatInt(int64(d/core.Second), 10) }

// endpoint reads the URL of an API. Whether it may begin with http:// depends on where it leads, which the sender knows.
func (v value) endpoint() string {
	s := v.line()
	u, err := url.Parse(s)
	if s != "" && (err != nil || !webScheme(u) || u.Hostname() == "" || u.User != nil) {
		v.wrong("want a URL without user and password, like https://hooks.example/restock; put no secret into it: it stands in the journal")
		return ""
	}
	return s
}
