package machine_test

import (
	"fmt"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// BenchmarkOrders is orders from the journal to the state, 100 a message: of strangers, who are most of a shop's buyers, and of
// people who were told of what they buy, each once.
func BenchmarkOrders(b *testing.B) {
	for _, buyers := range []string{"strangers", "told"} {
		b.Run("buyers="+buyers, func(b *testing.B) {
			w, closeWorld := newBenchWorld(b)
			defer closeWorld()
			w.shop()
			w.crowd(max(b.N, 10_000))
			if buyers == "told" {
				w.allTold(b.N)
			}
			b.ResetTimer()
			var entries []wire.Entry
			for i := range b.N {
				email := fmt.Sprintf("%s%08d@example.com", map[string]string{"strangers": "s", "told": "c"}[buyers], i)
				body := bought{id: i + 1, email: email, lines: "71×1@19.90", currency: "EUR", placed: w.now, updated: w.now}.body()
				entries = append(entries, wire.Webhook{Source: "shop", Body: []byte(body), ReceivedAt: w.now, Headers: []core.Header{
					{Name: "x-shopify-topic", Value: "orders/create"}, {Name: "x-shopify-webhook-id", Value: fmt.Sprint(i)},
				}})
				if len(entries) == 100 || i == b.N-1 {
					w.fromEdge(entries...)
					entries = nil
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

// allTold writes a Back in stock message that was taken for the first n of the crowd, straight into the state.
func (w *benchWorld) allTold(n int) {
	const page = 5000
	for from := 0; from < n; from += page {
		tx := w.db.Begin()
		restock := core.Restock{ID: core.RestockID{1}, Variant: core.VariantKey{Source: "shop", Variant: "71"}, Product: "7"}
		db.Restocks.Set(tx, restock.ID, restock)
		for i := from; i < min(from+page, n); i++ {
			id := core.NewContactID(make([]byte, 32), email(fmt.Sprintf("c%08d@example.com", i)))
			key := core.LedgerKey(id)
			db.Intents.Set(tx, key, core.Intent{Key: key, Contact: id, Channel: core.Email, At: core.IntentSent, Ended: w.now, Activity: core.Activity{
				Kind: core.BackInStock, Contact: id, Source: "shop", Variant: "71", Product: "7", Restock: restock.ID,
				Asked: core.Target{Source: "shop", Variant: "71"},
			}})
			db.IntentsOf.Add(tx, id, key)
		}
		if err := tx.Commit(); err != nil {
			w.b.Fatal(err)
		}
	}
}
