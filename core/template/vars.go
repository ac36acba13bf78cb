package template

import (
	"cmp"
	"slices"

	"restock/core"
)

// Var is a merge variable that a template reads of a plugin: {{ plugin.NAME.VARIABLE }}.
type Var struct {
	Plugin core.Name
	Name   string
}

// Vars are the merge variables of plugins that a template reads in any of its languages, each once and in order.
func Vars(t core.Template) []Var {
	var all []Var
	for _, p := range partsOf(t) {
		all = append(all, scan(p.part, p.source, isFilter).vars...)
	}
	for _, v := range t.Locales {
		all = append(all, Vars(core.Template{Subject: v.Subject, Preheader: v.Preheader, HTML: v.HTML, Text: v.Text, Icon: v.Icon})...)
	}
	slices.SortFunc(all, func(a, b Var) int { return cmp.Or(cmp.Compare(a.Plugin, b.Plugin), cmp.Compare(a.Name, b.Name)) })
	return slices.Compact(all)
}
