package machine

import (
	"restock/core"
	"restock/core/db"
)

// mostPages is how many pages of a line Next looks at, at most: of one whose first were taken already, it may know nobody.
const mostPages = 8

// Next are who a restock tells next, at most so many, in the order in which it does. Whose order is being written down has
// nobody to show yet; nor has one that is over, or whose whole line was told.
func (m *Machine) Next(tx *db.Tx, r core.Restock, limit int) (all []core.Rank, err error) {
	s := m.scratch(tx)
	w, telling := db.Works.Get(tx, r.Telling)
	telling = telling && w.Kind == core.WorkRestock
	unordered := s.wavesOf(&r).Order != core.OrderOldest && !r.Waves.Ranked && !telling
	switch {
	case r.At == core.RestockClosed, r.Waves.Word == core.WordStopped, s.inWaves(&r) && unordered:
		return nil, tx.Err()
	case telling:
	case !s.inWaves(&r) && r.Telling != (core.WorkID{}):
		return nil, tx.Err()
	default:
		w = core.Work{Restock: r.ID, Cursor: r.Waves.Cursor, Until: r.Until}
	}
	if w.Left = 0; r.At != core.RestockOpen {
		w.Until = s.now() // who asks until it goes on takes part
	}
	shown := map[core.ContactID]bool{}
	for range mostPages {
		places, done := s.places(&w, r)
		for _, p := range places {
			w.Cursor = core.Cursor{At: p.At, Contact: p.Contact, Rank: p.rank}
			if len(all) < limit && !shown[p.Contact] && s.mayBeTold(p, r) && !s.mustWait(&r, p.At, p.Contact, p.line) {
				shown[p.Contact] = true
				all = append(all, core.Rank{Key: p.rank, At: p.At, Contact: p.Contact, Line: p.line})
			}
		}
		if done || len(all) >= limit || r.Waves.Ranked {
			break
		}
	}
	return all, tx.Err()
}

// mayBeTold says whether who has a place stands there still, and was not told of the restock.
func (s *step) mayBeTold(p place, r core.Restock) bool {
	return p.target != (core.Target{}) && !db.Activities.Has(s.tx, db.ActivityKey{Contact: p.Contact, ID: core.NewBackID(p.Contact, r.ID)})
}
