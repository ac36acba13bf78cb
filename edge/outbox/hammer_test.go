package outbox

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
	"restock/core/wire"
)

// TestHammer reads and lets go while others write: readers meet every number once.
func TestHammer(t *testing.T) {
	t.Parallel()
	const writers, each, workspaces = 12, 80, 3
	c := testConfig(t.TempDir())
	o := mustOpen(t, c)
	var marks [workspaces]atomic.Uint64
	var working sync.WaitGroup
	for writer := range writers {
		working.Go(func() {
			for n := range each {
				mustAdd(t, o, name(writer%workspaces), filler(fmt.Sprint(n, " "), 40*(n%9)))
			}
		})
	}
	for i := range workspaces {
		working.Go(func() { follow(t, o, i, marks[:], writers/workspaces*each) })
		working.Go(func() { // one that begins anew each time, wherever the log begins
			for marks[i].Load() < writers/workspaces*each {
				_ = readOrdered(t, o, name(i))
			}
		})
	}
	working.Wait()
	o.Trim(everything)
	if logs, spares := files(t, c.Dir); logs > 3 || spares > maxSpares+1 {
		t.Errorf("%d segments and %d spares are left", logs, spares)
	}
}

func name(i int) core.WorkspaceName { return core.WorkspaceName(fmt.Sprintf("w%d", i)) }

// follow reads to the number until, marks what it read and lets it go.
func follow(t *testing.T, o *Outbox, i int, marks []atomic.Uint64, until uint64) {
	for last := uint64(0); last < until; {
		err := o.Read(name(i), last, func(number uint64, _ wire.Raw) bool {
			if number != last+1 {
				t.Errorf("%s: %d follows %d", name(i), number, last)
			}
			last = number
			return number%50 != 0
		})
		if err != nil {
			t.Error(err)
			return
		}
		marks[i].Store(last)
		o.Trim(func(w core.WorkspaceName) uint64 { return marks[w[1]-'0'].Load() })
		runtime.Gosched()
	}
}

// readOrdered reads all there is: numbers ascend.
func readOrdered(t *testing.T, o *Outbox, w core.WorkspaceName) (last uint64) {
	err := o.Read(w, 0, func(number uint64, _ wire.Raw) bool {
		if number <= last {
			t.Errorf("%s: %d follows %d", w, number, last)
		}
		last = number
		return true
	})
	if err != nil {
		t.Error(err)
	}
	return last
}

// TestCloseWhileOthersAdd: each entry is kept, or refused because the log is closing; nobody waits forever, and nothing
// goes on behind Close.
func TestCloseWhileOthersAdd(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		c := testConfig(t.TempDir())
		o := mustOpen(t, c)
		var mu sync.Mutex
		acked := map[core.WorkspaceName][]string{}
		var adding sync.WaitGroup
		started := make(chan struct{}, 1000)
		for writer := range 50 {
			adding.Go(func() {
				for n := 0; ; n++ {
					e := filler(fmt.Sprintf("%d %d ", writer, n), 30<<10) // Add must wait for room in the group, too
					err := o.Add("a", wire.Raw(e))
					if err != nil {
						if !errors.Is(err, ErrClosed) {
							t.Error(err)
						}
						return
					}
					mu.Lock()
					acked["a"] = append(acked["a"], e)
					mu.Unlock()
					select {
					case started <- struct{}{}:
					default:
					}
				}
			})
		}
		<-started
		mustClose(t, o)
		adding.Wait()
		mustClose(t, o) // once more
		if err := o.Add("a", nil); !errors.Is(err, ErrClosed) {
			t.Errorf("adding to a closed log gave %v", err)
		}
		o = mustOpen(t, c)
		expectAllOf(t, o, acked, "opened again")
		if n := len(readAll(t, o, "a", 0)); n != len(acked["a"]) {
			t.Errorf("%d entries are there, and %d were acknowledged", n, len(acked["a"]))
		}
		mustClose(t, o)
	}
	expectGoroutines(t, before)
}

// expectGoroutines waits until only so many are left.
func expectGoroutines(t *testing.T, want int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > want; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left, want %d", runtime.NumGoroutine(), want)
		}
	}
}

// TestWrote is told of numbers in order, before Add returns.
func TestWrote(t *testing.T) {
	c := testConfig(t.TempDir())
	var told []uint64
	c.Wrote = func(_ core.WorkspaceName, last uint64) { told = append(told, last) }
	o := mustOpen(t, c)
	for n := range 5 {
		mustAdd(t, o, "a", "x")
		if len(told) != n+1 || told[n] != uint64(n+1) {
			t.Fatalf("told was %v", told)
		}
	}
	if commits, entries := o.Committed(); commits != entries {
		t.Errorf("%d entries were committed by %d syncs, want as many", entries, commits)
	}
}

// TestAGroupIsBounded: while a sync takes long, no more than a group's bytes gather for the next.
func TestAGroupIsBounded(t *testing.T) {
	const size, writers = 100 << 10, 30
	c := testConfig(t.TempDir())
	var largest atomic.Int64
	waiting := make(chan struct{}, writers)
	c.write = func(s *segment, b []byte, at int64) error {
		largest.Store(max(largest.Load(), int64(len(b))))
		for range cap(waiting) - 5 { // until most others came, at the first write
			if at == headerBytes && s.number == 1 {
				<-waiting
			}
		}
		return s.write(b, at)
	}
	o := mustOpen(t, c)
	var adding sync.WaitGroup
	for range writers {
		adding.Go(func() {
			waiting <- struct{}{}
			mustAdd(t, o, "a", filler("x", size))
		})
	}
	adding.Wait()
	if largest.Load() > maxGroupBytes+size+1000 {
		t.Errorf("a record of %d bytes was written, want at most a group's %d and an entry's %d", largest.Load(), maxGroupBytes, size)
	}
}
