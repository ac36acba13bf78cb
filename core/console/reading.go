package console

import (
	"fmt"
	"strings"

	"restock/core"
)

// String says how far a reading is, in one line for people.
func (r ReadingReport) String() string {
	what := "catalogue"
	switch {
	case r.Kind == core.ReadingPoll:
		what = "last poll"
	case r.First:
		what = "import"
	}
	parts := []string{fmt.Sprintf("%s: %s", what, r.progress())}
	if r.EndedAt != "" && !r.Running {
		parts = append(parts, "ended "+r.EndedAt)
	}
	if r.Bad > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be read", r.Bad))
	}
	if !r.First {
		parts = append(parts, r.Corrected.String())
	}
	if r.Held != nil {
		parts = append(parts, fmt.Sprintf("holds %d of %d variants that would be back in stock, until %s: restock reading approve or drop", r.Held.Variants, r.Held.Of, r.Held.Until))
	}
	return strings.Join(parts, ", ")
}

func (r ReadingReport) progress() string {
	switch {
	case r.Total > 0 && r.Total >= r.Read:
		return fmt.Sprintf("%d of %d read", r.Read, r.Total)
	default:
		return fmt.Sprintf("%d read", r.Read)
	}
}

// String names each kind of correction that there was.
func (c CorrectionsReport) String() string {
	var parts []string
	for _, kind := range []struct {
		n    int64
		name string
	}{{c.Levels, "levels"}, {c.Products, "products"}, {c.Variants, "variants"}, {c.Removed, "removed"}, {c.Restocks, "restocks found"}} {
		if kind.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", kind.n, kind.name))
		}
	}
	if parts == nil {
		return "nothing to correct"
	}
	return "corrected " + strings.Join(parts, ", ")
}
