package manifest

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"

	"restock/core"
)

// Bounds of a source.
const (
	MaxSourceName = 50                  // bytes: its playbooks' names are made from it
	MaxMinimum    = 1_000_000           // units that make a restock
	MaxConfirm    = 7 * core.Day        // that a restock must hold
	MaxClose      = 7 * core.Day        // that a gap may last
	MaxGuard      = 1_000_000           // variants that may always come back at once
	MaxHold       = 30 * core.Day       // that approval is waited for
	MaxRetention  = 10 * 365 * core.Day // that activities keep their details
	MaxWindow     = 90 * core.Day       // before an order in which a message may have led to it
	MaxReached    = 10_000_000          // who wait, of whom a merchant is told
)

var (
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
	regionForm   = regexp.MustCompile(`^[A-Z]{2}$`)
	workerForm   = regexp.MustCompile(`^/[A-Za-z0-9._~/-]+$`)
	secretForm   = regexp.MustCompile(`^(env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f]+)$`)
)

// sourceDocument is a source that gets its playbooks when everything is read.
type sourceDocument struct {
	header header
	source core.Source
	sender core.Name // of its playbooks; "" as their files have it
}

func (p *parser) source(h header) {
	h.alwaysOn()
	p.claim(installation("source"), h.name, h)
	if len(h.name) > MaxSourceName {
		h.named.wrong("has %d bytes; want at most %d in a source's name, since its playbooks are named after it", len(h.name), MaxSourceName)
	}
	o := h.needSpec("title", "platform", "url", "secrets", "origins", "currency", "region", "locations", "markets", "stock", "retention", "waves", "guard", "widget", "api", "feed", "playbooks", "attribution", "alert", "double_opt_in")
	s := core.Source{
		Name:      core.SourceName(h.name),
		Workspace: h.workspace,
		Title:     o.get("title").line(),
		Platform:  core.Platform(o.need("platform", either(platforms())).word(platforms()...)),
		Secrets:   o.need("secrets", "a list of one env:NAME or file:PATH, or two while one replaces the other").secrets(),
		Origins:   distinct(o.get("origins"), value.origin),
		URL:       o.need("url", "the shop's address, like https://shop.example").shopURL(),
		Currency:  o.need("currency", "three capitals of ISO 4217, such as EUR").match(currencyForm, "three capitals of ISO 4217, such as EUR"),
		Region:    o.get("region").match(regionForm, "two capitals of ISO 3166, such as DE"),
		Locations: distinct(o.get("locations"), value.location),
		Markets:   o.get("markets").markets(),
		Stock:     o.get("stock").stockPolicy(),
		Retention: o.get("retention").retention(),
		Waves:     p.compiler(h.workspace).waves(o.get("waves")),
		Guard:     o.get("guard").guard(),
		Widget:    o.get("widget").widget(),

		Attribution: o.get("attribution").attribution(),
		Alert:       o.get("alert").alert(),
		DoubleOptIn: o.get("double_opt_in").doubleOptIn(),
	}
	s.API = sourceAPI(o, s)
	if s.Platform == core.WooCommerce {
		o.withoutLocations(s)
	}
	if s.Title == "" {
		s.Title = string(s.Name)
	}
	d := p.declaration(h.workspace)
	d.Sources = append(d.Sources, s)
	sender := core.Name(o.get("playbooks").fields("sender").get("sender").name())
	p.sources = append(p.sources, sourceDocument{header: h, source: s, sender: sender})
}

// platforms are those that a source may be of.
func platforms() []string {
	return []string{string(core.Shopify), string(core.WooCommerce), string(core.Generic)}
}

// secrets reads one secret, or two during a rotation.
func (v value) secrets() []core.Secret {
	all := distinct(v, value.secret)
	if len(all) > 2 {
		v.wrong("names %d secrets; want one, or two while one replaces the other", len(all))
	}
	return all
}

// secret reads where a secret is kept. What stands there instead may be the secret itself: no fault repeats it.
func (v value) secret() core.Secret {
	s := v.text()
	if s != "" && !secretForm.MatchString(s) {
		v.wrong("want env:NAME or file:PATH; secrets themselves never stand in these files: put yours into an environment variable or a file of the node and name that here")
		return ""
	}
	return core.Secret(s)
}

// shopURL reads the base of product URLs; a slash at its end is dropped.
func (v value) shopURL() string {
	s := v.text()
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || !webScheme(u) || u.Hostname() == "" || u.User != nil || strings.ContainsAny(s, "?#") {
		v.wrong("want http:// or https:// with a host and without user, query and fragment, like https://shop.example")
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + strings.TrimRight(u.EscapedPath(), "/")
}

// origin reads a web origin exactly as browsers send it in the Origin header (RFC 6454, section 6.2): lower-case, no
// default port, nothing behind the host.
func (v value) origin() string {
	s := v.text()
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || !webScheme(u) || !asciiHost(u.Hostname()) {
		v.wrong("want an origin like https://shop.example (non-ASCII hosts as xn--…); to take captures from any page leave origins out")
		return ""
	}
	if exact := exactOrigin(u); s != exact {
		v.wrong("want the origin alone as browsers send it: %s", exact)
	}
	return s
}

func exactOrigin(u *url.URL) string {
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + strings.TrimSuffix(host, ":")
}

func webScheme(u *url.URL) bool { return u.Scheme == "http" || u.Scheme == "https" }

func asciiHost(host string) bool {
	return host != "" && !strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '*' })
}

