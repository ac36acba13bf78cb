package machine_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/wire"
)

// TestAMessageLargerThanATransaction: what a thousand entries write does not fit one transaction, whether many journeys
// write it or a contact that somebody has made large.
func TestAMessageLargerThanATransaction(t *testing.T) {
	t.Run("many journeys", func(t *testing.T) {
		w := newWorld(t)
		var journeys []core.DeclaredJourney
		for i := range 12 {
			journeys = append(journeys, journeyOn(core.Name(fmt.Sprint("j", i)), core.WaitingOnStock, mail("mail", waiting)))
		}
		w.declare(core.Declaration{Journeys: journeys})
		var entries []wire.Entry
		for i := range 1000 {
			entries = append(entries, captureOf(fmt.Sprintf("c%d@example.com", i), core.Target{Source: "shop", Variant: "71"}, w.now))
		}
		w.fromEdge(homeEdge, entries...)
		if n := len(w.line("71")); n != 1000 {
			t.Errorf("%d in line, want 1000", n)
		}
	})
	t.Run("a large contact", func(t *testing.T) {
		w := newWorld(t)
		var entries []wire.Entry
		for i := range 1000 {
			c := captureOf("ann@example.com", core.Target{Source: "shop", Variant: "71"}, w.now)
			c.Capture.Consent = core.Proof{Text: strings.Repeat("t", 2000) + fmt.Sprint(i), Page: strings.Repeat("p", 2000)}
			entries = append(entries, c)
		}
		w.fromEdge(homeEdge, append(entries, captureOf("innocent@example.com", core.Target{Source: "shop", Variant: "71"}, w.now))[1:]...)
		if n := len(w.line("71")); n != 2 {
			t.Errorf("%d in line, want 2", n)
		}
	})
}

