package waitlist

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
	"restock/core/wire"
)

// openWithRoom opens a store on a disk with as much free space as is said.
func openWithRoom(t *testing.T) (*Store, *atomic.Uint64) {
	t.Helper()
	var free atomic.Uint64
	free.Store(minFree)
	s, err := open(t.TempDir(), nil, slog.New(slog.DiscardHandler), func(string) (uint64, error) { return free.Load(), nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, &free
}

// TestAFullDiskTakesNothingAndComesBack: without room the segments that are there are used up, then nothing is
// acknowledged, and service returns with room.
func TestAFullDiskTakesNothingAndComesBack(t *testing.T) {
	s, free := openWithRoom(t)
	raw, err := wire.Encode(wire.Webhook{Source: "shop", Body: make([]byte, 1<<20)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add("a", raw); err != nil {
		t.Fatal(err)
	}
	free.Store(0)
	kept := uint64(1)
	for err = nil; err == nil && kept < 1000; kept++ {
		s.room.asked.Store(0) // as after roomEvery
		err = s.Add("a", raw)
	}
	kept-- // the last was refused
	if !errors.Is(err, ErrDisk) {
		t.Fatalf("%d MiB were taken without room, and then %v", kept, err)
	}
	free.Store(minFree)
	s.room.asked.Store(0)
	if err := s.Add("a", raw); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	if n := s.Pending(); n != kept+1 {
		t.Errorf("%d entries are kept, want %d", n, kept+1)
	}
}

// TestRoomIsAskedForAlsoWhenTheClockGoesBack: an answer of an hour ahead would keep a full disk unseen until then.
func TestRoomIsAskedForAlsoWhenTheClockGoesBack(t *testing.T) {
	free := uint64(minFree)
	r := room{free: func(string) (uint64, error) { return free, nil }}
	now := time.Now()
	for _, c := range []struct {
		at   time.Duration
		free uint64
		full bool
	}{
		{0, minFree, false}, {roomEvery / 2, 0, false}, {2 * roomEvery, 0, true},
		{-time.Hour, minFree, false}, {-time.Hour + roomEvery/2, 0, false}, {-time.Hour + 2*roomEvery, 0, true},
	} {
		free = c.free
		if err := r.check(now.Add(c.at)); errors.Is(err, ErrNoRoom) != c.full {
			t.Errorf("at %s with %d MiB: %v", c.at, c.free>>20, err)
		}
	}
}

// TestWithoutRoomNoMarkIsTaken: Badger is not written to, and the mark is taken when there is room.
func TestWithoutRoomNoMarkIsTaken(t *testing.T) {
	s, free := openWithRoom(t)
	if err := s.Add("a", wire.AppendCapture(nil, &core.Capture{Email: "ann@example.com"})); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Next("a", 0); err != nil {
		t.Fatal(err)
	}
	free.Store(minFree - 1)
	s.room.asked.Store(0)
	if err := s.Mark("a", 1); err == nil || errors.Is(err, ErrNotOurs) || s.Pending() != 1 {
		t.Errorf("marking gave %v and left %d", err, s.Pending())
	}
	free.Store(minFree)
	s.room.asked.Store(0)
	if err := s.Mark("a", 1); err != nil || s.Pending() != 0 {
		t.Errorf("with room again: %v, %d left", err, s.Pending())
	}
}

// TestWithoutRoomThisIsNoNewEdge: that is written to Badger as well, and is done when there is room.
func TestWithoutRoomThisIsNoNewEdge(t *testing.T) {
	s, free := openWithRoom(t)
	old := s.Edge()
	free.Store(minFree - 1)
	s.room.asked.Store(0)
	if err := s.Renew(); err == nil || s.Edge() != old {
		t.Errorf("without room it became %s, %v", s.Edge(), err)
	}
	free.Store(minFree)
	s.room.asked.Store(0)
	if err := s.Renew(); err != nil || s.Edge() == old {
		t.Errorf("with room again it is %s, %v", s.Edge(), err)
	}
}

// TestConfigurationThatIsKeptIsNotWrittenAgain: all of it comes down at every connection, also when there is no room.
func TestConfigurationThatIsKeptIsNotWrittenAgain(t *testing.T) {
	s, free := openWithRoom(t)
	if err := s.SetConfig("source.shop", []byte("one")); err != nil {
		t.Fatal(err)
	}
	free.Store(minFree - 1)
	for _, c := range []struct {
		key   string
		value []byte
		taken bool
	}{{"source.shop", []byte("one"), true}, {"source.other", nil, true}, {"source.shop", []byte("two"), false}, {"source.shop", []byte{}, false}, {"source.shop", nil, false}} {
		s.room.asked.Store(0)
		if err := s.SetConfig(c.key, c.value); (err == nil) != c.taken {
			t.Errorf("%s = %q: %v", c.key, c.value, err)
		}
	}
}

// TestOpeningWithoutRoomSaysWhatToDo, and touches nothing: neither a folder that is there nor a new one.
func TestOpeningWithoutRoomSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	_, err := open(dir, nil, slog.New(slog.DiscardHandler), func(string) (uint64, error) { return 12<<20 + 1, nil })
	if !errors.Is(err, ErrNoRoom) {
		t.Fatalf("it opened, or said %v", err)
	}
	for _, part := range []string{"no_room", dir, "12 MiB are free", "128 are needed", "make 116 MiB of room", "start again", "delete nothing"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%d files were made, %v", len(files), err)
	}
}

func TestFreeOnDisk(t *testing.T) {
	if free, err := freeOnDisk(t.TempDir()); err != nil || free == 0 {
		t.Errorf("%d bytes, %v", free, err)
	}
}
