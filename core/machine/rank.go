package machine

import (
	"bytes"
	"cmp"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// A restock that tells in another order than that of asking writes its order down before the first wave, a row for each who
// waits; waves go down those rows, and take them away. Until then it can be looked at.

// rankPage writes down the rank of the next page of a restock's line.
func (s *step) rankPage(w *core.Work, e wire.Continue) (done bool) {
	r, ok := db.Restocks.Get(s.tx, w.Restock)
	p := s.wavesOf(&r)
	if !ok || r.At == core.RestockClosed || p.Order != r.Waves.By {
		return true // it is begun anew, if the order is another by now
	}
	if s.ranksAnew(*w) {
		s.dropRanks(w, core.PageContacts)
		return false
	}
	c, next, done := s.nextRanks(*w, r)
	if p.Order == core.OrderScore && !bytes.Equal(e.Line, lineHash(c)) {
		return false
	}
	for n := range c.Len() {
		m := c.Member(n)
		key, ok := rankKey(p, r.ID, m, e.Answers, n)
		if !ok { // who was not asked about is asked about with the next page
			return false
		}
		db.Ranks.Add(s.tx, r.ID, core.Rank{Key: key, At: m.At, Contact: m.Contact, Line: m.Line})
		w.Cursor = core.Cursor{At: m.At, Contact: m.Contact}
	}
	w.Cursor = next
	return done
}

// ranksAnew says whether a ranking that begins finds rows of an earlier one, which go first.
func (s *step) ranksAnew(w core.Work) (any bool) {
	if w.Cursor == (core.Cursor{}) {
		db.Ranks.Scan(s.tx, w.Restock, func(core.Rank) bool { any = true; return false })
	}
	return any
}

// rankKey is where a member of a line stands; ok is false when a plugin has yet to say.
func rankKey(p core.WavePolicy, r core.RestockID, m core.Member, given []core.Answers, n int) (key uint64, ok bool) {
	switch p.Order {
	case core.OrderNewest:
		return core.ScoreKey(int64(m.At)), true
	case core.OrderRandom:
		return core.DrawKey(r, m.Contact), true
	case core.OrderScore:
		if len(given) != 1 {
			return 0, false
		}
		answer, ok := given[0].Answer(n)
		return core.ScoreKey(scoreOf(answer)), ok
	}
	return 0, true
}

// scoreOf is the score of an answer that may have none: 1 for yes, 0 for no and where the plugin could not be asked.
func scoreOf(a core.Answer) int64 {
	switch {
	case a.Failed != "":
		return 0
	case a.Scored:
		return a.Score
	case a.Pass:
		return 1
	}
	return 0
}

// nextRanks are who is ranked next, as a cohort without journeys.
func (s *step) nextRanks(w core.Work, r core.Restock) (c *core.Cohort, cursor core.Cursor, done bool) {
	w.Left = 0
	return s.nextCohort(w, r)
}

// ranked are the places that a restock's order has next. Who left the line since has no target.
func (s *step) ranked(r core.Restock, most int) (places []place) {
	lines := targetsOf(r.Variant, r.Product)
	db.Ranks.Scan(s.tx, r.ID, func(row core.Rank) bool {
		p := place{db.Place{At: row.At, Contact: row.Contact}, lines[row.Line], row.Line, row.Key, nil}
		if !db.Waitlists.Has(s.tx, p.target.Waitlist(r.Market), p.Place) {
			p.target = core.Target{}
		}
		places = append(places, p)
		return len(places) < most
	})
	return places
}

// dropRanked takes away what was taken of a restock's order, up to a cursor.
func (s *step) dropRanked(r core.Restock, taken core.Cursor) {
	if !r.Waves.Ranked {
		return
	}
	var rows []core.Rank
	db.Ranks.Scan(s.tx, r.ID, func(row core.Rank) bool {
		last := cmp.Or(cmp.Compare(row.Key, taken.Rank), cmp.Compare(row.At, taken.At), bytes.Compare(row.Contact[:], taken.Contact[:]))
		if last > 0 {
			return false
		}
		rows = append(rows, row)
		return true
	})
	for _, row := range rows {
		db.Ranks.Remove(s.tx, r.ID, row)
	}
}

// Ranking is a page of a restock's line whose scores a plugin is asked for.
type Ranking struct{ Forming }

// Rank looks at what the next page of a restock's ranking is about; nil when no plugin is asked.
func (m *Machine) Rank(tx *db.Tx, work core.WorkID) (*Ranking, error) {
	w, _ := db.Works.Get(tx, work)
	r, ok := db.Restocks.Get(tx, w.Restock)
	s := m.scratch(tx)
	p := s.wavesOf(&r)
	if !ok || w.Kind != core.WorkRank || p.Order != core.OrderScore || s.ranksAnew(w) {
		return nil, tx.Err()
	}
	f := &Ranking{Forming{config: s.config, now: s.now(), restock: r}}
	s.traits = &f.traits
	f.cohort, _, _ = s.nextRanks(w, r)
	f.catalogue = s.catalogueOf(core.Target{Source: r.Variant.Source, Variant: r.Variant.Variant, Product: r.Product})
	f.columns = []column{{
		shape: scoreShape, plugin: s.config.plugins[p.Score.Plugin].Hash,
		answers: make([]core.Answer, f.cohort.Len()), given: make([]bool, f.cohort.Len()),
	}}
	return f, tx.Err()
}

// scoreShape stands where journeys have the name of the shape that asks.
const scoreShape = "score"

// Ask asks for the scores of the members from one on and before another, until there is no time.
func (f *Ranking) Ask(tx *db.Tx, a Asker, from, to int) error {
	p := f.config.sources[f.restock.Variant.Source].Waves
	shape := core.Shape{Name: scoreShape, Condition: p.Score}
	c := &f.columns[0]
	for n := from; n < to && tx.Err() == nil; n++ {
		occurred := f.cohort.ActivityOf(f.cohort.Member(n))
		run := core.Run{Contact: occurred.Contact, Entered: occurred}
		v, ok := a.Ask(Question{
			Now: f.now, Run: &run, Shape: shape, Plugin: f.config.plugins[p.Score.Plugin], Contact: f.traitsOf(tx, n),
			Catalogue: f.catalogue, Source: f.config.sources[occurred.Source], Restock: f.restock, Units: occurred.Units,
		})
		if !ok {
			break
		}
		c.answers[n], c.given[n] = core.Answer{Pass: v.Pass, Reason: v.Reason, Failed: v.Failed, Score: v.Score, Scored: v.Scored}, true
	}
	return tx.Err()
}

// rankLate gives an entry that comes late its place in an order that follows from the entry alone.
func (s *step) rankLate(r *core.Restock, e core.Entry) bool {
	k := core.Rank{At: e.CapturedAt, Contact: e.Contact}
	if e.Target.Variant == "" {
		k.Line = 1
	}
	switch r.Waves.By {
	case core.OrderNewest:
		k.Key = core.ScoreKey(int64(e.CapturedAt))
	case core.OrderRandom:
		k.Key = core.DrawKey(r.ID, e.Contact)
	default:
		return false
	}
	if s.mustWait(r, e.CapturedAt, e.Contact, k.Line) {
		return true // everybody is ranked anew then
	}
	db.Ranks.Add(s.tx, r.ID, k)
	r.Waves.Ended = false
	return true
}
