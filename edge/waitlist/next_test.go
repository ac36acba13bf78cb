package waitlist

import (
	"fmt"
	"testing"

	"restock/core"
	"restock/core/wire"
)

// TestABatchBeginsBehindWhatWasLetGoOfMeanwhile: the outbox lets go of what a mark covers while a sender, which goes back to an
// older mark, begins to read. What it hands on must bear its own numbers.
func TestABatchBeginsBehindWhatWasLetGoOfMeanwhile(t *testing.T) {
	s, _ := openWithRoom(t)
	for i := range 6 { // three segments
		raw, err := wire.Encode(wire.Webhook{Source: core.SourceName(fmt.Sprint("shop-", i+1)), Body: make([]byte, 3<<20)})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Add("a", raw); err != nil {
			t.Fatal(err)
		}
	}
	s.outbox.Trim(func(core.WorkspaceName) uint64 { return 3 }) // the line's own mark is 0, as the sender saw it
	raws, first, err := s.Next("a", 0)
	if err != nil || len(raws) == 0 || first == 1 {
		t.Fatalf("%d entries from %d on, %v", len(raws), first, err)
	}
	for i, raw := range raws {
		e, err := raw.Decode()
		if want := core.SourceName(fmt.Sprint("shop-", first+uint64(i))); err != nil || e.(wire.Webhook).Source != want {
			t.Errorf("under number %d: %.20q, %v", first+uint64(i), e.(wire.Webhook).Source, err)
		}
	}
}
