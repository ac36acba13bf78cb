package template

import (
	"slices"

	"restock/core"
)

// Block stands for the back-in-stock block in what Needs returns.
const Block = blockTag

// Needs are the variables that a template shows in any of its languages without a default, because every message has them; Block is
// among them where the block is. Each is there once, in order. Whoever knows what messages are sent about can say which of them are
// not there after all: a broadcast to contacts to whom nothing occurred has no product.
func Needs(t core.Template) (paths []string) {
	for _, p := range partsOf(t) {
		s := scan(p.part, p.source, isFilter)
		for _, n := range s.needs {
			paths = append(paths, n.path)
		}
		if s.placed {
			paths = append(paths, Block)
		}
	}
	for _, v := range t.Locales {
		paths = append(paths, Needs(core.Template{Subject: v.Subject, Preheader: v.Preheader, HTML: v.HTML, Text: v.Text, Icon: v.Icon})...)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
