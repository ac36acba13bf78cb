package machine

import (
	"slices"
	"strings"

	"restock/core"
	"restock/core/activity"
	"restock/core/db"
	"restock/core/inventory"
)

// level keeps a stock level. One that comes before its product is kept and judged when the product arrives.
func (s *step) level(src core.Source, l core.Level) []core.VariantKey {
	s.keepLevel(src, l)
	return s.variantOf(core.ItemKey{Source: src.Name, Item: l.Item})
}

// total keeps a variant's sum. One of a variant that is not known yet is let go: its product will state a newer one.
func (s *step) total(src core.Source, t core.Total) []core.VariantKey {
	v, ok := db.Variants.Get(s.tx, core.VariantKey{Source: src.Name, Variant: t.Variant})
	if !ok || v.Item == "" {
		return nil
	}
	s.keepLevel(src, core.Level{Item: v.Item, Available: t.Available, UpdatedAt: t.UpdatedAt})
	return []core.VariantKey{v.Key()}
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

// judge compares a variant's levels with what was remembered of its stock, and acts on what changed.
func (s *step) judge(key core.VariantKey) {
	v, ok := db.Variants.Get(s.tx, key)
	src, declared := s.config.sources[key.Source]
	if !ok || !declared {
		return
	}
	levels, _ := db.Levels.Get(s.tx, core.ItemKey{Source: key.Source, Item: v.Item})
	k := db.StockKey{Variant: key}
	before, _ := db.Stocks.Get(s.tx, k)
	waiting := before.Phase == core.StockUnknown && s.anybodyWaits(v)
	available := core.Availability{Known: true} // nothing, if nobody can buy it
	if s.offered(v) {
		available = inventory.Available(levels, src.Locations, v.Beyond(src.Stock))
	}
	after, changes := inventory.Judge(before, available, src.Stock, waiting, s.now())
	for _, c := range changes {
		s.changed(&after, v, src, c)
	}
	if after != before && s.isNews(true) {
		db.Stocks.Set(s.tx, k, after)
	}
}

func (s *step) anybodyWaits(v core.Variant) bool {
	targets := targetsOf(v.Key(), v.Product)
	return db.Waiting.Has(s.tx, targets[0].Waitlist()) || db.Waiting.Has(s.tx, targets[1].Waitlist())
}

// enterLine puts a place into a line, leaveLine takes it out; the line's count goes with it.
func (s *step) enterLine(w core.Waitlist, p db.Place) {
	n, _ := db.Waiting.Get(s.tx, w)
	db.Waiting.Set(s.tx, w, n+1)
	db.Waitlists.Add(s.tx, w, p)
}

func (s *step) leaveLine(w core.Waitlist, p db.Place) {
	if n, _ := db.Waiting.Get(s.tx, w); n > 1 {
		db.Waiting.Set(s.tx, w, n-1)
	} else {
		db.Waiting.Delete(s.tx, w)
	}
	db.Waitlists.Remove(s.tx, w, p)
}

// targetsOf are the two that a variant's restock serves: itself, and its product's "any variant".
func targetsOf(v core.VariantKey, p core.ProductID) [2]core.Target {
	return [2]core.Target{{Source: v.Source, Variant: v.Variant}, {Source: v.Source, Product: p}}
}

// changed acts on one change of a variant's stock.
func (s *step) changed(st *core.Stock, v core.Variant, src core.Source, c inventory.Change) {
	switch c {
	case inventory.Opened:
		s.openRestock(st, v)
	case inventory.Confirmed:
		s.setRestock(st.Restock, core.RestockOpen)
		s.begin(core.Work{Kind: core.WorkRestock, Restock: st.Restock, Until: s.now()})
	case inventory.Resumed:
		s.setRestock(st.Restock, core.RestockOpen)
		s.resume(st.Restock)
	case inventory.Paused:
		s.setRestock(st.Restock, core.RestockPaused)
		s.setTimer(db.Timer{Due: st.PausedAt.Add(src.Stock.Close), Variant: v.Key(), Version: s.sequence})
	case inventory.Closed:
		s.setRestock(st.Restock, core.RestockClosed)
		s.endWorks(st.Restock)
		s.release(st.Restock)
	}
}

func (s *step) openRestock(st *core.Stock, v core.Variant) {
	st.Restock = core.NewRestockID(v.Key(), "", s.sequence)
	r := core.Restock{
		ID: st.Restock, Variant: v.Key(), Product: v.Product, Opened: s.sequence,
		OpenedAt: s.now(), Units: st.Units, At: core.RestockConfirming,
	}
	if s.reading != nil {
		r.Found = s.reading.kind
		s.corrects(true, core.ReasonRestockFound)
	}
	db.Restocks.Set(s.tx, r.ID, r)
	db.Opened.Add(s.tx, struct{}{}, db.OpenedRestock{Sequence: r.Opened, ID: r.ID})
	if st.RestockAt == core.RestockConfirming {
		s.setTimer(db.Timer{Due: st.ConfirmBy, Variant: v.Key(), Version: s.sequence})
	}
}

func (s *step) setRestock(id core.RestockID, at core.RestockAt) {
	r, ok := db.Restocks.Get(s.tx, id)
	if !ok {
		return
	}
	r.At = at
	product := core.ProductKey{Source: r.Variant.Source, Product: r.Product}
	if at == core.RestockOpen {
		db.Restocking.Add(s.tx, product, id)
	} else {
		db.Restocking.Remove(s.tx, product, id)
	}
	if at == core.RestockClosed {
		r.ClosedAt = s.now()
	}
	db.Restocks.Set(s.tx, id, r)
}

func (s *step) setTimer(t db.Timer) { db.Timers.Set(s.tx, t, t) }

// begin starts a work.
func (s *step) begin(w core.Work) {
	w.ID = s.next()
	db.Works.Set(s.tx, w.ID, w)
}

// worksOf are the works of a restock; works are few.
func (s *step) worksOf(id core.RestockID, kind core.WorkKind) (works []core.Work) {
	db.Works.All(s.tx, func(w core.Work) bool {
		if w.Restock == id && w.Kind == kind {
			works = append(works, w)
		}
		return true
	})
	return works
}

// restockWorks are the works that go down lines.
func (s *step) restockWorks() (works []core.Work) {
	db.Works.All(s.tx, func(w core.Work) bool {
		if w.Kind == core.WorkRestock {
			works = append(works, w)
		}
		return true
	})
	return works
}

func (s *step) endWorks(id core.RestockID) {
	for _, w := range s.worksOf(id, core.WorkRestock) {
		db.Works.Delete(s.tx, w.ID)
	}
}

// resume tells the rest of the line: who asked while the restock paused takes part as well, and what was held goes
// back to the gates.
func (s *step) resume(id core.RestockID) {
	s.endWorks(id)
	s.begin(core.Work{Kind: core.WorkRestock, Restock: id, Until: s.now(), Again: true})
	s.release(id)
}

// release gives a restock's held intents back to the gates, if there are any.
func (s *step) release(id core.RestockID) {
	any := false
	db.Held.Scan(s.tx, id, func(core.LedgerKey) bool { any = true; return false })
	if any && len(s.worksOf(id, core.WorkRelease)) == 0 {
		s.begin(core.Work{Kind: core.WorkRelease, Restock: id})
	}
}

// catalogueOf is what is known of a target: of an "any variant" target the product alone.
func (s *step) catalogueOf(t core.Target) (c activity.Catalogue) {
	product := t.Product
	if t.Variant != "" {
		c.Variant, _ = db.Variants.Get(s.tx, core.VariantKey{Source: t.Source, Variant: t.Variant})
		product = c.Variant.Product
	}
	c.Product, _ = db.Products.Get(s.tx, core.ProductKey{Source: t.Source, Product: product})
	c.Variant.URL = c.Variant.Link(c.Product)
	return c
}
