package machine

import (
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/journey"
	"restock/core/wire"
)

// place where a run stood; Since tells standing there again from staying.
type stood struct {
	shape string
	since core.Time
	at    core.RunAt
	ask   *core.WorkID
	order core.WorkID
}

// unstand takes a run out of all that would find it where it stands, and says where that was.
func (s *step) unstand(r *core.Run) stood {
	was := stood{r.Shape, r.Since, r.At, r.Ask, r.Order}
	if r.Order != (core.WorkID{}) {
		db.Standing.Remove(s.tx, db.ShapeKey{Journey: r.Journey, Shape: r.Shape}, db.Stand{Order: r.Order, Run: r.ID})
	}
	if r.Wakes != 0 {
		db.Delays.Delete(s.tx, db.Delay{Due: r.Wakes, Order: r.Order, Run: r.ID})
	}
	if r.Ask != nil {
		db.Asks.Delete(s.tx, *r.Ask)
	}
	if r.Watched {
		db.Watching.Remove(s.tx, r.Contact, r.ID)
	}
	r.Wakes, r.Ask, r.Watched, r.Order = 0, nil, false, core.WorkID{}
	return was
}

// stand writes down where a run stands and what will move it on. Who stays keeps its place.
func (s *step) stand(r *core.Run, was stood) {
	stays := was.order != (core.WorkID{}) && r.At != core.RunOver && r.Shape == was.shape && r.Since == was.since
	if !stays {
		s.tallyMove(r, was)
	}
	if r.At == core.RunOver {
		return
	}
	if r.Order = was.order; !stays {
		r.Order = s.next()
	}
	db.Standing.Add(s.tx, db.ShapeKey{Journey: r.Journey, Shape: r.Shape}, db.Stand{Order: r.Order, Run: r.ID})
	if r.Wakes = wakes(r); r.Wakes != 0 {
		d := db.Delay{Due: r.Wakes, Order: r.Order, Run: r.ID}
		db.Delays.Set(s.tx, d, d)
	}
	if r.At == core.RunAsking {
		if r.Ask = was.ask; r.Ask == nil || !stays || was.at != core.RunAsking {
			w := s.next()
			r.Ask = &w
		}
		db.Asks.Set(s.tx, *r.Ask, db.Asking{Work: *r.Ask, Run: r.ID})
	}
	if r.Watched = s.config.watches[r.Journey]; r.Watched {
		db.Watching.Add(s.tx, r.Contact, r.ID)
	}
}

// wakes is when time alone moves a run; 0: never.
func wakes(r *core.Run) (at core.Time) {
	moments := []core.Time{r.Until}
	if r.At == core.RunDelayed || r.At == core.RunWaiting {
		moments = append(moments, r.Due, r.Look)
	}
	for _, t := range moments {
		if t != 0 && (at == 0 || t < at) {
			at = t
		}
	}
	return at
}

// touch notes that something about a contact changed, which may move its runs.
func (s *step) touch(id core.ContactID) {
	if len(s.config.watches) > 0 && !slices.Contains(s.touched[max(0, len(s.touched)-1):], id) {
		s.touched = append(s.touched, id)
	}
}

// lookAtTouched lets those runs go on that waited for what the entry changed about their contacts, or leave. Of more contacts
// than an entry may touch, the rest is left to works.
func (s *step) lookAtTouched() {
	begin := s.tx.Size()
	for looked := 0; len(s.touched) > 0; looked++ {
		id := s.touched[0]
		s.touched = s.touched[1:]
		if looked >= core.MaxPageContacts || s.tx.Size()-begin > pageBytes {
			s.begin(core.Work{Kind: core.WorkWatch, Contact: id})
			continue
		}
		if !s.look(id) {
			s.begin(core.Work{Kind: core.WorkWatch, Contact: id})
		}
	}
}

// watchedRuns is how many runs of a contact are looked at in one go.
const watchedRuns = 64

// look looks at a contact's runs; all is false when some are left.
func (s *step) look(id core.ContactID) (all bool) {
	w := core.Work{Contact: id}
	return s.watchPage(&w)
}

