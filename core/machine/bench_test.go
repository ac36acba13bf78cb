package machine_test

import (
	"fmt"
	"log/slog"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/wire"
)

// newBenchWorld is newWorld with its state on disk, synced at each commit, and no replay at the end.
func newBenchWorld(b *testing.B) (*benchWorld, func()) {
	dir := b.TempDir()
	d, err := db.Open(dir, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	tx := d.View()
	m, err := machine.New(tx, noCounter{})
	tx.Discard()
	if err != nil {
		b.Fatal(err)
	}
	w := &benchWorld{b: b, dir: dir, db: d, machine: m, now: core.Time(1_800_000_000_000)}
	w.apply(wire.Origin{}, wire.Opened{Workspace: "default", Key: make([]byte, 32)})
	w.apply(wire.Origin{}, wire.Lead{Epoch: 1, Node: "n"})
	return w, func() { _ = w.db.Close() }
}

// reopen closes the database, which ends what goes on in it, and opens it again.
func (w *benchWorld) reopen() {
	err := w.db.Close()
	if err == nil {
		w.db, err = db.Open(w.dir, nil, slog.New(slog.DiscardHandler))
	}
	if err != nil {
		w.b.Fatal(err)
	}
}

// benchWorld applies entries as a node does: many in one transaction, synced once.
type benchWorld struct {
	b       *testing.B
	dir     string
	db      *db.DB
	machine *machine.Machine
	now     core.Time
	seq     core.Sequence
	number  uint64
}

func (w *benchWorld) message(o wire.Origin, entries ...wire.Entry) machine.Message {
	batch := wire.Batch{Origin: o}
	for _, e := range entries {
		raw, err := wire.Encode(e)
		if err != nil {
			w.b.Fatal(err)
		}
		batch.Entries = append(batch.Entries, raw)
	}
	w.seq++
	w.now++
	return machine.Message{Sequence: w.seq, Time: w.now, Batch: batch}
}

func (w *benchWorld) apply(o wire.Origin, entries ...wire.Entry) {
	m := w.message(o, entries...)
	for done := false; !done; {
		tx := w.db.Begin()
		var err error
		if done, err = w.machine.Apply(tx, m); err != nil {
			w.b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			w.b.Fatal(err)
		}
	}
}

func (w *benchWorld) fromEdge(entries ...wire.Entry) {
	w.apply(wire.Origin{Edge: homeEdge, First: w.number + 1}, entries...)
	w.number += uint64(len(entries))
}

func (w *benchWorld) shop(journeys ...core.DeclaredJourney) {
	source := (&shopWorld{}).source()
	w.apply(wire.Origin{}, wire.Declare{Declaration: core.Declaration{
		Sources: []core.Source{source}, Templates: []core.Template{waiting, back}, Journeys: journeys,
		Plugins: []core.DeclaredPlugin{{Plugin: core.Plugin{Name: "gate", Hash: core.HashOf([]byte("gate"))}, Module: []byte("gate")}},
	}})
	w.fromEdge(wire.Webhook{Source: "shop", Headers: []core.Header{{Name: "x-shopify-topic", Value: "products/update"}}, Body: []byte(
		`{"id":7,"title":"Tee","handle":"tee","status":"active","published_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z",
		"images":[],"variants":[{"id":71,"title":"M","sku":"TEE-M","price":"19.90","inventory_policy":"deny","inventory_item_id":710,
		"inventory_quantity":0,"updated_at":"2026-01-01T00:00:00Z"}]}`)})
}

// captures puts n contacts in line, a thousand a message.
func (w *benchWorld) captures(n int) {
	entries := make([]wire.Entry, 0, 1000)
	for i := range n {
		w.now++
		entries = append(entries, captureOf(fmt.Sprintf("c%08d@example.com", i), core.Target{Source: "shop", Variant: "71"}, w.now))
		if len(entries) == cap(entries) || i == n-1 {
			w.fromEdge(entries...)
			entries = entries[:0]
		}
	}
}

// crowd puts n contacts in line as captures would, straight into the state.
func (w *benchWorld) crowd(n int) {
	const page = 5000
	target := core.Target{Source: "shop", Variant: "71"}
	for from := 0; from < n; from += page {
		tx := w.db.Begin()
		for i := from; i < min(from+page, n); i++ {
			w.now++
			a := core.Address{Channel: core.Email, Value: fmt.Sprintf("c%08d@example.com", i)}
			id := core.NewContactID(make([]byte, 32), a)
			c := core.Contact{ID: id, Email: a.Value, Locale: "en", Region: "DE", CreatedAt: w.now}
			db.Contacts.Set(tx, id, c)
			db.Entries.Set(tx, db.EntryKey{Contact: id, Target: target}, core.Entry{Contact: id, Target: target, CapturedAt: w.now, FirstAt: w.now, LastAt: w.now})
			db.Waitlists.Note(tx, target.Waitlist(""), db.Place{At: w.now, Contact: id}, db.AppendTraits(nil, c.Traits()))
		}
		db.Waiting.Set(tx, target.Waitlist(""), int64(min(from+page, n)))
		if err := tx.Commit(); err != nil {
			w.b.Fatal(err)
		}
	}
}

// BenchmarkApplyCaptures is captures from the journal to the state: contact, place in line, activity, and with the
// playbook on also run and intent.
func BenchmarkApplyCaptures(b *testing.B) {
	for _, c := range []struct {
		name     string
		journeys []core.DeclaredJourney
	}{
		{"playbook=off", nil},
		{"playbook=on", []core.DeclaredJourney{journeyOn("shop-waiting", core.WaitingOnStock, mail("mail", waiting))}},
	} {
		b.Run(c.name, func(b *testing.B) {
			w, closeWorld := newBenchWorld(b)
			defer closeWorld()
			w.shop(c.journeys...)
			b.ResetTimer()
			w.captures(b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "captures/s")
		})
	}
}

// BenchmarkFanOut is one restock from the stock report to the ledger: an activity, a run and an intent for each of b.N
// waiting contacts. With a condition, its verdicts are asked for (a plugin that costs nothing) and journaled.
func BenchmarkFanOut(b *testing.B) {
	ask := core.Shape{Name: "gate", Kind: core.ShapeCondition, Next: "mail", No: core.Exit, Condition: &core.PluginCall{Plugin: "gate", OnFailure: core.FailSkip}}
	for _, c := range []struct {
		name   string
		shapes []core.Shape
	}{
		{"condition=none", []core.Shape{mail("mail", back)}},
		{"condition=one", []core.Shape{ask, mail("mail", back)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			w, closeWorld := newBenchWorld(b)
			defer closeWorld()
			w.shop(journeyOn("shop-back", core.BackInStock, c.shapes...))
			w.crowd(b.N)
			b.ResetTimer()
			w.fromEdge(wire.Webhook{Source: "shop", Headers: []core.Header{{Name: "x-shopify-topic", Value: "inventory_levels/update"}},
				Body: []byte(levelBody(710, 9, w.now)), ReceivedAt: w.now})
			w.tellAll()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "contacts/s")
		})
	}
}

