package machine_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/wire"
)

// shopWorld is a workspace with a journal in memory, a leader that does what it is told, and a sender that keeps what
// it was given. Every test ends with replaying its journal from empty: the state must be the same.
type shopWorld struct {
	t       *testing.T
	db      *db.DB
	machine *machine.Machine
	journal []machine.Message
	now     core.Time
	numbers map[core.EdgeID]uint64
	epoch   core.Epoch
	asker   machine.Asker
	outcome func(core.Intent) core.Outcome // what the provider answers; nil: accepted
	sent    []string                       // "address template" of what was accepted, in order
}

type noCounter struct{}

func (noCounter) Count(string, core.Reason) {}

func openState(t *testing.T) (*db.DB, *machine.Machine) {
	t.Helper()
	d, err := db.Open("", nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	tx := d.View()
	defer tx.Discard()
	m, err := machine.New(tx, noCounter{})
	if err != nil {
		t.Fatal(err)
	}
	return d, m
}

var (
	homeEdge  = core.EdgeID{1}
	otherEdge = core.EdgeID{2}
	waiting   = core.Template{Subject: "waiting"}
	back      = core.Template{Subject: "back"}
)

// newWorld is a workspace with the source "shop" (minimum 1, close 10 min), a product 7 with variants 71 (item 710) and
// 72 (item 720), both sold out, and its two playbooks on.
func newWorld(t *testing.T) *shopWorld {
	w := &shopWorld{t: t, now: core.Time(1_800_000_000_000), numbers: map[core.EdgeID]uint64{}}
	w.db, w.machine = openState(t)
	w.append(wire.Origin{}, wire.Opened{Workspace: "default", Key: workspaceKey})
	w.lead()
	w.declare(core.Declaration{
		Sources:   []core.Source{w.source()},
		Templates: []core.Template{waiting, back},
		Journeys: []core.DeclaredJourney{
			journeyOn("shop-waiting", core.WaitingOnStock, mail("mail", waiting)),
			journeyOn("shop-back", core.BackInStock, mail("mail", back)),
		},
	})
	w.catalogue()
	t.Cleanup(w.replay)
	return w
}

func (w *shopWorld) source() core.Source {
	return core.Source{
		Name: "shop", Workspace: "default", Title: "Shop", Platform: core.Shopify, Currency: "EUR", URL: "https://shop.example",
		Stock: core.DefaultStockPolicy, Retention: core.Retention{Period: core.DefaultRetention},
	}
}

func mail(name string, t core.Template) core.Shape {
	return core.Shape{Name: name, Kind: core.ShapeEmail, Next: core.Exit, Email: &core.EmailShape{Sender: "inbox", Template: core.HashTemplate(t)}}
}

func journeyOn(name core.Name, occurs core.ActivityKind, shapes ...core.Shape) core.DeclaredJourney {
	on := true
	return core.DeclaredJourney{Journey: core.Journey{Name: name, Enter: core.Enter{Occurs: occurs}, Shapes: shapes}, State: &on}
}

// append adds a message to the journal, a moment later, and applies it.
func (w *shopWorld) append(o wire.Origin, entries ...wire.Entry) {
	w.t.Helper()
	w.now++
	b := wire.Batch{Origin: o}
	for _, e := range entries {
		raw, err := wire.Encode(e)
		if err != nil {
			w.t.Fatal(err)
		}
		b.Entries = append(b.Entries, raw)
	}
	data, err := b.Encode()
	if err != nil {
		w.t.Fatal(err)
	}
	decoded, err := wire.DecodeBatch(data)
	if err != nil {
		w.t.Fatal(err)
	}
	m := machine.Message{Sequence: core.Sequence(len(w.journal) + 1), Time: w.now, Hash: sha256.Sum256(data), Batch: decoded}
	w.journal = append(w.journal, m)
	apply(w.t, w.db, w.machine, m)
}

func apply(t *testing.T, d *db.DB, m *machine.Machine, msg machine.Message) {
	t.Helper()
	for done := false; !done; {
		tx := d.Begin()
		var err error
		if done, err = m.Apply(tx, msg); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

// replay applies the journal to an empty state and compares.
func (w *shopWorld) replay() {
	d, m := openState(w.t)
	for _, msg := range w.journal {
		apply(w.t, d, m, msg)
	}
	if got, want := dump(w.t, d), dump(w.t, w.db); got != want {
		w.t.Errorf("replaying the journal gave another state:\n%s\nwant:\n%s", got, want)
	}
}

func dump(t *testing.T, d *db.DB) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Dump(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func (w *shopWorld) fromEdge(edge core.EdgeID, entries ...wire.Entry) {
	w.t.Helper()
	w.append(wire.Origin{Edge: edge, First: w.numbers[edge] + 1}, entries...)
	w.numbers[edge] += uint64(len(entries))
}

func (w *shopWorld) fromLeader(entries ...wire.Entry) {
	w.t.Helper()
	w.append(wire.Origin{Epoch: w.epoch}, entries...)
}

func (w *shopWorld) lead() {
	w.t.Helper()
	w.epoch++
	w.append(wire.Origin{}, wire.Lead{Epoch: w.epoch, Node: fmt.Sprint("node", w.epoch)})
}

func (w *shopWorld) declare(d core.Declaration) {
	w.t.Helper()
	w.append(wire.Origin{}, wire.Declare{Declaration: d})
}

// capture asks for a variant now.
func (w *shopWorld) capture(email string, variant core.VariantID) {
	w.t.Helper()
	w.captureAt(homeEdge, email, core.Target{Source: "shop", Variant: variant}, w.now)
}

func (w *shopWorld) captureAt(edge core.EdgeID, email string, target core.Target, at core.Time) {
	w.t.Helper()
	w.fromEdge(edge, captureOf(email, target, at))
}

func captureOf(email string, target core.Target, at core.Time) wire.Capture {
	return wire.Capture{Capture: core.Capture{Target: target, Email: email, CapturedAt: at}}
}

// webhook delivers a Shopify webhook; id "" is a fresh delivery id.
func (w *shopWorld) webhook(topic, id, body string) {
	w.t.Helper()
	if id == "" {
		id = fmt.Sprint("delivery-", len(w.journal))
	}
	w.fromEdge(homeEdge, wire.Webhook{Source: "shop", Body: []byte(body), ReceivedAt: w.now, Headers: []core.Header{
		{Name: "x-shopify-topic", Value: topic}, {Name: "x-shopify-webhook-id", Value: id},
	}})
}

// catalogue tells product 7 with its two variants, both sold out.
func (w *shopWorld) catalogue() {
	w.t.Helper()
	w.webhook("products/update", "", `{"id":7,"title":"Tee","handle":"tee","status":"active","published_at":"2026-01-01T00:00:00Z",
		"updated_at":"2026-01-01T00:00:00Z","vendor":"V","images":[],"variants":[
		{"id":71,"title":"M","sku":"TEE-M","price":"19.90","inventory_policy":"deny","inventory_item_id":710,"inventory_quantity":0,"updated_at":"2026-01-01T00:00:00Z"},
		{"id":72,"title":"L","sku":"TEE-L","price":"19.90","inventory_policy":"deny","inventory_item_id":720,"inventory_quantity":0,"updated_at":"2026-01-01T00:00:00Z"}]}`)
}

// level reports a level as of now; available may be "null".
func (w *shopWorld) level(item int, available any) {
	w.t.Helper()
	w.levelAt(item, available, w.now)
}

func (w *shopWorld) levelAt(item int, available any, at core.Time) {
	w.t.Helper()
	w.webhook("inventory_levels/update", "", levelBody(item, available, at))
}

func levelBody(item int, available any, at core.Time) string {
	return fmt.Sprintf(`{"inventory_item_id":%d,"location_id":1,"available":%v,"updated_at":%q}`, item, available, at)
}

// pass lets time go by.
func (w *shopWorld) pass(d core.Milliseconds) { w.now = w.now.Add(d) }

func (w *shopWorld) view(read func(tx *db.Tx)) {
	w.t.Helper()
	tx := w.db.View()
	defer tx.Discard()
	read(tx)
	if tx.Err() != nil {
		w.t.Fatal(tx.Err())
	}
}

func (w *shopWorld) preview(e wire.Entry) []core.Verdict {
	w.t.Helper()
	if w.asker == nil {
		return nil
	}
	tx := w.db.Begin()
	defer tx.Discard()
	verdicts, err := w.machine.Preview(tx, e, w.asker)
	if err != nil {
		w.t.Fatal(err)
	}
	return verdicts
}

// drive does what a leader does until nothing is left to do.
func (w *shopWorld) drive() {
	w.t.Helper()
	for w.stepWorks() || w.stepCohorts() || w.stepAsks() || w.stepTimers() || w.stepSends() {
	}
}

func (w *shopWorld) works() (works []core.Work) {
	w.view(func(tx *db.Tx) {
		db.Works.All(tx, func(k core.Work) bool {
			if b, _ := db.Broadcasts.Get(tx, k.Broadcast); k.Kind == core.WorkBroadcast && !b.Moves() {
				return true
			}
			if r, _ := db.Restocks.Get(tx, k.Restock); k.Kind != core.WorkRestock || r.At == core.RestockOpen && r.Waves.Word == core.WordGo {
				works = append(works, k)
			}
			return true
		})
	})
	return works
}

func (w *shopWorld) stepWorks() bool {
	w.t.Helper()
	works := w.works()
	for _, k := range works {
		w.fromLeader(w.form(k))
	}
	return len(works) > 0
}

// form is the entry that moves a work on, with the answers of the test's plugin.
func (w *shopWorld) form(k core.Work) wire.Continue {
	w.t.Helper()
	e, _ := w.formBehind(k)
	return e
}

// formBehind is form; next is where the work goes on behind it, if plugins were asked and it goes on.
func (w *shopWorld) formBehind(k core.Work) (e wire.Continue, next *core.Work) {
	w.t.Helper()
	e = wire.Continue{Work: k.ID, From: k.Cursor}
	if k.Kind == core.WorkRank {
		return w.rank(k, e), nil
	}
	w.view(func(tx *db.Tx) {
		f, err := w.machine.Form(tx, k)
		if err != nil {
			w.t.Fatal(err)
		}
		if f == nil || f.Len() == 0 || w.asker == nil {
			return
		}
		if err := f.Ask(tx, w.asker, 0, f.Len()); err != nil {
			w.t.Fatal(err)
		}
		e.Line, e.Answers = f.Line(), f.Answers()
		if behind, ok := f.Next(); ok {
			next = &behind
		}
	})
	return e, next
}

// rank is the entry that moves a ranking on, with the scores of the test's plugin.
func (w *shopWorld) rank(k core.Work, e wire.Continue) wire.Continue {
	w.t.Helper()
	w.view(func(tx *db.Tx) {
		f, err := w.machine.Rank(tx, k.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		if f == nil {
			return
		}
		if err := f.Ask(tx, w.asker, 0, f.Len()); err != nil {
			w.t.Fatal(err)
		}
		e.Line, e.Answers = f.Line(), f.Answers()
	})
	return e
}

// heads are the cohorts that wait to be expanded.
func (w *shopWorld) heads() (heads []core.CohortHead) {
	w.view(func(tx *db.Tx) {
		db.CohortHeads.All(tx, func(h core.CohortHead) bool { heads = append(heads, h); return true })
	})
	return heads
}

func (w *shopWorld) stepCohorts() bool {
	w.t.Helper()
	heads := w.heads()
	w.view(func(tx *db.Tx) {
		heads = slices.DeleteFunc(heads, func(h core.CohortHead) bool {
			r, _ := db.Restocks.Get(tx, h.Restock)
			return r.At == core.RestockPaused
		})
	})
	for _, h := range heads {
		w.fromLeader(wire.Expand{Cohort: h.ID, From: h.Done})
	}
	return len(heads) > 0
}

func (w *shopWorld) stepAsks() (any bool) {
	w.t.Helper()
	w.view(func(tx *db.Tx) { db.Asks.All(tx, func(db.Asking) bool { any = true; return false }) })
	if any {
		if w.asker == nil {
			w.t.Fatal("a run waits for a plugin, and the test has none")
		}
		w.fromLeader(wire.Ask{Verdicts: w.preview(wire.Ask{})})
	}
	return any
}

func (w *shopWorld) stepTimers() (due bool) {
	w.t.Helper()
	w.view(func(tx *db.Tx) {
		at, ok := db.NextDue(tx)
		due = ok && at <= w.now
	})
	if due {
		w.fromLeader(wire.Wake{}) // moves the journal's time, so that the preview sees it
		w.fromLeader(wire.Wake{Verdicts: w.preview(wire.Wake{})})
	}
	return due
}

func (w *shopWorld) dueIntents() (keys []core.LedgerKey) {
	w.view(func(tx *db.Tx) {
		db.Due.Scan(tx, "inbox", func(d db.DueIntent) bool {
			if d.Due <= w.now {
				keys = append(keys, d.Key)
			}
			return len(keys) < 256
		})
	})
	return keys
}

func (w *shopWorld) stepSends() bool {
	w.t.Helper()
	keys := w.dueIntents()
	if len(keys) == 0 {
		return false
	}
	w.fromLeader(wire.Claim{Keys: keys})
	var outcomes []core.Outcome
	for _, k := range keys {
		outcomes = append(outcomes, w.call(k))
	}
	w.fromLeader(wire.Settle{Outcomes: outcomes})
	return true
}

// call is the provider call of one claim.
func (w *shopWorld) call(k core.LedgerKey) core.Outcome {
	w.t.Helper()
	i := w.intent(k)
	if i.At != core.IntentClaimed || i.Epoch != w.epoch {
		w.t.Fatalf("intent is %s of epoch %d, want it claimed by %d", i.At, i.Epoch, w.epoch)
	}
	if w.outcome != nil {
		if o := w.outcome(i); o.Kind != "" {
			o.Key = k
			return o
		}
	}
	w.view(func(tx *db.Tx) {
		contact, _ := db.Contacts.Get(tx, i.Contact)
		template, _ := db.Templates.Get(tx, i.Template)
		w.sent = append(w.sent, contact.Email+" "+template.Subject)
	})
	return core.Outcome{Key: k, Kind: core.OutcomeAccepted, Reason: core.ReasonAccepted}
}

func (w *shopWorld) intent(k core.LedgerKey) (i core.Intent) {
	w.t.Helper()
	w.view(func(tx *db.Tx) { i, _ = db.Intents.Get(tx, k) })
	return i
}

// wantSent compares what was sent since the last call.
func (w *shopWorld) wantSent(want ...string) {
	w.t.Helper()
	if fmt.Sprint(w.sent) != fmt.Sprint(want) {
		w.t.Errorf("sent %q, want %q", w.sent, want)
	}
	w.sent = nil
}

// line is who stands in line for a variant, in order.
func (w *shopWorld) line(variant core.VariantID) []string { return w.lineIn(variant, "") }

func (w *shopWorld) lineIn(variant core.VariantID, market core.Market) (emails []string) {
	w.view(func(tx *db.Tx) {
		db.Waitlists.Scan(tx, core.Target{Source: "shop", Variant: variant}.Waitlist(market), func(p db.Place) bool {
			c, _ := db.Contacts.Get(tx, p.Contact)
			emails = append(emails, c.Email)
			return true
		})
	})
	return emails
}

func (w *shopWorld) wantLine(variant core.VariantID, want ...string) {
	w.t.Helper()
	if got := w.line(variant); fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("line for %s is %q, want %q", variant, got, want)
	}
}

func (w *shopWorld) restocks() (all []core.Restock) {
	w.view(func(tx *db.Tx) {
		db.NewestRestocks(tx, func(r core.Restock) bool { all = append(all, r); return true })
	})
	return all
}
