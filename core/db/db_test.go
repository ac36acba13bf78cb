package db_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
)

// unwritable is an address that no key takes; writing it is how a transaction is made to fail.
var unwritable = core.Address{Channel: core.Push, Value: strings.Repeat("x", 1<<16)}

// TestATransactionKeepsItsFirstError: from there on reads give nothing, scans visit nothing, and nothing is committed.
func TestATransactionKeepsItsFirstError(t *testing.T) {
	d := memory(t)
	ann := core.ContactID{1}
	write(t, d, func(tx *db.Tx) {
		db.Contacts.Set(tx, ann, core.Contact{Email: "ann@example.com"})
		db.RunsOf.Add(tx, ann, core.RunID{1})
		db.Opened.Add(tx, struct{}{}, db.OpenedRestock{Sequence: 1})
	})
	before := dump(t, d)
	tx := d.Begin()
	db.Contacts.Set(tx, core.ContactID{2}, core.Contact{})
	db.Addresses.Set(tx, unwritable, ann)
	first := tx.Err()
	if first == nil {
		t.Fatal("writing what cannot be written gave no error")
	}
	if c, ok := db.Contacts.Get(tx, ann); ok || c.Email != "" || db.Contacts.Has(tx, ann) || db.RunsOf.Has(tx, ann, core.RunID{1}) {
		t.Error("reads behind the error still answer")
	}
	db.RunsOf.Scan(tx, ann, func(core.RunID) bool { t.Error("a scan behind the error still visits"); return true })
	db.NewestRestocks(tx, func(core.Restock) bool { t.Error("a scan back behind the error still visits"); return true })
	db.Contacts.Set(tx, core.ContactID{3}, core.Contact{})
	db.Contacts.Delete(tx, ann)
	if err := tx.Commit(); err == nil || !strings.Contains(err.Error(), first.Error()) {
		t.Errorf("committing gave %v, want the first error: %v", err, first)
	}
	if got := dump(t, d); got != before {
		t.Errorf("a failed transaction changed the state to\n%s", got)
	}
}

