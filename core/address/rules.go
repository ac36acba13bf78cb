package address

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/nyaruka/phonenumbers"
)

// rules is what decides on the numbers of one plan.
type rules struct {
	states  automaton
	numbers uint16        // judges national significant numbers
	short   lengths       // those that a short number (emergency, shop's code) may have in one of the regions
	regions []regionRules // by region.place
}

// regionRules is how numbers are dialled in one region. Each machine is a start in rules.states.
type regionRules struct {
	abroad     uint16  // finds the prefix that is dialled before a country calling code: "00"
	trunk      uint16  // finds the prefix that is dialled before a national number: "0"
	transforms bool    // a trunk prefix with a captured group is not cut off but rewritten
	national   uint16  // answers 1 for what has the general form of a national number
	cut        lengths // with which a number is left when its trunk prefix goes; with another one the prefix stays
	tooLong    lengths // that no number of the region has
}

// lengths is a set of numbers of digits: bit n stands for n, up to MaxPhone.
type lengths uint64

func (l lengths) has(n int) bool { return l>>n&1 == 1 }

// newRules makes the rules of a plan from the library's metadata. An error means that the metadata has something that machines
// do not know, and that numbers of this plan are the library's to decide.
func newRules(p *plan) (*rules, error) {
	b := rulesBuilder{pool: newPool(), prefixes: map[string]uint16{}, forms: map[string]uint16{}}
	r := &rules{short: shortLengths(p.code)}
	r.numbers = b.numbers(p.regions)
	for _, region := range p.regions {
		r.regions = append(r.regions, b.region(region.meta))
	}
	if b.err == nil {
		b.err = b.pool.err
	}
	if b.err != nil {
		return nil, fmt.Errorf("making the rules of +%s: %w", p.code, b.err)
	}
	r.states = slices.Clone(b.pool.states) // without what it had room for
	return r, nil
}

// shortLengths asks the library, which looks at nothing but the length.
func shortLengths(code string) (short lengths) {
	cc, err := strconv.Atoi(code)
	if err != nil {
		return 0
	}
	country, national := int32(cc), uint64(1)
	for n := 1; n <= phonenumbers.MAX_LENGTH_FOR_NSN; n, national = n+1, 10*national {
		if phonenumbers.IsPossibleShortNumber(&phonenumbers.PhoneNumber{CountryCode: &country, NationalNumber: &national}) {
			short |= 1 << n
		}
	}
	return short
}

// rulesBuilder makes each machine once, though regions that share a plan often ask for the same one. It remembers the first
// error, so that what it builds reads as one.
type rulesBuilder struct {
	pool     *pool
	prefixes map[string]uint16 // by pattern
	forms    map[string]uint16 // by pattern
	err      error
}

// region makes the machines for what is dialled in one region.
func (b *rulesBuilder) region(meta *phonenumbers.PhoneMetadata) regionRules {
	general := meta.GetGeneralDesc()
	cut, tooLong := lengthsOf(general)
	return regionRules{
		abroad:     b.prefix(meta.GetInternationalPrefix()),
		trunk:      b.prefix(meta.GetNationalPrefixForParsing()),
		transforms: meta.GetNationalPrefixTransformRule() != "",
		national:   b.form(general.GetNationalNumberPattern()),
		cut:        cut,
		tooLong:    tooLong,
	}
}

// prefix makes a machine that finds a prefix; an empty pattern stands for a region that has none.
func (b *rulesBuilder) prefix(pattern string) uint16 {
	at, ok := b.prefixes[pattern]
	if !ok && pattern != "" {
		n := &network{}
		at = b.pool.prefixing(n).start(b.add(n, pattern, 0))
		b.prefixes[pattern] = at
	}
	return at
}

// form makes a machine that answers 1 for digits that match pattern as a whole.
func (b *rulesBuilder) form(pattern string) uint16 {
	at, ok := b.forms[pattern]
	if !ok {
		n := &network{}
		at = b.pool.judging(n, n.ended).start(b.add(n, pattern, 0))
		b.forms[pattern] = at
	}
	return at
}

func (b *rulesBuilder) add(n *network, pattern string, number int) []thread {
	start, err := n.add(pattern, number)
	if err != nil && b.err == nil {
		b.err = err
	}
	return start
}

// lengthsOf sorts lengths as the library's testNumberLength does, which looks first for numbers that lack their area code:
// those are neither possible nor too long.
func lengthsOf(general *phonenumbers.PhoneNumberDesc) (cut, tooLong lengths) {
	local, whole := general.GetPossibleLengthLocalOnly(), general.GetPossibleLength()
	for n := int(whole[len(whole)-1]) + 1; n <= MaxPhone; n++ {
		tooLong |= 1 << n
	}
	tooLong &^= setOf(local)
	return setOf(whole)&^setOf(local) | tooLong, tooLong
}

func setOf(numbers []int32) (set lengths) {
	for _, n := range numbers {
		set |= 1 << n
	}
	return set
}
