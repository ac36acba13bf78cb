package node

import (
	"testing"

	"restock/core"
	"restock/core/db"
)

// TestCohortsAreExpandedInTurn: of each restock the oldest, restock by restock; not while one pauses, nor while its
// senders have enough to do.
func TestCohortsAreExpandedInTurn(t *testing.T) {
	w := world(t)
	id := func(n uint64) core.WorkID { return core.WorkID{Sequence: core.Sequence(n)} }
	long, short, paused, busy := core.RestockID{1}, core.RestockID{2}, core.RestockID{3}, core.RestockID{4}
	set := func(tx *db.Tx, n uint64, r core.RestockID, senders ...core.Name) {
		db.CohortHeads.Set(tx, id(n), core.CohortHead{ID: id(n), Restock: r, Members: 100, Senders: senders})
	}
	w.write(t, func(tx *db.Tx) {
		for r, at := range map[core.RestockID]core.RestockAt{long: core.RestockOpen, short: core.RestockOpen, paused: core.RestockPaused, busy: core.RestockOpen} {
			db.Restocks.Set(tx, r, core.Restock{ID: r, At: at})
		}
		set(tx, 1, paused)
		set(tx, 2, long)
		set(tx, 3, long)
		set(tx, 4, busy, "post")
		for n := range uint64(maxDue) {
			db.Due.Add(tx, "post", db.DueIntent{Order: id(n)})
		}
	})
	c := cohorts{of: map[core.RestockID][]core.WorkID{}}
	want := func(n uint64) {
		t.Helper()
		err := w.view(func(tx *db.Tx) {
			if head, ok := c.expandable(tx); ok != (n > 0) || head.ID != id(n) {
				t.Errorf("it is the turn of %+v (%v), want %d", head.ID, ok, n)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		c.last = id(n)
	}
	want(2)
	w.write(t, func(tx *db.Tx) { set(tx, 5, short) })
	want(5) // behind the last
	want(2) // from the first again, which is not done
	w.write(t, func(tx *db.Tx) { db.CohortHeads.Delete(tx, id(2)) })
	want(3)
	w.write(t, func(tx *db.Tx) { db.CohortHeads.Delete(tx, id(3)); db.CohortHeads.Delete(tx, id(5)) })
	want(0)
	w.write(t, func(tx *db.Tx) { db.Due.Remove(tx, "post", db.DueIntent{Order: id(7)}) })
	want(4)
	w.write(t, func(tx *db.Tx) { db.Restocks.Set(tx, paused, core.Restock{ID: paused, At: core.RestockOpen}) })
	want(1)
	if len(c.of) != 2 {
		t.Errorf("restocks without cohorts are remembered: %v", c.of)
	}
}
