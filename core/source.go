package core

import (
	"net/netip"
	"strings"
)

// Platform is the kind of shop or feed behind a source; it decides the signature scheme and the payload adapter.
type Platform string

// The platforms.
const (
	Shopify     Platform = "shopify"
	WooCommerce Platform = "woocommerce"
	Generic     Platform = "generic" // any shop that pushes what we document, or writes a feed
)

// Secret names where a secret is kept, as env:NAME or file:PATH; the secret itself never enters journal or state.
type Secret string

// Source is a connected shop or feed that sends us products, stock levels and orders.
// Connecting one enables its activities Waiting on stock and Back in stock and creates its playbooks.
type Source struct {
	Name      SourceName    `msgpack:"name"`
	Workspace WorkspaceName `msgpack:"workspace"`
	Title     string        `msgpack:"title"`
	Platform  Platform      `msgpack:"platform"`
	Secrets   []Secret      `msgpack:"secrets"`             // one, or two during a rotation
	Origins   []string      `msgpack:"origins,omitempty"`   // exact origins that may post captures; empty: any
	URL       string        `msgpack:"url"`                 // the shop's base URL, no trailing slash; product URLs are made from it
	Currency  string        `msgpack:"currency"`            // ISO 4217, for platforms whose payloads name none
	Region    string        `msgpack:"region"`              // ISO 3166 alpha-2, for phone numbers without country code
	Locations []LocationID  `msgpack:"locations,omitempty"` // that serve who waits in no market of its own; empty: all
	Stock     StockPolicy   `msgpack:"stock"`
	Retention Retention     `msgpack:"retention"`
	Widget    Widget        `msgpack:"widget,omitempty"`
	API       API           `msgpack:"api,omitempty"`

	Attribution Milliseconds `msgpack:"attribution,omitempty"` // see AttributionWindow; 0: DefaultAttribution
	Alert       Alert        `msgpack:"alert,omitempty"`

	Waves   WavePolicy     `msgpack:"waves,omitempty"`
	Guard   Guard          `msgpack:"guard,omitempty"`
	Markets []ServedMarket `msgpack:"markets,omitempty"` // at most MaxMarkets, in the order of their names
}

// API is where a source's catalogue and stock can be read, beside what its webhooks say.
type API struct {
	URL    string       `msgpack:"url,omitempty"` // of the shop's API, or of the feed; "": nothing is read
	Key    Secret       `msgpack:"key,omitempty"`
	Secret Secret       `msgpack:"secret,omitempty"` // the token, where there is no key
	Format string       `msgpack:"format,omitempty"` // of a feed: csv or json
	Poll   Milliseconds `msgpack:"poll,omitempty"`   // how often what may differ is read; of a feed: all of it
	Full   Milliseconds `msgpack:"full,omitempty"`   // how often all is read; 0: a feed
}

// Of tells one way of reading a source from another: with a new one, all is read anew.
func (s Source) Of() Hash {
	return HashOf([]byte(strings.Join([]string{string(s.Platform), s.API.URL, s.API.Format, s.URL, s.Currency}, "\n")))
}

// Loopback says whether a host is this machine, the only one that secrets travel to without encryption.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Widget is what a source's widget offers shoppers; attributes of the script's tag on a page win.
type Widget struct {
	Channels  []Channel `msgpack:"ch,omitempty"`    // Email, SMS, in the order they are offered; empty: Email
	Marketing bool      `msgpack:"mk,omitempty"`    // asks, unticked and apart, for consent to marketing
	Quantity  bool      `msgpack:"q,omitempty"`     // asks how many are wanted
	Any       bool      `msgpack:"any,omitempty"`   // offers to wait for any variant of the product
	Privacy   string    `msgpack:"priv,omitempty"`  // URL of the privacy policy; "": none is linked
	Theme     string    `msgpack:"th,omitempty"`    // light or dark; "": as the page is
	PushKey   string    `msgpack:"vapid,omitempty"` // VAPID public key (RFC 8292), base64url; "" without a Pusher: no Web Push
	Pusher    Name      `msgpack:"by,omitempty"`    // the sender whose public key browsers are given; "": PushKey says it
	Worker    string    `msgpack:"w,omitempty"`     // path on the shop's own origin where it serves the worker's file
}

// Retention is how long a source's activities keep their details.
type Retention struct {
	Period     Milliseconds   `msgpack:"period"` // for the kinds named below; every other kind keeps DefaultRetention
	Activities []ActivityKind `msgpack:"activities,omitempty"`
}

// DefaultRetention holds for every activity whose retention was not extended.
const DefaultRetention = 90 * Day

// For is the retention of activities of kind k.
func (r Retention) For(k ActivityKind) Milliseconds {
	for _, extended := range r.Activities {
		if extended == k {
			return r.Period
		}
	}
	return DefaultRetention
}
