package machine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/wire"
)

var sale = core.Template{Subject: "sale"}

// broadcast is one to who was back in stock in the last 7 days, with some fields of it changed.
func (w *shopWorld) broadcast(name core.Name, change func(b *core.Broadcast)) core.DeclaredBroadcast {
	w.t.Helper()
	on := true
	b := core.Broadcast{
		Name: name, Channel: core.Email, Purpose: core.StockAlert,
		Where: filterOf(w.t, filter.Audience, `{'back_in_stock': {'has occurred': {'in the last': '7 days'}}}`),
		Send:  core.SendShape{Sender: "inbox", Template: core.HashTemplate(sale)},
	}
	if change != nil {
		change(&b)
	}
	return core.DeclaredBroadcast{Broadcast: b, State: &on}
}

func (w *shopWorld) announce(name core.Name, change func(b *core.Broadcast)) {
	w.t.Helper()
	w.declare(core.Declaration{Templates: []core.Template{sale}, Broadcasts: []core.DeclaredBroadcast{w.broadcast(name, change)}})
}

func (w *shopWorld) say(name core.Name, word core.BroadcastVerb) {
	w.t.Helper()
	w.declare(core.Declaration{Words: []core.BroadcastWord{{Broadcast: name, Word: word}}})
}

func (w *shopWorld) announcement(name core.Name) (a core.Announcement) {
	w.t.Helper()
	w.view(func(tx *db.Tx) { a, _ = db.Broadcasts.Get(tx, name) })
	return a
}

