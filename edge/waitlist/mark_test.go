package waitlist

import (
	"encoding/binary"
	"log/slog"
	"testing"

	"restock/core"
	"restock/core/wire"
)

func openStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.TempDir(), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestAMarkOverMoreRecordsThanATransactionTakes: an edge that was cut off hears one mark for all that it sent before.
func TestAMarkOverMoreRecordsThanATransactionTakes(t *testing.T) {
	const records = 60_000
	s := openStore(t)
	raw, err := wire.Encode(wire.Webhook{Source: "shop", Body: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	record := append(binary.AppendUvarint(nil, uint64(len(raw))), raw...)
	batch := s.badger.NewWriteBatch()
	for n := range uint64(records) {
		if err := batch.Set(outboxKey("a", n+1), record); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Flush(); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	l := s.line("a")
	l.last, l.handed = records, records
	s.mu.Unlock()
	if err := s.Mark("a", records); err != nil || s.Pending() != 0 {
		t.Errorf("marking gave %v and left %d", err, s.Pending())
	}
}

// TestATrappedOrOlderCaptureTakesNobodysPlace: what resync sends is the newest that a person asked.
func TestATrappedOrOlderCaptureTakesNobodysPlace(t *testing.T) {
	s := openStore(t)
	for _, c := range []core.Capture{
		{CapturedAt: 5, Locale: "good"}, {CapturedAt: 6, Locale: "trapped", Trapped: core.TrapLimited}, {CapturedAt: 4, Locale: "older"},
	} {
		c.Target, c.Email = core.Target{Source: "shop", Variant: "1"}, "ann@example.com"
		if err := s.Add("a", wire.AppendCapture(nil, &c)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Next("a", 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Mark("a", 3); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Resync(t.Context(), func(int) {}); done != 1 || err != nil {
		t.Fatalf("%d were sent again, %v", done, err)
	}
	raws, _, err := s.Next("a", 3)
	if err != nil || len(raws) != 1 {
		t.Fatalf("%d in the outbox, %v", len(raws), err)
	}
	if e, err := raws[0].Decode(); err != nil || e.(wire.Capture).Capture.Locale != "good" {
		t.Errorf("sent again is %+v, %v", e, err)
	}
}
