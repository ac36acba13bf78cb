package address

import "bytes"

// Bounds of a national number, as the library has them.
const (
	minNational = 2
	maxNational = 17
)

// dialled is what digits were found to mean: a national number, perhaps still with its trunk prefix, of a plan that has rules.
type dialled struct {
	plan     *plan
	rules    *rules
	by       *regionRules // of the region whose trunk prefix it would be
	national []byte
}

// readPhone is Phone for what the rules decide. ok is false if the library has to; otherwise either reason is empty, or the
// other results are.
func readPhone(s, region string) (e164, country, reason string, ok bool) {
	var space [MaxPhone]byte
	digits, plus, ok := scanPhone(s, &space)
	if !ok {
		return "", "", "", false
	}
	var call dialled
	if plus {
		call, ok = numbers().international(digits)
	} else {
		call, ok = numbers().domestic(digits, region)
	}
	if !ok {
		return "", "", "", false
	}
	return call.decide()
}

// scanPhone collects the digits of a number in ASCII. Not ok is what has other characters or a plus amid the digits, and what
// is so short or long that the library says why.
func scanPhone(s string, space *[MaxPhone]byte) (digits []byte, plus, ok bool) {
	if len(s) > MaxPhone {
		return nil, false, false
	}
	n := 0
	for i := range len(s) {
		switch c := s[i]; c {
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			space[n] = c
			n++
		case ' ', '-', '.', '/', '(', ')':
		case '+':
			if n > 0 || plus && s[i-1] != '+' {
				return nil, false, false
			}
			plus = true
		default:
			return nil, false, false
		}
	}
	return space[:n], plus, n > minNational
}

// international reads digits that begin with a country calling code. What it returns, as domestic does, is ok if there are rules.
func (n *numbering) international(digits []byte) (call dialled, ok bool) {
	if len(digits) <= minNational || digits[0] == '0' { // the library tries again without the plus
		return dialled{}, false
	}
	code := 0
	for i, d := range digits[:3] {
		code = 10*code + int(d-'0')
		if p := n.plans[code]; p != nil {
			return p.regions[0].dialled(digits[i+1:])
		}
	}
	return dialled{}, false
}

// domestic reads digits as they are dialled in a region: with the prefix for calls abroad, with the region's own country calling
// code but nothing before it, or without any.
func (n *numbering) domestic(digits []byte, name string) (call dialled, ok bool) {
	r := n.region(name)
	if r == nil {
		return dialled{}, false
	}
	if call, ok = r.dialled(digits); !ok {
		return dialled{}, false
	}
	// A country calling code does not begin with 0, so before a 0 the prefix for calls abroad is none.
	if end, found := call.rules.states.prefix(call.by.abroad, digits); found != 0 && (end == len(digits) || digits[end] != '0') {
		return n.international(digits[end:])
	}
	if rest, found := bytes.CutPrefix(digits, []byte(r.plan.code)); found {
		return call.withCode(rest)
	}
	return call, true
}

// withCode decides whether the country calling code before rest is one, or the beginning of a number like any other.
func (d *dialled) withCode(rest []byte) (call dialled, ok bool) {
	rest, ok = d.cutTrunk(d.by, rest)
	if ok && (d.by.tooLong.has(len(d.national)) || d.hasForm(rest) && !d.hasForm(d.national)) {
		return d.plan.regions[0].dialled(rest)
	}
	return *d, ok
}

// dialled takes national as dialled in the region; not ok if its plan has no rules.
func (r *region) dialled(national []byte) (call dialled, ok bool) {
	made := r.plan.rules()
	if made == nil {
		return dialled{}, false
	}
	return dialled{plan: r.plan, rules: made, by: &made.regions[r.place], national: national}, true
}

// decide judges the number. The results are those of readPhone.
func (d *dialled) decide() (e164, country, reason string, ok bool) {
	national, ok := d.significant(d.by, d.national)
	if !ok || len(national) < minNational || len(national) > maxNational {
		return "", "", "", false
	}
	switch answer := d.rules.states.judge(d.rules.numbers, national); {
	case answer >= answerRegion:
		if !d.settled(national) {
			return "", "", "", false
		}
		return d.e164(national), d.plan.regions[answer-answerRegion].name, "", true
	case answer == answerPremium:
		return "", "", ReasonPhonePremium, true
	case d.rules.short.has(len(national)):
		return "", "", ReasonPhoneShort, true
	}
	return "", "", ReasonPhoneInvalid, true
}

// settled is the function of that name, for a number that the library need not read to know.
func (d *dialled) settled(national []byte) bool {
	main := &d.rules.regions[0]
	if d.by == main && len(national) == len(d.national) {
		return true // it was just read by the same rules, and nothing was cut off
	}
	again, ok := d.significant(main, national)
	return ok && len(again) == len(national)
}

// significant returns digits without their trunk prefix, unless what would be left is no number by its length.
func (d *dialled) significant(by *regionRules, digits []byte) (national []byte, ok bool) {
	national, ok = d.cutTrunk(by, digits)
	if !by.cut.has(len(national)) {
		national = digits
	}
	return national, ok
}

// cutTrunk returns digits without their trunk prefix, unless only the whole has the form of a number. Not ok is what would have
// to be rewritten.
func (d *dialled) cutTrunk(by *regionRules, digits []byte) (rest []byte, ok bool) {
	end, found := d.rules.states.prefix(by.trunk, digits)
	switch {
	case found == 0:
		return digits, true
	case found == endsCaptured && by.transforms:
		return nil, false
	}
	rest = digits[end:]
	if d.rules.states.judge(by.national, digits) != 0 && d.rules.states.judge(by.national, rest) == 0 {
		return digits, true
	}
	return rest, true
}

// hasForm says whether digits have the form that all numbers of the dialling region have.
func (d *dialled) hasForm(digits []byte) bool {
	return d.rules.states.judge(d.by.national, digits) != 0
}

// e164 is the only allocation of a number that is read here.
func (d *dialled) e164(national []byte) string {
	var space [1 + 3 + maxNational]byte
	text := append(space[:0], '+')
	text = append(text, d.plan.code...)
	return string(append(text, national...))
}
