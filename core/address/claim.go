package address

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// claims is which national numbers of a plan belong to which region, and which of them are premium-rate.
type claims struct {
	network
	start    []thread
	patterns map[string]int // the number of each pattern in the network, from 1; the same one serves many regions
	leading  map[int]bool   // the patterns of digits that only some region's numbers begin with; they have no end
	regions  []claim
	held     []bool // by pattern number: what holds for the digits that are judged
}

// claim is what one region says of national numbers.
type claim struct {
	leading int           // pattern of the digits that its numbers alone begin with; 0 if the region has none
	general description   // what all its numbers have in common
	premium description   // what nobody should send to
	kinds   []description // fixed line, mobile and all other kinds, premium among them
}

// description is a form that numbers have; both patterns must hold.
type description struct{ pattern, lengths int }

// numbers makes the machine that judges the national numbers of regions that share a country calling code.
func (b *rulesBuilder) numbers(regions []*region) uint16 {
	c := &claims{patterns: map[string]int{"": 0}, leading: map[int]bool{}}
	for _, r := range regions {
		c.regions = append(c.regions, b.claim(c, r.meta, len(regions) > 1))
	}
	c.held = make([]bool, len(c.patterns))
	m := b.pool.judging(&c.network, c.answer)
	m.settle = c.settle
	return m.start(c.start)
}

// claim adds the patterns of a region to the network.
func (b *rulesBuilder) claim(c *claims, meta *phonenumbers.PhoneMetadata, shared bool) claim {
	made := claim{general: b.description(c, meta.GetGeneralDesc()), premium: b.description(c, meta.GetPremiumRate())}
	if digits := meta.GetLeadingDigits(); digits != "" && shared {
		made.leading = b.pattern(c, "(?:"+digits+")[0-9]*")
		c.leading[made.leading] = true
	}
	for _, d := range kindsOf(meta) {
		made.kinds = append(made.kinds, b.description(c, d))
	}
	return made
}

// kindsOf returns what makes a number one of the region's, as the library's getNumberTypeHelper looks for it.
func kindsOf(meta *phonenumbers.PhoneMetadata) []*phonenumbers.PhoneNumberDesc {
	kinds := []*phonenumbers.PhoneNumberDesc{
		meta.GetPremiumRate(), meta.GetTollFree(), meta.GetSharedCost(), meta.GetVoip(), meta.GetPersonalNumber(),
		meta.GetPager(), meta.GetUan(), meta.GetVoicemail(), meta.GetFixedLine(),
	}
	if !meta.GetSameMobileAndFixedLinePattern() {
		kinds = append(kinds, meta.GetMobile())
	}
	return kinds
}

// description adds the patterns of one form. Lengths are patterns too, so that one machine looks at both.
func (b *rulesBuilder) description(c *claims, d *phonenumbers.PhoneNumberDesc) description {
	var lengths []string
	for _, n := range d.GetPossibleLength() {
		if n < 0 {
			return description{pattern: b.pattern(c, "NA")} // as the metadata writes that there are no such numbers
		}
		lengths = append(lengths, "[0-9]{"+strconv.Itoa(int(n))+"}")
	}
	return description{
		pattern: b.pattern(c, d.GetNationalNumberPattern()),
		lengths: b.pattern(c, strings.Join(lengths, "|")),
	}
}

// pattern adds a pattern to the network once and returns its number; 0, which always holds, for none.
func (b *rulesBuilder) pattern(c *claims, expr string) int {
	number, ok := c.patterns[expr]
	if !ok {
		number = len(c.patterns)
		c.patterns[expr] = number
		c.start = append(c.start, b.add(&c.network, expr, number)...)
	}
	return number
}

// settle drops threads that only have leading digits left: their region could still claim the number, but no kind of number
// could come of it. It also gives the machine an end.
func (c *claims) settle(threads []thread) []thread {
	for _, t := range threads {
		if !c.leading[c.steps[t].pattern] {
			return sorted(threads)
		}
	}
	return nil
}

// answer judges the digits that led to threads.
func (c *claims) answer(threads []thread) uint16 {
	clear(c.held)
	c.held[0] = true
	for _, t := range threads {
		if s := &c.steps[t]; s.digits == 0 {
			c.held[s.pattern] = true
		}
	}
	for i, r := range c.regions {
		known := c.isKnown(r)
		mine := known
		if r.leading != 0 {
			mine = c.held[r.leading]
		}
		if !mine && len(c.regions) > 1 {
			continue
		}
		switch {
		case !known:
			return answerNone
		case c.holds(r.premium):
			return answerPremium
		}
		return answerRegion + uint16(i)
	}
	return answerNone
}

// isKnown says whether the digits are a number of some kind in a region.
func (c *claims) isKnown(r claim) bool {
	if !c.holds(r.general) {
		return false
	}
	for _, d := range r.kinds {
		if c.holds(d) {
			return true
		}
	}
	return false
}

func (c *claims) holds(d description) bool { return c.held[d.pattern] && c.held[d.lengths] }
