package machine

import (
	"bytes"
	"slices"

	"restock/core"
	"restock/core/db"
)

// pending finds what occurred to contacts in cohorts that are not expanded yet. Few contacts are in any, so it looks first
// whether they ever stood in a line of the cohorts' restocks: that is one row each, where a cohort has two thousand members.
type pending struct {
	tx       *db.Tx
	read     bool
	restocks []unexpanded
}

// unexpanded are a restock's cohorts that wait to be expanded.
type unexpanded struct {
	restock core.RestockID
	lines   [2]core.Target
	heads   []core.CohortHead
	asked   int      // for how many contacts the cohorts were looked through
	members []member // of all of them, by contact, once many were asked for
}

type member struct {
	contact core.ContactID
	head    int32
	n       int32
}

// sortAfter is how often cohorts are looked through before their members are sorted.
const sortAfter = 8

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
			p.restocks = append(p.restocks, unexpanded{restock: h.Restock})
		}
		p.restocks[i].heads = append(p.restocks[i].heads, h)
		return true
	})
	for i := range p.restocks {
		r, _ := db.Restocks.Get(p.tx, p.restocks[i].restock)
		p.restocks[i].lines = targetsOf(r.Variant, r.Product)
	}
}

// of are the activities that a contact has by being in cohorts, and that are not written down: one of each restock at most.
// What is known already need not be found.
func (p *pending) of(id core.ContactID, known *core.Activity) (all []core.Activity) {
	p.load()
	for i := range p.restocks {
		u := &p.restocks[i]
		if known != nil && known.Restock == u.restock || !p.stood(u, id) {
			continue
		}
		if a, ok := u.find(p.tx, id); ok {
			all = append(all, a)
		}
	}
	return all
}

// stood says whether a contact may be in the cohorts of a restock.
func (p *pending) stood(u *unexpanded, id core.ContactID) bool {
	in := func(t core.Target) bool { return db.Entries.Has(p.tx, db.EntryKey{Contact: id, Target: t}) }
	return (in(u.lines[0]) || in(u.lines[1])) && !db.Activities.Has(p.tx, db.ActivityKey{Contact: id, ID: core.NewBackID(id, u.restock)})
}

func (u *unexpanded) find(tx *db.Tx, id core.ContactID) (a core.Activity, ok bool) {
	if u.asked++; u.asked > sortAfter {
		return u.search(tx, id)
	}
	for _, h := range u.heads {
		c, _ := db.Cohorts.Get(tx, h.ID)
		if n, found := c.Find(id); found {
			return c.ActivityOf(c.Member(n)), true
		}
	}
	return a, false
}

// search finds a contact among the members of all cohorts, which it sorts the first time: 24 bytes each.
func (u *unexpanded) search(tx *db.Tx, id core.ContactID) (a core.Activity, ok bool) {
	if u.members == nil {
		u.sort(tx)
	}
	i, found := slices.BinarySearchFunc(u.members, id, func(m member, id core.ContactID) int { return bytes.Compare(m.contact[:], id[:]) })
	if !found {
		return a, false
	}
	m := u.members[i]
	c, ok := db.Cohorts.Get(tx, u.heads[m.head].ID)
	return c.ActivityOf(c.Member(int(m.n))), ok
}

func (u *unexpanded) sort(tx *db.Tx) {
	u.members = []member{}
	for i, h := range u.heads {
		c, _ := db.Cohorts.Get(tx, h.ID)
		for n := range c.Len() {
			u.members = append(u.members, member{c.Member(n).Contact, int32(i), int32(n)})
		}
	}
	slices.SortFunc(u.members, func(a, b member) int { return bytes.Compare(a.contact[:], b.contact[:]) })
}
