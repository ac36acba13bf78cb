package core

import "strings"

// ServedMarket is a market as its source serves it. The one without a name serves whoever waits in no market of its own.
type ServedMarket struct {
	Name      Market       `msgpack:"m"`
	Locations []LocationID `msgpack:"l,omitempty"`   // whose stock its shoppers can buy; empty: all
	URL       string       `msgpack:"url,omitempty"` // the shop's base URL for its shoppers; "": the source's
}

// Served are the source's markets, the nameless one first.
func (s Source) Served() []ServedMarket {
	return append([]ServedMarket{{Locations: s.Locations}}, s.Markets...)
}

// MarketOf is the market that serves who asked in the market said: pages spell it as they like. One that is not the
// source's is served like everybody.
func (s Source) MarketOf(said Market) Market {
	for _, m := range s.Markets {
		if strings.EqualFold(string(m.Name), string(said)) {
			return m.Name
		}
	}
	return ""
}

// LinkIn is where shoppers of a market find what stands at url: below the market's base URL, if it has one of its own.
func (s Source) LinkIn(said Market, url string) string {
	name := s.MarketOf(said)
	for _, m := range s.Markets {
		path, below := strings.CutPrefix(url, s.URL)
		if m.Name == name && m.URL != "" && below && (path == "" || path[0] == '/' || path[0] == '?') {
			return m.URL + path
		}
	}
	return url
}

// SoldIn says whether the product is sold to the shoppers of a market. Who waits in no market of its own is not asked.
func (p Product) SoldIn(m Market) bool {
	if m == "" || len(p.Markets) == 0 {
		return true
	}
	for _, sold := range p.Markets {
		if strings.EqualFold(string(sold), string(m)) {
			return true
		}
	}
	return false
}
