package outbox

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"restock/core"
	"restock/core/wire"
)

// model is what a log should hold: entries from number 1 on, and marks.
type model struct {
	t       *testing.T
	random  *rand.Rand
	config  Config
	log     *Outbox
	entries map[core.WorkspaceName][]string
	marked  map[core.WorkspaceName]uint64
	moves   uint64
}

// stuck is a workspace of small entries that are hardly ever marked.
const stuck core.WorkspaceName = "stuck"

// TestModel does random things to a log and to a model of it.
func TestModel(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := &model{t: t, random: rand.New(rand.NewPCG(seed, 7)), config: testConfig(t.TempDir()),
				entries: map[core.WorkspaceName][]string{}, marked: map[core.WorkspaceName]uint64{}}
			if seed%3 == 0 {
				m.config.Key = []byte("0123456789abcdef")
			}
			m.config.many = 3
			m.log = mustOpen(t, m.config)
			for range 200 {
				m.step()
			}
			mustClose(t, m.log)
			if m.moves += m.log.moves.Load(); m.moves == 0 {
				t.Error("nothing was ever moved")
			}
		})
	}
}

func (m *model) workspace() core.WorkspaceName {
	if m.random.IntN(10) == 0 {
		return stuck
	}
	return core.WorkspaceName(fmt.Sprintf("w%d", min(m.random.IntN(4), m.random.IntN(4))))
}

func (m *model) step() {
	switch n := m.random.IntN(20); {
	case n < 12:
		m.add()
	case n < 16:
		m.read()
	case n < 18:
		m.mark()
	default:
		m.reopen()
	}
}

func (m *model) add() {
	for range 1 + m.random.IntN(4) {
		w := m.workspace()
		e := filler(fmt.Sprintf("%s %d ", w, len(m.entries[w])), m.random.IntN(900))
		if w == stuck {
			e = e[:min(len(e), 30)]
		} else if m.random.IntN(12) == 0 {
			e = filler(e, small+m.random.IntN(3*small))
		}
		mustAdd(m.t, m.log, w, e)
		m.entries[w] = append(m.entries[w], e)
	}
}

// read reads from a random number on, to the end or to where it stops.
func (m *model) read() {
	w := m.workspace()
	if len(m.entries[w]) == 0 {
		expectEntries(m.t, "nothing", readAll(m.t, m.log, w, 0), nil)
		return
	}
	after := m.marked[w] + uint64(m.random.IntN(len(m.entries[w])-int(m.marked[w])+1))
	want := m.entries[w][after:]
	expectEntries(m.t, fmt.Sprintf("%s behind %d", w, after), readAll(m.t, m.log, w, after), want)
	want = want[:min(len(want), 1+m.random.IntN(5))]
	var got []string
	err := m.log.Read(w, after, func(_ uint64, raw wire.Raw) bool {
		got = append(got, string(raw))
		return len(got) < len(want)
	})
	if err != nil {
		m.t.Fatal(err)
	}
	expectEntries(m.t, fmt.Sprintf("%d of %s behind %d", len(want), w, after), got, want)
}

func (m *model) mark() {
	all := m.random.IntN(2) == 0
	for w, entries := range m.entries {
		switch left := len(entries) - int(m.marked[w]); {
		case w == stuck && m.random.IntN(10) > 0:
		case w != stuck && all:
			m.marked[w] += uint64(left)
		default:
			m.marked[w] += uint64(m.random.IntN(left + 1))
		}
	}
	m.log.Trim(func(w core.WorkspaceName) uint64 { return m.marked[w] })
	m.log.mu.Lock()
	defer m.log.mu.Unlock()
	if len(m.log.spares) > maxSpares {
		m.t.Errorf("%d spares are kept", len(m.log.spares))
	}
}

func (m *model) reopen() {
	mustClose(m.t, m.log)
	m.moves += m.log.moves.Load()
	m.config.Marked = maps.Clone(m.marked)
	m.log = mustOpen(m.t, m.config)
	lasts := m.log.Lasts()
	for w, entries := range m.entries {
		if last := max(lasts[w], m.marked[w]); last != uint64(len(entries)) {
			m.t.Fatalf("the last entry of %s has number %d, want %d", w, last, len(entries))
		}
		expectEntries(m.t, "opened again, "+string(w), readAll(m.t, m.log, w, m.marked[w]), entries[m.marked[w]:])
	}
}

// TestLargeEntries are as large as a webhook may be, and larger than a segment, and too large.
func TestLargeEntries(t *testing.T) {
	t.Parallel()
	c := testConfig(t.TempDir())
	c.segment = 1 << 20
	o := mustOpen(t, c)
	var added []string
	for _, size := range []int{4 << 20, 10, 5 << 20, 1 << 20, 1<<20 - 200, maxEntryBytes, 3} {
		e := filler(fmt.Sprint(size, " "), size)
		mustAdd(t, o, "a", e)
		added = append(added, e)
	}
	if err := o.Add("a", make(wire.Raw, maxEntryBytes+1)); err == nil || errors.Is(err, ErrClosed) {
		t.Errorf("an entry of more than %d bytes: %v", maxEntryBytes, err)
	}
	expectEntries(t, "a", readAll(t, o, "a", 0), added)
	mustClose(t, o)
	o = mustOpen(t, c)
	expectEntries(t, "opened again", readAll(t, o, "a", 0), added)
	mustAdd(t, o, "a", "more")
	o.Trim(everything)
	if logs, spares := files(t, c.Dir); logs > 3 || spares > maxSpares+1 {
		t.Errorf("%d segments and %d spares are left", logs, spares)
	}
	for name, b := range readFolder(t, c.Dir) {
		if len(b) > 1<<20 {
			t.Errorf("%s of %d bytes is kept to be used again", name, len(b))
		}
	}
}

// TestEmpty adds what has no bytes, to a workspace without a name.
func TestEmpty(t *testing.T) {
	c := testConfig(t.TempDir())
	o := mustOpen(t, c)
	mustAdd(t, o, "", "", "", "x", "")
	expectEntries(t, "nobody's", readAll(t, o, "", 0), []string{"", "", "x", ""})
	mustClose(t, o)
	expectEntries(t, "nobody's, opened again", readAll(t, mustOpen(t, c), "", 1), []string{"", "x", ""})
}
