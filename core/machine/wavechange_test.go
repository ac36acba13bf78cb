package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/wire"
)

// waved is a world whose source has a policy of waves.
func waved(t *testing.T, p core.WavePolicy) *shopWorld {
	w := newWorld(t)
	w.waves(p)
	return w
}

func (w *shopWorld) waves(p core.WavePolicy) {
	w.t.Helper()
	src := w.source()
	src.Waves = p
	w.declare(core.Declaration{Sources: []core.Source{src}})
}

// refuse is a provider that takes nothing for now.
func (w *shopWorld) refuse() {
	w.outcome = func(core.Intent) core.Outcome {
		return core.Outcome{Kind: core.OutcomeTemporary, Retry: w.now.Add(core.Minute)}
	}
}

// wantTurns compares how many count as about to buy with the rows that say who.
func (w *shopWorld) wantTurns(want int64) {
	w.t.Helper()
	r := w.restocks()[0]
	w.view(func(tx *db.Tx) {
		var rows int64
		db.TurnsAfter(tx, r.ID, core.ContactID{}, func(core.ContactID) bool { rows++; return true })
		if r.Waves.Out != want || rows != want {
			w.t.Errorf("%d count as about to buy, and %d have a turn; want %d", r.Waves.Out, rows, want)
		}
	})
}

// wantNothingLeft says that of a restock that is over no rows of its waves are left.
func (w *shopWorld) wantNothingLeft() {
	w.t.Helper()
	w.view(func(tx *db.Tx) {
		for _, r := range w.restocks() {
			if r.At != core.RestockClosed {
				continue
			}
			db.TurnsAfter(tx, r.ID, core.ContactID{}, func(c core.ContactID) bool { w.t.Errorf("the turn of %s is left", c); return true })
			db.TurnEnds.Scan(tx, r.ID, func(e db.TurnEnd) bool { w.t.Errorf("the end of a turn is left: %+v", e); return true })
			db.Ranks.Scan(tx, r.ID, func(k core.Rank) bool { w.t.Errorf("a rank is left: %+v", k); return true })
			db.Tolds.Scan(tx, r.ID, func(k db.Told) bool { w.t.Errorf("who was told is left: %+v", k); return true })
		}
	})
}

// TestTurnsWhileThePolicyChanges: who is on the way when a number per unit is taken back, or named, counts all the same.
func TestTurnsWhileThePolicyChanges(t *testing.T) {
	perUnit := core.WavePolicy{PerUnit: 1, Turn: core.Hour}
	t.Run("off and on while a message is on its way", func(t *testing.T) {
		w := waved(t, perUnit)
		for _, who := range []string{"ann", "bob", "cid"} {
			w.capture(who+"@example.com", "71")
		}
		w.drive()
		w.sent = nil
		w.refuse()
		w.level(710, 1)
		w.drive()
		w.waves(core.WavePolicy{Size: 1, Every: 2 * core.Hour})
		w.outcome = nil
		w.pass(2 * core.Minute)
		w.drive()
		w.wantSent("ann@example.com back")
		w.wantTurns(1)
		w.waves(perUnit)
		w.pass(2 * core.Hour)
		w.drive()
		w.wantSent("bob@example.com back")
		w.wantTurns(1)
	})
	t.Run("off and on while a cohort waits", func(t *testing.T) {
		w := waved(t, perUnit)
		w.crowd(aCrowd)
		w.level(710, aCrowd-1)
		w.stepWorks()
		if len(w.heads()) != 1 {
			t.Fatal("no cohort was formed")
		}
		w.waves(core.WavePolicy{Size: 1, Every: 10 * core.Day})
		for len(w.heads()) > 0 {
			w.stepCohorts()
		}
		w.waves(perUnit)
		w.drive()
		w.wantTurns(aCrowd) // who was told since counts again
	})
	t.Run("on while a cohort waits", func(t *testing.T) {
		w := waved(t, core.WavePolicy{Size: aCrowd - 1, Every: core.Hour})
		w.crowd(aCrowd)
		w.level(710, aCrowd)
		w.stepWorks()
		w.waves(perUnit)
		w.drive()
		w.wantTurns(aCrowd)
	})
}

