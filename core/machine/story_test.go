package machine_test

import (
	"fmt"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/wire"
)

func TestCaptureConfirmationRestockMessage(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.capture("bob@example.com", "71")
	w.capture("eve@example.com", "72")
	w.drive()
	w.wantSent("ann@example.com waiting", "bob@example.com waiting", "eve@example.com waiting")
	w.level(710, 5)
	w.drive()
	w.wantSent("ann@example.com back", "bob@example.com back")
	w.wantLine("71")
	w.wantLine("72", "eve@example.com")
	if r := w.restocks(); len(r) != 1 || r[0].Matched != 2 || r[0].Told != 2 || r[0].Units != 5 {
		t.Errorf("restocks are %+v, want one of 5 units with 2 matched and 2 told", r)
	}
}

func TestTransitions(t *testing.T) {
	for _, c := range []struct {
		name   string
		levels []any
		want   int // restocks
	}{
		{"from negative to positive", []any{-3, 2}, 1},
		{"from zero to zero", []any{0, 0}, 0},
		{"more of what there was", []any{5, 9}, 1}, // the first is the restock: the variant was sold out
		{"untracked is buyable, not zero", []any{"null"}, 1},
		{"untracked after stock is no second restock", []any{4, "null"}, 1},
		{"a short gap is the same restock", []any{1, 0, 1, 0, 1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.capture("ann@example.com", "71")
			for _, l := range c.levels {
				w.pass(core.Second)
				w.level(710, l)
				w.drive()
			}
			if got := len(w.restocks()); got != c.want {
				t.Errorf("%d restocks, want %d", got, c.want)
			}
			backs := 0
			for _, s := range w.sent {
				if s == "ann@example.com back" {
					backs++
				}
			}
			if backs != c.want {
				t.Errorf("told %d times, want %d", backs, c.want)
			}
		})
	}
}

func TestMinimum(t *testing.T) {
	w := newWorld(t)
	s := w.source()
	s.Stock.Minimum = 5
	w.declare(core.Declaration{Sources: []core.Source{s}})
	w.capture("ann@example.com", "71")
	w.drive()
	w.wantSent("ann@example.com waiting")
	w.level(710, 4)
	w.drive()
	w.wantSent()
	w.level(710, 5)
	w.drive()
	w.wantSent("ann@example.com back")
}

func TestConfirmWindow(t *testing.T) {
	w := newWorld(t)
	s := w.source()
	s.Stock.Confirm = core.Minute
	w.declare(core.Declaration{Sources: []core.Source{s}})
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 3)
	w.drive()
	w.wantSent()
	w.pass(30 * core.Second)
	w.level(710, 0) // gone before it was confirmed: it never was a restock
	w.pass(2 * core.Minute)
	w.drive()
	w.wantSent()
	w.level(710, 3)
	w.drive()
	w.pass(core.Minute)
	w.drive()
	w.wantSent("ann@example.com back")
}

func TestReportsTwiceLateAndOutOfOrder(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	at := w.now
	w.pass(core.Minute)
	w.webhook("inventory_levels/update", "same", levelBody(710, 0, at.Add(2000)))
	w.webhook("inventory_levels/update", "late", levelBody(710, 7, at.Add(1000))) // older than what we know
	w.drive()
	w.wantSent()
	w.webhook("inventory_levels/update", "news", levelBody(710, 2, at.Add(3000)))
	w.webhook("inventory_levels/update", "news", levelBody(710, 2, at.Add(3000)))
	w.drive()
	w.wantSent("ann@example.com back")
	if n := len(w.restocks()); n != 1 {
		t.Errorf("%d restocks, want 1", n)
	}
}

func TestAShopWhoseClockIsAheadSilencesNothing(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.levelAt(710, 0, w.now.Add(core.Day))
	w.pass(core.Second)
	w.level(710, 2)
	w.drive()
	w.wantSent("ann@example.com back")
}

