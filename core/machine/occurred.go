package machine

import (
	"restock/core"
	"restock/core/activity"
	"restock/core/db"
)

// index makes an activity found by when it occurred. Those of a cohort's members are found by the cohort.
func (s *step) index(a core.Activity) {
	db.OccurredTo.Add(s.tx, a.Kind, db.Occurred{At: a.At, Contact: a.Contact, ID: a.ID})
}

// indexCohort makes a cohort's activities found, in one row for all of them.
func (s *step) indexCohort(h core.CohortHead, c *core.Cohort) {
	key := db.OccurredKey{Kind: c.Activity.Kind, At: c.Activity.At, Cohort: h.ID}
	db.OccurredCohorts.Set(s.tx, key, db.OccurredIn{Source: c.Activity.Source, Restock: h.Restock})
}

// unindex is for an activity that goes.
func (s *step) unindex(a core.Activity) {
	o := db.Occurred{At: a.At, Contact: a.Contact, ID: a.ID}
	if db.OccurredTo.Has(s.tx, a.Kind, o) {
		db.OccurredTo.Remove(s.tx, a.Kind, o)
		return
	}
	var in []core.WorkID
	db.CohortsBetween(s.tx, a.Kind, a.At, a.At+1, "", func(_ core.Row, k db.OccurredKey, _ db.OccurredIn) bool {
		in = append(in, k.Cohort)
		return true
	})
	for _, id := range in {
		s.forgetIn(id, a.Contact)
	}
}

// forgetIn takes a contact out of a cohort.
func (s *step) forgetIn(cohort core.WorkID, id core.ContactID) {
	if c, ok := db.Cohorts.Get(s.tx, cohort); ok && c.ForgetAll(id) {
		db.Cohorts.Set(s.tx, cohort, c)
	}
}

// fadedEnds are what stands for activities whose details are gone: the first and the last.
func fadedEnds(o core.Occurrences) (ends []db.Occurred) {
	if o.Times == 0 {
		return nil
	}
	return []db.Occurred{
		{At: o.First, Contact: o.Contact, ID: core.NewFadedID(o.Contact, o.Source, o.Kind, false)},
		{At: o.Last, Contact: o.Contact, ID: core.NewFadedID(o.Contact, o.Source, o.Kind, true)},
	}
}

func (s *step) indexFaded(o core.Occurrences) {
	for _, end := range fadedEnds(o) {
		db.OccurredTo.Add(s.tx, o.Kind, end)
	}
}

func (s *step) unindexFaded(o core.Occurrences) {
	for _, end := range fadedEnds(o) {
		db.OccurredTo.Remove(s.tx, o.Kind, end)
	}
}

// cohortsPage lets go of the next cohorts whose activities' details are about to go. The sweep of those follows: so no erased
// contact is left in a cohort that nothing leads to.
func (s *step) cohortsPage(w *core.Work) (done bool) {
	var old []db.OccurredKey
	rows := 0
	db.CohortsAfter(s.tx, w.Cursor.Row, func(row core.Row, k db.OccurredKey, in db.OccurredIn) bool {
		a := core.Activity{Kind: k.Kind, At: k.At}
		r, going := db.Restocks.Get(s.tx, in.Restock)
		going = going && r.At != core.RestockClosed || db.CohortHeads.Has(s.tx, k.Cohort)
		if !going && activity.Faded(a, s.config.sources[in.Source].Retention, s.now()) {
			old = append(old, k)
		}
		w.Cursor.Row = row
		rows++
		return rows < core.PageContacts
	})
	for _, k := range old {
		db.OccurredCohorts.Delete(s.tx, k)
		db.Cohorts.Delete(s.tx, k.Cohort)
	}
	if rows == core.PageContacts {
		return false
	}
	sw, _ := db.Sweeps.Get(s.tx, struct{}{})
	sw.Work = s.begin(core.Work{Kind: core.WorkSweep})
	db.Sweeps.Set(s.tx, struct{}{}, sw)
	return true
}
