package machine

import (
	"restock/core"
	"restock/core/db"
	"restock/core/journey"
)

// occurs writes an activity down, unless it is known already, and lets its contact into the journeys that wait for it;
// it says whether it occurred. What follows from an activity hangs on its id, so that nothing below needs to look again.
func (s *step) occurs(a core.Activity) bool {
	if !s.write(a) {
		return false
	}
	s.index(a)
	about := s.subject(&a, s.now())
	for i, j := range s.config.journeys {
		if about.enters(j, s.config.where[i]) {
			s.enter(j, a)
		}
	}
	return true
}

// write writes an activity down; false when it is known already.
func (s *step) write(a core.Activity) bool {
	key := db.ActivityKey{Contact: a.Contact, ID: a.ID}
	if db.Activities.Has(s.tx, key) {
		return false
	}
	db.Activities.Set(s.tx, key, a)
	s.count.Count("activity", core.Reason(a.Kind))
	return true
}

func (s *step) enter(j core.Journey, a core.Activity) {
	r := journey.Start(j, a, s.now())
	db.RunsOf.Add(s.tx, a.Contact, r.ID)
	s.advance(r, j)
}

// advance moves a run as far as it gets, and writes down where it stands and what will wake it.
func (s *step) advance(r core.Run, j core.Journey) {
	steps := len(r.Steps)
	journey.Advance(&r, j, world{s}, s.now())
	for _, done := range r.Steps[steps:] {
		s.count.Count("step", done.Reason)
	}
	r.Ask = nil
	switch r.At {
	case core.RunDelayed:
		s.setTimer(db.Timer{Due: r.Due, Run: r.ID, Version: s.sequence})
	case core.RunAsking:
		w := s.next()
		r.Ask = &w
		db.Asks.Set(s.tx, w, db.Asking{Work: w, Run: r.ID})
	}
	db.Runs.Set(s.tx, r.ID, r)
	if r.At == core.RunOver {
		s.letGo(r.Entered.Restock, r.Contact)
	}
}

// resumeRun moves a run that waited for time or for a verdict; one that does not wait any more stays as it is.
func (s *step) resumeRun(id core.RunID, at core.RunAt) {
	r, ok := db.Runs.Get(s.tx, id)
	if !ok || r.At != at || (at == core.RunDelayed && r.Due > s.now()) {
		return
	}
	j, _ := s.config.journey(r.Journey)
	s.advance(r, j)
}

// wake lets a page of due timers go off.
func (s *step) wake() {
	var due []db.Timer
	db.Timers.All(s.tx, func(t db.Timer) bool {
		if t.Due > s.now() || len(due) == core.PageContacts {
			return false
		}
		due = append(due, t)
		return true
	})
	for begin, i := s.tx.Size(), 0; i < len(due) && s.tx.Size()-begin < pageBytes; i++ {
		t := due[i]
		db.Timers.Delete(s.tx, t)
		switch {
		case t.Broadcast != "":
			s.broadcastTime(t)
		case t.Run != (core.RunID{}):
			s.resumeRun(t.Run, core.RunDelayed)
		case t.Variant == (core.VariantKey{}):
			s.sweep()
		case t.Hold != "":
			s.expireHold(db.ReadingKey{Source: t.Variant.Source, Kind: t.Hold})
		default:
			s.judge(t.Variant)
		}
	}
}

// ask moves a page of the runs that wait for a verdict, those first that waited longest. A run whose verdict is still
// missing stays where it is.
func (s *step) ask() {
	var asking []db.Asking
	db.Asks.All(s.tx, func(a db.Asking) bool {
		asking = append(asking, a)
		return len(asking) < core.PageContacts
	})
	for begin, i := s.tx.Size(), 0; i < len(asking) && s.tx.Size()-begin < pageBytes; i++ {
		a := asking[i]
		r, _ := db.Runs.Get(s.tx, a.Run)
		if r.At == core.RunAsking && !s.mayKnow(&r) {
			continue
		}
		db.Asks.Delete(s.tx, a.Work)
		s.resumeRun(a.Run, core.RunAsking)
	}
}

// mayKnow is false when the entry brings no verdict for where the run stands.
func (s *step) mayKnow(r *core.Run) bool {
	j, ok := s.verdicts.(journaled)
	_, brought := j[verdictKey{r.ID, r.Shape}]
	return !ok || brought || !s.conditionAt(r)
}

// conditionAt says whether the run's journey still asks where the run stands.
func (s *step) conditionAt(r *core.Run) bool {
	j, ok := s.config.journey(r.Journey)
	shape, found := j.Shape(r.Shape)
	return ok && j.On && found && shape.Kind == core.ShapeCondition
}

// verdicts are a condition's answers, from the journal or live.
type verdicts interface {
	verdict(s *step, r *core.Run, shape core.Shape) (core.Verdict, bool)
}

type verdictKey struct {
	run   core.RunID
	shape string
}

// journaled are the verdicts that an entry carries.
type journaled map[verdictKey]core.Verdict

func (j journaled) verdict(s *step, r *core.Run, shape core.Shape) (core.Verdict, bool) {
	v, ok := j[verdictKey{r.ID, shape.Name}]
	if !ok || v.Plugin != s.config.plugins[shape.Condition.Plugin].Hash {
		return core.Verdict{}, false // not asked, or by a plugin that was replaced meanwhile: ask again
	}
	return v, true
}

// given sets the verdicts of the entry; while previewing, the live ones stay.
func (s *step) given(vs []core.Verdict) {
	if _, live := s.verdicts.(*liveVerdicts); live {
		return
	}
	j := make(journaled, len(vs))
	for _, v := range vs {
		j[verdictKey{v.Run, v.Shape}] = v
	}
	s.verdicts = j
}

// liveVerdicts asks while a page is previewed, and keeps the answers.
type liveVerdicts struct {
	asker Asker
	given []core.Verdict
}

func (l *liveVerdicts) verdict(s *step, r *core.Run, shape core.Shape) (core.Verdict, bool) {
	a := &r.Entered
	q := Question{Now: s.now(), Run: r, Shape: shape, Units: a.Units, Source: s.config.sources[a.Source]}
	q.Plugin = s.config.plugins[shape.Condition.Plugin]
	contact, _ := db.Contacts.Get(s.tx, r.Contact)
	q.Contact = contact.Traits()
	q.Catalogue = s.catalogueOf(core.Target{Source: a.Source, Variant: a.Variant, Product: a.Product})
	q.Restock, _ = db.Restocks.Get(s.tx, a.Restock)
	v, ok := l.asker.Ask(q)
	if !ok {
		return core.Verdict{}, false
	}
	v.Run, v.Shape, v.Plugin = r.ID, shape.Name, q.Plugin.Hash
	l.given = append(l.given, v)
	return v, true
}

// world is what a moving run may ask.
type world struct{ *step }

func (w world) Verdict(r *core.Run, shape core.Shape) (core.Verdict, bool) {
	if w.verdicts == nil {
		return core.Verdict{}, false
	}
	return w.verdicts.verdict(w.step, r, shape)
}

func (w world) Send(r *core.Run, shape core.Shape, visit int) core.Reason {
	return w.intend(r, shape, visit)
}