func TestLevelBeforeItsProduct(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "81")
	w.drive()
	w.sent = nil
	w.level(810, 4) // nobody has told us what item 810 is
	w.drive()
	w.wantSent()
	w.webhook("products/update", "", `{"id":8,"title":"Cap","handle":"cap","status":"active","published_at":"2026-01-01T00:00:00Z",
		"updated_at":"2026-01-01T00:00:00Z","images":[],"variants":[{"id":81,"title":"Default Title","sku":"CAP","price":"9.00",
		"inventory_policy":"deny","inventory_item_id":810,"inventory_quantity":4,"updated_at":"2026-01-01T00:00:00Z"}]}`)
	w.drive()
	w.wantSent("ann@example.com back")
}

func TestUnknownToInStockIsARestockOnlyIfSomebodyWaits(t *testing.T) {
	body := `{"id":8,"title":"Cap","handle":"cap","status":"active","published_at":"2026-01-01T00:00:00Z",
		"updated_at":"2026-01-01T00:00:00Z","images":[],"variants":[{"id":81,"title":"Default Title","sku":"CAP","price":"9.00",
		"inventory_policy":"deny","inventory_item_id":810,"inventory_quantity":4,"updated_at":"2026-01-01T00:00:00Z"}]}`
	for _, waits := range []bool{false, true} {
		w := newWorld(t)
		if waits {
			w.captureAt(homeEdge, "ann@example.com", core.Target{Source: "shop", Product: "8"}, w.now)
		}
		w.webhook("products/update", "", body)
		if got := len(w.restocks()); (got == 1) != waits {
			t.Errorf("somebody waits: %v, restocks: %d", waits, got)
		}
	}
}

func TestSoldOutBeforeTheMessage(t *testing.T) {
	gone := func(core.Intent) core.Outcome {
		return core.Outcome{Kind: core.OutcomeHeld, Reason: core.ReasonOutOfStock}
	}
	for _, c := range []struct {
		name  string
		pause core.Milliseconds
		want  []string
	}{
		{"back within the window: the same restock still tells", core.Minute, []string{"ann@example.com back"}},
		{"back after the window: a new restock tells", core.Hour, []string{"ann@example.com back"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.capture("ann@example.com", "71")
			w.drive()
			w.sent = nil
			w.level(710, 1)
			w.stepWorks()
			w.level(710, 0)
			w.outcome = gone
			w.drive()
			w.wantSent()
			w.wantLine("71", "ann@example.com")
			w.pass(c.pause)
			w.outcome = func(i core.Intent) core.Outcome { // what the gate in front of the call says
				if r := w.restocks(); i.Activity.Kind == core.BackInStock && i.Activity.Restock != r[0].ID {
					return core.Outcome{Kind: core.OutcomeDropped, Reason: core.ReasonOutOfStock}
				}
				return core.Outcome{}
			}
			w.drive()
			w.level(710, 1)
			w.drive()
			w.wantSent(c.want...)
			w.wantLine("71")
		})
	}
}

