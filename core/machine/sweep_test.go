package machine_test

import (
	"fmt"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// TestSweep: who has waited too long leaves the line, and the details go; when it was stays. A longer retention does not bring
// them back, nor does an edge that sends its whole waitlist again.
func TestSweep(t *testing.T) {
	w := newWorld(t)
	asked := w.now
	w.capture("ann@example.com", "71")
	w.pass(30 * core.Day)
	w.capture("bob@example.com", "71")
	w.drive()
	w.sent = nil
	w.pass(61 * core.Day)
	w.drive()
	w.wantLine("71", "bob@example.com")
	w.retain(365 * core.Day)
	w.captureAt(otherEdge, "ann@example.com", core.Target{Source: "shop", Variant: "71"}, asked)
	w.level(710, 2)
	w.drive()
	w.wantSent("bob@example.com back")
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, email("ann@example.com"))
		e, _ := db.Entries.Get(tx, db.EntryKey{Contact: id, Target: core.Target{Source: "shop", Variant: "71"}})
		if e.Closed != core.ClosedExpired || e.FirstAt != asked || e.LastAt != asked || e.ClosedAt != asked {
			t.Errorf("the entry is %+v", e)
		}
		db.ActivitiesOf(tx, id, func(a core.Activity) bool { t.Errorf("the details of %s are there", a.Kind); return true })
		o, _ := db.Occurrences.Get(tx, db.OccurrencesKey{Contact: id, Source: "shop", Kind: core.WaitingOnStock})
		if o.First != asked || o.Last != asked || o.Times != 1 {
			t.Errorf("of the activity stays %+v", o)
		}
	})
	w.capture("ann@example.com", "71") // a new wish
	w.drive()
	w.wantSent("ann@example.com waiting")
}

// TestASweepOfManyLines comes to the last of them, and past those in which nobody has waited too long.
func TestASweepOfManyLines(t *testing.T) {
	w := newWorld(t)
	const lines = 600
	ask := func(n int) wire.Entry {
		return captureOf(fmt.Sprintf("w%03d@example.com", n), core.Target{Source: "shop", Variant: core.VariantID(fmt.Sprintf("v%03d", n))}, w.now)
	}
	w.fromEdge(homeEdge, ask(lines-1))
	w.pass(80 * core.Day)
	var entries []wire.Entry
	for n := range lines - 1 {
		entries = append(entries, ask(n))
	}
	w.fromEdge(homeEdge, entries...)
	w.drive()
	w.pass(11 * core.Day)
	w.fromLeader(wire.Wake{})
	for range 100 {
		if !w.stepWorks() {
			break
		}
	}
	if works := w.works(); len(works) > 0 {
		t.Fatalf("after 100 pages there are works left: %+v", works)
	}
	if last, before := w.line("v599"), w.line("v598"); len(last) != 0 || len(before) != 1 {
		t.Errorf("in the last lines are %q and %q, want nobody, and one", last, before)
	}
}

// TestACaptureThatIsTooOldWhenItComes is no wish any more.
func TestACaptureThatIsTooOldWhenItComes(t *testing.T) {
	w := newWorld(t)
	w.captureAt(otherEdge, "ann@example.com", core.Target{Source: "shop", Variant: "71"}, w.now.Add(-91*core.Day))
	w.drive()
	w.wantSent()
	w.wantLine("71")
}

// TestASweepOfManyPages goes on beside a restock, whose contacts do not wait for its end, and touches no more than a page of
// contacts an entry.
func TestASweepOfManyPages(t *testing.T) {
	w := newWorld(t)
	const old = 2*core.PageContacts + 100
	var entries []wire.Entry
	for i := range old {
		c := captureOf(fmt.Sprintf("old%05d@example.com", i), core.Target{Source: "shop", Variant: "71"}, w.now)
		entries = append(entries, c)
		if w.now++; len(entries) == 500 || i == old-1 {
			w.fromEdge(homeEdge, entries...)
			entries = nil
		}
	}
	w.pass(89 * core.Day)
	w.capture("ann@example.com", "72")
	w.drive()
	w.pass(2 * core.Day)
	w.fromLeader(wire.Wake{})
	if n := len(w.line("71")); n != old {
		t.Fatalf("%d are in line, and the sweep has only been begun", n)
	}
	w.sent = nil
	w.level(720, 1)
	w.stepWorks()
	if n := len(w.line("71")); n != old-core.PageContacts {
		t.Errorf("a page took %d out of the line", old-n)
	}
	for w.stepSends() {
	}
	w.wantSent("ann@example.com back")
	w.drive()
	w.wantLine("71")
	left := 0
	w.view(func(tx *db.Tx) { db.Activities.All(tx, func(core.Activity) bool { left++; return true }) })
	if left != 2 {
		t.Errorf("the details of %d activities are there, want those of two", left)
	}
}

// TestBackInStockOfAnOpenRestockStays, however old: a restock that goes on for months tells nobody twice.
func TestBackInStockOfAnOpenRestockStays(t *testing.T) {
	w := newWorld(t)
	w.retain(365 * core.Day)
	w.outcome = func(i core.Intent) core.Outcome { // nobody takes the message, so ann stays in line
		if i.Activity.Kind == core.BackInStock {
			return core.Outcome{Kind: core.OutcomeDropped, Reason: core.ReasonSuppressed}
		}
		return core.Outcome{}
	}
	w.capture("ann@example.com", "71")
	w.level(710, 2)
	w.drive()
	w.pass(100 * core.Day)
	w.drive()
	w.level(710, 0)
	w.pass(core.Second)
	w.level(710, 2)
	w.drive()
	if r := w.restocks(); len(r) != 1 || r[0].Matched != 1 {
		t.Errorf("restocks %+v, want one that matched once", r)
	}
	w.level(710, 0)
	w.pass(2 * core.Day)
	w.drive()
	w.pass(core.Day)
	w.drive()
	w.view(func(tx *db.Tx) {
		db.Activities.All(tx, func(a core.Activity) bool {
			if a.Kind == core.BackInStock {
				t.Error("the restock is over, and the details are there")
			}
			return true
		})
	})
}

// TestEraseTakesWhatIsLeftOfOldActivities along.
func TestEraseTakesWhatIsLeftOfOldActivities(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.pass(100 * core.Day)
	w.drive()
	w.erase(email("ann@example.com"))
	w.drive()
	left := 0
	w.view(func(tx *db.Tx) { db.Occurrences.All(tx, func(core.Occurrences) bool { left++; return true }) })
	if left > 0 {
		t.Errorf("%d rows are left", left)
	}
}

// TestAClosedRestockLeavesNoWork behind, though it closed before the leader had come to it.
func TestAClosedRestockLeavesNoWork(t *testing.T) {
	w := newWorld(t)
	w.connect(core.Shopify, func(s *core.Source) { s.Stock.Close = 0 })
	w.drive()
	w.level(710, 0)
	w.capture("ann@example.com", "71")
	w.pass(core.Minute)
	w.level(710, 2)
	count := func() (n int) {
		w.view(func(tx *db.Tx) { db.Works.All(tx, func(core.Work) bool { n++; return true }) })
		return n
	}
	if n := count(); n != 1 {
		t.Fatalf("a restock that tells has %d works, want one", n)
	}
	w.pass(core.Minute)
	w.level(710, 0)
	if n := count(); n != 0 {
		t.Errorf("a restock that is closed has %d works", n)
	}
}
