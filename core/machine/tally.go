package machine

import (
	"cmp"
	"slices"

	"restock/core"
	"restock/core/db"
)

// tally is what an entry came to for a shape, or for a journey as a whole: written once per entry, however many runs it moved.
type tally struct {
	key            db.ShapeKey
	Came, Standing int64
	ended          []core.Ending
}

// tally is the entry's for a shape; "" is the journey's.
func (s *step) tally(j core.Name, shape string) *tally {
	key := db.ShapeKey{Journey: j, Shape: shape}
	for i := range s.tallies {
		if s.tallies[i].key == key {
			return &s.tallies[i]
		}
	}
	s.tallies = append(s.tallies, tally{key: key})
	return &s.tallies[len(s.tallies)-1]
}

// tallyMove counts a run that stands elsewhere than it stood.
func (s *step) tallyMove(r *core.Run, was stood) {
	if was.order != (core.WorkID{}) {
		s.tally(r.Journey, was.shape).Standing--
	}
	if r.At != core.RunOver {
		s.tally(r.Journey, r.Shape).Standing++
	}
}

// tallyEnd counts a run that is over.
func (s *step) tallyEnd(r *core.Run) {
	t := s.tally(r.Journey, "")
	t.Standing--
	t.end(r.Steps[len(r.Steps)-1].Reason, 1)
}

// endTally counts a run that is erased.
func (s *step) endTally(r *core.Run, was stood) {
	if was.order == (core.WorkID{}) {
		return
	}
	s.tally(r.Journey, was.shape).Standing--
	t := s.tally(r.Journey, "")
	t.Standing--
	t.end(core.ReasonErased, 1)
}

func (t *tally) end(why core.Reason, n int64) {
	for i := range t.ended {
		if t.ended[i].Reason == why {
			t.ended[i].N += n
			return
		}
	}
	t.ended = append(t.ended, core.Ending{Reason: why, N: n})
}

// writeTallies adds what the entry came to.
func (s *step) writeTallies() {
	for _, t := range s.tallies {
		c, _ := db.Counts.Get(s.tx, t.key)
		c.Came, c.Standing = c.Came+t.Came, max(0, c.Standing+t.Standing)
		sum := tally{ended: c.Ended}
		for _, e := range t.ended {
			sum.end(e.Reason, e.N)
		}
		c.Ended = sum.ended
		slices.SortFunc(c.Ended, func(a, b core.Ending) int { return cmp.Compare(a.Reason, b.Reason) })
		db.Counts.Set(s.tx, t.key, c)
	}
	s.tallies = s.tallies[:0]
}
