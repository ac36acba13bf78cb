package filter

import (
	"slices"

	"restock/core"
)

// Sources are the data sources that a filter names, by name or title, each once and in the order of naming: whoever knows
// which there are can say that one is not.
func Sources(f core.Filter) (named []string) {
	add := func(more []string) {
		for _, s := range more {
			if !slices.Contains(named, s) {
				named = append(named, s)
			}
		}
	}
	if f.Field == "source" && (f.Op == core.OpIs || f.Op == core.OpIsNot) {
		add(f.Texts)
	}
	for _, of := range f.Of {
		add(Sources(of))
	}
	if f.Occurred != nil {
		add(Sources(f.Occurred.Where))
	}
	return named
}
