package machine

import (
	"restock/core"
	"restock/core/activity"
	"restock/core/db"
)

// merge notes a repeated capture. The earliest one decides the place in line, and what was asked last what is waited for:
// how many, and in which market.
func (s *step) merge(key db.EntryKey, e core.Entry, c core.Capture) {
	before := e
	if c.CapturedAt < e.CapturedAt {
		e.CapturedAt = c.CapturedAt
		e.FirstAt = min(e.FirstAt, c.CapturedAt)
	}
	e.Repeats++
	if c.CapturedAt >= e.LastAt { // not what came last
		if c.Quantity > 0 {
			e.Quantity = c.Quantity
		}
		if c.Market != "" {
			e.Market, e.Line = c.Market, s.config.sources[c.Source].MarketOf(c.Market)
		}
	}
	e.LastAt = max(e.LastAt, c.CapturedAt)
	db.Entries.Set(s.tx, key, e)
	s.move(before, e)
}

// move takes an entry from its place to another, which may lie behind a restock's cursor.
func (s *step) move(from, to core.Entry) {
	if from.CapturedAt == to.CapturedAt && from.Line == to.Line {
		s.wants(to.Waitlist(), to.Wants()-from.Wants())
		return
	}
	s.leaveLine(from)
	s.enterLine(to)
	s.joinTail(to)
}

// join puts the contact in line; Waiting on stock occurs.
func (s *step) join(key db.EntryKey, e core.Entry, c core.Capture) {
	if e.FirstAt == 0 {
		e.FirstAt = c.CapturedAt
	}
	e.Contact, e.Target, e.CapturedAt, e.LastAt = key.Contact, c.Target, c.CapturedAt, c.CapturedAt
	e.Quantity, e.Market, e.Line = c.Quantity, c.Market, s.config.sources[c.Source].MarketOf(c.Market)
	e.Closed, e.Returned = "", 0 // ClosedAt stays: what was captured before is still closed
	db.Entries.Set(s.tx, key, e)
	s.enterLine(e)
	s.evidence(e)
	s.occurs(activity.Waiting(e, s.catalogueIn(e.Line, c.Target)))
	s.joinTail(e)
}

// evidence: who asks to be told of a variant that we know nothing of saw it sold out.
func (s *step) evidence(e core.Entry) {
	if e.Target.Variant == "" {
		return
	}
	k := db.StockKey{Variant: core.VariantKey{Source: e.Target.Source, Variant: e.Target.Variant}, Market: e.Line}
	if st, _ := db.Stocks.Get(s.tx, k); st.Phase == core.StockUnknown {
		st.Phase, st.Since = core.SoldOut, s.now()
		db.Stocks.Set(s.tx, k, st)
	}
}

// enterLine puts an entry into its line, leaveLine takes it out; the line's counts go with it.
func (s *step) enterLine(e core.Entry) {
	w := e.Waitlist()
	n, _ := db.Waiting.Get(s.tx, w)
	db.Waiting.Set(s.tx, w, n+1)
	s.wants(w, e.Wants()-1)
	contact, _ := db.Contacts.Get(s.tx, e.Contact)
	db.Waitlists.Note(s.tx, w, db.Place{At: e.CapturedAt, Contact: e.Contact}, db.AppendTraits(nil, contact.Traits()))
	s.grown(w, n+1)
}

// note writes a contact's traits anew beside its places in line, as far as one entry's room goes: behind four thousand rows
// plugins learn what was known when the place was taken.
func (s *step) note(t core.Traits) {
	note, rows := db.AppendTraits(nil, t), 0
	var places []core.Entry
	db.EntriesOf(s.tx, t.ID, func(e core.Entry) bool {
		if e.Waiting() {
			places = append(places, e)
		}
		rows++
		return rows < core.MaxPageContacts
	})
	for _, e := range places {
		db.Waitlists.Note(s.tx, e.Waitlist(), db.Place{At: e.CapturedAt, Contact: t.ID}, note)
	}
}

func (s *step) leaveLine(e core.Entry) {
	w := e.Waitlist()
	n, _ := db.Waiting.Get(s.tx, w)
	if n > 1 {
		db.Waiting.Set(s.tx, w, n-1)
	} else {
		db.Waiting.Delete(s.tx, w)
	}
	s.wants(w, 1-e.Wants())
	db.Waitlists.Remove(s.tx, w, db.Place{At: e.CapturedAt, Contact: e.Contact})
	s.shrunk(w, max(n-1, 0))
}

// wants keeps how many units a line wants beyond one for each who waits. Most say nothing, and cost nothing.
func (s *step) wants(w core.Waitlist, more int64) {
	if more == 0 {
		return
	}
	if n, _ := db.Surplus.Get(s.tx, w); n+more > 0 {
		db.Surplus.Set(s.tx, w, n+more)
	} else {
		db.Surplus.Delete(s.tx, w)
	}
}

// joinTail lets an entry that comes into a line while a restock is under way take part in it. One that nobody waited for so
// far goes on record. A capture that was on its way is told here, unless the restock's work has yet to come to its place. An
// "any variant" entry takes part in each restock of its product, as far as one entry's room goes.
func (s *step) joinTail(e core.Entry) {
	begin := s.tx.Size()
	for _, id := range s.variantsOf(e.Target) {
		st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: core.VariantKey{Source: e.Target.Source, Variant: id}, Market: e.Line})
		switch late := e.CapturedAt <= st.Until; {
		case st.RestockAt == core.RestockOpen && late, st.RestockAt == core.RestockConfirming:
			s.joinRestock(e, id, st)
		case st.RestockAt == core.RestockOpen, st.RestockAt == core.RestockPaused:
			s.joinLater(e, st)
		}
		if s.tx.Size()-begin > pageBytes {
			return
		}
	}
}

// variantsOf are the variants whose restocks serve a target.
func (s *step) variantsOf(t core.Target) []core.VariantID {
	if t.Variant != "" {
		return []core.VariantID{t.Variant}
	}
	choices, _ := db.Choices.Get(s.tx, core.ProductKey{Source: t.Source, Product: t.Product})
	return choices
}

func (s *step) joinRestock(e core.Entry, id core.VariantID, st core.Stock) {
	r, ok := db.Restocks.Get(s.tx, st.Restock)
	if !ok {
		v, _ := db.Variants.Get(s.tx, core.VariantKey{Source: e.Target.Source, Variant: id})
		r = s.record(v, e.Line, st)
	}
	if r.At != core.RestockOpen || r.Waves.Word == core.WordStopped || s.willCome(r, e) {
		return
	}
	if s.inWaves(&r) {
		s.joinWaves(&r, e)
		db.Restocks.Set(s.tx, r.ID, r)
		return
	}
	back := s.backInStock(r)
	back.tell(place{Place: db.Place{At: e.CapturedAt, Contact: e.Contact}, target: e.Target})
	r.Matched += back.matched
	db.Restocks.Set(s.tx, r.ID, r)
}

// willCome says whether the restock's work has yet to come to the entry's place.
func (s *step) willCome(r core.Restock, e core.Entry) bool {
	w, ok := db.Works.Get(s.tx, r.Telling)
	here := place{Place: db.Place{At: e.CapturedAt, Contact: e.Contact}}
	cursor := place{Place: db.Place{At: w.Cursor.At, Contact: w.Cursor.Contact}}
	return ok && (w.Kind == core.WorkRestock || w.Kind == core.WorkRank) && !r.Waves.Ranked && before(cursor, here) && e.CapturedAt <= w.Until
}