func TestWhoAsksWhileARestockPausesIsToldWhenItResumes(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.level(710, 1)
	w.drive()
	w.level(710, 0)
	w.capture("bob@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 1)
	w.drive()
	w.wantSent("bob@example.com back")
}

func TestALineOfManyPagesIsToldInOrder(t *testing.T) {
	w := newWorld(t)
	const contacts = core.CohortContacts + 100
	var entries []wire.Entry
	for i := range contacts {
		entries = append(entries, captureOf(fmt.Sprintf("c%05d@example.com", i), core.Target{Source: "shop", Variant: "71"}, w.now))
		w.now++
		if len(entries) == 500 {
			w.fromEdge(homeEdge, entries...)
			entries = nil
		}
	}
	w.fromEdge(homeEdge, entries...)
	w.drive()
	w.sent = nil
	w.level(710, 9)
	w.stepWorks()
	if r := w.restocks()[0]; r.Matched != core.CohortContacts {
		t.Errorf("the first page matched %d contacts, want %d", r.Matched, core.CohortContacts)
	}
	w.drive()
	if len(w.sent) != contacts {
		t.Fatalf("%d messages, want %d", len(w.sent), contacts)
	}
	told := map[string]int{}
	for _, s := range w.sent {
		told[s]++
	}
	if len(told) != contacts {
		t.Errorf("%d contacts told, want %d", len(told), contacts)
	}
}

func TestAStaleContinueIsVoid(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.level(710, 9)
	work := w.works()[0]
	w.fromLeader(wire.Continue{Work: work.ID, From: work.Cursor})
	before := dump(t, w.db)
	_ = before
	w.fromLeader(wire.Continue{Work: work.ID, From: work.Cursor})
	if r := w.restocks()[0]; r.Matched != 1 {
		t.Errorf("matched %d, want 1", r.Matched)
	}
}

func TestAnyVariant(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "72")
	w.captureAt(homeEdge, "any@example.com", core.Target{Source: "shop", Product: "7"}, w.now)
	w.capture("bob@example.com", "72")
	w.drive()
	w.sent = nil
	w.level(720, 3)
	w.drive()
	told := map[string]bool{}
	for _, s := range w.sent {
		told[s] = true
	}
	if len(w.sent) != 3 || !told["any@example.com back"] {
		t.Errorf("sent %q, want all three", w.sent)
	}
}

func TestRepeatedCaptures(t *testing.T) {
	w := newWorld(t)
	at := w.now
	w.captureAt(homeEdge, "bob@example.com", core.Target{Source: "shop", Variant: "71"}, at+5)
	w.captureAt(homeEdge, "ann@example.com", core.Target{Source: "shop", Variant: "71"}, at+9)
	w.captureAt(otherEdge, "ann@example.com", core.Target{Source: "shop", Variant: "71"}, at) // was cut off: asked first
	w.drive()
	w.wantSent("bob@example.com waiting", "ann@example.com waiting")
	w.wantLine("71", "ann@example.com", "bob@example.com")
}

// TestAnOlderCaptureThatComesLater, from an edge that was cut off or that sends its waitlist again, changes nothing of what
// was asked last.
func TestAnOlderCaptureThatComesLater(t *testing.T) {
	w := newWorld(t)
	at := w.now.Add(-core.Minute)
	target := core.Target{Source: "shop", Variant: "71"}
	for _, c := range []struct {
		edge     core.EdgeID
		at       core.Time
		quantity int64
	}{{homeEdge, at, 1}, {homeEdge, at + 9, 5}, {otherEdge, at, 1}} {
		asked := captureOf("ann@example.com", target, c.at)
		asked.Capture.Quantity = c.quantity
		w.fromEdge(c.edge, asked)
	}
	w.view(func(tx *db.Tx) {
		db.Entries.All(tx, func(e core.Entry) bool {
			if e.Quantity != 5 || e.CapturedAt != at || e.LastAt != at+9 {
				t.Errorf("the entry is %+v, want 5 pieces, asked first at %d and last at %d", e, at, at+9)
			}
			return true
		})
	})
}

func TestSendingAWholeWaitlistAgainIsHarmless(t *testing.T) {
	w := newWorld(t)
	at := w.now
	resync := func(edge core.EdgeID) {
		for i, who := range []string{"ann@example.com", "bob@example.com"} {
			w.captureAt(edge, who, core.Target{Source: "shop", Variant: "71"}, at.Add(core.Milliseconds(i)))
		}
	}
	resync(homeEdge)
	w.level(710, 2)
	w.drive()
	w.sent = nil
	resync(otherEdge)
	w.level(710, 0)
	w.pass(core.Hour)
	w.level(710, 2)
	w.drive()
	w.wantSent()
	w.wantLine("71")
}

