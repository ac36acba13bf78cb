package filter

import (
	"slices"
	"strings"
	"time"

	"restock/core"
)

// Answer is what a filter says of a subject.
type Answer uint8

// The answers. Maybe is that of a filter which needs what the subject was given without.
const (
	No Answer = iota
	Maybe
	Yes
)

// Subject is what a filter is asked about. What the asker leaves out (nil) is only missed by filters that need it.
type Subject struct {
	Now      core.Time
	Activity *core.Activity // that occurs; an audience's filter never asks for it
	Contact  *core.Contact
	History  History
}

// History is a contact's past: what of it the state still knows. What occurs counts among it.
type History interface {
	// Activities are those of a kind, in any order. They are not changed, and are not kept.
	Activities(core.ActivityKind) []core.Activity
	// Faded are when those of a kind occurred whose details are gone.
	Faded(core.ActivityKind) []core.Occurrences
}

// Holds says whether the filter holds for the subject. Maybe counts as no.
func (c *Compiled) Holds(s *Subject) bool { return c.Ask(s) == Yes }

// Ask evaluates the filter. It allocates nothing, and asks the history only if the answer depends on it.
func (c *Compiled) Ask(s *Subject) Answer { return c.ask(0, s) }

func (c *Compiled) ask(at int, s *Subject) Answer {
	n := &c.nodes[at]
	switch n.do {
	case doAll:
		return c.least(at, s)
	case doAny:
		return c.most(at, s)
	case doNone:
		return Yes - c.most(at, s)
	case doOccurred:
		return c.occurred(at, s)
	case doNothing:
		return No
	}
	if n.field >= firstOfContact && s.Contact == nil || n.field < firstOfContact && s.Activity == nil {
		return Maybe
	}
	if c.holds(n, s) != n.not {
		return Yes
	}
	return No
}

// least is the least of a group's answers, most the most.
func (c *Compiled) least(at int, s *Subject) Answer {
	answer := Yes
	for i := at + 1; i < c.nodes[at].end && answer > No; i = c.nodes[i].end {
		answer = min(answer, c.ask(i, s))
	}
	return answer
}

func (c *Compiled) most(at int, s *Subject) Answer {
	answer := No
	for i := at + 1; i < c.nodes[at].end && answer < Yes; i = c.nodes[i].end {
		answer = max(answer, c.ask(i, s))
	}
	return answer
}

// holds is a condition before it is turned around. What has no value fits nothing.
func (c *Compiled) holds(n *node, s *Subject) bool {
	switch n.do {
	case doHas:
		return slices.ContainsFunc(n.texts, func(t string) bool { return listHas(n.field, s.Contact, t) })
	case doPresent:
		return n.present(s)
	case doNumber, doNumbers:
		v, ok := n.number(s)
		return ok && n.takes(v)
	case doDays, doAnniversary:
		day, ok := c.day(n, s)
		return ok && c.fits(n, day, s)
	}
	v, ok := n.value(s)
	return ok && (n.text(v) || slices.Contains(n.also, v))
}

// text says whether a text fits.
func (n *node) text(v string) bool {
	switch n.do {
	case doText:
		if n.sorted {
			_, found := slices.BinarySearch(n.texts, v)
			return found
		}
		return slices.Contains(n.texts, v)
	case doStarts:
		return anyText(n.texts, v, strings.HasPrefix)
	case doEnds:
		return anyText(n.texts, v, strings.HasSuffix)
	}
	return anyText(n.texts, v, strings.Contains)
}

func anyText(texts []string, v string, fits func(string, string) bool) bool {
	for _, t := range texts {
		if fits(v, t) {
			return true
		}
	}
	return false
}

// takes says whether a number fits.
func (n *node) takes(v int64) bool {
	if n.do == doNumber {
		return n.least <= v && v <= n.most
	}
	_, found := slices.BinarySearch(n.numbers, v)
	return found
}