// watchPage looks at the next of a contact's runs, by their ids.
func (s *step) watchPage(w *core.Work) (done bool) {
	var runs []core.RunID
	visit := func(r core.RunID) bool { runs = append(runs, r); return len(runs) < watchedRuns }
	if w.Cursor.Key == (core.LedgerKey{}) {
		db.Watching.Scan(s.tx, w.Contact, visit)
	} else {
		db.Watching.After(s.tx, w.Contact, core.RunID(w.Cursor.Key), visit)
	}
	for _, id := range runs {
		w.Cursor.Key = core.LedgerKey(id)
		if r, ok := db.Runs.Get(s.tx, id); ok && r.At != core.RunOver {
			j, _ := s.config.journey(r.Journey)
			s.advance(r, j)
		}
	}
	return len(runs) < watchedRuns
}

// direct takes an operator's word about a shape.
func (s *step) direct(e wire.Direct) { s.count.Count("direct", s.takeDirect(e)) }

func (s *step) takeDirect(e wire.Direct) core.Reason {
	j, ok := db.Journeys.Get(s.tx, e.Journey)
	if _, has := j.Shape(e.Shape); !ok || !has {
		return core.ReasonShapeGone
	}
	at := slices.Index(j.Paused, e.Shape)
	switch {
	case e.Word == core.ShapeMove:
		s.begin(core.Work{Kind: core.WorkMove, Journey: j.Name, Shape: e.Shape})
		return core.ReasonMoved
	case e.Word == core.ShapePause && at < 0:
		j.Paused = append(j.Paused, e.Shape)
		db.Journeys.Set(s.tx, j.Name, j)
		s.config = readConfig(s.tx)
		return core.ReasonShapePaused
	case e.Word == core.ShapeResume && at >= 0:
		j.Paused = slices.Delete(j.Paused, at, at+1)
		db.Journeys.Set(s.tx, j.Name, j)
		s.config = readConfig(s.tx)
		s.begin(core.Work{Kind: core.WorkStand, Journey: j.Name, Shape: e.Shape})
		return core.ReasonResumed
	}
	return core.ReasonDuplicate
}

// paused are the shapes of a journey as it is declared that are paused.
func paused(before []string, d core.DeclaredJourney) (names []string) {
	for _, shape := range d.Journey.Shapes {
		is := slices.Contains(before, shape.Name) && !slices.Contains(d.Resume, shape.Name)
		if is || slices.Contains(d.Pause, shape.Name) {
			names = append(names, shape.Name)
		}
	}
	return names
}

// freed lets those go on who stood at shapes that are resumed by a declaration, ask another filter by now, or are gone.
func (s *step) freed(before, after core.Journey) {
	for _, was := range before.Shapes {
		is, there := after.Shape(was.Name)
		resumed := slices.Contains(before.Paused, was.Name) && !slices.Contains(after.Paused, was.Name)
		if resumed || !there || (was.Filter != nil && before.Version != after.Version) || is.Kind != was.Kind {
			s.begin(core.Work{Kind: core.WorkStand, Journey: after.Name, Shape: was.Name})
		}
	}
}

// standPage moves the next of those who stood at a shape when the work began, in the order in which they came. Who stands
// there until a moment stays until then, unless the work moves them.
func (s *step) standPage(w *core.Work) (done bool) {
	type standing struct {
		core.Row
		db.Stand
	}
	var all []standing
	db.StandingAfter(s.tx, db.ShapeKey{Journey: w.Journey, Shape: w.Shape}, w.Cursor.Row, func(row core.Row, st db.Stand) bool {
		if !st.Order.Before(w.ID) {
			return false
		}
		all = append(all, standing{row, st})
		return len(all) < core.PageContacts
	})
	j, _ := s.config.journey(w.Journey)
	begin := s.tx.Size()
	for _, st := range all {
		if s.tx.Size()-begin > pageBytes {
			return false
		}
		w.Cursor.Row = st.Row
		r, ok := db.Runs.Get(s.tx, st.Run)
		switch {
		case !ok || r.At == core.RunOver:
		case w.Kind == core.WorkMove:
			s.moveRun(r, j, journey.Pass)
		case r.At != core.RunDelayed:
			s.advance(r, j)
		}
	}
	return len(all) < core.PageContacts
}
