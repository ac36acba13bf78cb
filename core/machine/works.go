package machine

import (
	"restock/core"
	"restock/core/db"
)

func (s *step) setTimer(t db.Timer) { db.Timers.Set(s.tx, t, t) }

// begin starts a work.
func (s *step) begin(w core.Work) core.WorkID {
	w.ID = s.next()
	db.Works.Set(s.tx, w.ID, w)
	return w.ID
}

// endTelling ends the work that goes down a restock's lines, if one does.
func (s *step) endTelling(r *core.Restock) {
	if w, ok := db.Works.Get(s.tx, r.Telling); ok {
		s.waveWork(r, w, false)
		db.Works.Delete(s.tx, r.Telling)
	}
	r.Telling = core.WorkID{}
}

// release gives a restock's held intents back to the gates, if there are any; it says whether that is under way. A restock
// that matched nobody has none.
func (s *step) release(r *core.Restock) bool {
	if r.Matched == 0 || db.Works.Has(s.tx, r.Releasing) {
		return r.Matched > 0
	}
	any := false
	db.Held.Scan(s.tx, r.ID, func(core.LedgerKey) bool { any = true; return false })
	if any {
		r.Releasing = s.begin(core.Work{Kind: core.WorkRelease, Restock: r.ID})
	}
	return any
}
