package outbox

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"restock/core"
)

// moment is what a power loss during a write leaves: the folder before it, and what was to be written.
type moment struct {
	folder folder
	file   string
	record []byte
	at     int64
	acked  map[core.WorkspaceName][]string
	marked map[core.WorkspaceName]uint64
}

// torn is the folder when only k bytes of the record came to the disk, and what lies behind them. A segment's blocks
// are there before; what was in them may be anything.
func (m *moment) torn(k int, behind string) folder {
	f := folder{}
	for name, b := range m.folder {
		f[name] = b
	}
	b := slices.Clone(f[m.file])
	at := int(m.at) + copy(b[m.at:], m.record[:k])
	rest := b[at : int(m.at)+len(m.record)]
	switch behind {
	case "cut off":
		b = b[:at]
	case "zeros":
		clear(rest)
	case "garbage":
		for i := range rest {
			rest[i] = byte(rand.Uint32())
		}
	case "a hole": // later sectors came to the disk, earlier ones did not
		half := len(rest) / 2
		copy(rest[half:], m.record[k+half:])
	}
	f[m.file] = b
	return f
}

var behinds = []string{"cut off", "zeros", "garbage", "as before", "a hole"}

// recorder writes as production does, and keeps the moments before.
type recorder struct {
	t       *testing.T
	keep    func() bool // asked at every write
	mu      sync.Mutex  // guards the fields below
	acked   map[core.WorkspaceName][]string
	marked  map[core.WorkspaceName]uint64
	moments []moment
}

func (r *recorder) write(s *segment, b []byte, at int64) error {
	if r.keep() {
		r.mu.Lock()
		acked := map[core.WorkspaceName][]string{}
		for w, entries := range r.acked {
			acked[w] = slices.Clone(entries)
		}
		marked := maps.Clone(r.marked)
		r.mu.Unlock()
		m := moment{readFolder(r.t, filepath.Dir(s.path)), s.name(), bytes.Clone(b), at, acked, marked}
		r.moments = append(r.moments, m)
	}
	return s.write(b, at)
}

func (r *recorder) ack(w core.WorkspaceName, entry string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.acked[w] = append(r.acked[w], entry)
}

func (r *recorder) mark(marked map[core.WorkspaceName]uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marked = marked
}

func newRecorder(t *testing.T, keep func() bool) *recorder {
	return &recorder{t: t, keep: keep, acked: map[core.WorkspaceName][]string{}}
}

// TestPowerLossAtEveryByte tears writes at every byte: in fresh segments and in some that are used again, behind other
// records and as a segment's first.
func TestPowerLossAtEveryByte(t *testing.T) {
	for step, key := range map[int][]byte{1: nil, 17: []byte("0123456789abcdef")} {
		t.Run(fmt.Sprintf("key of %d", len(key)), func(t *testing.T) {
			t.Parallel()
			moments := recordMoments(t, key)
			c := testConfig("")
			c.Key, c.segment = key, 1<<10
			for i, m := range moments {
				for k := 0; k <= len(m.record); k += step {
					behind := behinds[(k+i)%len(behinds)]
					what := fmt.Sprintf("write %d at byte %d of %s cut off after %d of %d bytes, then %s", i, m.at, m.file, k, len(m.record), behind)
					c.Dir = filepath.Join(t.TempDir(), fmt.Sprint(i, k))
					checkTorn(t, c, &m, k, behind, what)
				}
			}
		})
	}
}

// recordMoments adds entries one after the other to segments of 1 KiB, and lets go of half of them.
func recordMoments(t *testing.T, key []byte) []moment {
	r := newRecorder(t, func() bool { return true })
	c := testConfig(t.TempDir())
	c.Key, c.segment, c.write = key, 1<<10, r.write
	o := mustOpen(t, c)
	for i := range 24 {
		w := []core.WorkspaceName{"a", "b"}[i%2]
		e := filler(fmt.Sprint(i), 70+i)
		mustAdd(t, o, w, e)
		r.ack(w, e)
		if i == 11 {
			r.mark(map[core.WorkspaceName]uint64{"a": 4, "b": 4})
			o.Trim(func(w core.WorkspaceName) uint64 { return 4 })
		}
	}
	mustClose(t, o)
	others := 0
	return slices.DeleteFunc(r.moments, func(m moment) bool {
		if m.at != headerBytes {
			others++
		}
		return m.at != headerBytes && others%6 != 2
	})
}

