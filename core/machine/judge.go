package machine

import (
	"restock/core"
	"restock/core/activity"
	"restock/core/db"
	"restock/core/inventory"
)

// judge compares a variant's levels with what was remembered of its stock, market by market, and acts on what changed.
func (s *step) judge(key core.VariantKey) {
	v, ok := db.Variants.Get(s.tx, key)
	src, declared := s.config.sources[key.Source]
	if !ok || !declared {
		return
	}
	j := judging{step: s, source: src, variant: v}
	j.levels, _ = db.Levels.Get(s.tx, core.ItemKey{Source: key.Source, Item: v.Item})
	j.product, j.offered = s.offered(v)
	for _, m := range src.Served() {
		j.in(m)
	}
}

// comesBack says whether a variant that was sold out in some market would be in stock by what is kept of it now. Nothing is
// written.
func (s *step) comesBack(key core.VariantKey, src core.Source) bool {
	v, ok := db.Variants.Get(s.tx, key)
	j := judging{step: s, source: src, variant: v}
	j.levels, _ = db.Levels.Get(s.tx, core.ItemKey{Source: key.Source, Item: v.Item})
	j.product, j.offered = s.offered(v)
	for _, m := range src.Served() {
		before, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: key, Market: m.Name})
		after, _ := inventory.Judge(before, j.available(m), src.Stock, false, s.now())
		if ok && before.Phase == core.SoldOut && after.Phase == core.InStock {
			return true
		}
	}
	return false
}

// judging is a variant that is judged.
type judging struct {
	*step
	source  core.Source
	variant core.Variant
	product core.Product
	offered bool
	levels  []core.Level
	waits   *bool // what anybodyWaits found
}

// in judges the variant in one market.
func (j *judging) in(m core.ServedMarket) {
	k := db.StockKey{Variant: j.variant.Key(), Market: m.Name}
	before, _ := db.Stocks.Get(j.tx, k)
	waiting := before.Phase == core.StockUnknown && j.anybodyWaits()
	after, changes := inventory.Judge(before, j.available(m), j.source.Stock, waiting, j.now())
	r := restocking{judging: j, market: m.Name, stock: &after}
	for _, c := range changes {
		r.changed(c)
	}
	if after != before && j.isNews(true) {
		db.Stocks.Set(j.tx, k, after)
	}
	if after.RestockAt == core.RestockOpen {
		j.waveOf(after.Restock)
	}
	if after.Amount == core.AmountLow {
		j.callOf(after.Restock)
	}
}

// available is what can be bought in a market; nothing, where nobody can buy it.
func (j *judging) available(m core.ServedMarket) core.Availability {
	if !j.offered || !j.product.SoldIn(m.Name) {
		return inventory.Stopped()
	}
	return inventory.Available(j.levels, m.Locations, j.variant, j.source.Stock)
}

// restocking is a variant's restock in a market.
//
// Most restocks are waited for by nobody, and those cost nothing: all there is of them stands in the variant's stock. A
// restock is recorded, and gets timers and works, once it has somebody to tell.
type restocking struct {
	*judging
	market core.Market
	stock  *core.Stock
}

// changed acts on one change of the stock.
func (r *restocking) changed(c inventory.Change) {
	st := r.stock
	switch c {
	case inventory.Opened:
		st.Restock = core.NewRestockID(r.variant.Key(), r.market, r.sequence)
		st.Opened, st.OpenedAt, st.OpenedUnits = r.sequence, r.now(), st.Units
		st.Until, st.Found = 0, ""
		if r.reading != nil {
			st.Found = r.reading.kind
			r.corrects(true, core.ReasonRestockFound)
		}
		r.recordIfWanted()
	case inventory.Confirmed, inventory.Resumed:
		st.Until = r.now()
		if r.recordIfWanted() {
			db.Stocks.Set(r.tx, db.StockKey{Variant: r.variant.Key(), Market: r.market}, *st) // by which the first wave is as large as it is
			r.setRestock(st)
			r.tellLine(st.Restock, c == inventory.Resumed)
		}
	case inventory.Paused:
		if r.setRestock(st) {
			r.setTimer(db.Timer{Due: st.PausedAt.Add(r.source.Stock.Close), Variant: r.variant.Key(), Version: r.sequence})
		}
	case inventory.Closed:
		r.setRestock(st)
	}
}

// recordIfWanted says whether the restock stands on record; if somebody waits for it, it does from now on.
func (r *restocking) recordIfWanted() bool {
	if db.Restocks.Has(r.tx, r.stock.Restock) {
		return true
	}
	if !r.lineWaits(r.variant, r.market) {
		return false
	}
	r.record(r.variant, r.market, *r.stock)
	return true
}

