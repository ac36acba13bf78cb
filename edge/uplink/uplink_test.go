package uplink_test

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/wire"
)

// TestUp: what is in the outbox and what comes into it goes up in order, workspace by workspace.
func TestUp(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a", "b")
	s := newStore()
	s.add("a", entries(t, 1, 10)...) // was there before
	p.run(t, s, &sink{})
	a, b := apply(t, open(t, c, "a")), apply(t, open(t, c, "b"))
	a.await(t, 10)
	s.add("b", entries(t, 100, 104)...)
	s.add("a", entries(t, 11, 12)...)
	if got := a.await(t, 12); !slices.Equal(got, numbers(1, 12)) {
		t.Errorf("of a came up %v", got)
	}
	if got := b.await(t, 5); !slices.Equal(got, numbers(100, 104)) {
		t.Errorf("of b came up %v", got)
	}
	begin := time.Now()
	for i := 13; i <= 20; i++ { // each is sent when it comes, not when the uplink looks again after a while
		s.add("a", entries(t, i, i)...)
		a.await(t, i)
	}
	if took := time.Since(begin); took > patience/4 {
		t.Errorf("8 entries that came one by one took %s", took)
	}
	if a.repeated+b.repeated > 0 {
		t.Errorf("with nothing in the way %d and %d entries came twice", a.repeated, b.repeated)
	}
}

// TestUpBehindTheMark: what the core has applied is not sent again.
func TestUpBehindTheMark(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a")
	s := newStore()
	s.add("a", entries(t, 1, 8)...)
	if err := tellMark(t, c, s.Edge(), "a", 6); err != nil {
		t.Fatal(err)
	}
	p.run(t, s, &sink{})
	a := apply(t, open(t, c, "a"))
	a.last[s.Edge()] = 6
	if got := a.await(t, 2); !slices.Equal(got, numbers(7, 8)) || a.repeated > 0 {
		t.Errorf("behind mark 6 came up %v, and %d that were marked", got, a.repeated)
	}
}

// TestUpThroughOutages: the server is away before the start, and goes and comes back; nothing is lost, and numbers have no
// gaps. What was sent and not acknowledged may come twice.
func TestUpThroughOutages(t *testing.T) {
	p := newPlace(t)
	s := newStore()
	s.add("a", entries(t, 1, 4)...)
	p.run(t, s, &sink{})
	server, c := p.serve(t, "a")
	apply(t, open(t, c, "a")).await(t, 4)
	for round := range 2 {
		server.Close()
		last := 4 + 5*(round+1)
		s.add("a", entries(t, last-4, last)...) // while it is away
		server, c = p.serve(t)
		if got := apply(t, open(t, c, "a")).await(t, last); !slices.Equal(got, numbers(1, last)) {
			t.Errorf("after outage %d the journal holds %v", round+1, got)
		}
	}
}

// TestUpAfterTheJournalIsMade: a workspace without a journal is tried again, and keeps no other back.
func TestUpAfterTheJournalIsMade(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "b")
	s := newStore()
	s.add("a", entries(t, 1, 2)...)
	s.add("b", entries(t, 1, 2)...)
	p.run(t, s, &sink{})
	apply(t, open(t, c, "b")).await(t, 2)
	if got := apply(t, open(t, c, "a")).await(t, 2); !slices.Equal(got, numbers(1, 2)) {
		t.Errorf("of a came up %v", got)
	}
}

// TestUpWhenTheDiskRefuses: reading the outbox is tried again.
func TestUpWhenTheDiskRefuses(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a")
	s := newStore()
	s.setBroken(errors.New("disk refuses"))
	s.add("a", entries(t, 1, 2)...)
	p.run(t, s, &sink{})
	eventually(t, "its marks have come down", func() bool { return tellMark(t, c, s.Edge(), "a", 0) == nil && len(s.took()) > 0 })
	s.setBroken(nil)
	if got := apply(t, open(t, c, "a")).await(t, 2); !slices.Equal(got, numbers(1, 2)) {
		t.Errorf("%v came up", got)
	}
}

