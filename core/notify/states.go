package notify

import (
	"time"

	"restock/core"
)

// federal is when texts may come to numbers of the United States: 8:00 to 21:00 where the called party is (Telephone Consumer
// Protection Act, 47 CFR 64.1200(c)(1)).
var federal = week(Hours{21 * 60, 8 * 60})

// states are the hours of US states that are narrower. Laws change, and whether they mean a message that was asked for is for
// courts to say; so these hold whatever else is set, unless quiet hours are off. RATIONALE.md says where they come from.
var states = [...]struct {
	name string
	week [7]Hours
}{
	{"CT", week(Hours{20 * 60, 9 * 60})},
	{"FL", week(Hours{20 * 60, 8 * 60})},
	{"MD", week(Hours{20 * 60, 8 * 60})},
	{"MS", week(Hours{20 * 60, 8 * 60})},
	{"NJ", week(Hours{20 * 60, 8 * 60})},
	{"OK", week(Hours{20 * 60, 8 * 60})},
	{"RI", week(Hours{18 * 60, 9 * 60}, weekend(Hours{17 * 60, 10 * 60})...)},
	{"TX", week(Hours{21 * 60, 9 * 60}, on{time.Sunday, Hours{21 * 60, 12 * 60}})},
}

// on is a weekday with hours of its own.
type on struct {
	day   time.Weekday
	hours Hours
}

func weekend(h Hours) []on { return []on{{time.Saturday, h}, {time.Sunday, h}} }

func week(h Hours, but ...on) (w [7]Hours) {
	for i := range w {
		w[i] = h
	}
	for _, b := range but {
		w[b.day] = b.hours
	}
	return w
}

// Legal are the rules that hold for texts to a number of a country and US state (ISO 3166 alpha-2, two capitals; "": none), by each of the
// clocks that may be its owner's.
func Legal(country, state string, zones []*time.Location) (rules []Rule) {
	if country != "US" {
		return nil
	}
	w := federal
	for _, s := range states {
		if s.name == state {
			w = s.week
		}
	}
	for _, z := range zones {
		rules = append(rules, Rule{Zone: z, Week: w})
	}
	return rules
}

// DefaultQuiet is what a workspace keeps quiet that says nothing: texts, 20:00 to 9:00.
var DefaultQuiet = core.QuietHours{From: 20 * 60, To: 9 * 60, Channels: []core.Channel{core.SMS}}