// location reads a location's id; the prefix of a Shopify GID (https://shopify.dev/docs/api/usage/gids) goes, since
// levels name locations by their number.
func (v value) location() core.LocationID {
	s := strings.TrimPrefix(v.line(), "gid://shopify/Location/")
	if len(s) > core.MaxExternalID {
		v.wrong("has %d bytes; want at most %d", len(s), core.MaxExternalID)
	}
	return core.LocationID(s)
}

// stockPolicy reads how levels become restocks, from core.DefaultStockPolicy on.
func (v value) stockPolicy() core.StockPolicy {
	o := v.fields("minimum", "confirm", "close", "backorder", "preorder", "untracked", "continue_selling", "low")
	policy := core.DefaultStockPolicy
	policy.Backorder, policy.Preorder = o.get("backorder").flag(), o.get("preorder").flag()
	policy.UntrackedOut, policy.ContinueOut = o.get("untracked").denied(), o.get("continue_selling").denied()
	if m := o.get("minimum"); m.given() {
		policy.Minimum = m.integer(1, MaxMinimum)
	}
	if c := o.get("confirm"); c.given() {
		policy.Confirm = c.duration(0, MaxConfirm)
	}
	if c := o.get("close"); c.given() {
		policy.Close = c.duration(0, MaxClose)
	}
	o.get("low").low(&policy)
	return policy
}

// low reads when a variant runs low, and how long after it was told a contact hears of that.
func (v value) low(p *core.StockPolicy) {
	if !v.given() {
		return
	}
	o := v.fields("units", "after")
	if units := o.get("units"); units.given() {
		if p.Low = units.integer(1, MaxMinimum); p.Low > 0 && p.Low < p.Minimum {
			units.wrong("%d is under the minimum of %d, below which a restock pauses; want at least that", p.Low, p.Minimum)
		}
	}
	if after := o.get("after"); after.given() {
		p.LowAfter = after.duration(MinDelay, MaxConfirm)
	}
}

// guard reads when what a reading of the shop found is held for approval; what is not said is core.DefaultGuard's.
func (v value) guard() (g core.Guard) {
	o := v.fields("share", "variants", "hold")
	if share := o.get("share"); share.given() {
		g.Share = share.integer(1, 100)
	}
	if n := o.get("variants"); n.given() {
		g.Variants = n.integer(1, MaxGuard)
	}
	if hold := o.get("hold"); hold.given() {
		g.Hold = hold.duration(core.Minute, MaxHold)
	}
	return g
}

// retention reads how long the named activities keep their details; without it all keep core.DefaultRetention.
func (v value) retention() core.Retention {
	if !v.given() {
		return core.Retention{Period: core.DefaultRetention}
	}
	o := v.fields("period", "activities")
	return core.Retention{
		Period:     o.need("period", "how long, such as 365d").duration(core.Day, MaxRetention),
		Activities: distinct(o.need("activities", "a list of waiting_on_stock, back_in_stock or both"), value.activity),
	}
}

// widget reads what the source's widget offers.
func (v value) widget() core.Widget {
	if !v.given() {
		return core.Widget{}
	}
	o := v.fields("channels", "marketing", "quantity", "any_variant", "privacy", "theme", "push")
	w := core.Widget{
		Channels:  distinct(o.get("channels"), value.widgetChannel),
		Marketing: o.get("marketing").flag(),
		Quantity:  o.get("quantity").flag(),
		Any:       o.get("any_variant").flag(),
		Privacy:   o.get("privacy").pageURL(),
		Theme:     o.get("theme").word("light", "dark"),
	}
	if push := o.get("push"); push.given() {
		p := push.fields("sender", "key", "worker")
		if sender := p.get("sender"); sender.given() {
			w.Pusher = core.Name(sender.name())
			if key := p.get("key"); key.given() {
				key.wrong("the key is that of sender %s; take it out", w.Pusher)
			}
		} else {
			w.PushKey = p.need("key", "the VAPID public key, or sender: the name of one of type webpush").vapidKey()
		}
		w.Worker = p.need("worker", "the path of the worker's file on the shop's own origin, such as /restock-worker.js").match(workerForm, "a path on the shop's own origin, such as /restock-worker.js")
	}
	return w
}

// widgetChannel reads what a shopper can leave: the field calls the channel of phones SMS.
func (v value) widgetChannel() core.Channel {
	if v.word("email", "phone") == "phone" {
		return core.SMS
	}
	return core.Email
}

// pageURL reads the https URL of a page.
func (v value) pageURL() string {
	s := v.line()
	u, err := url.Parse(s)
	if s != "" && (err != nil || !webScheme(u) || u.Hostname() == "" || u.User != nil) {
		v.wrong("want the URL of a page, like https://shop.example/privacy")
		return ""
	}
	return s
}

// vapidKey reads an application server's public key (RFC 8292, section 3.2): an uncompressed point on P-256.
func (v value) vapidKey() string {
	s := v.text()
	if key, err := base64.RawURLEncoding.DecodeString(s); s != "" && (err != nil || len(key) != 65 || key[0] != 4) {
		v.wrong("want a VAPID public key: 65 bytes in base64url without padding, 87 characters that begin with B")
		return ""
	}
	return s
}

// activity reads the name of an activity.
func (v value) activity() core.ActivityKind {
	return core.ActivityKind(v.word(string(core.WaitingOnStock), string(core.BackInStock)))
}