// TestBlobs: an entry over the limit goes up beside the journal, and the core reads it whole in its place.
func TestBlobs(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a")
	big := strings.Repeat("x", 4<<20) // the largest webhook
	s := newStore()
	s.add("a", entry(t, "1"), entry(t, big), entry(t, "3"), entry(t, big))
	p.run(t, s, &sink{})
	if got := apply(t, open(t, c, "a")).await(t, 4); !slices.Equal(got, []string{"1", big, "3", big}) {
		t.Errorf("%d entries came up; the second has %d bytes, want %d", len(got), len(got[1]), len(big))
	}
}

// TestMarks come down to the store, of this edge alone.
func TestMarks(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a", "b")
	s := newStore()
	s.add("a", entries(t, 1, 5)...)
	s.add("b", entries(t, 1, 5)...)
	tell := func(e core.EdgeID, w core.WorkspaceName, n uint64) {
		t.Helper()
		if err := tellMark(t, c, e, w, n); err != nil {
			t.Fatal(err)
		}
	}
	tell(s.Edge(), "a", 1) // before it looks
	k := &sink{}
	p.run(t, s, k)
	eventually(t, "the first mark", func() bool { return slices.Equal(s.took(), []string{"a 1"}) })
	tell(core.EdgeID{9}, "a", 5)
	tell(s.Edge(), "b", 3)
	tell(s.Edge(), "a", 4)
	want := []string{"a 1", "b 3", "a 4"}
	eventually(t, "all marks", func() bool { return len(s.took()) >= len(want) })
	if got := s.took(); !slices.Equal(got, want) {
		t.Errorf("the marks came as %v, want %v", got, want)
	}
	if got := k.all(); len(got) > 0 {
		t.Errorf("marks were taken for configuration: %v", got)
	}
}

// TestConfiguration comes down as it is told: what is there, with ready at the end; then each change; what is deleted is gone.
func TestConfiguration(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t)
	put := func(key, value string) {
		t.Helper()
		if err := c.Put(t.Context(), key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	put(wire.ReadyKey, "1")
	put(wire.RingKey, "keys")
	put(wire.SourceKey("shop"), "one")
	put("something.else", "x")
	k := &sink{}
	p.run(t, newStore(), k)
	k.awaitLast(t, "ready=1")
	if got := k.all(); len(got) != 3 || !slices.Contains(got, "ring=keys") || !slices.Contains(got, "source.shop=one") {
		t.Errorf("what is there came as %v", got)
	}
	put(wire.SourceKey("shop"), "two")
	k.awaitLast(t, "source.shop=two")
	put(wire.SourceKey("empty"), "")
	k.awaitLast(t, "source.empty=")
	p.remove(t, wire.SourceKey("shop"))
	k.awaitLast(t, "source.shop gone")
	p.remove(t, wire.ReadyKey)
	k.awaitLast(t, "ready gone")
}

// TestConfigurationIsTriedAgain: a piece that the edge could not keep comes again, and ready stays behind it.
func TestConfigurationIsTriedAgain(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t)
	for _, key := range []string{wire.ReadyKey, wire.SourceKey("shop")} {
		if err := c.Put(t.Context(), key, []byte("1")); err != nil {
			t.Fatal(err)
		}
	}
	k := &sink{refuse: 2}
	p.run(t, newStore(), k)
	k.awaitLast(t, "ready=1")
	if got := k.all(); !slices.Equal(got, []string{"source.shop=1", "ready=1"}) {
		t.Errorf("it came as %v", got)
	}
}