// TestATransactionIsWhole: nobody sees a part of it, it sees itself, and what is discarded never was.
func TestATransactionIsWhole(t *testing.T) {
	d := memory(t)
	ann := core.ContactID{1}
	tx := d.Begin()
	db.Positions.Set(tx, struct{}{}, db.Position{Sequence: 1})
	db.Contacts.Set(tx, ann, core.Contact{Email: "ann@example.com"})
	if c, ok := db.Contacts.Get(tx, ann); !ok || c.Email != "ann@example.com" {
		t.Error("a transaction does not see what it wrote")
	}
	view := d.View()
	defer view.Discard()
	read(t, d, func(tx *db.Tx) {
		if db.Contacts.Has(tx, ann) {
			t.Error("somebody else sees what is not committed")
		}
	})
	if tx.Size() == 0 {
		t.Error("what was written has no size")
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if db.Contacts.Has(view, ann) {
		t.Error("a view changed while it was open")
	}
	dropped := d.Begin()
	db.Contacts.Delete(dropped, ann)
	dropped.Discard()
	read(t, d, func(tx *db.Tx) {
		p, _ := db.Positions.Get(tx, struct{}{})
		if !db.Contacts.Has(tx, ann) || p.Sequence != 1 {
			t.Error("what was committed is not there, or what was discarded counts")
		}
	})
}

func dump(t testing.TB, d *db.DB) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Dump(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestDump: one line a key in order of keys, whatever the order of writing and however often a key was written.
func TestDump(t *testing.T) {
	names := []core.Name{"b", "a", "ab", "c"}
	var dumps []string
	for _, order := range [][]core.Name{names, shuffled(names)} {
		d := memory(t)
		for _, n := range order {
			write(t, d, func(tx *db.Tx) {
				db.Senders.Set(tx, n, core.Sender{Kind: "older"})
				db.Senders.Set(tx, n, core.Sender{Name: n})
				db.Held.Add(tx, core.RestockID{1}, core.LedgerKey{byte(len(n))})
				db.Senders.Set(tx, "gone", core.Sender{})
				db.Senders.Delete(tx, "gone")
			})
		}
		dumps = append(dumps, dump(t, d))
	}
	if dumps[0] != dumps[1] {
		t.Errorf("the same state has two dumps:\n%s\n%s", dumps[0], dumps[1])
	}
	lines := strings.Split(strings.TrimSuffix(dumps[0], "\n"), "\n")
	if len(lines) != 6 {
		t.Fatalf("4 senders and 2 held intents are dumped as\n%s", dumps[0])
	}
	for i, begin := range []string{`"H\x01`, `"H\x01`, `"S\x01a" `, `"S\x01b" `, `"S\x01c" `, `"S\x02ab" `} {
		if !strings.HasPrefix(lines[i], begin) {
			t.Errorf("line %d is %s, want %s…", i, lines[i], begin)
		}
	}
	if empty := dump(t, memory(t)); empty != "" {
		t.Errorf("an empty state is dumped as %q", empty)
	}
}

// TestReopening: what was committed is there the next time, small or large, also when values were replaced and collected.
func TestReopening(t *testing.T) {
	dir := t.TempDir()
	module := bytes.Repeat([]byte("plugin "), 50_000)
	d := open(t, dir)
	for i := range 3 {
		write(t, d, func(tx *db.Tx) {
			db.Modules.Set(tx, core.Hash{1}, append(module, byte(i)))
			db.Positions.Set(tx, struct{}{}, db.Position{Sequence: core.Sequence(i), Now: core.Time(i)})
		})
	}
	if err := d.Collect(); err != nil {
		t.Errorf("collecting gave %v", err)
	}
	before := dump(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open(t, dir)
	defer func() { _ = d.Close() }()
	if got := dump(t, d); got != before {
		t.Error("the state is another after reopening")
	}
	read(t, d, func(tx *db.Tx) {
		m, ok := db.Modules.Get(tx, core.Hash{1})
		if !ok || !bytes.Equal(m, append(module, 2)) {
			t.Errorf("the module came back with %d bytes", len(m))
		}
	})
}

// TestEncryption: with a key nothing lies on disk in the clear, and nobody opens it with another key or with none.
func TestEncryption(t *testing.T) {
	dir, key, secret := t.TempDir(), bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte("ann@example.com "), 5_000)
	d, err := db.Open(dir, key, quiet)
	if err != nil {
		t.Fatal(err)
	}
	write(t, d, func(tx *db.Tx) {
		db.Modules.Set(tx, core.Hash{1}, secret)      // to the value log
		db.Modules.Set(tx, core.Hash{2}, secret[:64]) // to the tables
	})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files (%v)", len(files), err)
	}
	for _, file := range files {
		if b, err := os.ReadFile(file); err != nil || bytes.Contains(b, secret[:32]) {
			t.Errorf("%s holds it in the clear (%v)", filepath.Base(file), err)
		}
	}
	for _, wrong := range [][]byte{nil, bytes.Repeat([]byte{8}, 32)} {
		if d, err := db.Open(dir, wrong, quiet); err == nil {
			_ = d.Close()
			t.Errorf("it was opened with the key %x", wrong)
		}
	}
	if d, err = db.Open(dir, key, quiet); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	read(t, d, func(tx *db.Tx) {
		if m, _ := db.Modules.Get(tx, core.Hash{1}); !bytes.Equal(m, secret) {
			t.Errorf("it came back with %d bytes", len(m))
		}
	})
}

func TestOpeningWhatIsNoFolder(t *testing.T) {
	path := t.TempDir() + "/file"
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err := db.Open(path, nil, quiet); err == nil {
		_ = d.Close()
		t.Error("a file was opened as a state")
	}
}

// killedEnv makes the test binary a process that commits until it is killed, and says after each commit how far it is.
const killedEnv = "DB_TEST_COMMIT_INTO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedEnv); dir != "" {
		commitForEver(dir)
	}
	os.Exit(m.Run())
}

