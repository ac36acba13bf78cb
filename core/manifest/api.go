package manifest

import (
	"net/url"
	"path"
	"strings"

	"restock/core"
)

// Bounds and defaults of reading a source's API.
const (
	MinPoll     = 10 * core.Second
	MaxPoll     = core.Day
	DefaultPoll = 15 * core.Minute
	MinFull     = core.Hour
	MaxFull     = 30 * core.Day
	DefaultFull = core.Day
	MaxFeed     = 30 * core.Day // that a feed is left alone
)

// sourceAPI reads where the source's catalogue and stock can be read: api for shops, feed for generic sources.
func sourceAPI(o object, s core.Source) core.API {
	a, feed := o.get("api"), o.get("feed")
	if s.Platform == core.Generic {
		if a.given() {
			a.wrong("a generic source has no API that we know; push to it, or name its file in feed")
		}
		return feed.feed()
	}
	if feed.given() && s.Platform != "" {
		feed.wrong("is for generic sources; what a shop of %s has is read by its api", s.Platform)
	}
	switch s.Platform {
	case core.Shopify:
		return a.shopifyAPI()
	case core.WooCommerce:
		return a.wooAPI(s.URL)
	}
	return core.API{}
}

// shopifyAPI reads the address of the shop's admin, which is not that of its storefront, and an app's access token.
func (v value) shopifyAPI() core.API {
	if !v.given() {
		return core.API{}
	}
	o := v.fields("url", "token", "every", "catalogue")
	a := core.API{
		URL:    o.need("url", "the address of the shop's admin, like https://NAME.myshopify.com").apiURL(),
		Secret: o.need("token", "env:NAME or file:PATH of an Admin API access token").secret(),
	}
	a.Poll, a.Full = o.schedule()
	return a
}

// wooAPI reads a REST API key; the shop is where its pages are unless url says otherwise.
func (v value) wooAPI(shop string) core.API {
	if !v.given() {
		return core.API{}
	}
	o := v.fields("url", "key", "secret", "every", "catalogue")
	a := core.API{
		URL:    shop,
		Key:    o.need("key", "env:NAME or file:PATH of the consumer key of a REST API key").secret(),
		Secret: o.need("secret", "env:NAME or file:PATH of the consumer secret of a REST API key").secret(),
	}
	switch u := o.get("url"); {
	case u.given():
		a.URL = u.apiURL()
	case shop != "" && !callable(shop):
		v.wrong("the source's url is not encrypted, and keys would travel over it; give api a url that begins with https://")
	}
	a.Poll, a.Full = o.schedule()
	return a
}

func (o object) schedule() (poll, full core.Milliseconds) {
	poll, full = DefaultPoll, DefaultFull
	if v := o.get("every"); v.given() {
		poll = v.duration(MinPoll, MaxPoll)
	}
	if v := o.get("catalogue"); v.given() {
		full = v.duration(MinFull, MaxFull)
	}
	return poll, full
}

// feed reads where a feed lies, and how often it is fetched.
func (v value) feed() core.API {
	if !v.given() {
		return core.API{}
	}
	o := v.fields("url", "format", "token", "every")
	a := core.API{
		URL:    o.need("url", "where the feed lies, like https://shop.example/feed.csv").feedURL(),
		Format: o.get("format").word("csv", "json"),
		Secret: o.get("token").secret(),
		Poll:   DefaultPoll,
	}
	if u, err := url.Parse(a.URL); err == nil && a.Format == "" && a.URL != "" {
		switch strings.ToLower(path.Ext(u.Path)) {
		case ".csv", ".tsv", ".txt":
			a.Format = "csv"
		case ".json":
			a.Format = "json"
		default:
			if !o.get("format").given() {
				o.within("format", o.node).wrong("is missing, and the url does not end in .csv or .json; want csv or json")
			}
		}
	}
	if e := o.get("every"); e.given() {
		a.Poll = e.duration(MinPoll, MaxFeed)
	}
	return a
}

// apiURL reads the base of an API's addresses.
func (v value) apiURL() string {
	s := v.text()
	if s != "" && (!callable(s) || strings.ContainsAny(s, "?#")) {
		v.wrong("want https:// with a host and without user, query and fragment (http:// for this machine alone)")
		return ""
	}
	return strings.TrimRight(s, "/")
}

// feedURL reads a feed's address. What it asks for in its query may be a secret: no fault repeats it.
func (v value) feedURL() string {
	s := v.line()
	if s != "" && (!callable(s) || strings.Contains(s, "#")) {
		v.wrong("want https:// with a host and without user and fragment (http:// for this machine alone)")
		return ""
	}
	return s
}

// callable says whether secrets may travel to an address: encrypted, or not beyond this machine.
func callable(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && core.Loopback(u.Hostname())
}