// TestConfigurationAfterAnOutage: the edge looks at everything again when the server is back.
func TestConfigurationAfterAnOutage(t *testing.T) {
	p := newPlace(t)
	server, c := p.serve(t)
	if err := c.Put(t.Context(), wire.SourceKey("shop"), []byte("one")); err != nil {
		t.Fatal(err)
	}
	k := &sink{}
	p.run(t, newStore(), k)
	k.awaitLast(t, "source.shop=one")
	server.Close()
	_, c = p.serve(t)
	if err := c.Put(t.Context(), wire.SourceKey("shop"), []byte("two")); err != nil {
		t.Fatal(err)
	}
	k.awaitLast(t, "source.shop=two")
}

// TestAMarkThatIsNotOurs makes this a new edge: what is in the outbox goes up under another id, from 1 on.
func TestAMarkThatIsNotOurs(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a")
	s := newStore()
	old := s.Edge()
	s.add("a", entries(t, 1, 4)...)
	if err := tellMark(t, c, old, "a", 99); err != nil { // the disk was put back to a backup
		t.Fatal(err)
	}
	p.run(t, s, &sink{})
	a := apply(t, open(t, c, "a"))
	if got := a.await(t, 4); !slices.Equal(got, numbers(1, 4)) {
		t.Errorf("%v came up", got)
	}
	if s.Edge() == old || a.last[old] != 0 || a.last[s.Edge()] != 4 {
		t.Errorf("entries came up under %v; the old id is %v", a.last, old)
	}
}

// TestACoreThatForgotUs: marks that were there before and are no more mean another core; nothing is sent under numbers
// that it cannot join to.
func TestACoreThatForgotUs(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a")
	s := newStore()
	old := s.Edge()
	s.add("a", entries(t, 1, 6)...)
	if err := s.Mark("a", 4); err != nil {
		t.Fatal(err)
	}
	p.run(t, s, &sink{})
	a := apply(t, open(t, c, "a"))
	if got := a.await(t, 2); !slices.Equal(got, numbers(5, 6)) || a.last[old] != 0 {
		t.Errorf("%v came up, under %v", got, a.last)
	}
}

// TestABadMark is no mark: it is said, and what comes behind it is taken.
func TestABadMark(t *testing.T) {
	p := newPlace(t)
	_, c := p.serve(t, "a")
	s := newStore()
	s.add("a", entries(t, 1, 4)...)
	key := wire.MarkKey(s.Edge(), "a")
	if err := c.Put(t.Context(), key, []byte("four")); err != nil {
		t.Fatal(err)
	}
	log := listen()
	p.runSaying(t, s, &sink{}, slog.New(log))
	log.await(t, "4 bytes, want 8")
	if err := c.Put(t.Context(), key, mark(2)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the good mark", func() bool { return s.Marked("a") == 2 })
	if got := s.took(); !slices.Equal(got, []string{"a 2"}) {
		t.Errorf("the marks came as %v", got)
	}
}

// TestAnotherServer at the same address, with a shorter history: what it tells counts all the same, and to it this is a
// new edge.
func TestAnotherServer(t *testing.T) {
	p := newPlace(t)
	server, c := p.serve(t, "a")
	for _, value := range []string{"1", "2", "3", "4"} {
		if err := c.Put(t.Context(), wire.SourceKey("shop"), []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	s, k := newStore(), &sink{}
	s.add("a", entries(t, 1, 3)...)
	p.run(t, s, k)
	old := s.Edge()
	if err := tellMark(t, c, old, "a", 2); err != nil {
		t.Fatal(err)
	}
	eventually(t, "its mark", func() bool { return s.Marked("a") == 2 })
	server.Close()
	p.dir = t.TempDir()
	_, c = p.serve(t, "a")
	if err := c.Put(t.Context(), wire.SourceKey("shop"), []byte("other")); err != nil {
		t.Fatal(err)
	}
	k.awaitLast(t, "source.shop=other")
	a := apply(t, open(t, c, "a"))
	if got := a.await(t, 1); !slices.Equal(got, numbers(3, 3)) || a.last[old] != 0 {
		t.Errorf("%v came up, under %v", got, a.last)
	}
}