// commitForEver goes on behind the position in dir: each transaction moves it and writes the effects of that message.
func commitForEver(dir string) {
	d, err := db.Open(dir, nil, quiet)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		tx := d.Begin()
		p, _ := db.Positions.Get(tx, struct{}{})
		p.Sequence++
		for _, effect := range effects(p.Sequence) {
			db.Works.Set(tx, effect, core.Work{ID: effect})
			db.Modules.Set(tx, moduleOf(effect), bytes.Repeat([]byte{1}, 70<<10*int(p.Sequence%2))) // odd ones go to the value log
		}
		db.Positions.Set(tx, struct{}{}, p)
		if err := tx.Commit(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(p.Sequence)
	}
}

// effects are what a message comes to.
func effects(s core.Sequence) []core.WorkID {
	return []core.WorkID{{Sequence: s}, {Sequence: s, Number: 1}}
}

func moduleOf(w core.WorkID) core.Hash {
	return core.HashOf(binary.BigEndian.AppendUint64([]byte{byte(w.Number)}, uint64(w.Sequence)))
}

// TestAKillLeavesWholeTransactions: what was committed is there, and each message with all of its effects or with none.
func TestAKillLeavesWholeTransactions(t *testing.T) {
	dir := t.TempDir()
	committed := core.Sequence(0)
	for round := range 3 {
		committed = killAfter(t, dir, committed, 60)
		if t.Failed() {
			return
		}
		d := open(t, dir)
		read(t, d, func(tx *db.Tx) { expectWhole(t, tx, committed) })
		if err := d.Close(); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

// killAfter kills a process that commits into dir after so many commits, and returns the last one it told of.
func killAfter(t *testing.T, dir string, from core.Sequence, commits int) (last core.Sequence) {
	t.Helper()
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), killedEnv+"="+dir)
	process.Stderr = os.Stderr
	pipe, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(pipe)
	for n := 1; lines.Scan(); n++ {
		number, err := strconv.ParseUint(lines.Text(), 10, 64)
		if err != nil {
			t.Errorf("the process says %q", lines.Text())
		}
		last = core.Sequence(number)
		if n == commits {
			_ = process.Process.Kill() // what it told of before it died is read on
		}
	}
	_ = process.Wait() // it was killed
	if last < from+core.Sequence(commits) {
		t.Errorf("the process began with %d and ended with %d", from, last)
	}
	return last
}

func expectWhole(t *testing.T, tx *db.Tx, committed core.Sequence) {
	t.Helper()
	p, _ := db.Positions.Get(tx, struct{}{})
	if p.Sequence < committed {
		t.Errorf("the position is %d, although %d was committed", p.Sequence, committed)
	}
	for s := core.Sequence(1); s <= p.Sequence+1; s++ {
		for _, effect := range effects(s) {
			module, ok := db.Modules.Get(tx, moduleOf(effect))
			if want := s <= p.Sequence; db.Works.Has(tx, effect) != want || ok != want || ok && len(module) != 70<<10*int(s%2) {
				t.Errorf("at position %d the effects of %d are there: work %t, module %t of %d bytes", p.Sequence, s, db.Works.Has(tx, effect), ok, len(module))
			}
		}
	}
}

// TestTry: what is tried is seen by the trial alone, and is gone with it.
func TestTry(t *testing.T) {
	d := memory(t)
	write(t, d, func(tx *db.Tx) {
		db.Edges.Set(tx, core.EdgeID{1}, 1)
		db.Edges.Set(tx, core.EdgeID{2}, 2)
		trial := tx.Try()
		db.Edges.Set(trial, core.EdgeID{1}, 10)
		db.Edges.Set(trial, core.EdgeID{3}, 30)
		db.Edges.Delete(trial, core.EdgeID{2})
		for id, want := range map[core.EdgeID]uint64{{1}: 10, {2}: 0, {3}: 30} {
			if got, ok := db.Edges.Get(trial, id); got != want || ok != (want != 0) {
				t.Errorf("the trial has %d under %v, want %d", got, id, want)
			}
		}
	})
	read(t, d, func(tx *db.Tx) {
		for id, want := range map[core.EdgeID]uint64{{1}: 1, {2}: 2, {3}: 0} {
			if got, _ := db.Edges.Get(tx, id); got != want {
				t.Errorf("the state has %d under %v, want %d", got, id, want)
			}
		}
	})
}