// TestAProductWithAsMuchAsAShopMaySay is one entry, so it must fit.
func TestAProductWithAsMuchAsAShopMaySay(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	b.WriteString(`{"id":8,"title":"` + strings.Repeat("t", 600) + `","handle":"` + strings.Repeat("ü", 500) + `","status":"active","published_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","images":[{"id":1,"src":"https://` + strings.Repeat("i", 2000) + `"}],"variants":[`)
	for i := range 2048 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"title":"%s","sku":"%s","price":"1.00","inventory_policy":"deny","inventory_item_id":%d,"inventory_quantity":3,"image_id":1}`,
			10000+i, strings.Repeat("m", 600), strings.Repeat("s", 600), 20000+i)
	}
	b.WriteString(`]}`)
	w.webhook("products/update", "", b.String())
	known := false
	w.view(func(tx *db.Tx) { known = db.Variants.Has(tx, core.VariantKey{Source: "shop", Variant: "12047"}) })
	if !known {
		t.Error("the product was not taken")
	}
}

// trapping is a plugin that always fails, with much to say about it.
type trapping struct{}

func (trapping) Ask(machine.Question) (core.Verdict, bool) {
	return core.Verdict{Failed: "trapped", Reason: strings.Repeat("stack trace ", 20)}, true
}

// TestAHeldContactDoesNotGrow: a plugin that fails for days costs no more than one that failed once, and when it works
// again everybody is told.
func TestAHeldContactDoesNotGrow(t *testing.T) {
	w := newWorld(t)
	w.asker = trapping{}
	withGate(w, core.FailHold)
	for i := range 100 {
		w.capture(fmt.Sprintf("c%d@example.com", i), "71")
	}
	w.drive()
	w.sent = nil
	w.level(710, 5000)
	for range 100 {
		w.drive()
		w.pass(core.Hour)
	}
	var run core.Run
	w.view(func(tx *db.Tx) {
		db.Runs.All(tx, func(r core.Run) bool { run = r; return r.Journey != "shop-back" })
	})
	if last := run.Steps[len(run.Steps)-1]; len(run.Steps) > 3 || last.Tries < 50 {
		t.Errorf("after 100 hours the run holds %d steps, the last one %+v", len(run.Steps), last)
	}
	w.asker = gateThatPasses{}
	w.pass(2 * core.Hour)
	w.drive()
	if len(w.sent) != 100 {
		t.Errorf("%d were told, want 100", len(w.sent))
	}
}

type gateThatPasses struct{}

func (gateThatPasses) Ask(machine.Question) (core.Verdict, bool) {
	return core.Verdict{Pass: true}, true
}

// slowGate has time for one question a page.
type slowGate struct{ asked *int }

func (g slowGate) Ask(machine.Question) (core.Verdict, bool) {
	*g.asked++
	return core.Verdict{Pass: true}, *g.asked%3 == 1
}

func TestContactsThatThereIsNoTimeToAskAboutAreAskedLater(t *testing.T) {
	w := newWorld(t)
	withGate(w, core.FailHold)
	for i := range 20 {
		w.capture(fmt.Sprintf("c%d@example.com", i), "71")
	}
	w.asker = slowGate{new(int)}
	w.drive()
	w.sent = nil
	w.level(710, 5)
	w.drive()
	if len(w.sent) != 20 {
		t.Errorf("%d were told, want 20", len(w.sent))
	}
}

func TestALateCaptureThatMovesBehindTheCursorIsTold(t *testing.T) {
	w := newWorld(t)
	start := w.now
	for i := range core.PageContacts + 400 {
		w.now = start.Add(core.Milliseconds(i * 10))
		w.capture(fmt.Sprintf("c%04d@example.com", i), "71")
	}
	w.pass(core.Minute)
	for w.stepSends() {
	}
	w.sent = nil
	w.level(710, 5000)
	w.stepWorks()
	w.captureAt(otherEdge, "c1300@example.com", core.Target{Source: "shop", Variant: "71"}, start.Add(55))
	w.drive()
	told := map[string]int{}
	for _, s := range w.sent {
		told[s]++
	}
	if told["c1300@example.com back"] != 1 || len(w.sent) != core.PageContacts+400 {
		t.Errorf("%d told, c1300 %d times", len(w.sent), told["c1300@example.com back"])
	}
	w.wantLine("71")
}

func TestWhoWasToldLeavesTheLineAlsoWhenALateCaptureMovedIt(t *testing.T) {
	w := newWorld(t)
	w.pass(core.Hour)
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 5)
	w.stepWorks()
	w.captureAt(otherEdge, "ann@example.com", core.Target{Source: "shop", Variant: "71"}, w.now.Add(-30*core.Minute))
	w.drive()
	w.wantSent("ann@example.com back")
	w.level(710, 0)
	w.pass(core.Hour)
	w.level(710, 5)
	w.drive()
	w.wantSent()
}

func TestALateCaptureForAnyVariantJoinsTheTail(t *testing.T) {
	w := newWorld(t)
	asked := w.now
	w.pass(core.Minute)
	w.capture("ann@example.com", "71")
	w.level(710, 5)
	w.drive()
	w.sent = nil
	w.captureAt(otherEdge, "any@example.com", core.Target{Source: "shop", Product: "7"}, asked)
	w.drive()
	w.wantSent("any@example.com waiting", "any@example.com back")
}

func TestARunThatSendsAtManyShapesIsReplayedAlike(t *testing.T) {
	w := newWorld(t)
	a, b, c := mail("a", waiting), mail("b", waiting), mail("c", waiting)
	a.Next, b.Next = "b", "c"
	w.declare(core.Declaration{Journeys: []core.DeclaredJourney{journeyOn("three", core.WaitingOnStock, a, b, c)}})
	for i := range 20 {
		w.capture(fmt.Sprintf("x%d@example.com", i), "71")
	}
	w.drive()
}

// TestStateHoldsNoMapWithoutOrder: msgpack sorts maps of text alone; any other would be written in Go's random order.
func TestStateHoldsNoMapWithoutOrder(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var look func(path string, v reflect.Type)
	look = func(path string, v reflect.Type) {
		if seen[v] {
			return
		}
		seen[v] = true
		switch v.Kind() {
		case reflect.Map:
			if v != reflect.TypeFor[map[string]string]() && v.Key().Kind() == reflect.String && v.Elem().Kind() != reflect.String {
				t.Errorf("%s is a %s", path, v)
			}
		case reflect.Slice, reflect.Array, reflect.Pointer:
			look(path, v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				look(path+"."+v.Field(i).Name, v.Field(i).Type)
			}
		}
	}
	for _, v := range []any{core.Source{}, core.Sender{}, core.Plugin{}, core.Template{}, core.Journey{}, core.Product{}, core.Variant{}, core.Level{},
		core.Stock{}, core.Restock{}, core.Contact{}, core.Entry{}, core.Activity{}, core.Run{}, core.Work{}, core.Intent{}, core.Erasure{}, core.Forget{}, db.Position{}, db.Timer{}} {
		look(reflect.TypeOf(v).Name(), reflect.TypeOf(v))
	}
}

func TestConsentKeepsTheFirstOfEachPurpose(t *testing.T) {
	w := newWorld(t)
	ask := func(text string, marketing bool) {
		c := captureOf("ann@example.com", core.Target{Source: "shop", Variant: "71"}, w.now)
		c.Capture.Consent = core.Proof{Text: text, Marketing: marketing}
		w.fromEdge(homeEdge, c)
	}
	ask("first", false)
	ask("marketing", true)
	for i := range 50 {
		ask(fmt.Sprint("again ", i), false)
	}
	var contact core.Contact
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: "ann@example.com"})
		contact, _ = db.Contacts.Get(tx, id)
	})
	var texts []string
	for _, c := range contact.Consents {
		texts = append(texts, string(c.Purpose)+" "+c.Text)
	}
	got := strings.Join(texts, ", ")
	if len(texts) > core.MaxConsents || texts[0] != "stock_alert first" || !strings.Contains(got, "marketing marketing") || !strings.Contains(got, "again 49") {
		t.Errorf("kept %s", got)
	}
}

// TestAMessageThatWasAppliedInPartMustBeTheSameOne: a journal that was put back holds another message at its place.
func TestAMessageThatWasAppliedInPartMustBeTheSameOne(t *testing.T) {
	w := newWorld(t)
	var entries []wire.Raw
	for i := range 1000 {
		c := captureOf(fmt.Sprintf("c%d@example.com", i), core.Target{Source: "shop", Variant: "71"}, w.now)
		c.Capture.Consent.Text = strings.Repeat("t", 2000)
		raw, err := wire.Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, raw)
	}
	d, m := openState(t)
	for _, msg := range w.journal {
		apply(t, d, m, msg)
	}
	next := machine.Message{
		Sequence: core.Sequence(len(w.journal) + 1), Time: w.now, Hash: core.Hash{1},
		Batch: wire.Batch{Origin: wire.Origin{Edge: otherEdge, First: 1}, Entries: entries},
	}
	tx := d.Begin()
	done, err := m.Apply(tx, next)
	if done || err != nil || tx.Commit() != nil {
		t.Fatalf("the message was applied whole (%v, %v): the test needs a larger one", done, err)
	}
	other := next
	other.Hash, other.Batch.Entries = core.Hash{2}, entries[:1]
	tx = d.Begin()
	defer tx.Discard()
	if _, err := m.Apply(tx, other); !errors.Is(err, machine.ErrDiffers) {
		t.Errorf("another message gave %v, want that the journal differs", err)
	}
}
