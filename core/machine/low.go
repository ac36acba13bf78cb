package machine

import (
	"restock/core"
	"restock/core/activity"
	"restock/core/db"
)

// Who was told of a restock and did not buy hears when it runs low, if a journey says so: in the order in which they were told,
// each once, and none sooner after that than the source's policy has it. Whom the restock tells while it is low already hears
// of it then.

// call lets the next of those hear who may; it leaves a timer where time alone is missing.
func (s *step) call(r *core.Restock) {
	if !s.config.calls || !s.runsLow(r) || db.Works.Has(s.tx, r.Calling) {
		return
	}
	db.ToldsAfter(s.tx, r.ID, r.Called, func(_ core.Row, t db.Told) bool {
		if due := t.At.Add(s.callAfter(r)); due > s.now() {
			s.waveTimer(r, due)
		} else {
			r.Calling = s.begin(core.Work{Kind: core.WorkLow, Restock: r.ID, Cursor: core.Cursor{Row: r.Called}})
		}
		return false
	})
}

// callOf is call of a restock by its id.
func (s *step) callOf(id core.RestockID) {
	if r, ok := db.Restocks.Get(s.tx, id); ok && s.config.calls {
		s.call(&r)
		db.Restocks.Set(s.tx, id, r)
	}
}

// runsLow says whether those who were told of a restock may hear now that few are left.
func (s *step) runsLow(r *core.Restock) bool {
	st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: r.Variant, Market: r.Market})
	return r.At == core.RestockOpen && r.Waves.Word == core.WordGo && st.Restock == r.ID && st.Amount == core.AmountLow
}

func (s *step) callAfter(r *core.Restock) core.Milliseconds {
	return s.config.sources[r.Variant.Source].Stock.CallAfter()
}

// lowPage lets the next page of those hear who were told. It ends where the restock does not run low any more: what is left is
// for when it does again.
func (s *step) lowPage(w *core.Work) (done bool) {
	r, ok := db.Restocks.Get(s.tx, w.Restock)
	if !ok || !s.runsLow(&r) {
		return true
	}
	type row struct {
		core.Row
		db.Told
	}
	var all []row
	db.ToldsAfter(s.tx, r.ID, w.Cursor.Row, func(at core.Row, t db.Told) bool {
		if t.At.Add(s.callAfter(&r)) > s.now() {
			return false
		}
		all = append(all, row{at, t})
		return len(all) < core.PageContacts
	})
	low := s.lowOf(r)
	begin := s.tx.Size()
	for n := 0; n < len(all) && s.tx.Size()-begin < pageBytes; n++ {
		low.tell(all[n].Told)
		w.Cursor.Row = all[n].Row
		done = n == len(all)-1 && len(all) < core.PageContacts
	}
	if r, ok = db.Restocks.Get(s.tx, w.Restock); ok { // as what occurred has left it
		r.Called = w.Cursor.Row
		db.Restocks.Set(s.tx, r.ID, r)
	}
	return done || len(all) == 0
}

// runningLow makes the activities of a restock that runs low.
type runningLow struct {
	*step
	restock   core.Restock
	lines     [2]core.Target
	catalogue activity.Catalogue
	units     int64
}

func (s *step) lowOf(r core.Restock) *runningLow {
	b := s.backInStock(r)
	return &runningLow{step: s, restock: r, lines: targetsOf(r.Variant, r.Product), catalogue: b.catalogue, units: b.units}
}

// tell makes the activity of one who was told, unless it bought since, asked anew or left otherwise.
func (l *runningLow) tell(t db.Told) {
	e, ok := db.Entries.Get(l.tx, db.EntryKey{Contact: t.Contact, Target: l.lines[t.Line]})
	if !ok || e.Closed != core.ClosedTold || e.ClosedAt != t.At {
		return
	}
	e.CapturedAt = t.Place
	l.occurs(activity.Low(e, l.restock, l.units, l.catalogue, l.now()))
}