// BenchmarkExpand is what follows for the members of cohorts: an activity, a run and an intent for each of b.N contacts, as
// if senders had room for all of them.
func BenchmarkExpand(b *testing.B) {
	w, closeWorld := newBenchWorld(b)
	defer closeWorld()
	w.shop(journeyOn("shop-back", core.BackInStock, mail("mail", back)))
	w.crowd(b.N)
	w.fromEdge(wire.Webhook{Source: "shop", Headers: []core.Header{{Name: "x-shopify-topic", Value: "inventory_levels/update"}},
		Body: []byte(levelBody(710, 9, w.now)), ReceivedAt: w.now})
	w.tellAll()
	b.ResetTimer()
	for w.expand() {
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "contacts/s")
}

// expand expands a page of the oldest cohort; false when there is none.
func (w *benchWorld) expand() (some bool) {
	var head core.CohortHead
	tx := w.db.View()
	db.CohortHeads.All(tx, func(h core.CohortHead) bool { head, some = h, true; return false })
	tx.Discard()
	if some {
		w.apply(wire.Origin{Epoch: 1}, wire.Expand{Cohort: head.ID, From: head.Done})
	}
	return some
}

type yes struct{}

func (yes) Ask(machine.Question) (core.Verdict, bool) {
	return core.Verdict{Pass: true, Reason: "yes"}, true
}

// tellAll moves works on as a leader does.
func (w *benchWorld) tellAll() {
	for {
		var work core.Work
		found := false
		tx := w.db.View()
		db.Works.All(tx, func(k core.Work) bool { work, found = k, true; return false })
		tx.Discard()
		if !found {
			return
		}
		tx = w.db.View()
		e := wire.Continue{Work: work.ID, From: work.Cursor}
		f, err := w.machine.Form(tx, work)
		if err == nil && f.Len() > 0 {
			err = f.Ask(tx, yes{}, 0, f.Len())
			e.Line, e.Answers = f.Line(), f.Answers()
		}
		tx.Discard()
		if err != nil {
			w.b.Fatal(err)
		}
		w.apply(wire.Origin{Epoch: 1}, e)
	}
}
