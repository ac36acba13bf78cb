package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"restock/core"
)

// made is a folder whose log has three segments: a and b take turns in the first, the others have only b's.
func made(t *testing.T, key []byte) folder {
	t.Helper()
	c := testConfig(t.TempDir())
	c.Key = key
	o := mustOpen(t, c)
	for i := 0; o.held() < 3; i++ {
		mustAdd(t, o, turn(i, o.held()), filler(fmt.Sprint(i), 500))
	}
	mustAdd(t, o, "b", filler("x", 300), filler("y", 300), filler("z", 300))
	mustClose(t, o)
	return readFolder(t, c.Dir)
}

// TestDamageIsRefused breaks what was acknowledged: the log says where, and leaves the folder as it is.
func TestDamageIsRefused(t *testing.T) {
	whole := made(t, nil)
	logs := whole.logs()
	if len(logs) != 3 {
		t.Fatalf("segments with entries are %v, want 3", logs)
	}
	record := func(log, n int) int64 { return recordsOf(whole[logs[log]])[n].from }
	tests := []struct {
		name string
		log  int
		flip int64 // the byte that is changed; -1: the file is taken away
		at   int64 // the byte that is named; -1: it is missing
	}{
		{"magic of the first", 0, 0, 0},
		{"magic of a middle one", 1, 1, 0},
		{"magic of the last", 2, 2, 0},
		{"version of the last", 2, 7, 0},
		{"id of the last", 2, 20, 0},
		{"checksum of the last's header", 2, 33, 0},
		{"first record of the first", 0, headerBytes + 20, headerBytes},
		{"first record of a middle one", 1, headerBytes + 3, headerBytes},
		{"first record of the last", 2, headerBytes + 14, headerBytes},
		{"length of the last's first record", 2, headerBytes + 7, headerBytes},
		{"an entry in the first", 0, record(0, 2) + 100, record(0, 2)},
		{"an entry in a middle one", 1, record(1, 3) + 100, record(1, 3)},
		{"the last entry in a middle one", 1, record(1, len(recordsOf(whole[logs[1]]))-1) + 30, record(1, len(recordsOf(whole[logs[1]]))-1)},
		{"an entry in the last, others behind", 2, record(2, 2) + 40, record(2, 2)},
		{"a length in the last, others behind", 2, record(2, 1) + 5, record(2, 1)},
		{"an id in the last, others behind", 2, record(2, 1) + 1, record(2, 1)},
		{"the first is missing", 0, -1, -1},
		{"a middle one is missing", 1, -1, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			whole.write(t, dir)
			now := readFolder(t, dir)
			if tt.flip < 0 {
				remove(t, dir, logs[tt.log])
				delete(now, logs[tt.log])
			} else {
				now[logs[tt.log]][tt.flip] ^= 0x40
				now.write(t, dir)
			}
			expectRefused(t, testConfig(dir), ErrDamaged, logs[tt.log], tt.at)
			now.expectSame(t, dir)
		})
	}
}

// expectRefused opens what must not be opened.
func expectRefused(t *testing.T, c Config, want error, file string, at int64) {
	t.Helper()
	o, err := Open(c)
	if err == nil {
		_ = o.Close()
	}
	where := fmt.Sprintf("byte %d ", at)
	if at < 0 {
		where = "missing"
	}
	if !errors.Is(err, want) || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), where) {
		t.Errorf("opening gave %v, want %v that names %s and %q", err, want, file, where)
	}
}

func turn(i, held int) core.WorkspaceName {
	if i%2 == 0 && held < 2 {
		return "a"
	}
	return "b"
}

