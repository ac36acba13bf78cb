package machine

import (
	"slices"
	"strings"

	"restock/core"
	"restock/core/db"
	"restock/core/inventory"
)

// level keeps a stock level. One that comes before its product is kept and judged when the product arrives.
func (s *step) level(src core.Source, l core.Level) []core.VariantKey {
	s.keepLevel(src, l)
	touched := s.variantOf(core.ItemKey{Source: src.Name, Item: l.Item})
	if touched == nil && !l.Gone {
		s.unknown(src, core.Unknown{Item: l.Item})
	}
	return touched
}

// total keeps a variant's sum. One of a variant that is not known yet is let go: its product will state a newer one, or is looked
// up.
func (s *step) total(src core.Source, t core.Total) []core.VariantKey {
	v, ok := db.Variants.Get(s.tx, core.VariantKey{Source: src.Name, Variant: t.Variant})
	if !ok {
		s.unknown(src, core.Unknown{Variant: t.Variant})
	}
	if !ok || v.Item == "" || s.uncounted(core.ItemKey{Source: src.Name, Item: v.Item}) {
		return nil
	}
	s.keepLevel(src, core.Level{Item: v.Item, Available: t.Available, UpdatedAt: t.UpdatedAt})
	return []core.VariantKey{v.Key()}
}

// uncounted says whether an item's sum is known as one that nobody counts.
func (s *step) uncounted(k core.ItemKey) bool {
	levels, _ := db.Levels.Get(s.tx, k)
	return len(levels) > 0 && levels[0].Location == "" && !levels[0].Gone && !levels[0].Available.Tracked
}

// variantOf is the variant of an item, if it is known.
func (s *step) variantOf(k core.ItemKey) []core.VariantKey {
	v, ok := db.Items.Get(s.tx, k)
	if !ok {
		return nil
	}
	return []core.VariantKey{{Source: k.Source, Variant: v}}
}

// item takes over whether an item is tracked, and its SKU. Of an item that is not tracked no number means anything; of one
// that is tracked from now on nothing is known until its levels come.
func (s *step) item(src core.Source, f core.ItemFact) []core.VariantKey {
	f.UpdatedAt = min(f.UpdatedAt, s.latest())
	key := core.ItemKey{Source: src.Name, Item: f.Item}
	before, _ := db.Levels.Get(s.tx, key)
	after := inventory.Track(before, f)
	if !slices.Equal(after, before) && s.isNews(true) {
		db.Levels.Set(s.tx, key, after)
	}
	touched := s.variantOf(key)
	if touched == nil {
		s.unknown(src, core.Unknown{Item: f.Item})
	}
	for _, k := range touched {
		if v, ok := db.Variants.Get(s.tx, k); ok && f.SKU != nil && v.SKU != *f.SKU && v.UpdatedAt <= f.UpdatedAt {
			v.SKU = *f.SKU
			db.Variants.Set(s.tx, k, v)
		}
	}
	return touched
}

func (s *step) keepLevel(src core.Source, l core.Level) {
	l.UpdatedAt, l.Seen = min(l.UpdatedAt, s.latest()), s.sequence
	key := core.ItemKey{Source: src.Name, Item: l.Item}
	levels, _ := db.Levels.Get(s.tx, key)
	i, found := slices.BinarySearchFunc(levels, l.Location, func(k core.Level, at core.LocationID) int {
		return strings.Compare(string(k.Location), string(at))
	})
	switch {
	case found && !inventory.Newer(&levels[i], l), found && !s.beats(levels[i].UpdatedAt, levels[i].Seen, l.UpdatedAt):
		return
	case found && !s.isNews(!sameLevel(levels[i], l) || levels[i].UpdatedAt != l.UpdatedAt):
		return
	case found:
		s.corrects(counts(levels, l) && !sameLevel(levels[i], l), core.ReasonLevelCorrected)
		levels[i] = l
	case len(levels) < maxLocations:
		s.isNews(true)
		s.corrects(counts(levels, l), core.ReasonLevelCorrected)
		levels = slices.Insert(levels, i, l)
	}
	db.Levels.Set(s.tx, key, levels)
}

// maxLocations bounds at how many locations an item's stock is kept; Shopify allows 200.
const maxLocations = 1000
