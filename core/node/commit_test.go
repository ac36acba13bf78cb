package node

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/journal"
	"restock/core/machine"
	"restock/core/wire"
)

// TestTheStateMovesWhileTheJournalIsLong: behind each message that fills a transaction everybody is told how far the state
// is, however many more are there.
func TestTheStateMovesWhileTheJournalIsLong(t *testing.T) {
	w := world(t)
	w.changed, w.marks = make(chan struct{}), map[core.EdgeID]uint64{}
	w.write(t, func(tx *db.Tx) {
		db.Workspaces.Set(tx, struct{}{}, db.Workspace{Name: "default", Key: make([]byte, 32)})
		db.Sources.Set(tx, "shop", core.Source{Name: "shop", Platform: core.Shopify})
	})
	var err error
	if w.machine, err = machine.New(w.db.View(), newMetrics()); err != nil {
		t.Fatal(err)
	}
	const begin = core.Sequence(0)
	edge := core.EdgeID{1}
	const messages, captures = 3, 1000
	come := make(chan journal.Message, messages)
	for n := range messages {
		m := journal.Message{Sequence: begin + core.Sequence(n) + 1, Hash: core.Hash{byte(n)}}
		m.Batch.Origin = wire.Origin{Edge: edge, First: uint64(n*captures) + 1}
		for i := range captures {
			c := core.Capture{
				Target: core.Target{Source: "shop", Variant: "71"}, Email: fmt.Sprintf("c%d.%d@example.com", n, i), CapturedAt: core.Time(n*captures + i),
				Consent: core.Proof{Text: strings.Repeat("I agree. ", 500)},
			}
			m.Batch.Entries = append(m.Batch.Entries, wire.AppendCapture(nil, &c))
		}
		come <- m
	}
	for n := range messages {
		m, ok := poll(come)
		if !ok {
			t.Fatalf("%d messages of %d were applied before anybody was told", messages, messages)
		}
		if err := w.commit(m, come); err != nil {
			t.Fatal(err)
		}
		if w.applied != begin+core.Sequence(n)+1 || w.marks[edge] != uint64((n+1)*captures) {
			t.Errorf("after %d messages the state is said to be at %d, and the mark to be %d", n+1, w.applied-begin, w.marks[edge])
		}
	}
}