// TestWhatHeldOneWorkspaceOnly loses the only segment with entries of a workspace: no number shows it, and those before
// it are of others. It was marked, or it is missed.
func TestWhatHeldOneWorkspaceOnly(t *testing.T) {
	c := testConfig(t.TempDir())
	o := mustOpen(t, c)
	for i, w := range []core.WorkspaceName{"a", "b", "c"} {
		for n := 0; o.held() < i+1 || n < 4; n++ {
			mustAdd(t, o, w, filler("x", 900))
		}
	}
	mustClose(t, o)
	log := readFolder(t, c.Dir).logs()[1]
	remove(t, c.Dir, log)
	now := readFolder(t, c.Dir)
	expectRefused(t, c, ErrDamaged, log, -1)
	c.Marked = map[core.WorkspaceName]uint64{"a": 100}
	expectRefused(t, c, ErrDamaged, log, -1)
	now.expectSame(t, c.Dir)
	c.Marked["b"] = 100
	o = mustOpen(t, c)
	if n := len(readAll(t, o, "c", 0)); n < 4 {
		t.Errorf("%d entries of c are there, want at least 4", n)
	}
}

// TestDamageBelowTheMark: what the core has applied may be damaged.
func TestDamageBelowTheMark(t *testing.T) {
	whole := made(t, nil)
	logs := whole.logs()
	whole[logs[0]][200] ^= 1
	whole[logs[1]][3] ^= 1
	c := testConfig(whole.write(t, t.TempDir()))
	c.Marked = map[core.WorkspaceName]uint64{"a": 1000, "b": 1000}
	mustAdd(t, mustOpen(t, c), "b", "more")
}

// TestTheKey opens a log with another key than its own, or none, or one too many.
func TestTheKey(t *testing.T) {
	key, other := []byte("0123456789abcdef"), []byte("0123456789abcdeF")
	tests := []struct {
		name     string
		made, in []byte
	}{
		{"another", key, other}, {"none", key, nil}, {"one too many", nil, key},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			whole := made(t, tt.made)
			c := testConfig(whole.write(t, t.TempDir()))
			c.Key = tt.in
			expectRefusedKey(t, c)
			whole.expectSame(t, c.Dir)
			c.Key = tt.made
			if n := len(readAll(t, mustOpen(t, c), "b", 0)); n < 10 {
				t.Errorf("%d entries are there, want at least 10", n)
			}
		})
	}
}

func expectRefusedKey(t *testing.T, c Config) {
	t.Helper()
	o, err := Open(c)
	if err == nil {
		_ = o.Close()
	}
	if !errors.Is(err, ErrKey) || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "encryption key") {
		t.Errorf("opening gave %v, want %v", err, ErrKey)
	}
}

// TestNothingReadableIsWritten looks for entries and names in an encrypted log's files.
func TestNothingReadableIsWritten(t *testing.T) {
	for _, key := range [][]byte{nil, []byte("0123456789abcdef"), []byte("0123456789abcdef0123456789abcdef")} {
		c := testConfig(t.TempDir())
		c.Key = key
		o := mustOpen(t, c)
		for o.held() < 3 {
			mustAdd(t, o, "workspace-name", filler("ann@example.com", 700))
		}
		for name, b := range readFolder(t, c.Dir) {
			for _, plain := range []string{"ann@example.com", "workspace-name"} {
				if seen := bytes.Contains(b, []byte(plain)); seen == (key != nil) && len(recordsOf(b)) > 0 {
					t.Errorf("with a key of %d bytes %q is in %s: %v", len(key), plain, name, seen)
				}
			}
		}
	}
}

// TestOtherFiles: what is not named as a segment is neither read nor deleted.
func TestOtherFiles(t *testing.T) {
	c := testConfig(t.TempDir())
	other := folder{"notes.txt": nil, "1.log": []byte("x"), "0000000000000000.log": []byte("x"),
		"00000000000000001.log": []byte("x"), "+000000000000001.spare": []byte("x"), "000000000000000x.log": nil}
	other.write(t, c.Dir)
	mustAdd(t, mustOpen(t, c), "a", "1")
	now := readFolder(t, c.Dir)
	for name := range other {
		if _, ok := now[name]; !ok {
			t.Errorf("%s was deleted", name)
		}
	}
}
