package outbox

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
	"restock/core/wire"
)

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}

// marks are all of workspace "a", and as many of "stuck" as are said.
func marks(ofStuck uint64) func(core.WorkspaceName) uint64 {
	return func(w core.WorkspaceName) uint64 {
		if w == stuck {
			return ofStuck
		}
		return everything(w)
	}
}

// TestAStuckWorkspaceKeepsNoOthers: a few entries that are never marked do not keep what all others wrote since.
func TestAStuckWorkspaceKeepsNoOthers(t *testing.T) {
	c := testConfig(t.TempDir())
	c.many = 4
	o := mustOpen(t, c)
	mustAdd(t, o, stuck, "1", "2", "3")
	want := []string{"2", "3"}
	for round := range 5 {
		addMany(t, o, "a", c.many+8)
		o.Trim(marks(1))
		eventually(t, "they are moved", func() bool { o.Trim(marks(1)); return o.held() <= c.many })
		expectEntries(t, "moved", readAll(t, o, stuck, 1), want)
		late := fmt.Sprint("late ", round)
		mustAdd(t, o, stuck, late)
		want = append(want, late)
		expectEntries(t, "moved, with one more", readAll(t, o, stuck, 1), want)
	}
	if logs, spares := files(t, c.Dir); logs > c.many+2 || spares > maxSpares+1 {
		t.Errorf("%d segments and %d spares are left", logs, spares)
	}
	mustClose(t, o)
	c.Marked = map[core.WorkspaceName]uint64{stuck: 1, "a": o.committer.lasts["a"]}
	o = mustOpen(t, c)
	expectEntries(t, "opened again", readAll(t, o, stuck, 1), want)
	mustAdd(t, o, stuck, "last")
	expectEntries(t, "opened again, with one more", readAll(t, o, stuck, 1), append(want, "last"))
}

// TestAMoveThatIsLate: between asking for a move and making it, what was to be moved was marked and let go of in part. The rest
// has not the numbers that the move would give it, and stays where it is.
func TestAMoveThatIsLate(t *testing.T) {
	c := testConfig(t.TempDir())
	o := mustOpen(t, c)
	mustAdd(t, o, stuck, "1", "2")
	addMany(t, o, "a", 4)
	mustAdd(t, o, stuck, "3", "4")
	addMany(t, o, "a", 8)
	o.Trim(marks(2))
	if err := o.tryMove(moving{stuck: 0}); err != nil { // the committer has nothing to do
		t.Fatal(err)
	}
	expectEntries(t, "behind the mark", readAll(t, o, stuck, 2), []string{"3", "4"})
	mustAdd(t, o, stuck, "5")
	mustClose(t, o)
	c.Marked = map[core.WorkspaceName]uint64{stuck: 2, "a": o.committer.lasts["a"]}
	expectEntries(t, "opened again", readAll(t, mustOpen(t, c), stuck, 2), []string{"3", "4", "5"})
}

// TestMuchIsNotMoved: who has more than a segment's worth behind the mark has a backlog, which stays where it is.
func TestMuchIsNotMoved(t *testing.T) {
	c := testConfig(t.TempDir())
	c.many = 4
	o := mustOpen(t, c)
	var want []string
	for o.held() < 8 {
		mustAdd(t, o, "a", filler("a", 500))
		e := filler(fmt.Sprint(len(want), " "), 500)
		mustAdd(t, o, stuck, e)
		want = append(want, e)
	}
	o.Trim(marks(0))
	mustAdd(t, o, "a", "the committer has come by")
	mustAdd(t, o, "a", "and again")
	if n := o.moves.Load(); n != 0 {
		t.Errorf("%d moves", n)
	}
	expectEntries(t, "a backlog", readAll(t, o, stuck, 0), want)
}

// TestAMoveThatFails leaves the log as it was, and the next one moves.
func TestAMoveThatFails(t *testing.T) {
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			var refuses atomic.Bool
			c := testConfig(t.TempDir())
			c.many = 4
			c.write = func(s *segment, b []byte, at int64) error {
				if refuses.Load() {
					f.do(s, b, at)
					return errDisk
				}
				return s.write(b, at)
			}
			o := mustOpen(t, c)
			mustAdd(t, o, stuck, "1", "2")
			addMany(t, o, "a", 10)
			refuses.Store(true)
			o.Trim(marks(0))
			if err := o.Add("a", wire.Raw("refused")); !errors.Is(err, errDisk) {
				t.Fatalf("on a disk that refuses: %v", err)
			}
			refuses.Store(false)
			expectEntries(t, "not moved", readAll(t, o, stuck, 0), []string{"1", "2"})
			eventually(t, "they are moved", func() bool { o.Trim(marks(0)); return o.held() <= c.many })
			expectEntries(t, "moved", readAll(t, o, stuck, 0), []string{"1", "2"})
			mustClose(t, o)
			c.Marked = map[core.WorkspaceName]uint64{"a": o.committer.lasts["a"]}
			expectEntries(t, "opened again", readAll(t, mustOpen(t, c), stuck, 0), []string{"1", "2"})
		})
	}
}

// TestPowerLossAroundAMove takes the power at every byte of the record that moves, while what was moved lies in its old places,
// and at writes behind it, when old places are gone in part, or still there.
func TestPowerLossAroundAMove(t *testing.T) {
	for _, behindMark := range []uint64{0, 1} {
		t.Run(fmt.Sprint("marked ", behindMark), func(t *testing.T) {
			t.Parallel()
			moments := recordMoves(t, behindMark)
			c := testConfig("")
			c.segment, c.many = 1<<10, 3
			for i, m := range moments {
				for k := 0; k <= len(m.record); k += 3 {
					behind := behinds[(k+i)%len(behinds)]
					what := fmt.Sprintf("write %d at byte %d of %s cut off after %d of %d bytes, then %s", i, m.at, m.file, k, len(m.record), behind)
					c.Dir = filepath.Join(t.TempDir(), fmt.Sprint(i, k))
					checkTorn(t, c, &m, k, behind, what)
				}
			}
		})
	}
}

// recordMoves are the moments around two moves: "b" stands still at a mark, all of "a" but the last few entries is marked.
func recordMoves(t *testing.T, mark uint64) []moment {
	var recording atomic.Bool
	r := newRecorder(t, recording.Load)
	c := testConfig(t.TempDir())
	c.segment, c.many, c.write = 1<<10, 3, r.write
	o := mustOpen(t, c)
	add := func(w core.WorkspaceName, size int) {
		e := filler(fmt.Sprint(w, len(r.acked[w]), " "), size)
		mustAdd(t, o, w, e)
		r.ack(w, e)
	}
	for range 4 {
		add("b", 30)
	}
	for round := range uint64(2) {
		for o.held() < 8 {
			add("a", 150)
		}
		recording.Store(true)
		marked := map[core.WorkspaceName]uint64{"a": uint64(len(r.acked["a"])) - 2, "b": mark}
		r.mark(maps.Clone(marked))
		o.Trim(func(w core.WorkspaceName) uint64 { return marked[w] })
		eventually(t, "they are moved", func() bool { return o.moves.Load() == round+1 })
		add("a", 50)
		add("b", 30)
		o.Trim(func(w core.WorkspaceName) uint64 { return marked[w] })
		add("a", 50)
		recording.Store(false)
	}
	mustClose(t, o)
	return r.moments
}
