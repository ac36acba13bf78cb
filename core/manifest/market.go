package manifest

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"restock/core"
)

// marketForm is how markets are named: what a page can say in an attribute, within what edges take.
var marketForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// markets reads which locations serve the shoppers of which market, and where these find the shop. The order in which they
// are written means nothing.
func (v value) markets() []core.ServedMarket {
	o := v.fields()
	switch {
	case v.given() && v.node.Kind == yaml.MappingNode && len(o.keys) == 0:
		v.wrong("names no market; want a mapping such as DE: {locations: [1, 2]}, or leave the key out")
	case len(o.keys) > core.MaxMarkets:
		v.wrong("names %d markets; want at most %d", len(o.keys), core.MaxMarkets)
	}
	var all []core.ServedMarket
	for _, name := range o.keys {
		m := o.get(name)
		if !m.given() {
			continue // said already
		}
		for _, other := range all {
			if strings.EqualFold(string(other.Name), name) {
				m.wrong("is the market %s in another spelling; pages may spell markets as they like: keep one", other.Name)
			}
		}
		all = append(all, m.market(core.Market(name)))
	}
	slices.SortFunc(all, func(a, b core.ServedMarket) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return all
}

// market reads one of them. One that says nothing would be like no market at all.
func (v value) market(name core.Market) core.ServedMarket {
	if !marketForm.MatchString(string(name)) {
		v.wrong("is no name of a market; want 1 to 64 of A-Z, a-z, 0-9, ., _ and -, a letter or digit first")
	}
	o := v.fields("locations", "url")
	if v.node.Kind == yaml.MappingNode && len(o.keys) == 0 {
		v.wrong("says nothing; want locations, url or both")
	}
	return core.ServedMarket{Name: name, Locations: distinct(o.get("locations"), value.location), URL: o.get("url").shopURL()}
}

// withoutLocations refuses locations of a platform that counts stock by none: nothing would ever be in stock there.
func (o object) withoutLocations(s core.Source) {
	const want = "%s counts no stock by location; leave locations out"
	if len(s.Locations) > 0 {
		o.get("locations").wrong(want, s.Platform)
	}
	markets := o.get("markets").fields()
	for _, m := range s.Markets {
		if len(m.Locations) > 0 {
			markets.get(string(m.Name)).fields().get("locations").wrong(want, s.Platform)
		}
	}
}
