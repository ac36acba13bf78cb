package machine_test

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/journey"
	"restock/core/wire"
)

// TestDelaysWakeInOrder: of a crowd whose delays end at one moment, all go on, in the order in which they came, page by page.
func TestDelaysWakeInOrder(t *testing.T) {
	s := newJourneyText(t)
	spec := `    enter: {occurs: waiting_on_stock}
    shapes:
      - {name: morning, delay: {until: {time: "09:00"}}}
      - {name: mail, email: hello}`
	if err := s.journeyFile("back", true, spec); err != nil {
		t.Fatal(err)
	}
	const crowd = 2*core.PageContacts + 100
	var want []string
	for i := range crowd {
		who := fmt.Sprintf("c%04d@example.com", (i*617)%crowd)
		s.captureAt(homeEdge, who, target("tee-m"), s.now)
		want = append(want, who+" hello")
	}
	s.drive()
	s.sent = nil
	s.pass(core.Day)
	s.drive()
	if !slices.Equal(s.sent, want) {
		t.Errorf("%d were told, in another order than %d came", len(s.sent), len(want))
	}
}

// delayed puts n runs of journey back into its delay, as entering it would, straight into the state.
func (w *benchWorld) delayed(n int, j core.Journey) {
	const page = 5000
	due := w.now.Add(core.Day)
	for from := 0; from < n; from += page {
		tx := w.db.Begin()
		for i := from; i < min(from+page, n); i++ {
			a := core.Address{Channel: core.Email, Value: fmt.Sprintf("c%08d@example.com", i)}
			id := core.NewContactID(make([]byte, 32), a)
			db.Contacts.Set(tx, id, core.Contact{ID: id, Email: a.Value, Locale: "en", Region: "DE", CreatedAt: w.now})
			r := journey.Start(j, core.Activity{
				ID: core.ActivityID{byte(i), byte(i >> 8), byte(i >> 16), 1}, Kind: core.WaitingOnStock, Contact: id, At: w.now, Source: "shop", Variant: "71",
				Product: "7", SKU: "TEE-M", Title: "Tee", Choice: "M", URL: "https://shop.example/products/tee",
			}, w.now)
			r.At, r.Due, r.Wakes, r.Order = core.RunDelayed, due, due, core.WorkID{Sequence: 1, Number: uint32(i + 1)}
			r.Steps = append(r.Steps, core.Step{Shape: r.Shape, At: w.now, Reason: core.ReasonDelayed, Detail: "until " + due.String()})
			d := db.Delay{Due: due, Order: r.Order, Run: r.ID}
			db.Delays.Set(tx, d, d)
			db.Standing.Add(tx, db.ShapeKey{Journey: j.Name, Shape: r.Shape}, db.Stand{Order: r.Order, Run: r.ID})
			db.RunsOf.Add(tx, id, r.ID)
			db.Runs.Set(tx, r.ID, r)
		}
		db.Counts.Set(tx, db.ShapeKey{Journey: j.Name}, core.ShapeCount{Came: int64(from + page), Standing: int64(from + page)})
		if err := tx.Commit(); err != nil {
			w.b.Fatal(err)
		}
	}
}

var wakeContacts = flag.Int("wake.contacts", 100_000, "how many stand in the delay")

// BenchmarkWakeDelays wakes contacts, a page an operation, of a crowd who stand in one delay that ended: into an e-mail, or to the
// end.
func BenchmarkWakeDelays(b *testing.B) {
	shapes := map[string]core.Shape{
		"mail": mail("mail", back),
		"end":  {Name: "mail", Kind: core.ShapeExit, Why: "done"},
	}
	for _, name := range []string{"mail", "end"} {
		b.Run(name, func(b *testing.B) {
			w, closeWorld := newBenchWorld(b)
			defer closeWorld()
			shop := journeyOn("back", core.WaitingOnStock, core.Shape{Name: "day", Kind: core.ShapeDelay, Delay: core.Day, Next: "mail"}, shapes[name])
			w.shop(shop)
			before := heap()
			w.delayed(*wakeContacts, shop.Journey)
			w.reopen() // what the filling left is not what standing costs
			standing := heap() - before
			w.now = w.now.Add(2 * core.Day)
			b.ResetTimer()
			for range b.N {
				w.apply(wire.Origin{Epoch: 1}, wire.Wake{})
			}
			b.ReportMetric(float64(b.N)*core.PageContacts/b.Elapsed().Seconds(), "contacts/s")
			b.ReportMetric(float64(standing)/1e6, "MB-while-standing")
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
