package machine

import (
	"slices"

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
	var all []core.Journey
	for i, j := range s.config.journeys {
		if about.enters(j, s.config.where[i]) {
			all = append(all, j)
		}
	}
	s.enterEach(all, a)
	return true
}

// write writes an activity down; false when it is known already.
func (s *step) write(a core.Activity) bool {
	key := db.ActivityKey{Contact: a.Contact, ID: a.ID}
	if db.Activities.Has(s.tx, key) {
		return false
	}
	db.Activities.Set(s.tx, key, a)
	s.touch(a.Contact)
	s.count.Count("activity", core.Reason(a.Kind))
	return true
}

// enter lets a contact into a journey, unless it may not enter again; then the run is one that says so.
func (s *step) enter(j core.Journey, a core.Activity) {
	why := journey.Again(j, func(visit func(*core.Run) bool) { s.runsIn(j.Name, a.Contact, visit) }, s.now())
	if why != "" {
		s.refuse(j, a, why)
		return
	}
	r := journey.Start(j, a, s.now())
	db.RunsOf.Add(s.tx, a.Contact, r.ID)
	s.tally(r.Journey, "").Came++
	s.tally(r.Journey, r.Shape).Came++
	s.advance(r, j)
}

// runsIn walks a contact's runs in a journey.
func (s *step) runsIn(name core.Name, id core.ContactID, visit func(*core.Run) bool) {
	db.RunsOf.Scan(s.tx, id, func(run core.RunID) bool {
		r, ok := db.Runs.Get(s.tx, run)
		return !ok || r.Journey != name || visit(&r)
	})
}

// advance moves a run as far as it gets, and writes down where it stands and what will wake it.
func (s *step) advance(r core.Run, j core.Journey) { s.moveRun(r, j, journey.Advance) }

func (s *step) moveRun(r core.Run, j core.Journey, how func(*core.Run, core.Journey, journey.World, core.Time)) {
	steps, at := len(r.Steps), r.At
	from := s.unstand(&r)
	how(&r, j, world{s, s.knows()}, s.now())
	for _, done := range r.Steps[min(steps, len(r.Steps)):] {
		s.count.Count("step", done.Reason)
	}
	s.stand(&r, from)
	if at == "" {
		s.tally(r.Journey, "").Standing++
	}
	if r.At == core.RunOver {
		s.tallyEnd(&r)
	}
	db.Runs.Set(s.tx, r.ID, r)
	if r.At == core.RunOver {
		s.letGo(r.Entered.Restock, r.Contact)
	}
}

// resumeRun moves a run that stood until a moment or waited for a verdict; one that does not any more stays as it is.
func (s *step) resumeRun(id core.RunID, at core.RunAt) {
	r, ok := db.Runs.Get(s.tx, id)
	if !ok || r.At != at || (at == core.RunDelayed && r.Due > s.now()) {
		return
	}
	j, _ := s.config.journey(r.Journey)
	s.advance(r, j)
}

// wake lets what is due go off: a page of timers, then a page of runs that stood until now, so that no crowd of runs holds up a
// restock.
func (s *step) wake() {
	var due []db.Timer
	db.Timers.All(s.tx, func(t db.Timer) bool {
		if t.Due > s.now() || len(due) == core.PageContacts {
			return false
		}
		due = append(due, t)
		return true
	})
	begin := s.tx.Size()
	for i := 0; i < len(due) && s.tx.Size()-begin < pageBytes; i++ {
		t := due[i]
		db.Timers.Delete(s.tx, t)
		switch {
		case t.Broadcast != "":
			s.broadcastTime(t)
		case t.Run != (core.RunID{}): // as they were before runs had a table of their own
			s.resumeRun(t.Run, core.RunDelayed)
		case t.Variant == (core.VariantKey{}):
			s.sweep()
		case t.Hold != "":
			s.expireHold(db.ReadingKey{Source: t.Variant.Source, Kind: t.Hold})
		default:
			s.judge(t.Variant)
		}
	}
	s.wakeRuns(begin)
}

// wakeRuns lets runs go on whose moment has come, in the order of their moments and then as they came.
func (s *step) wakeRuns(begin int) {
	var due []db.Delay
	db.DelaysAhead(s.tx, func(d db.Delay) bool {
		if d.Due > s.now() || len(due) == core.PageContacts {
			return false
		}
		due = append(due, d)
		return true
	})
	for i := 0; i < len(due) && s.tx.Size()-begin < pageBytes; i++ {
		db.Woken.Set(s.tx, struct{}{}, due[i])
		r, ok := db.Runs.Get(s.tx, due[i].Run)
		if !ok || r.At == core.RunOver || r.Wakes != due[i].Due || r.Order != due[i].Order {
			db.Delays.Delete(s.tx, due[i])
			continue
		}
		j, _ := s.config.journey(r.Journey)
		s.advance(r, j)
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
		if r.At != core.RunAsking || r.Ask == nil || *r.Ask != a.Work {
			db.Asks.Delete(s.tx, a.Work)
			continue
		}
		j, _ := s.config.journey(r.Journey)
		s.advance(r, j)
	}
}

// mayKnow is false when the entry brings no verdict for where the run stands, and nothing else can move it.
func (s *step) mayKnow(r *core.Run) bool {
	j, ok := s.verdicts.(journaled)
	_, brought := j[verdictKey{r.ID, r.Shape}]
	return !ok || brought || !s.pluginAt(r)
}

// pluginAt says whether all that the run can do is to wait for a plugin.
func (s *step) pluginAt(r *core.Run) bool {
	j, ok := s.config.journey(r.Journey)
	shape, found := j.Shape(r.Shape)
	return ok && j.On && found && shape.Call() != nil && j.Leave == nil && !slices.Contains(j.Paused, shape.Name)
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
	if !ok || v.Plugin != s.config.plugins[shape.Call().Plugin].Hash {
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
	q.Plugin = s.config.plugins[shape.Call().Plugin]
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

// world is what a moving run may ask, and what it does.
type world struct {
	*step
	facts
}

func (w world) Verdict(r *core.Run, shape core.Shape) (core.Verdict, bool) {
	if w.verdicts == nil {
		return core.Verdict{}, false
	}
	return w.verdicts.verdict(w.step, r, shape)
}

func (w world) Send(r *core.Run, shape core.Shape, visit int) core.Reason {
	return w.intend(r, shape, visit)
}

func (w world) Came(r *core.Run, shape string) { w.tally(r.Journey, shape).Came++ }
