package machine

import (
	"restock/core"
	"restock/core/db"
)

// pending finds what occurred to contacts in cohorts that are not expanded yet. Few contacts are in any, so it looks first
// whether they ever stood in a line of the cohorts' restocks: that is one row each, where a cohort has two thousand members.
type pending struct {
	tx       *db.Tx
	read     bool
	restocks []waves
}

// waves are a restock's cohorts that are not expanded.
type waves struct {
	id    core.RestockID
	lines [2]core.Target
	heads []core.CohortHead
}

// pending is what waits to be expanded as of this entry's beginning.
func (s *step) pending() *pending {
	if s.cohorts == nil {
		s.cohorts = &pending{tx: s.tx}
	}
	return s.cohorts
}

func (p *pending) load() {
	if p.read {
		return
	}
	p.read = true
	at := map[core.RestockID]int{}
	db.CohortHeads.All(p.tx, func(h core.CohortHead) bool {
		i, known := at[h.Restock]
		if !known {
			i = len(p.restocks)
			at[h.Restock] = i
			p.restocks = append(p.restocks, waves{id: h.Restock})
		}
		p.restocks[i].heads = append(p.restocks[i].heads, h)
		return true
	})
	for i := range p.restocks {
		r, _ := db.Restocks.Get(p.tx, p.restocks[i].id)
		p.restocks[i].lines = targetsOf(r.Variant, r.Product)
	}
}

// of are the activities that a contact has by being in cohorts, and that are not written down: one of each restock at most.
func (p *pending) of(id core.ContactID) (all []core.Activity) {
	p.load()
	for _, w := range p.restocks {
		if a, ok := p.in(w, id); ok {
			all = append(all, a)
		}
	}
	return all
}

func (p *pending) in(w waves, id core.ContactID) (a core.Activity, ok bool) {
	stood := func(t core.Target) bool { return db.Entries.Has(p.tx, db.EntryKey{Contact: id, Target: t}) }
	if !stood(w.lines[0]) && !stood(w.lines[1]) || db.Activities.Has(p.tx, db.ActivityKey{Contact: id, ID: core.NewBackID(id, w.id)}) {
		return a, false
	}
	for _, h := range w.heads {
		c, _ := db.Cohorts.Get(p.tx, h.ID)
		if n, found := c.Find(id); found && n >= h.Done {
			return c.ActivityOf(c.Member(n)), true
		}
	}
	return a, false
}
