package core

// Platform is the kind of shop or feed behind a source; it decides the signature scheme and the payload adapter.
type Platform string

// Shopify is the first platform.
const Shopify Platform = "shopify"

// Secret names where a secret is kept, as env:NAME or file:PATH; the secret itself never enters journal or state.
type Secret string

// Source is a connected shop or feed that sends us products, stock levels and orders.
// Connecting one enables its activities Waiting on stock and Back in stock and creates its two playbooks.
type Source struct {
	Name      SourceName    `msgpack:"name"`
	Workspace WorkspaceName `msgpack:"workspace"`
	Title     string        `msgpack:"title"`
	Platform  Platform      `msgpack:"platform"`
	Secrets   []Secret      `msgpack:"secrets"`           // one, or two during a rotation
	Origins   []string      `msgpack:"origins,omitempty"` // exact origins that may post captures; empty: any
	URL       string        `msgpack:"url"`               // the shop's base URL, no trailing slash; product URLs are made from it
	Currency  string        `msgpack:"currency"`          // ISO 4217, for platforms whose payloads name none
	Region    string        `msgpack:"region"`            // ISO 3166 alpha-2, for phone numbers without country code
	Locations []LocationID  `msgpack:"locations,omitempty"`
	Stock     StockPolicy   `msgpack:"stock"`
	Retention Retention     `msgpack:"retention"`
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