// value is what a subject has in a field of texts.
func (n *node) value(s *Subject) (v string, ok bool) {
	switch n.field {
	case fieldSource:
		v = string(s.Activity.Source)
	case fieldSKU:
		v = s.Activity.SKU
	case fieldProduct:
		v = string(s.Activity.Product)
	case fieldVariant:
		v = string(s.Activity.Variant)
	case fieldMarket:
		v = string(s.Activity.Market)
	case fieldTitle:
		v = s.Activity.Title
	case fieldChoice:
		v = s.Activity.Choice
	case fieldEmail:
		v = s.Contact.Email
	case fieldEmailDomain:
		v = s.Contact.Email[1+strings.LastIndexByte(s.Contact.Email, '@'):]
	case fieldPhone:
		v = s.Contact.Phone
	case fieldLocale:
		v = s.Contact.Locale
	case fieldRegion:
		v = s.Contact.Region
	case fieldFirstName:
		v = s.Contact.FirstName
	case fieldOwn:
		v, ok = s.Contact.Fields[n.own]
		return v, ok
	}
	return v, v != ""
}

// present says whether a field has a value.
func (n *node) present(s *Subject) bool {
	switch n.field {
	case fieldPrice, fieldUnits:
		_, ok := n.number(s)
		return ok
	case fieldAt, fieldAskedAt, fieldCreatedAt:
		return n.instant(s) != 0
	case fieldTags:
		return len(s.Contact.Tags) > 0
	case fieldChannels, fieldStockAlert, fieldMarketing:
		return slices.ContainsFunc(channels, func(ch string) bool { return listHas(n.field, s.Contact, ch) })
	}
	_, ok := n.value(s)
	return ok
}

// number is what a subject has in a field of numbers. Money of another currency than the condition's is no number to it.
func (n *node) number(s *Subject) (int64, bool) {
	switch n.field {
	case fieldUnits:
		return s.Activity.Units, s.Activity.Kind == core.BackInStock || s.Activity.Kind == core.RunningLow
	case fieldPrice:
		p := s.Activity.Price
		return p.Minor, p != core.Money{} && (n.do == doPresent || p.Currency == n.currency)
	}
	v, ok := s.Contact.Fields[n.own]
	if !ok {
		return 0, false
	}
	return millionths(v)
}

// instant is what a subject has in a field of times; 0: nothing.
func (n *node) instant(s *Subject) core.Time {
	switch n.field {
	case fieldAt:
		return s.Activity.At
	case fieldAskedAt:
		return s.Activity.AskedAt
	}
	return s.Contact.CreatedAt
}

// day is the day that a subject has in a field of times. A contact's own field may have a date, whose day is the same in
// every zone, or a time (RFC 3339).
func (c *Compiled) day(n *node, s *Subject) (int64, bool) {
	if n.field != fieldOwn {
		t := n.instant(s)
		return dayOf(t, c.zone), t != 0
	}
	v := s.Contact.Fields[n.own]
	if len(v) > len(time.DateOnly) {
		t, err := time.Parse(time.RFC3339, v)
		return dayOf(core.TimeOf(t), c.zone), err == nil
	}
	return date(v)
}

// fits says whether a day fits.
func (c *Compiled) fits(n *node, day int64, s *Subject) bool {
	if n.do == doAnniversary {
		return anniversary(day, dayOf(s.Now, c.zone))
	}
	return n.fixed.has(day) && (!n.counts || n.relative.after(dayOf(s.Now, c.zone)).has(day))
}

// listHas says whether a list has a text.
func listHas(f fieldID, contact *core.Contact, t string) bool {
	switch f {
	case fieldTags:
		return slices.Contains(contact.Tags, t)
	case fieldChannels:
		_, ok := contact.Address(core.Channel(t))
		return ok
	case fieldStockAlert:
		return consented(contact, core.StockAlert, core.Channel(t))
	}
	return consented(contact, core.Marketing, core.Channel(t))
}

func consented(contact *core.Contact, p core.Purpose, ch core.Channel) bool {
	for i := range contact.Consents {
		if c := &contact.Consents[i]; c.Purpose == p && c.Channel == ch && contact.Allows(ch, p, 0) == "" {
			return true
		}
	}
	return false
}
