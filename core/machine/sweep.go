package machine

import (
	"restock/core"
	"restock/core/activity"
	"restock/core/db"
)

// Bounds of a sweep.
const (
	sweepEvery = core.Day
	sweepLines = 256                  // whose heads a page looks at
	sweepRows  = core.MaxPageContacts // activities that a page looks at
)

// planSweeps plans the first sweep of a workspace.
func (s *step) planSweeps() {
	if !db.Sweeps.Has(s.tx, struct{}{}) {
		s.planSweep(db.Sweep{})
	}
}

func (s *step) planSweep(sw db.Sweep) {
	sw.Due = s.now().Add(sweepEvery)
	db.Sweeps.Set(s.tx, struct{}{}, sw)
	s.setTimer(db.Timer{Due: sw.Due})
}

// sweep begins to let go of what is too old, unless the last sweep still goes on. It goes by pages, in turn with other works.
func (s *step) sweep() {
	sw, _ := db.Sweeps.Get(s.tx, struct{}{})
	if !db.Works.Has(s.tx, sw.Work) {
		sw.Work = s.begin(core.Work{Kind: core.WorkExpire})
	}
	s.planSweep(sw)
}

// expirePage takes those out of the next lines who have waited too long. They stand at the heads, so nobody else is looked
// at. The sweep of cohorts follows the last line, and that of
// activities follows them.
func (s *step) expirePage(w *core.Work) (done bool) {
	type line struct {
		core.Row
		core.Waitlist
	}
	var lines []line
	db.LinesAfter(s.tx, w.Cursor.Row, func(row core.Row, l core.Waitlist) bool {
		lines = append(lines, line{row, l})
		return len(lines) < sweepLines
	})
	room, begin := core.PageContacts, s.tx.Size()
	for _, l := range lines {
		if room -= s.expireHead(l.Waitlist, room); room <= 0 || s.tx.Size()-begin > pageBytes {
			return false // this line may have more
		}
		w.Cursor.Row = l.Row
	}
	if len(lines) == sweepLines {
		return false
	}
	sw, _ := db.Sweeps.Get(s.tx, struct{}{})
	sw.Work = s.begin(core.Work{Kind: core.WorkCohorts})
	db.Sweeps.Set(s.tx, struct{}{}, sw)
	return true
}

// expireHead takes at most room out of a line, and says how many.
func (s *step) expireHead(line core.Waitlist, room int) (n int) {
	r := s.config.sources[line.Source].Retention
	var late []db.Place
	db.Waitlists.Scan(s.tx, line, func(p db.Place) bool {
		if !activity.Expired(core.Entry{CapturedAt: p.At}, r, s.now()) {
			return false
		}
		late = append(late, p)
		return len(late) < room
	})
	for _, p := range late {
		key := db.EntryKey{Contact: p.Contact, Target: line.Target()}
		if e, ok := db.Entries.Get(s.tx, key); ok && e.Waiting() {
			s.closeEntry(key, e, max(e.CapturedAt, e.LastAt), core.ClosedExpired)
		}
	}
	return len(late)
}

// sweepPage lets go of the details of the next activities that are too old. When they occurred stays.
func (s *step) sweepPage(w *core.Work) (done bool) {
	var old []core.Activity
	rows := 0
	db.ActivitiesAfter(s.tx, w.Cursor.Row, func(row core.Row, a core.Activity) bool {
		if activity.Faded(a, s.config.sources[a.Source].Retention, s.now()) {
			old = append(old, a)
		}
		w.Cursor.Row = row
		rows++
		return rows < sweepRows && len(old) < core.PageContacts
	})
	for _, a := range old {
		s.fade(a)
	}
	if rows == sweepRows || len(old) == core.PageContacts {
		return false
	}
	s.sweepOrders()
	return true
}

// sweepOrders goes on with what orders were attributed to, if there are any.
func (s *step) sweepOrders() {
	any := false
	db.Attributions.All(s.tx, func(core.Attribution) bool { any = true; return false })
	if any {
		sw, _ := db.Sweeps.Get(s.tx, struct{}{})
		sw.Work = s.begin(core.Work{Kind: core.WorkOrders})
		db.Sweeps.Set(s.tx, struct{}{}, sw)
	}
}

// fade lets go of an activity's details. Back in stock stays while its restock goes on: it is what keeps the contact from
// being told of that restock twice.
func (s *step) fade(a core.Activity) {
	if r, ok := db.Restocks.Get(s.tx, a.Restock); ok && r.At != core.RestockClosed {
		return
	}
	key := db.OccurrencesKey{Contact: a.Contact, Source: a.Source, Kind: a.Kind}
	o, _ := db.Occurrences.Get(s.tx, key)
	s.unindex(a)
	s.unindexFaded(o)
	o.Fold(a)
	s.indexFaded(o)
	db.Occurrences.Set(s.tx, key, o)
	db.Activities.Delete(s.tx, db.ActivityKey{Contact: a.Contact, ID: a.ID})
	s.count.Count("activity", core.ReasonExpired)
}