// record writes a restock down as it stands.
func (s *step) record(v core.Variant, m core.Market, st core.Stock) core.Restock {
	r := core.Restock{
		ID: st.Restock, Variant: v.Key(), Product: v.Product, Market: m, Opened: st.Opened, OpenedAt: st.OpenedAt,
		Units: st.OpenedUnits, At: st.RestockAt, Until: st.Until, Found: st.Found,
	}
	if s.wavesOf(&r).Approve {
		r.Waves.Word = core.WordPaused
	}
	db.Restocks.Set(s.tx, r.ID, r)
	db.Opened.Add(s.tx, struct{}{}, db.OpenedRestock{Sequence: r.Opened, ID: r.ID})
	if r.At == core.RestockConfirming {
		s.setTimer(db.Timer{Due: st.ConfirmBy, Variant: v.Key(), Version: s.sequence})
	}
	return r
}

// setRestock brings a restock's record to where the restock stands; it is false when there is none. One that closes tells
// nobody any more.
func (s *step) setRestock(st *core.Stock) bool {
	r, ok := db.Restocks.Get(s.tx, st.Restock)
	if !ok {
		return false
	}
	r.At, r.Until = st.RestockAt, st.Until
	if r.At == core.RestockClosed {
		r.ClosedAt = s.now()
		s.endTelling(&r)
		s.release(&r)
		s.settleWaves(&r, st.PausedAt)
	}
	db.Restocks.Set(s.tx, r.ID, r)
	return true
}

// tellLine tells the whole line, from its head: also who asked while the restock paused takes part. Whose messages were held
// asked before them, and goes first.
func (s *step) tellLine(id core.RestockID, again bool) {
	r, _ := db.Restocks.Get(s.tx, id)
	s.endTellingUnlessRanking(&r)
	if s.release(&r) {
		w, _ := db.Works.Get(s.tx, r.Releasing)
		w.Again = true // see released
		db.Works.Set(s.tx, w.ID, w)
	} else {
		s.beginTelling(&r, again)
	}
	db.Restocks.Set(s.tx, id, r)
}

// endTellingUnlessRanking lets a restock that resumes go on to write its order down, with who asked while it paused.
func (s *step) endTellingUnlessRanking(r *core.Restock) {
	w, ok := db.Works.Get(s.tx, r.Telling)
	if !ok || w.Kind != core.WorkRank {
		s.endTelling(r)
		return
	}
	w.Until = r.Until
	db.Works.Set(s.tx, w.ID, w)
}

// beginTelling tells the line, anew where the restock resumes.
func (s *step) beginTelling(r *core.Restock, again bool) {
	if again {
		s.resumeWaves(r)
	}
	s.wave(r)
}

// released goes on with the line once what was held is given back.
func (s *step) released(w core.Work) {
	r, ok := db.Restocks.Get(s.tx, w.Restock)
	if !ok || r.At != core.RestockOpen {
		return
	}
	if w.Again {
		s.beginTelling(&r, true)
	} else {
		s.wave(&r)
	}
	db.Restocks.Set(s.tx, r.ID, r)
}

// anybodyWaits says whether somebody waits for the variant, in whatever market: for whoever asks, what they saw was sold
// out.
func (j *judging) anybodyWaits() bool {
	if j.waits == nil {
		j.waits = new(bool)
		for _, m := range j.source.Served() {
			*j.waits = *j.waits || j.lineWaits(j.variant, m.Name)
		}
	}
	return *j.waits
}

// lineWaits says whether a restock in a market would have somebody to tell.
func (s *step) lineWaits(v core.Variant, m core.Market) bool {
	targets := targetsOf(v.Key(), v.Product)
	return db.Waiting.Has(s.tx, targets[0].Waitlist(m)) || db.Waiting.Has(s.tx, targets[1].Waitlist(m))
}

// targetsOf are the two that a variant's restock serves: itself, and its product's "any variant".
func targetsOf(v core.VariantKey, p core.ProductID) [2]core.Target {
	return [2]core.Target{{Source: v.Source, Variant: v.Variant}, {Source: v.Source, Product: p}}
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

// catalogueIn is catalogueOf with links for the shoppers of a market.
func (s *step) catalogueIn(m core.Market, t core.Target) activity.Catalogue {
	c, src := s.catalogueOf(t), s.config.sources[t.Source]
	c.Variant.URL, c.Product.URL = src.LinkIn(m, c.Variant.URL), src.LinkIn(m, c.Product.URL)
	return c
}
