package waitlist

import (
	"fmt"
	"log/slog"
	"sync"
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

// TestAMarkOverMoreThanATransactionTakes: an edge that was cut off hears one mark for all that it sent before.
func TestAMarkOverMoreThanATransactionTakes(t *testing.T) {
	const writers, each = 100, 600
	s := openStore(t)
	var adding sync.WaitGroup
	for writer := range writers {
		adding.Go(func() {
			for n := range each {
				c := core.Capture{Target: core.Target{Source: "shop", Variant: "1"}, Email: fmt.Sprintf("c%d.%d@example.com", writer, n)}
				if err := s.Add("a", wire.AppendCapture(nil, &c)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	adding.Wait()
	s.mu.Lock()
	s.line("a").handed = writers * each
	s.mu.Unlock()
	if err := s.Mark("a", writers*each); err != nil || s.Pending() != 0 {
		t.Errorf("marking gave %v and left %d", err, s.Pending())
	}
	if done, err := s.Resync(t.Context(), func(int) {}); done != writers*each || err != nil {
		t.Errorf("%d captures are on the waitlist, %v", done, err)
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
