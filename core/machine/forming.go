package machine

import (
	"encoding/binary"

	"restock/core"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/journey"
)

// Forming is the cohort that a restock's work forms next, while plugins are asked about its members. Ask may be called by
// several goroutines at once, each for members of its own.
type Forming struct {
	config    *config
	cohort    *core.Cohort
	now       core.Time
	catalogue Catalogue
	restock   core.Restock
	columns   []column
	traits    notes
	next      core.Work
	done      bool
}

// notes are what stands beside the places of a cohort's members (db.AppendTraits), by member; an empty one is of a place
// that was taken before notes were left.
type notes [][]byte

// column is one shape's answers, by member; a member that nobody asked about has none.
type column struct {
	journey core.Name
	shape   string
	plugin  core.Hash
	answers []core.Answer
	given   []bool
}

// Form looks at what the next page of a restock's work is about, as the state has it or Next says that it will; nil when it
// forms no cohort.
func (m *Machine) Form(tx *db.Tx, w core.Work) (*Forming, error) {
	r, ok := db.Restocks.Get(tx, w.Restock)
	if !ok || w.Kind != core.WorkRestock || r.At != core.RestockOpen {
		return nil, tx.Err()
	}
	s := m.scratch(tx)
	f := &Forming{config: s.config, now: s.now(), restock: r, next: w}
	s.traits = &f.traits
	f.cohort, f.next.Cursor, f.done = s.nextCohort(w, r)
	f.done = took(&f.next, f.cohort) || f.done || r.Waves.Ranked
	f.catalogue = s.catalogueOf(core.Target{Source: r.Variant.Source, Variant: r.Variant.Variant, Product: r.Product})
	f.addColumns()
	return f, tx.Err()
}

func (f *Forming) addColumns() {
	for _, name := range f.cohort.Journeys {
		j, _ := f.config.journey(name)
		for _, shape := range j.Shapes {
			if shape.Kind == core.ShapeCondition {
				f.columns = append(f.columns, column{
					journey: name, shape: shape.Name, plugin: f.config.plugins[shape.Condition.Plugin].Hash,
					answers: make([]core.Answer, f.cohort.Len()), given: make([]bool, f.cohort.Len()),
				})
			}
		}
	}
}

// Len is how many members there are to ask about; 0 when no journey asks.
func (f *Forming) Len() int {
	if len(f.columns) == 0 {
		return 0
	}
	return f.cohort.Len()
}

// Next is where the work goes on once the cohort is formed, unless the line changes before; ok is false when it is done then,
// or what comes next is seen only then: a line in an order of its own has no place to go on from, it loses who is taken.
func (f *Forming) Next() (w core.Work, ok bool) { return f.next, !f.done }

// Ask asks about the members from one on and before another. About whom there is no time to ask, nothing is answered: they
// will wait among those that ask.
func (f *Forming) Ask(tx *db.Tx, a Asker, from, to int) error {
	q := f.questioning(tx, a)
	for n := from; n < to && !q.late && tx.Err() == nil; n++ {
		m := f.cohort.Member(n)
		q.n, q.told, q.about = n, false, nil
		for i := range q.passages {
			p := &q.passages[i]
			if run := p.enter(m, f.cohort.Lines[m.Line]); q.letsIn(p, m) {
				journey.Advance(run, p.journey, q, f.now)
			}
		}
	}
	return tx.Err()
}

// questioning moves the runs of one member after the other as far as plugins' answers take them, and writes nothing down.
type questioning struct {
	forming  *Forming
	tx       *db.Tx
	asker    Asker
	passages []passage
	n        int         // the member
	traits   core.Traits // of the member, once it was told
	told     bool
	about    *subject // the member with all that is known of it, once a filter needs that
	cohorts  *pending
	late     bool // there was no time to ask
}

// passage is a member's passage through a journey that asks.
type passage struct {
	journey core.Journey
	where   *filter.Compiled
	first   core.Run // as it begins; its ids are nobody's, since no plugin learns of them
	run     core.Run // the member's
}