func TestALateCaptureJoinsTheTailOfAnOpenRestock(t *testing.T) {
	w := newWorld(t)
	at := w.now
	w.capture("ann@example.com", "71")
	w.level(710, 2)
	w.drive()
	w.sent = nil
	w.captureAt(otherEdge, "late@example.com", core.Target{Source: "shop", Variant: "71"}, at)
	w.capture("after@example.com", "71") // asked while it is in stock: waits for the next one
	w.drive()
	want := map[string]bool{"late@example.com waiting": true, "late@example.com back": true, "after@example.com waiting": true}
	if len(w.sent) != len(want) {
		t.Errorf("sent %q, want %v", w.sent, want)
	}
	for _, s := range w.sent {
		if !want[s] {
			t.Errorf("sent %q", s)
		}
	}
	w.wantLine("71", "after@example.com")
}

// TestRetention: who has waited too long is not told; a longer retention serves those who are still there.
func TestRetention(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.pass(90*core.Day - core.Hour)
	w.drive()
	w.pass(2 * core.Hour) // between two sweeps
	w.level(710, 1)
	w.drive()
	w.wantSent()
	w.level(710, 0)
	w.pass(core.Hour)
	w.retain(365 * core.Day)
	w.level(710, 1)
	w.drive()
	w.wantSent("ann@example.com back")
}

func (w *shopWorld) retain(period core.Milliseconds) {
	w.t.Helper()
	s := w.source()
	s.Retention = core.Retention{Period: period, Activities: []core.ActivityKind{core.WaitingOnStock}}
	w.declare(core.Declaration{Sources: []core.Source{s}})
}

func TestEdgeNumbers(t *testing.T) {
	w := newWorld(t)
	target := core.Target{Source: "shop", Variant: "71"}
	batch := func(first uint64, emails ...string) {
		var entries []wire.Entry
		for _, e := range emails {
			w.now++
			entries = append(entries, captureOf(e, target, longAgo.Add(core.Milliseconds(e[0]))))
		}
		w.append(wire.Origin{Edge: otherEdge, First: first}, entries...)
	}
	batch(1, "a@example.com", "b@example.com")
	batch(1, "a@example.com", "b@example.com", "c@example.com") // sent again, with one more
	batch(5, "e@example.com")                                   // a gap: void
	batch(4, "d@example.com", "e@example.com")
	w.wantLine("71", "a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com")
	var last uint64
	w.view(func(tx *db.Tx) { last, _ = db.Edges.Get(tx, otherEdge) })
	if last != 5 {
		t.Errorf("the edge's last number is %d, want 5", last)
	}
}

func TestWhoMaySayWhat(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.level(710, 2)
	work := w.works()[0]
	forged := wire.Continue{Work: work.ID, From: work.Cursor}
	w.append(wire.Origin{}, forged)                          // signed by nobody
	w.append(wire.Origin{Epoch: w.epoch + 1}, forged)        // by a leader that never took over
	w.append(wire.Origin{Edge: otherEdge, First: 1}, forged) // by an edge
	w.append(wire.Origin{Epoch: w.epoch}, captureOf("x@example.com", core.Target{Source: "shop", Variant: "71"}, w.now))
	if r := w.restocks()[0]; r.Matched != 0 {
		t.Error("an entry counted whose author may not say it")
	}
	old := w.epoch
	w.lead()
	w.append(wire.Origin{Epoch: old}, forged)
	if r := w.restocks()[0]; r.Matched != 0 {
		t.Error("an entry of an older leader counted")
	}
	w.wantLine("71", "ann@example.com")
}

