package address

import (
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// numbers is the package's only state: the library's metadata by country calling code and by region, made at the first
// number that is read and never changed afterwards. Each plan in it makes its rules at its own first number.
var numbers = sync.OnceValue(newNumbering)

// numbering finds the plans and regions of the world.
type numbering struct {
	plans   [1000]*plan      // by country calling code; nil where there is none
	regions [26 * 26]*region // by ISO 3166 alpha-2 letters; nil where there is none
}

// plan is a numbering plan: the national numbers behind one country calling code, which several regions may share.
type plan struct {
	code    string        // the country calling code: "49"
	regions []*region     // in the library's order: the first is the main region, and a number's is the first that claims it
	rules   func() *rules // made at the first call, in some milliseconds; nil if only the library knows how
}

// region is a country or territory, with how numbers are dialled there.
type region struct {
	name  string // ISO 3166 alpha-2
	plan  *plan
	place int // in plan.regions
	meta  *phonenumbers.PhoneMetadata
}

// newNumbering takes in what the library knows. Plans without country (+800 …) are left out: the library refuses them.
func newNumbering() *numbering {
	n := &numbering{}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return n // the library decides on everything
	}
	metas := map[string]*phonenumbers.PhoneMetadata{}
	for _, m := range collection.GetMetadata() {
		metas[m.GetId()] = m
	}
	for code := range phonenumbers.GetSupportedCallingCodes() {
		n.add(code, metas)
	}
	return n
}

// add makes the plan of a country calling code, unless one of its regions is not to be had, or the code begins with another
// one: the ITU has never given out such codes, and no reading of digits here would expect them.
func (n *numbering) add(code int, metas map[string]*phonenumbers.PhoneMetadata) {
	if codes := phonenumbers.GetSupportedCallingCodes(); code >= len(n.plans) || codes[code/10] || codes[code/100] {
		return
	}
	p := &plan{code: strconv.Itoa(code)}
	for i, name := range phonenumbers.GetRegionCodesForCountryCode(code) {
		meta, place := metas[name], placeOf(name)
		if meta == nil || place < 0 || int(meta.GetCountryCode()) != code {
			return
		}
		p.regions = append(p.regions, &region{name: name, plan: p, place: i, meta: meta})
	}
	p.rules = sync.OnceValue(func() *rules {
		made, err := newRules(p)
		if err != nil {
			return nil
		}
		return made
	})
	n.plans[code] = p
	for _, r := range p.regions {
		n.regions[placeOf(r.name)] = r
	}
}

// region returns the region with a name of two letters in any case, or nil.
func (n *numbering) region(name string) *region {
	if place := placeOf(name); place >= 0 {
		return n.regions[place]
	}
	return nil
}

// placeOf returns the place of two ASCII letters in numbering.regions, -1 if name is anything else.
func placeOf(name string) int {
	if len(name) != 2 {
		return -1
	}
	a, b := name[0]|0x20-'a', name[1]|0x20-'a'
	if a >= 26 || b >= 26 {
		return -1
	}
	return int(a)*26 + int(b)
}
