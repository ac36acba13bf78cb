package notify

import (
	"fmt"
	"slices"

	"restock/core"
)

// settleSoon is when a message is looked at again that would be one too many only if others, whose calls go on, arrive.
const settleSoon = 5 * core.Second

// Counts says whether a message counts for frequency caps: what tells a contact that it asked does not, nor what no contact reads.
func Counts(i core.Intent) bool {
	s := Subject{Intent: i}
	return s.toContact() && !s.confirms()
}

// frequency holds or drops what would be one message too many, as the cap has it.
func frequency(s *Subject) (d Decision) {
	if !Counts(s.Intent) {
		return d
	}
	for _, c := range s.Caps {
		if !c.Covers(s.Intent.Channel) {
			continue
		}
		next := judge(c, s)
		if next.Kind == core.OutcomeDropped {
			return next
		}
		if next.Until > d.Until {
			d = next
		}
	}
	return d
}

// judge is what one cap says. Calls that go on hold the message for a moment, whatever else the cap says: nobody knows yet
// whether they count.
func judge(c core.FrequencyCap, s *Subject) Decision {
	var sent []core.Time
	open := 0
	for _, r := range s.Recent {
		switch {
		case !c.Covers(r.Channel):
		case r.Open:
			open++
		case s.Now.Since(r.At) < c.Within:
			sent = append(sent, r.At)
		}
	}
	if int64(len(sent)+open) < c.Messages {
		return Decision{}
	}
	d := Decision{Kind: core.OutcomeHeld, Reason: core.ReasonFrequency, Until: s.Now.Add(settleSoon)}
	if int64(len(sent)) < c.Messages {
		return d
	}
	slices.Sort(sent)
	d.Detail = fmt.Sprintf("%d messages within %s", len(sent), c.Within)
	d.Until = sent[int64(len(sent))-c.Messages].Add(c.Within) // when so many have left that one more is not too many
	if c.Drop {
		d.Kind, d.Until = core.OutcomeDropped, 0
	}
	return d
}