// TestToldAfterTheRestockClosed: a message that was on its way when the restock closed leaves no turn, and who could not buy
// is put back in line like the others.
func TestToldAfterTheRestockClosed(t *testing.T) {
	w := waved(t, core.WavePolicy{PerUnit: 1, Turn: core.Hour, Again: 1, Within: core.Hour})
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 1)
	w.stepWorks()
	keys := w.dueIntents()
	w.fromLeader(wire.Claim{Keys: keys})
	w.level(710, 0)
	w.pass(core.Hour)
	for w.stepWorks() || w.stepTimers() {
	}
	if r := w.restocks()[0]; r.At != core.RestockClosed {
		t.Fatalf("the restock is %s", r.At)
	}
	w.fromLeader(wire.Settle{Outcomes: []core.Outcome{w.call(keys[0])}})
	w.drive()
	w.wantSent("ann@example.com back")
	w.wantLine("71", "ann@example.com")
	w.wantNothingLeft()
}

// TestAsManyUnitsAsCanBeCounted are enough for everybody.
func TestAsManyUnitsAsCanBeCounted(t *testing.T) {
	w := waved(t, core.WavePolicy{PerUnit: 1000, Every: core.Hour})
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, int64(1<<62))
	w.drive()
	w.wantSent("ann@example.com back")
}

// TestNowTwiceAtOnce: two operators, or one that clicks twice, begin one wave.
func TestNowTwiceAtOnce(t *testing.T) {
	w := waved(t, core.WavePolicy{Size: 1, Every: core.Hour})
	for _, who := range []string{"ann", "bob", "cid"} {
		w.capture(who+"@example.com", "71")
	}
	w.level(710, 9)
	w.drive()
	w.sent = nil
	r := w.restocks()[0]
	now := wire.Steer{Restock: r.ID, Word: core.WordNext, Wave: r.Waves.N + 1}
	w.append(wire.Origin{}, now)
	w.append(wire.Origin{}, now)
	w.drive()
	w.append(wire.Origin{}, now)
	w.drive()
	w.wantSent("bob@example.com back")
	sized := wire.Steer{Restock: r.ID, Word: core.WordNext, Wave: 3, Size: 1}
	w.append(wire.Origin{}, sized, sized)
	w.drive()
	w.wantSent("cid@example.com back")
}

// TestErasingWhoStandsInBothLines: a contact can be in a cohort twice, and nothing is made of either.
func TestErasingWhoStandsInBothLines(t *testing.T) {
	w := newWorld(t)
	w.captureAt(homeEdge, "both@example.com", core.Target{Source: "shop", Product: "7"}, w.now)
	w.capture("both@example.com", "71")
	w.crowd(aCrowd)
	w.level(710, 9)
	w.stepWorks()
	if len(w.heads()) != 1 {
		t.Fatal("no cohort was formed")
	}
	var id core.ContactID
	w.view(func(tx *db.Tx) { id, _ = db.Addresses.Get(tx, email("both@example.com")) })
	w.erase(email("both@example.com"))
	w.drive()
	w.view(func(tx *db.Tx) {
		db.ActivitiesOf(tx, id, func(a core.Activity) bool { t.Errorf("%s occurred to who was erased", a.Kind); return true })
	})
}

