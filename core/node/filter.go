package node

import (
	"slices"
	"strings"

	"restock/core"
	"restock/core/filter"
)

// checkFilter finds data sources that a filter names and that the workspace does not have: it would hold for nobody, in
// silence.
func (w *workspace) checkFilter(field string, f core.Filter, d core.Declaration, wrong *core.InvalidError) {
	known := map[string]bool{}
	names := []string{}
	add := func(s core.Source) {
		known[string(s.Name)], known[s.Title] = true, true
		names = append(names, string(s.Name))
	}
	for _, s := range d.Sources {
		add(s)
	}
	for _, s := range w.machine.Sources() {
		add(s)
	}
	slices.Sort(names)
	for _, source := range filter.Sources(f) {
		if !known[source] {
			wrong.Add(field, "there is no data source %q; there are %s", source, strings.Join(slices.Compact(names), ", "))
		}
	}
}

// checkAudiences checks what audiences refer to.
func (w *workspace) checkAudiences(d core.Declaration, wrong *core.InvalidError) {
	for _, a := range d.Audiences {
		w.checkFilter("audience "+string(a.Name)+".where", a.Where, d, wrong)
	}
}
