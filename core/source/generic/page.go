package generic

import "restock/core"

// Page reads a part of a feed: a table of its own, in the format that the source says.
func (Adapter) Page(src core.Source, page core.Page) (core.Facts, []error) {
	facts, problems := ReadFeed(src, Feed{Format: Format(src.API.Format), Data: page.Body, ReadAt: page.As})
	var wrong []error
	for _, p := range problems {
		wrong = append(wrong, p)
	}
	return facts, wrong
}