func TestALeaderThatGoesAwayDuringACall(t *testing.T) {
	for _, c := range []struct {
		kind string
		want core.IntentAt
	}{
		{core.InboxKind, core.IntentDue}, // idempotent by key: the call is made again
		{"smtp", core.IntentUnknown},     // nobody knows: held and shown
	} {
		w := newWorld(t)
		w.declare(core.Declaration{Senders: []core.Sender{{Name: "inbox", Kind: c.kind}}})
		w.capture("ann@example.com", "71")
		keys := w.dueIntents()
		w.fromLeader(wire.Claim{Keys: keys})
		stale := w.epoch
		w.lead()
		if got := w.intent(keys[0]).At; got != c.want {
			t.Errorf("%s: the intent is %q, want %q", c.kind, got, c.want)
		}
		w.append(wire.Origin{Epoch: stale}, wire.Settle{Outcomes: []core.Outcome{{Key: keys[0], Kind: core.OutcomeAccepted}}})
		if got := w.intent(keys[0]).At; got != c.want {
			t.Errorf("%s: an older leader's outcome made it %q", c.kind, got)
		}
	}
}

func TestTemporaryRefusals(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	refusals := 0
	w.outcome = func(core.Intent) core.Outcome {
		if refusals++; refusals <= 3 {
			return core.Outcome{Kind: core.OutcomeTemporary, Reason: core.ReasonTemporary, Retry: w.now.Add(core.Minute)}
		}
		return core.Outcome{}
	}
	for range 5 {
		w.drive()
		w.pass(core.Minute)
	}
	w.wantSent("ann@example.com waiting")
	if refusals != 4 {
		t.Errorf("called %d times, want 4", refusals)
	}
}

func TestDelayThenOff(t *testing.T) {
	w := newWorld(t)
	wait := core.Shape{Name: "wait", Kind: core.ShapeDelay, Next: "mail", Delay: 2 * core.Hour}
	w.declare(core.Declaration{Journeys: []core.DeclaredJourney{journeyOn("shop-back", core.BackInStock, wait, mail("mail", back))}})
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 3)
	w.drive()
	w.wantSent()
	w.pass(2*core.Hour + core.Second)
	w.drive()
	w.wantSent("ann@example.com back")

	w.capture("bob@example.com", "72")
	w.drive()
	w.sent = nil
	w.level(720, 1)
	w.drive()
	w.declare(core.Declaration{States: []core.DeclaredState{{Journey: "shop-back", On: false}}})
	w.pass(3 * core.Hour)
	w.drive()
	w.wantSent()
}

func TestTwoAddressesOfTwoContacts(t *testing.T) {
	w := newWorld(t)
	target := core.Target{Source: "shop", Variant: "71"}
	by := func(email, phone string) {
		w.fromEdge(homeEdge, wire.Capture{Capture: core.Capture{Target: target, Email: email, Phone: phone, CapturedAt: w.now}})
	}
	by("ann@example.com", "")
	by("", "+4915112345678")
	by("ann@example.com", "+4915112345678") // ann's, and the phone stays with whom it was
	var contact core.Contact
	var phoneOwner core.ContactID
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: "ann@example.com"})
		contact, _ = db.Contacts.Get(tx, id)
		phoneOwner, _ = db.Addresses.Get(tx, core.Address{Channel: core.SMS, Value: "+4915112345678"})
	})
	if contact.Phone != "" || phoneOwner == contact.ID {
		t.Errorf("two contacts were merged: %+v", contact)
	}
	if n := len(w.line("71")); n != 2 {
		t.Errorf("%d in line, want 2", n)
	}
}

func TestOptOut(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	var id core.ContactID
	w.view(func(tx *db.Tx) {
		id, _ = db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: "ann@example.com"})
	})
	w.fromEdge(homeEdge, wire.OptOut{Contact: id, Channel: core.Email, At: w.now})
	w.view(func(tx *db.Tx) {
		if !db.Suppressions.Has(tx, core.Address{Channel: core.Email, Value: "ann@example.com"}) {
			t.Error("the address is not suppressed")
		}
	})
}

func TestAGapInTheJournalIsRefused(t *testing.T) {
	w := newWorld(t)
	tx := w.db.Begin()
	defer tx.Discard()
	if _, err := w.machine.Apply(tx, machine.Message{Sequence: core.Sequence(len(w.journal) + 2), Time: w.now}); err == nil {
		t.Error("a message was skipped and nobody noticed")
	}
}
