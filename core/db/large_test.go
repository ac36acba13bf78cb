package db

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"

	"github.com/dgraph-io/badger/v4"
)

func opened(t testing.TB, dir string) *DB {
	t.Helper()
	d, err := Open(dir, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func closed(t testing.TB, d *DB) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// many is more than Badger takes at once.
const many = 60_000

func manyKey(n int) []byte { return fmt.Appendf(nil, "k%06d", n) }

// has counts the keys of many, and says whether the row of a transaction in parts is there.
func has(t testing.TB, tx *Tx) (n int, redo bool) {
	t.Helper()
	tx.scan([]byte("k"), nil, false, func(_, _ []byte) bool { n++; return true })
	redo = tx.get([]byte(redoKey), func([]byte) error { return nil })
	if tx.Err() != nil {
		t.Fatal(tx.Err())
	}
	return n, redo
}

// TestALargeTransactionIsWhole: who looks before sees nothing of it, who looks after all of it, on disk and in memory.
func TestALargeTransactionIsWhole(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		d := opened(t, dir)
		defer func() { closed(t, d) }()
		before := d.View()
		tx := d.Begin()
		for n := range many {
			tx.set(manyKey(n), bytes.Repeat([]byte{1}, 100))
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if d.parted != 1 {
			t.Errorf("%d transactions were committed in parts, want 1", d.parted)
		}
		if n, _ := has(t, before); n != 0 {
			t.Errorf("a view that was open before sees %d rows", n)
		}
		before.Discard()
		if dir != "" {
			closed(t, d)
			d = opened(t, dir)
		}
		after := d.View()
		if n, redo := has(t, after); n != many || redo {
			t.Errorf("%d rows of %d are there; what was to be done is left over: %t", n, many, redo)
		}
		after.Discard()
	}
}

// TestATransactionInPartsIsEnded: a process that ended in the middle of one has written it all the same.
func TestATransactionInPartsIsEnded(t *testing.T) {
	dir := t.TempDir()
	d := opened(t, dir)
	first := d.Begin()
	first.set([]byte("gone"), nil)
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	w, part := &writes{}, &writes{}
	for n := range many {
		w.set(write{key: manyKey(n), value: []byte{2}})
	}
	w.set(write{key: []byte("gone"), gone: true})
	for n := range 100 {
		part.set(write{key: manyKey(n), value: []byte{2}})
	}
	redo := &writes{}
	redo.set(write{key: []byte(redoKey), value: w.encode()})
	for _, some := range []*writes{redo, part} {
		if err := d.commitWhole(some); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, d)
	d = opened(t, dir)
	defer closed(t, d)
	tx := d.View()
	defer tx.Discard()
	if n, redo := has(t, tx); n != many || redo {
		t.Errorf("%d rows of %d are there; what was to be done is left over: %t", n, many, redo)
	}
	if tx.get([]byte("gone"), func([]byte) error { return nil }) {
		t.Error("what the transaction deleted is there")
	}
}

// TestADamagedRowIsNotWritten: what a transaction in parts wrote is not guessed.
func TestADamagedRowIsNotWritten(t *testing.T) {
	dir := t.TempDir()
	d := opened(t, dir)
	w, redo := &writes{}, &writes{}
	for n := range many {
		w.set(write{key: manyKey(n), value: []byte{2}})
	}
	redo.set(write{key: []byte(redoKey), value: w.encode()})
	if err := d.commitWhole(redo); err != nil {
		t.Fatal(err)
	}
	closed(t, d)
	name := filepath.Join(dir, "000001.vlog")
	log, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	key := manyKey(many / 2)
	log[bytes.Index(log, key)+len(key)]++ // its value
	if err := os.WriteFile(name, log, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, nil, slog.New(slog.DiscardHandler)); !errors.Is(err, errRedo) {
		t.Errorf("a damaged row was read: %v", err)
	}
}

// TestATornTransactionIsNotRead: when a part cannot be written, nobody reads what the others wrote.
func TestATornTransactionIsNotRead(t *testing.T) {
	d := opened(t, "")
	defer closed(t, d)
	tx := d.Begin()
	for n := range many {
		tx.set(manyKey(n), nil)
	}
	tx.set([]byte("z"), make([]byte, 2<<20)) // too large a value for a database in memory
	if tx.Commit() == nil || d.parted != 1 {
		t.Fatal("the transaction was committed, or not in parts")
	}
	for _, tx := range []*Tx{d.View(), d.Begin()} {
		if tx.Err() == nil || tx.get(manyKey(0), func([]byte) error { return nil }) {
			t.Error("a part is read")
		}
		tx.Discard()
	}
}

// TestNobodyGoesOnWithoutTheRow: when nobody knows whether the row of a transaction in parts is on disk, nothing else is
// written, over which that would be written at the next start.
func TestNobodyGoesOnWithoutTheRow(t *testing.T) {
	d := opened(t, t.TempDir())
	tx := d.Begin()
	for n := range many {
		tx.set(manyKey(n), nil)
	}
	closed(t, d) // so that writing fails
	if tx.Commit() == nil || d.parted != 1 {
		t.Fatal("the transaction was committed, or not in parts")
	}
	if d.torn == nil {
		t.Error("the database goes on")
	}
}

// TestWritesAreReadAsIfTheyWereStored compares a transaction with a map: what is stored, written over it, deleted, and written
// while it is walked.
func TestWritesAreReadAsIfTheyWereStored(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	d := opened(t, "")
	defer closed(t, d)
	model := map[string]string{}
	for round := range 9 {
		tx := d.Begin()
		for n := range 500 {
			change(tx, r, model)
			if n%50 == 0 {
				compare(t, tx, r, model)
			}
		}
		if round%3 == 0 {
			tx.Discard()
			model = stored(d)
			continue
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := stored(d); !maps.Equal(got, model) {
			t.Fatalf("round %d: %d rows are stored, want %d", round, len(got), len(model))
		}
	}
}

func change(tx *Tx, r *rand.Rand, model map[string]string) {
	key := fmt.Sprintf("%c%04d", 'a'+rune(r.IntN(3)), r.IntN(500))
	if r.IntN(3) == 0 {
		tx.delete([]byte(key))
		delete(model, key)
		return
	}
	value := fmt.Sprint(r.Int())
	tx.set([]byte(key), []byte(value))
	model[key] = value
}

// compare walks a table forward, from a place on, and back; while it does it changes what it walks, which it must not see.
func compare(t *testing.T, tx *Tx, r *rand.Rand, model map[string]string) {
	t.Helper()
	after := fmt.Sprintf("b%04d", r.IntN(500))
	var want, forward, back []string
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if key[0] == 'b' {
			want = append(want, key+model[key])
		}
	}
	behind := slices.DeleteFunc(slices.Clone(want), func(row string) bool { return row[:5] <= after })
	tx.scan([]byte("b"), []byte(after), true, func(key, value []byte) bool {
		forward = append(forward, string(key)+string(value))
		change(tx, r, model)
		return true
	})
	if !slices.Equal(forward, behind) {
		t.Fatalf("behind %s there are %d rows, want %d", after, len(forward), len(behind))
	}
	want = want[:0]
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if key[0] == 'b' {
			want = append(want, key)
		}
		found := ""
		tx.get([]byte(key), func(b []byte) error { found = string(b); return nil })
		if found != model[key] {
			t.Fatalf("%s is %q, want %q", key, found, model[key])
		}
	}
	slices.Reverse(want)
	tx.scanBack([]byte("b"), func(key []byte) bool { back = append(back, string(key)); return true })
	if !slices.Equal(back, want) {
		t.Fatalf("back there are %d rows, want %d", len(back), len(want))
	}
}

func stored(d *DB) map[string]string {
	rows := map[string]string{}
	tx := d.View()
	defer tx.Discard()
	tx.scan(nil, nil, true, func(key, value []byte) bool { rows[string(key)] = string(value); return true })
	return rows
}

// TestLargerMemtablesAreRead: a process whose memtables were larger was killed, and what they held is there.
func TestLargerMemtablesAreRead(t *testing.T) {
	for _, key := range [][]byte{nil, bytes.Repeat([]byte{7}, 32)} {
		dir, left := t.TempDir(), filepath.Join(t.TempDir(), "left")
		o := badger.DefaultOptions(dir).WithMemTableSize(4 * memtableBytes).WithValueLogFileSize(1 << 20).WithLogger(nil).
			WithEncryptionKey(key).WithIndexCacheSize(1 << 20)
		b, err := badger.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		const rows = 500
		batch := b.NewWriteBatch()
		for n := range rows {
			if err := batch.Set(manyKey(n), make([]byte, 50_000)); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(batch.Flush(), b.Sync(), os.CopyFS(left, os.DirFS(dir)), b.Close()); err != nil {
			t.Fatal(err)
		}
		d, err := Open(left, key, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		tx := d.View()
		if n, _ := has(t, tx); n != rows {
			t.Errorf("%d rows of %d are there", n, rows)
		}
		tx.Discard()
		closed(t, d)
	}
}

// TestEmptyLogsAreNoObstacle: a kill can leave logs that were made, but in which nothing stands.
func TestEmptyLogsAreNoObstacle(t *testing.T) {
	dir := t.TempDir()
	closed(t, opened(t, dir))
	for _, name := range []string{"000009.vlog", "00009.mem"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, opened(t, dir))
}

// TestMemoryIsBounded writes several times what may be in memory, as pages of lines are written, and has them merged. What
// is live is this process's, of which the database has nearly all. A commit has as many pages as Badger takes at once, since
// each waits for the disk.
func TestMemoryIsBounded(t *testing.T) {
	t.Run("plain", func(t *testing.T) { bounded(t, nil, 320<<20) })
	t.Run("sealed", func(t *testing.T) { bounded(t, bytes.Repeat([]byte{7}, 32), 640<<20) })
}

func bounded(t *testing.T, key []byte, most uint64) {
	d, err := Open(t.TempDir(), key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, d)
	r := rand.NewChaCha8([32]byte{})
	const commits, pages = 150, 32
	runtime.GC() // what came before is not live
	peak := uint64(0)
	for n := range commits {
		tx := d.Begin()
		for page := range pages {
			value := make([]byte, 56_000)
			_, _ = r.Read(value) // never fails
			tx.set(fmt.Appendf(nil, "p%08d", (n*pages+page)*7919%(commits*pages)), value)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		peak = max(peak, live[0].Value.Uint64())
	}
	t.Logf("at most %d MiB were live", peak>>20)
	if peak > most {
		t.Errorf("at most %d MiB were live, more than %d", peak>>20, most>>20)
	}
}

func FuzzWrites(f *testing.F) {
	w := &writes{}
	w.set(write{key: []byte("a"), value: []byte("1")})
	w.set(write{key: []byte("b"), gone: true})
	f.Add(w.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := decodeWrites(b)
		if err != nil {
			return
		}
		again, err := decodeWrites(w.encode())
		if err != nil || !bytes.Equal(again.encode(), w.encode()) {
			t.Errorf("writing and reading gave %v, %v", again, err)
		}
	})
}