// TestManyReturnToManyRestocks: who is put back takes part in whatever goes on by then, as far as a transaction has room.
func TestManyReturnToManyRestocks(t *testing.T) {
	const variants, people = 60, 300
	s := newText(t)
	s.source.Waves = core.WavePolicy{Again: 1, Within: core.Hour}
	s.redeclare()
	words := []string{"tee"}
	for i := range variants {
		words = append(words, fmt.Sprintf("tee-%02d", i))
	}
	s.deliver(s.product(words))
	for i := range variants {
		s.deliver(s.must(s.level([]string{words[i+1], "berlin", "0"})))
	}
	for i := range people {
		s.captureAt(homeEdge, fmt.Sprintf("c%03d@example.com", i), target("tee"), s.now)
	}
	s.drive()
	s.deliver(s.must(s.level([]string{"tee-00", "berlin", "9"})))
	s.drive()
	s.deliver(s.must(s.level([]string{"tee-00", "berlin", "0"})))
	for i := 1; i < variants; i++ {
		s.captureAt(homeEdge, fmt.Sprintf("d%03d@example.com", i), target(words[i+1]), s.now)
		s.deliver(s.must(s.level([]string{words[i+1], "berlin", "9"})))
		s.drive()
	}
	s.sent = nil
	s.pass(core.Hour)
	s.drive()
	if got := len(s.sent); got < people {
		t.Errorf("%d messages were sent to the %d who were put back", got, people)
	}
	s.wantNothingLeft()
}

func (s *text) must(body string, err error) string {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	return body
}

// counting counts how often a plugin is asked.
type counting struct {
	machine.Asker
	asked *int
}

func (c counting) Ask(q machine.Question) (core.Verdict, bool) {
	*c.asked++
	return c.Asker.Ask(q)
}

// TestStockThatComesAndGoes: a line is scored once, not whenever its variant sells out and comes back.
func TestStockThatComesAndGoes(t *testing.T) {
	w := waved(t, core.WavePolicy{PerUnit: 1, Turn: core.Hour, Order: core.OrderScore, Score: &core.PluginCall{Plugin: "vip"}})
	asked := 0
	w.asker = counting{scoring{}, &asked}
	w.crowd(aCrowd)
	for range 20 {
		w.level(710, 1)
		w.pass(core.Second)
		w.drive()
		w.level(710, 0)
		w.pass(core.Second)
		w.drive()
	}
	if asked != aCrowd {
		t.Errorf("%d scores were asked for, of %d contacts", asked, aCrowd)
	}
	w.capture("late@example.com", "71")
	w.level(710, 2)
	w.drive()
	if len(w.sent) == 0 || asked > 2*aCrowd+1 {
		t.Errorf("%d were told, and %d scores were asked for", len(w.sent), asked)
	}
}

// TestAnOrderIsWrittenWhileStockComesAndGoes: however short a restock is open at a time, somebody is told.
func TestAnOrderIsWrittenWhileStockComesAndGoes(t *testing.T) {
	w := waved(t, core.WavePolicy{Size: 1, Every: core.Minute, Order: core.OrderScore, Score: &core.PluginCall{Plugin: "vip"}})
	captureMany(w, 2*core.CohortContacts+10)
	w.asker = scoring{"c000100@example.com": 7}
	for n := range 8 {
		w.level(710, 1)
		w.stepWorks()
		w.stepSends()
		w.captureAt(homeEdge, fmt.Sprintf("late%d@example.com", n), core.Target{Source: "shop", Variant: "71"}, w.now)
		w.level(710, 0)
		w.pass(core.Second)
	}
	w.level(710, 1)
	w.drive()
	if got := strings.Join(w.sent, ", "); !strings.Contains(got, "c000100@example.com back") {
		t.Errorf("told were %q, want c000100 among them", got)
	}
}

// TestWhoIsNext is who waits for the variant and who waits for any of its product, as the waves take them.
func TestWhoIsNext(t *testing.T) {
	w := waved(t, core.WavePolicy{Size: 1, Every: core.Hour})
	w.capture("ann@example.com", "71")
	w.captureAt(homeEdge, "bob@example.com", core.Target{Source: "shop", Product: "7"}, w.now)
	w.capture("cid@example.com", "71")
	w.captureAt(homeEdge, "cid@example.com", core.Target{Source: "shop", Product: "7"}, w.now)
	w.level(710, 9)
	w.drive()
	w.wantNext("bob@example.com", "cid@example.com")
	w.captureAt(otherEdge, "late@example.com", core.Target{Source: "shop", Variant: "71"}, w.now.Add(-core.Hour))
	w.wantNext("late@example.com", "bob@example.com", "cid@example.com")
	w.waves(core.WavePolicy{Size: 1, Every: core.Hour, Order: core.OrderNewest})
	w.wantNext() // it is about to be written down
	w.drive()
	w.wantNext("cid@example.com", "bob@example.com", "late@example.com")
	w.erase(email("bob@example.com"))
	w.wantNext("cid@example.com", "late@example.com")
	w.append(wire.Origin{}, wire.Steer{Restock: w.restocks()[0].ID, Word: core.WordStopped})
	w.wantNext()
}

