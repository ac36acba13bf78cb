package machine

import (
	"bytes"
	"slices"

	"restock/core"
	"restock/core/activity"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/journey"
	"restock/core/wire"
)

// smallCohort is how many members a cohort may have and still be expanded where it is formed: most restocks have no more,
// and their messages wait for no second entry.
const smallCohort = 64

// restockPage forms a cohort of the next page of a restock's line. While the restock pauses the work stays where it is; so
// it does when the line is not the one that plugins were asked about.
func (s *step) restockPage(w *core.Work, e wire.Continue) (done bool) {
	r, ok := db.Restocks.Get(s.tx, w.Restock)
	if !ok || r.At == core.RestockClosed {
		return true
	}
	if r.At != core.RestockOpen || r.Waves.Word != core.WordGo {
		return false
	}
	c, next, done := s.nextCohort(*w, r)
	if len(e.Line) > 0 && !bytes.Equal(e.Line, lineHash(c)) {
		return false
	}
	s.dropRanked(r, next)
	c.Answers, w.Cursor = e.Answers, next
	s.matched(r.ID, c.Len())
	s.matched(r.ID, s.form(c)-c.Len())
	return took(w, c) || done
}

// took counts what a work that tells in waves took; it says whether that is all that it may.
func took(w *core.Work, c *core.Cohort) (all bool) {
	if w.Left == 0 {
		return false
	}
	w.Taken, w.Left = w.Taken+int64(c.Len()), w.Left-int64(c.Len())
	return w.Left == 0
}

// matched counts contacts to whom Back in stock occurred.
func (s *step) matched(id core.RestockID, by int) {
	r, ok := db.Restocks.Get(s.tx, id)
	if !ok || by == 0 {
		return
	}
	r.Matched += int64(by)
	db.Restocks.Set(s.tx, id, r)
}

// lineHash pins which members a cohort has, and in what order.
func lineHash(c *core.Cohort) []byte {
	h := core.HashOf(c.Members)
	return h[:]
}

// nextCohort is the cohort that a work's next page forms; cursor is where the work goes on behind it.
func (s *step) nextCohort(w core.Work, r core.Restock) (c *core.Cohort, cursor core.Cursor, done bool) {
	source := s.config.sources[r.Variant.Source]
	c = s.cohortOf(r)
	places, done := s.places(&w, r)
	moving := s.linesMove(r.Variant.Source)
	c.Members = make([]byte, 0, len(places)*core.MemberBytes)
	cursor = w.Cursor
	for _, p := range places {
		if w.Left > 0 && int64(c.Len()) == w.Left {
			return c, cursor, false
		}
		cursor = core.Cursor{At: p.At, Contact: p.Contact, Rank: p.rank}
		switch {
		case p.target == (core.Target{}): // left the line since it was ranked
		case activity.Expired(core.Entry{CapturedAt: p.At}, source.Retention, s.now()):
			s.count.Count("match", core.ReasonExpired)
		case moving && !s.standsIn(p, r.Market):
		case w.Early && !s.isEarly(c.ActivityOf(core.Member{At: p.At, Contact: p.Contact, Line: p.line})):
		case w.Again && db.Activities.Has(s.tx, db.ActivityKey{Contact: p.Contact, ID: core.NewBackID(p.Contact, r.ID)}):
		default:
			c.Members = core.AppendMember(c.Members, core.Member{At: p.At, Contact: p.Contact, Line: p.line})
			if s.traits != nil {
				*s.traits = append(*s.traits, p.note)
			}
		}
	}
	return c, cursor, done
}

// cohortOf is a cohort of a restock, as yet without members.
func (s *step) cohortOf(r core.Restock) *core.Cohort {
	st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: r.Variant, Market: r.Market})
	catalogue := s.catalogueIn(r.Market, core.Target{Source: r.Variant.Source, Variant: r.Variant.Variant})
	lines := targetsOf(r.Variant, r.Product)
	c := &core.Cohort{Activity: activity.Back(core.Entry{Target: lines[0]}, r, st.Units, catalogue, s.now()), Lines: lines}
	all := filter.Subject{Now: s.now(), Activity: &c.Activity} // what the filter asks of each member, occursTo finds out
	for i, j := range s.config.journeys {
		if journey.Enters(j, s.config.where[i], &all) != filter.No {
			c.Journeys = append(c.Journeys, j.Name)
		}
	}
	return c
}

// form keeps a cohort, or expands it at once; it says how many members it has.
func (s *step) form(c *core.Cohort) (matched int) {
	if c.Len() <= smallCohort {
		for n := range c.Len() {
			if s.occursTo(c, n, false) {
				s.index(c.ActivityOf(c.Member(n)))
				matched++
			}
		}
		return matched
	}
	head := core.CohortHead{ID: s.next(), Restock: c.Activity.Restock, Members: c.Len(), Senders: s.sendersOf(c)}
	if head.Turns = s.givesTurns(head.Restock); head.Turns {
		s.countOut(head.Restock, c.Len())
	}
	db.Cohorts.Set(s.tx, head.ID, *c)
	db.CohortHeads.Set(s.tx, head.ID, head)
	s.indexCohort(head, c)
	return c.Len()
}