// checkTorn opens a torn log, twice: everything acknowledged is there, at most the torn entry follows, and it goes on.
func checkTorn(t *testing.T, c Config, m *moment, k int, behind, what string) {
	t.Helper()
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	torn := m.torn(k, behind)
	torn.write(t, c.Dir)
	whole := bytes.HasPrefix(torn[m.file][m.at:], m.record)
	c.Marked = m.marked
	o, err := Open(c)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer o.Close()
	want := map[core.WorkspaceName][]string{}
	for _, w := range []core.WorkspaceName{"a", "b"} {
		want[w] = expectAcked(t, o, w, m, what, whole)
	}
	if k%10 != 0 {
		return
	}
	for w := range want {
		mustAdd(t, o, w, "one more")
		want[w] = append(want[w], "one more")
	}
	mustClose(t, o)
	if o, err = Open(c); err != nil {
		t.Fatalf("%s, opened again: %v", what, err)
	}
	for w := range want {
		expectEntries(t, what+", opened again", readAll(t, o, w, m.marked[w]), want[w])
	}
}

// expectAcked reads behind the mark, and returns what is there.
func expectAcked(t *testing.T, o *Outbox, w core.WorkspaceName, m *moment, what string, whole bool) []string {
	t.Helper()
	got, acked := readAll(t, o, w, m.marked[w]), m.acked[w][m.marked[w]:]
	if len(got) > len(acked)+1 || len(got) > len(acked) && !whole {
		t.Fatalf("%s: %d entries of %s are there, want %d", what, len(got), w, len(acked))
	}
	expectEntries(t, what, got[:min(len(got), len(acked))], acked)
	return got
}

// TestPowerLossUnderLoad takes the power at random moments while many add, and lets go of what was read.
func TestPowerLossUnderLoad(t *testing.T) {
	t.Parallel()
	const writers, each = 16, 60
	r := newRecorder(t, func() bool { return rand.IntN(3) == 0 })
	c := testConfig(t.TempDir())
	c.write = r.write
	o := mustOpen(t, c)
	var adding sync.WaitGroup
	for writer := range writers {
		w := core.WorkspaceName(fmt.Sprint(writer % 3))
		adding.Go(func() {
			for n := range each {
				e := filler(fmt.Sprintf("%d %d ", writer, n), rand.IntN(200))
				mustAdd(t, o, w, e)
				r.ack(w, e)
			}
		})
	}
	adding.Wait()
	mustClose(t, o)
	if len(r.moments) == 0 {
		t.Fatal("no moment was kept")
	}
	for i, m := range r.moments {
		k, behind := rand.IntN(len(m.record)+1), behinds[rand.IntN(len(behinds))]
		c := testConfig(m.torn(k, behind).write(t, t.TempDir()))
		expectAllOf(t, mustOpen(t, c), m.acked, fmt.Sprintf("write %d cut off after %d of %d bytes, then %s", i, k, len(m.record), behind))
	}
}

// expectAllOf looks for what was acknowledged, in whatever order; and for what is there twice.
func expectAllOf(t *testing.T, o *Outbox, acked map[core.WorkspaceName][]string, what string) {
	t.Helper()
	for w, entries := range acked {
		there := map[string]int{}
		for _, e := range readAll(t, o, w, 0) {
			if there[e]++; there[e] > 1 {
				t.Fatalf("%s: %q is there twice", what, e)
			}
		}
		for _, e := range entries {
			if there[e] == 0 {
				t.Fatalf("%s: %q of workspace %s is lost", what, e, w)
			}
		}
	}
}