func passedOf(a core.Announcement) string {
	var words []string
	for _, c := range a.Passed {
		words = append(words, fmt.Sprintf("%s %d", c.Reason, c.N))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// quiet is a world whose playbook of restocks is off, with a crowd that Back in stock has occurred to.
func quiet(t *testing.T, n int) *shopWorld {
	t.Helper()
	w := newWorld(t)
	w.declare(core.Declaration{States: []core.DeclaredState{{Journey: "shop-back"}}})
	w.crowd(n)
	w.level(710, 9)
	w.drive()
	w.wantSent()
	return w
}

// TestABroadcast goes to each contact of the audience once, in several pages; nobody gets it who joined later.
func TestABroadcast(t *testing.T) {
	w := quiet(t, 600)
	w.announce("news", nil)
	w.stepWorks()
	w.capture("late@example.com", "72")
	w.level(720, 3)
	w.drive()
	slices.Sort(w.sent)
	want := []string{"late@example.com waiting"}
	for i := range 600 {
		want = append(want, fmt.Sprintf("c%05d@example.com sale", i))
	}
	slices.Sort(want)
	w.wantSent(want...)
	a := w.announcement("news")
	if a.Phase != core.BroadcastDone || a.Made != 600 || a.Sent != 600 || len(a.Passed) > 0 {
		t.Errorf("it ended %s with %d made, %d sent, passed over %v", a.Phase, a.Made, a.Sent, a.Passed)
	}
	w.announce("news", nil) // the same file once more
	w.drive()
	w.wantSent()
}

// TestABroadcastLeavesOutWhoWasTold about the restock, unless it is said otherwise.
func TestABroadcastLeavesOutWhoWasTold(t *testing.T) {
	for _, include := range []bool{false, true} {
		w := newWorld(t)
		w.capture("ann@example.com", "71")
		w.drive()
		w.level(710, 9)
		w.drive()
		w.declare(core.Declaration{States: []core.DeclaredState{{Journey: "shop-back"}}})
		w.capture("bob@example.com", "72")
		w.level(720, 9)
		w.drive()
		w.sent = nil
		w.announce("news", func(b *core.Broadcast) { b.Told = include })
		w.drive()
		if include {
			w.wantSent("ann@example.com sale", "bob@example.com sale")
			continue
		}
		w.wantSent("bob@example.com sale")
		if got := passedOf(w.announcement("news")); got != "already_told 1" {
			t.Errorf("passed over %s", got)
		}
		w.wantLine("72") // who got it was told
	}
}

// TestABroadcastLeavesOutWhoIsAboutToBeTold: those of a cohort that waits to be expanded, whose playbook is on.
func TestABroadcastLeavesOutWhoIsAboutToBeTold(t *testing.T) {
	w := formed(t, nil)
	w.announce("news", nil)
	w.stepWorks()
	if a := w.announcement("news"); a.Made != 0 || passedOf(a) != fmt.Sprintf("already_told %d", aCrowd) {
		t.Errorf("it made %d, passed over %s", a.Made, passedOf(a))
	}
	w.drive()
	if slices.ContainsFunc(w.sent, func(s string) bool { return strings.HasSuffix(s, "sale") }) || len(w.sent) != aCrowd {
		t.Errorf("%d were sent", len(w.sent))
	}
}

// TestABroadcastAsksForConsent of its purpose.
func TestABroadcastAsksForConsent(t *testing.T) {
	w := quiet(t, 3)
	w.announce("news", func(b *core.Broadcast) { b.Purpose = core.Marketing })
	w.drive()
	w.wantSent()
	if got := passedOf(w.announcement("news")); got != "no_consent 3" {
		t.Errorf("passed over %s", got)
	}
}

// TestABroadcastKeepsItsRate, by the journal's clock, and waits between.
func TestABroadcastKeepsItsRate(t *testing.T) {
	w := quiet(t, 7)
	w.announce("news", func(b *core.Broadcast) { b.Rate = core.BroadcastRate{Contacts: 3, Every: core.Minute} })
	for _, n := range []int{3, 3, 1} {
		w.drive()
		if len(w.sent) != n {
			t.Errorf("%d were sent, want %d", len(w.sent), n)
		}
		w.sent = nil
		w.pass(core.Minute)
	}
	w.drive()
	w.wantSent()
	if a := w.announcement("news"); a.Phase != core.BroadcastDone || a.Sent != 7 {
		t.Errorf("it is %s with %d sent", a.Phase, a.Sent)
	}
}

// TestABroadcastAtATime begins then, by the zone's clocks; one whose time passed long ago does not.
func TestABroadcastAtATime(t *testing.T) {
	w := quiet(t, 2)
	w.declare(core.Declaration{Settings: &core.Settings{Zone: "Europe/Berlin"}})
	now := w.now.Go()
	at := func(d int) string { return now.AddDate(0, 0, d).Format("2006-01-02") + "T09:00" }
	w.announce("past", func(b *core.Broadcast) { b.At = at(-1) })
	w.announce("news", func(b *core.Broadcast) { b.At = at(1) })
	w.drive()
	w.wantSent()
	due := w.announcement("news").Due
	if got := due.Go().Format("15:04"); got != "08:00" || w.announcement("past").Phase != core.BroadcastMissed {
		t.Errorf("it is due at %s UTC; the other is %s", got, w.announcement("past").Phase)
	}
	w.now = due - 10
	w.drive()
	w.wantSent()
	w.now = due
	w.drive()
	if len(w.sent) != 2 {
		t.Errorf("%q were sent", w.sent)
	}
}

// TestABroadcastPausesAndResumes: what is made is held and goes out once; one that is stopped sends nothing more.
func TestABroadcastPausesAndResumes(t *testing.T) {
	w := quiet(t, 600)
	w.outcome = func(i core.Intent) (o core.Outcome) {
		switch a := w.announcement(i.Broadcast); {
		case a.Paused:
			o = core.Outcome{Kind: core.OutcomeHeld, Reason: core.ReasonBroadcastPaused}
		case a.Phase == core.BroadcastStopped:
			o = core.Outcome{Kind: core.OutcomeDropped, Reason: core.ReasonBroadcastStopped}
		}
		return o
	}
	w.announce("news", nil)
	w.stepWorks()
	w.say("news", core.PauseBroadcast)
	w.drive()
	w.wantSent()
	w.lead()
	w.say("news", core.ResumeBroadcast)
	w.stepWorks()
	w.stepSends()
	if len(w.sent) == 0 {
		t.Error("nothing was sent")
	}
	w.drive()
	if n := len(slices.Compact(slices.Sorted(slices.Values(w.sent)))); n != 600 || len(w.sent) != 600 {
		t.Errorf("%d were sent to %d", len(w.sent), n)
	}
	w.sent = nil
	w.announce("more", func(b *core.Broadcast) { b.Told = true })
	w.stepWorks()
	w.say("more", core.TurnOff)
	w.drive()
	w.wantSent()
	if a := w.announcement("more"); a.Phase != core.BroadcastStopped || len(a.Dropped) != 1 || a.Dropped[0].N != a.Made || a.Made == 0 {
		t.Errorf("it is %s with %d made, dropped %v", a.Phase, a.Made, a.Dropped)
	}
	w.say("more", core.TurnOn)
	w.drive()
	w.wantSent()
}

// TestABroadcastOfAnotherLeader: a page that comes twice, and one of an older epoch, make nothing.
func TestABroadcastOfAnotherLeader(t *testing.T) {
	w := quiet(t, 600)
	w.announce("news", nil)
	works := w.works()
	page := wire.Continue{Work: works[0].ID, From: works[0].Cursor}
	w.fromLeader(page)
	made := w.announcement("news").Made
	w.fromLeader(page)
	w.lead()
	w.append(wire.Origin{Epoch: w.epoch - 1}, w.form(w.works()[0]))
	if again := w.announcement("news").Made; again != made || made == 0 {
		t.Errorf("it made %d, and then %d", made, again)
	}
	w.drive()
	if len(w.sent) != 600 {
		t.Errorf("%d were sent", len(w.sent))
	}
}

// TestABroadcastIsTried without a trace.
func TestABroadcastIsTried(t *testing.T) {
	w := quiet(t, 5)
	off := w.broadcast("news", nil)
	off.State = nil
	w.declare(core.Declaration{Templates: []core.Template{sale}, Broadcasts: []core.DeclaredBroadcast{off}})
	before := dump(t, w.db)
	tx := w.db.Begin()
	n := 0
	trial, ok, err := w.machine.Try(tx, "news", w.now, func(_ core.Contact, i core.Intent) bool {
		n++
		if i.Activity.SKU != "TEE-M" {
			t.Errorf("it is about %q", i.Activity.SKU)
		}
		return true
	})
	tx.Discard()
	if err != nil || !ok || trial.Found != 5 || n != 5 {
		t.Errorf("it found %d, %d of them to be told (%v)", trial.Found, n, err)
	}
	if dump(t, w.db) != before {
		t.Error("trying changed the state")
	}
}

// TestABroadcastsMessageIsSentAgain by an operator's word: it stays the broadcast's, which is about no journey that could be off.
func TestABroadcastsMessageIsSentAgain(t *testing.T) {
	w := quiet(t, 3)
	w.outcome = func(core.Intent) core.Outcome {
		return core.Outcome{Kind: core.OutcomePermanent, Reason: core.ReasonRefused}
	}
	w.announce("news", nil)
	w.drive()
	var dropped []core.LedgerKey
	w.view(func(tx *db.Tx) {
		db.DroppedFrom(tx, core.ReasonRefused, func(k core.LedgerKey) bool { dropped = append(dropped, k); return true })
	})
	w.outcome = w.gates
	w.append(wire.Origin{}, wire.Resend{Keys: dropped})
	w.drive()
	slices.Sort(w.sent)
	w.wantSent("c00000@example.com sale", "c00001@example.com sale", "c00002@example.com sale")
	if a := w.announcement("news"); a.Made != 6 || a.Sent != 3 {
		t.Errorf("%d were made and %d sent; dropped were %v", a.Made, a.Sent, a.Dropped)
	}
}
