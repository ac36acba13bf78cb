package waitlist

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"

	"restock/core/wire"
)

// TestAFullDiskTakesNothingAndComesBack: nothing is acknowledged while there is no room, and service returns with it.
func TestAFullDiskTakesNothingAndComesBack(t *testing.T) {
	s, err := Open(t.TempDir(), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var free atomic.Uint64
	s.room.free = func(string) (uint64, error) { return free.Load(), nil }
	raw, err := wire.Encode(wire.Webhook{Source: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		free uint64
		ok   bool
	}{{1 << 30, true}, {minFree - 1, false}, {0, false}, {minFree, true}} {
		free.Store(step.free)
		s.room.asked.Store(0) // as after roomEvery
		err := s.Add("a", raw)
		if (err == nil) != step.ok || (err != nil && !errors.Is(err, ErrDisk)) {
			t.Errorf("with %d bytes free: %v", step.free, err)
		}
	}
	if n := s.Pending(); n != 2 {
		t.Errorf("%d entries are kept, want 2", n)
	}
}

func TestFreeOnDisk(t *testing.T) {
	if free, err := freeOnDisk(t.TempDir()); err != nil || free == 0 {
		t.Errorf("%d bytes, %v", free, err)
	}
}
