package journal_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/journal"
	"restock/core/wire"
)

// TestTellingEdges: what stands there already is not written again, so that edges are not woken for nothing.
func TestTellingEdges(t *testing.T) {
	p := newPlace(t)
	p.serve(t)
	c := p.connect(t)
	if v, err := c.Get(t.Context(), "source.shop"); err != nil || v != nil {
		t.Errorf("nothing was told, and it is %q (%v)", v, err)
	}
	kv := must(p.raw(t).KeyValue(t.Context(), wire.EdgeBucket))
	for i, value := range []string{"a", "a", "b", "b", "a"} {
		if err := c.Put(t.Context(), "source.shop", []byte(value)); err != nil {
			t.Fatal(err)
		}
		if v, err := c.Get(t.Context(), "source.shop"); err != nil || string(v) != value {
			t.Errorf("%d: edges are told %q (%v), want %q", i, v, err, value)
		}
	}
	if revision := must(kv.Get(t.Context(), "source.shop")).Revision(); revision != 3 {
		t.Errorf("it was written %d times, want 3", revision)
	}
}

func TestMarks(t *testing.T) {
	p := newPlace(t)
	p.serve(t)
	c := p.connect(t)
	edge := core.EdgeID{7}
	marks := must(c.OpenMarks(t.Context(), "default"))
	for _, mark := range []uint64{1, 1 << 40, 5} { // it may go back: the core was put back to a backup
		if err := marks.Tell(t.Context(), edge, mark); err != nil {
			t.Fatal(err)
		}
		expectMark(t, c, edge, mark)
	}
	if v, _ := c.Get(t.Context(), wire.MarkKey(edge, "other")); v != nil {
		t.Errorf("another workspace has the mark %x", v)
	}
}

func expectMark(t *testing.T, c *journal.Conn, edge core.EdgeID, mark uint64) {
	t.Helper()
	v, err := c.Get(t.Context(), wire.MarkKey(edge, "default"))
	if err != nil || len(v) != 8 || binary.BigEndian.Uint64(v) != mark {
		t.Errorf("the mark is %x (%v), want %d", v, err, mark)
	}
}

// TestAnOldLeaderIsFenced: what its successor told an edge stands, also of an edge that the old one never told anything, and
// who sees it can go on from there.
func TestAnOldLeaderIsFenced(t *testing.T) {
	p := newPlace(t)
	p.serve(t)
	c := p.connect(t)
	edge, unknown, gone := core.EdgeID{7}, core.EdgeID{8}, core.EdgeID{9}
	kv := must(p.raw(t).KeyValue(t.Context(), wire.EdgeBucket))
	_ = must(kv.Put(t.Context(), wire.MarkKey(gone, "default"), make([]byte, 8)))
	if err := kv.Delete(t.Context(), wire.MarkKey(gone, "default")); err != nil {
		t.Fatal(err)
	}
	old := must(c.OpenMarks(t.Context(), "default"))
	if err := old.Tell(t.Context(), edge, 50); err != nil {
		t.Fatal(err)
	}
	successor := must(p.connect(t).OpenMarks(t.Context(), "default"))
	for _, e := range []core.EdgeID{edge, unknown, gone} {
		if err := successor.Tell(t.Context(), e, 60); err != nil {
			t.Fatal(err)
		}
		if err := old.Tell(t.Context(), e, 51); !errors.Is(err, journal.ErrFenced) {
			t.Errorf("the old leader told edge %s: %v", e, err)
		}
		expectMark(t, c, e, 60)
	}
	again := must(c.OpenMarks(t.Context(), "default"))
	if err := again.Tell(t.Context(), edge, 61); err != nil {
		t.Error(err)
	}
	expectMark(t, c, edge, 61)
}

// TestServeRefuses what would open the journal to a network without a token, and what is no address.
func TestServeRefuses(t *testing.T) {
	tests := []struct{ name, listen, token, want string }{
		{"every interface without a token", "0.0.0.0:4222", "", "--nats-token"},
		{"a name without a token", "localhost.example:4222", "", "--nats-token"},
		{"no port", "127.0.0.1", "", "missing port"},
		{"no number", "127.0.0.1:nats", "", "invalid syntax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := journal.Serve(journal.ServerConfig{Dir: t.TempDir(), Listen: tt.listen, Token: tt.token}, quiet)
			if err == nil {
				s.Close()
				t.Fatal("it was started")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want …%s…", err, tt.want)
			}
		})
	}
}

// TestToken: with a token nobody comes in without it, in this process or from outside.
func TestToken(t *testing.T) {
	p := newPlace(t)
	s, err := journal.Serve(journal.ServerConfig{Dir: p.dir, Listen: p.listen, Token: "secret"}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if s.Addr().String() != p.listen {
		t.Errorf("it listens on %s, want %s", s.Addr(), p.listen)
	}
	tests := []struct {
		name, url, token string
		embedded         journal.InProcess
		ok               bool
	}{
		{"from outside without", "nats://" + p.listen, "", nil, false},
		{"from outside with a wrong one", "nats://wrong@" + p.listen, "", nil, false},
		{"from outside", "nats://secret@" + p.listen, "", nil, true},
		{"in this process", "", "secret", s, true},
	}
	for _, tt := range tests {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		c, err := journal.Connect(ctx, tt.url, tt.embedded, tt.token, 1, quiet)
		stop()
		if (err == nil) != tt.ok || !tt.ok && !errors.Is(err, journal.ErrRefused) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err == nil {
			c.Close()
		}
	}
}
