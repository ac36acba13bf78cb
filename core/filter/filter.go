// Package filter is the filter language: which activities let a contact into a journey.
//
// These are its first words: a filter is a list of matches, a match holds when a field of the activity is one of the
// values it names, and the filter holds when all its matches do. An empty filter always holds.
//
// A core.Match is run as it stands, without a compiled form: a field is a switch over its name and its values are a
// slice to look through, which for the few values that people write is as fast as anything and allocates nothing. What
// the language gains later (operators, groups) gets its compiled form behind Check and Holds; callers keep both.
package filter

import (
	"slices"
	"strings"

	"restock/core"
)

// Bounds of a filter: Check refuses what is larger.
const (
	MaxMatches = 32   // matches in a filter
	MaxValues  = 1000 // values in a match
	MaxValue   = 256  // length of a value, in bytes
)

// kinds are the activities that journeys can be entered by, in the order in which errors name them.
var kinds = []core.ActivityKind{core.WaitingOnStock, core.BackInStock}

// fields are the names that Check knows, in the order in which errors name them; value reads each of them.
var fields = []string{"source", "sku", "product", "variant", "market", "title"}

// Check says whether m is a filter over activities of the kind occurs: every field exists and every match names at
// least one value and none that is empty. The error is a *core.InvalidError that lists everything wrong at once; its
// fields are "occurs", "where" (the filter as a whole) and the names of the matches' fields, and an unknown field or
// activity is answered with those that exist.
func Check(m []core.Match, occurs core.ActivityKind) error {
	var wrong core.InvalidError
	if !slices.Contains(kinds, occurs) {
		wrong.Add("occurs", "unknown activity %q; want %s", occurs, list(kinds))
	}
	if len(m) > MaxMatches {
		wrong.Add("where", "has %d fields; want at most %d", len(m), MaxMatches)
	}
	for _, match := range m {
		checkMatch(&wrong, match)
	}
	return wrong.OrNil()
}

func checkMatch(wrong *core.InvalidError, m core.Match) {
	switch {
	case !slices.Contains(fields, m.Field):
		wrong.Add(m.Field, "unknown field; a filter knows %s", list(fields))
	case len(m.Is) == 0:
		wrong.Add(m.Field, "names no value; want at least one")
	case len(m.Is) > MaxValues:
		wrong.Add(m.Field, "names %d values; want at most %d", len(m.Is), MaxValues)
	case slices.Contains(m.Is, ""):
		wrong.Add(m.Field, "names an empty value; leave the field out to take every activity")
	case slices.ContainsFunc(m.Is, tooLong):
		wrong.Add(m.Field, "names a value of more than %d bytes", MaxValue)
	}
}

// Holds says whether all matches hold for a. It allocates nothing. A field that Check does not know holds for no
// activity: a journey that a newer version wrote lets nobody in rather than everybody.
func Holds(m []core.Match, a *core.Activity) bool {
	for i := range m {
		v, known := value(m[i].Field, a)
		if !known || !slices.Contains(m[i].Is, v) {
			return false
		}
	}
	return true
}

// value is what a says in a field; known is false for a field that does not exist.
func value(field string, a *core.Activity) (v string, known bool) {
	switch field {
	case "source":
		return string(a.Source), true
	case "sku":
		return a.SKU, true
	case "product":
		return string(a.Product), true
	case "variant":
		return string(a.Variant), true
	case "market":
		return string(a.Market), true
	case "title":
		return a.Title, true
	}
	return "", false
}

func tooLong(v string) bool { return len(v) > MaxValue }

// list writes names for people: "a, b, c".
func list[T ~string](names []T) string {
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(n))
	}
	return b.String()
}