// sendersOf are those of the messages in the journeys that a cohort enters.
func (s *step) sendersOf(c *core.Cohort) (names []core.Name) {
	for _, name := range c.Journeys {
		j, _ := s.config.journey(name)
		for _, shape := range j.Shapes {
			if _, send, ok := shape.Sends(); ok && !slices.Contains(names, send.Sender) {
				names = append(names, send.Sender)
			}
		}
	}
	return names
}

// expand writes down what follows for the next members of a cohort. Who is in it twice, or was told by another way since,
// was matched once.
func (s *step) expand(e wire.Expand) {
	head, ok := db.CohortHeads.Get(s.tx, e.Cohort)
	if !ok || head.Done != e.From {
		return
	}
	c, _ := db.Cohorts.Get(s.tx, e.Cohort)
	again, erased, changed := 0, 0, false
	for begin, n := s.tx.Size(), 0; head.Done < c.Len() && n < core.PageContacts && s.tx.Size()-begin < pageBytes; n++ {
		made := s.occursTo(&c, head.Done, head.Turns)
		if !made {
			again++
		}
		if c.Member(head.Done).Contact == (core.ContactID{}) {
			erased++
		} else if !made {
			c.Forget(head.Done) // its activity is found elsewhere
			changed = true
		}
		head.Done++
	}
	s.matched(head.Restock, erased-again)
	if head.Turns {
		s.countOut(head.Restock, -again)
	}
	if head.Done < c.Len() {
		db.CohortHeads.Set(s.tx, head.ID, head)
	} else {
		db.CohortHeads.Delete(s.tx, head.ID)
		changed = changed || len(c.Answers) > 0
		c.Answers = nil // they were used; who was in it stays, to find the activities by
	}
	if changed {
		db.Cohorts.Set(s.tx, head.ID, c)
	}
}

// occursTo makes the activity of a cohort's member n, with the answers that were given about it, unless it was made before.
// It enters the journeys that were on when it occurred; one that is off by now ends it there. counted says that its restock counts
// it as about to buy already.
func (s *step) occursTo(c *core.Cohort, n int, counted bool) bool {
	m := c.Member(n)
	if m.Contact == (core.ContactID{}) {
		return false
	}
	s.verdicts = answered{c.Answers, n}
	defer func() { s.verdicts = nil }()
	a := c.ActivityOf(m)
	if !s.write(a) {
		return false
	}
	about := s.subject(&a, a.At)
	all := s.entering[:0]
	for _, name := range c.Journeys {
		if j, where, ok := s.config.entrance(name); ok && about.fits(j, where) {
			all = append(all, j)
		}
	}
	s.entering = all
	s.enterEach(all, a)
	s.takeTurn(a.Restock, a.Contact, counted)
	return true
}

// answered are the verdicts about one member of a cohort.
type answered struct {
	answers []core.Answers
	n       int
}

func (v answered) verdict(s *step, r *core.Run, shape core.Shape) (core.Verdict, bool) {
	for i := range v.answers {
		given := &v.answers[i]
		if given.Journey != r.Journey || given.Shape != shape.Name || given.Plugin != s.config.plugins[shape.Call().Plugin].Hash {
			continue
		}
		answer, ok := given.Answer(v.n)
		return core.Verdict{Run: r.ID, Shape: shape.Name, Plugin: given.Plugin, Pass: answer.Pass, Reason: answer.Reason, Failed: answer.Failed}, ok
	}
	return core.Verdict{}, false
}

// forgetMember takes a contact out of the cohorts that wait to be expanded.
func (s *step) forgetMember(id core.ContactID) {
	var heads []core.CohortHead
	db.CohortHeads.All(s.tx, func(h core.CohortHead) bool { heads = append(heads, h); return true })
	for _, h := range heads {
		s.forgetIn(h.ID, id)
	}
}

// eachMembership finds a contact in the cohorts that wait to be expanded, where they have yet to come to it.
func eachMembership(tx *db.Tx, id core.ContactID, visit func(head core.CohortHead, c *core.Cohort, n int)) {
	var heads []core.CohortHead
	db.CohortHeads.All(tx, func(h core.CohortHead) bool { heads = append(heads, h); return true })
	for _, h := range heads {
		c, _ := db.Cohorts.Get(tx, h.ID)
		for n := h.Done; n < c.Len(); n++ { // who stands in both lines of a restock can be in it twice
			if c.Member(n).Contact == id {
				visit(h, &c, n)
			}
		}
	}
}

// Reveal writes what follows for a contact from the cohorts that it is a member of into tx, which the caller reads and
// throws away: whoever asks about the contact sees what will be written down.
func (m *Machine) Reveal(tx *db.Tx, id core.ContactID) error {
	s := m.scratch(tx)
	eachMembership(tx, id, func(_ core.CohortHead, c *core.Cohort, n int) { s.occursTo(c, n, false) })
	return tx.Err()
}

// scratch is a step on a transaction that is thrown away.
func (m *Machine) scratch(tx *db.Tx) *step {
	p, _ := db.Positions.Get(tx, struct{}{})
	s := &step{tx: tx, config: m.config.Load(), count: silent{}, position: &p, sequence: p.Sequence + 1}
	s.origin.Epoch = p.Leader
	return s
}
