package machine

import (
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/journey"
)

// Journeys may give who enters them a head start (core.Enter.Early). A restock then goes down its lines twice: first it takes only
// those who have one, and when that time is over everybody who is left. So Back in stock occurs to the others as late as
// they are told, and to nobody when nothing is left by then.

// giveLead begins the time of those who have a head start, before anybody is told, and ends it.
func (s *step) giveLead(r *core.Restock) {
	v := &r.Waves
	switch {
	case v.Lead > 0 && s.now() >= v.Lead:
		s.endLead(r)
	case v.Led || !s.config.leads || v.Word != core.WordGo || r.Matched > 0 || r.Telling != (core.WorkID{}):
	default:
		if start := s.headStart(r); start > 0 {
			v.Led, v.Lead = true, s.now().Add(start)
			s.waveTimer(r, v.Lead)
		}
	}
}

// endLead lets the lines be gone down anew, for everybody.
func (s *step) endLead(r *core.Restock) { r.Waves.Lead, r.Waves.Behind = 0, true }

// headStart is the longest that a journey gives which somebody who waits for the restock may enter; 0: none does.
func (s *step) headStart(r *core.Restock) (longest core.Milliseconds) {
	back := s.cohortOf(*r).Activity
	about := filter.Subject{Now: s.now(), Activity: &back}
	for i, j := range s.config.journeys {
		if j.Enter.Early > longest && journey.Enters(j, s.config.where[i], &about) != filter.No {
			longest = j.Enter.Early
		}
	}
	return longest
}

// isEarly says whether who is told by the activity has a head start.
func (s *step) isEarly(a core.Activity) bool {
	about := s.subject(&a, s.now())
	for i, j := range s.config.journeys {
		if j.Enter.Early > 0 && about.enters(j, s.config.where[i]) {
			return true
		}
	}
	return false
}

// mustWait says whether an entry waits until the head start of others is over.
func (s *step) mustWait(r *core.Restock, at core.Time, id core.ContactID, line int) bool {
	return r.Waves.Lead > 0 && !s.isEarly(s.cohortOf(*r).ActivityOf(core.Member{At: at, Contact: id, Line: line}))
}

// enterEach lets a contact into the journeys that take it in. Who has a head start enters those that give it instead of others
// that tell of the same; reminders and what tells nobody it enters all.
func (s *step) enterEach(all []core.Journey, a core.Activity) {
	early := slices.ContainsFunc(all, func(j core.Journey) bool { return j.Enter.Early > 0 })
	for _, j := range all {
		if early && j.Enter.Early == 0 && tellsContact(j) {
			s.refuse(j, a, core.ReasonEarly)
		} else {
			s.enter(j, a)
		}
	}
}

// tellsContact says whether a journey tells a contact of what it entered by, rather than reminds it, or a program.
func tellsContact(j core.Journey) bool {
	return slices.ContainsFunc(j.Shapes, func(s core.Shape) bool {
		ch, send, ok := s.Sends()
		return ok && ch != core.Webhook && !send.Reminder
	})
}

// refuse writes down that a contact was not let into a journey, and why.
func (s *step) refuse(j core.Journey, a core.Activity, why core.Reason) {
	r := journey.Refuse(j, a, why, s.now())
	s.count.Count("step", why)
	db.RunsOf.Add(s.tx, a.Contact, r.ID)
	db.Runs.Set(s.tx, r.ID, r)
}