// questioning begins with nobody.
func (f *Forming) questioning(tx *db.Tx, a Asker) *questioning {
	q := &questioning{forming: f, tx: tx, asker: a, cohorts: &pending{tx: tx}}
	last := core.Name("")
	for i := range f.columns {
		if name := f.columns[i].journey; name != last {
			last = name
			j, where, _ := f.config.entrance(name)
			q.passages = append(q.passages, passage{journey: j, where: where, first: journey.Start(j, f.cohort.Activity, f.now)})
		}
	}
	return q
}

// enter is a member's run at its beginning. It holds until the next one's.
func (p *passage) enter(m core.Member, asked core.Target) *core.Run {
	steps, visits := p.run.Steps, p.run.Visits
	p.run = p.first
	p.run.Steps, p.run.Visits = append(steps[:0], p.first.Steps...), visits[:0]
	p.run.Contact, p.run.Entered.Contact, p.run.Entered.Asked, p.run.Entered.AskedAt = m.Contact, m.Contact, asked, m.At
	return &p.run
}

// letsIn says whether a journey takes a member in that has entered its passage. Most filters are about what occurs alone,
// which needs no reading.
func (q *questioning) letsIn(p *passage, m core.Member) bool {
	answer := journey.Fits(p.journey, p.where, &filter.Subject{Now: q.forming.now, Activity: &p.run.Entered})
	if answer != filter.Maybe {
		return answer == filter.Yes
	}
	if q.about == nil {
		occurred := q.forming.cohort.ActivityOf(m)
		q.about = &subject{
			Subject: filter.Subject{Now: q.forming.now, Activity: &occurred},
			past:    past{tx: q.tx, contact: m.Contact, occurring: &occurred, cohorts: q.cohorts},
		}
	}
	return q.about.fits(p.journey, p.where)
}

func (q *questioning) Send(*core.Run, core.Shape, int) core.Reason { return core.ReasonIntended }

func (q *questioning) Verdict(r *core.Run, shape core.Shape) (core.Verdict, bool) {
	f := q.forming
	for i := range f.columns {
		c := &f.columns[i]
		if c.journey == r.Journey && c.shape == shape.Name {
			return q.ask(c, r, shape)
		}
	}
	return core.Verdict{}, false
}

func (q *questioning) ask(c *column, r *core.Run, shape core.Shape) (core.Verdict, bool) {
	f := q.forming
	if !q.told {
		q.traits, q.told = f.traitsOf(q.tx, q.n), true
	}
	v, ok := q.asker.Ask(Question{
		Now: f.now, Run: r, Shape: shape, Plugin: f.config.plugins[shape.Condition.Plugin], Contact: q.traits,
		Catalogue: f.catalogue, Source: f.config.sources[r.Entered.Source], Restock: f.restock, Units: r.Entered.Units,
	})
	q.late = q.late || !ok
	if ok {
		c.answers[q.n], c.given[q.n] = core.Answer{Pass: v.Pass, Reason: v.Reason, Failed: v.Failed}, true
	}
	return v, ok
}

// traitsOf are those of member n; a note that cannot be read, or is missing, gives way to the contact's record.
func (f *Forming) traitsOf(tx *db.Tx, n int) core.Traits {
	id := f.cohort.Member(n).Contact
	if note := f.traits[n]; len(note) > 0 {
		if t, err := db.ReadTraits(id, note); err == nil {
			return t
		}
	}
	contact, _ := db.Contacts.Get(tx, id)
	return contact.Traits()
}

// Line and Answers are what a wire.Continue carries of it.
func (f *Forming) Line() []byte { return lineHash(f.cohort) }

// Answers are what was answered, each different answer once.
func (f *Forming) Answers() (all []core.Answers) {
	for i := range f.columns {
		c := &f.columns[i]
		all = append(all, c.each())
	}
	return all
}

// each is a column with each different answer once.
func (c *column) each() core.Answers {
	known := map[core.Answer]uint16{}
	given := core.Answers{Journey: c.journey, Shape: c.shape, Plugin: c.plugin, Of: make([]byte, 0, 2*len(c.answers))}
	for n, answer := range c.answers {
		kind := uint16(0)
		if c.given[n] {
			if kind = known[answer]; kind == 0 {
				given.Kinds = append(given.Kinds, answer)
				kind = uint16(len(given.Kinds))
				known[answer] = kind
			}
		}
		given.Of = binary.BigEndian.AppendUint16(given.Of, kind)
	}
	return given
}