func (w *shopWorld) wantNext(want ...string) {
	w.t.Helper()
	var got []string
	w.view(func(tx *db.Tx) {
		all, err := w.machine.Next(tx, w.restocks()[0], 10)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, k := range all {
			c, _ := db.Contacts.Get(tx, k.Contact)
			got = append(got, c.Email)
		}
	})
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("next are %q, want %q", got, want)
	}
}

// TestWhoComesWhileAnOrderIsWritten is scored as well, for the wave after the one that follows.
func TestWhoComesWhileAnOrderIsWritten(t *testing.T) {
	w := waved(t, core.WavePolicy{Size: 1, Every: core.Minute, Order: core.OrderScore, Score: &core.PluginCall{Plugin: "vip"}})
	captureMany(w, core.CohortContacts+10)
	w.asker = scoring{"c000100@example.com": 7, "late@example.com": 9}
	w.level(710, 9)
	w.stepWorks()
	w.captureAt(otherEdge, "late@example.com", core.Target{Source: "shop", Variant: "71"}, w.now.Add(-core.Hour))
	w.drive()
	w.wantSent("late@example.com waiting", "c000100@example.com back")
	w.pass(core.Minute)
	w.drive()
	w.wantSent("late@example.com back")
}

// TestAReminderThatIsTakenLate closes nothing: who was put back in line meanwhile keeps the place.
func TestAReminderThatIsTakenLate(t *testing.T) {
	w := waved(t, core.WavePolicy{Again: 1, Within: 2 * core.Day})
	s := &text{shopWorld: w}
	s.remind(core.Day)
	w.capture("ann@example.com", "71")
	w.level(710, 1)
	w.drive()
	w.pass(core.Day)
	w.stepTimers()
	keys := w.dueIntents()
	if len(keys) != 1 {
		t.Fatalf("%d messages are due, want the reminder", len(keys))
	}
	w.fromLeader(wire.Claim{Keys: keys})
	w.level(710, 0)
	w.pass(core.Hour)
	for w.stepWorks() || w.stepTimers() {
	}
	w.wantLine("71", "ann@example.com")
	w.fromLeader(wire.Settle{Outcomes: []core.Outcome{w.call(keys[0])}})
	w.drive()
	w.wantLine("71", "ann@example.com")
	w.sent = nil
}

// TestStoppedForGood: who comes late is not told of a restock that an operator stopped.
func TestStoppedForGood(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.level(710, 9)
	w.drive()
	w.append(wire.Origin{}, wire.Steer{Restock: w.restocks()[0].ID, Word: core.WordStopped})
	w.captureAt(otherEdge, "late@example.com", core.Target{Source: "shop", Variant: "71"}, w.now.Add(-core.Hour))
	w.drive()
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, email("late@example.com"))
		db.ActivitiesOf(tx, id, func(a core.Activity) bool {
			if a.Kind == core.BackInStock {
				t.Error("Back in stock occurred")
			}
			return true
		})
	})
	w.wantLine("71", "late@example.com")
}

// TestALargeWaveOfAnOperator takes as many as were said, whatever units let.
func TestALargeWaveOfAnOperator(t *testing.T) {
	w := waved(t, core.WavePolicy{PerUnit: 1, Every: core.Hour})
	w.crowd(aCrowd)
	w.level(710, 1)
	w.drive()
	w.append(wire.Origin{}, wire.Steer{Restock: w.restocks()[0].ID, Word: core.WordNext, Size: 10})
	w.drive()
	if len(w.sent) != 11 {
		t.Errorf("%d were told, want 11", len(w.sent))
	}
}
