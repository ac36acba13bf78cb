package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"restock/core"
	"restock/core/wire"
)

// FuzzRecover opens folders with any bytes in them: files as they are, and payloads in records that are whole.
func FuzzRecover(f *testing.F) {
	c := testConfig(f.TempDir())
	c.segment = 128 // small seeds: a fuzzer minimizes them byte by byte
	o := mustOpen(f, c)
	mustAdd(f, o, "a", "one", "two", filler("three", 100), "four")
	mustClose(f, o)
	whole := readFolder(f, c.Dir)
	logs := whole.logs()
	f.Add(whole[logs[0]], whole[logs[1]], []byte{}, []byte{})
	f.Add([]byte{}, make([]byte, 50), []byte("\x00\x00\x00\x00\x01a\x01\x01\x02\x01x"), []byte("\x00\x03\x32\x01\x01a\x01"))
	f.Add([]byte("x"), []byte{}, []byte("\x00\x02\x24\x00"), []byte("\x00\x02\x24\x00\x01a\x01\x01\x02\x05x"))
	f.Fuzz(func(t *testing.T, first, second, third, fourth []byte) {
		dir := t.TempDir()
		folder{
			"0000000000000001.log": first, "0000000000000002.log": second, "0000000000000005.spare": second,
			"0000000000000003.log": wrapped(third), "0000000000000004.log": wrapped(fourth),
		}.write(t, dir)
		before := readFolder(t, dir)
		c := testConfig(dir)
		c.segment = 128
		o, err := Open(c)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrKey) {
				t.Errorf("opening gave %v", err)
			}
			before.expectSame(t, dir)
			return
		}
		defer o.Close()
		use(t, o)
	})
}

// wrapped is a segment whose records hold what lies between bytes 0xfe.
func wrapped(data []byte) []byte {
	id := [16]byte{9, 8, 7, 6}
	b := header(id, false)
	for _, payload := range bytes.Split(data, []byte{0xfe}) {
		b = appendRecord(b, id, int64(len(b)), payload)
	}
	return append(b, make([]byte, 64)...)
}

// use adds to a log that may hold anything, and reads it.
func use(t *testing.T, o *Outbox) {
	for w := range o.Lasts() {
		_ = o.Read(w, 0, func(uint64, wire.Raw) bool { return true })
	}
	mustAdd(t, o, "new", "entry")
	o.Trim(everything)
}

// TestFilesThatWereNeverUsed are taken away without a word, whatever cut off their making.
func TestFilesThatWereNeverUsed(t *testing.T) {
	stale := made(t, nil)
	old := stale[stale.logs()[0]]
	again := append(header([16]byte{5, 5, 5, 5}, false), old[headerBytes:]...)
	badHeader := bytes.Clone(again)
	badHeader[20]++
	tests := []struct {
		name string
		file string
		b    []byte
	}{
		{"nothing in it", "0000000000000009.log", nil},
		{"zeros", "0000000000000009.log", make([]byte, small)},
		{"few zeros", "0000000000000009.log", make([]byte, 7)},
		{"a header", "0000000000000009.log", header([16]byte{1}, false)},
		{"a header and old records", "0000000000000009.log", again},
		{"a spare that was in the making", "0000000000000009.spare", badHeader},
		{"a spare with old records", "0000000000000009.spare", old},
		{"an empty spare", "0000000000000009.spare", nil},
		{"one that was let go of, with a header that was cut off", "0000000000000001.log", badHeader},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := testConfig(t.TempDir())
			c.Marked = map[core.WorkspaceName]uint64{"a": 1}
			folder{"0000000000000003.log": begun([16]byte{3}, begin{2, 500, c.Marked}, "a", 2, "two"), tt.file: tt.b}.write(t, c.Dir)
			o := mustOpen(t, c)
			expectEntries(t, "a", readAll(t, o, "a", 1), []string{"two"})
			mustAdd(t, o, "a", "three")
			expectEntries(t, "a", readAll(t, o, "a", 1), []string{"two", "three"})
			mustClose(t, o)
			if _, ok := readFolder(t, c.Dir)[tt.file]; ok {
				t.Errorf("%s is still there", tt.file)
			}
			expectEntries(t, "a, opened again", readAll(t, mustOpen(t, c), "a", 1), []string{"two", "three"})
		})
	}
}

// begun is a segment with a first record, and one entry in it.
func begun(id [16]byte, first begin, w core.WorkspaceName, number uint64, entry string) []byte {
	b := block{workspace: w, first: number}
	b.add(wire.Raw(entry))
	file := appendRecord(header(id, false), id, headerBytes, appendBlocks(appendBegin(nil, first), []block{b}))
	return append(file, make([]byte, small-len(file))...)
}

// TestAHeaderWithoutItsRecords: a used file whose header cannot be read is no file that was never used.
func TestAHeaderWithoutItsRecords(t *testing.T) {
	b := begun([16]byte{3}, begin{0, 0, nil}, "a", 1, "one")
	b[0]++
	c := testConfig(t.TempDir())
	whole := folder{"0000000000000003.log": b}
	whole.write(t, c.Dir)
	expectRefused(t, c, ErrDamaged, "0000000000000003.log", 0)
	whole.expectSame(t, c.Dir)
}

// TestNumbersThatDoNotFollow are refused, though every record is whole.
func TestNumbersThatDoNotFollow(t *testing.T) {
	c := testConfig(t.TempDir())
	first := begun([16]byte{1}, begin{}, "a", 1, "one")
	whole := folder{
		"0000000000000001.log": first,
		"0000000000000002.log": begun([16]byte{2}, begin{1, recordsOf(first)[0].to, map[core.WorkspaceName]uint64{"a": 1}}, "a", 3, "three"),
	}
	whole.write(t, c.Dir)
	expectRefused(t, c, ErrDamaged, "0000000000000002.log", headerBytes)
	whole.expectSame(t, c.Dir)
}

// TestOpeningMakesSureOfTheLastRecord: it may be in memory only, after a process that ended before it was synced, and
// what is written next relies on it.
func TestOpeningMakesSureOfTheLastRecord(t *testing.T) {
	whole := made(t, nil)
	name := whole.logs()[2]
	spans := recordsOf(whole[name])
	last := spans[len(spans)-1]
	c := testConfig(whole.write(t, t.TempDir()))
	var written []string
	c.write = func(s *segment, b []byte, at int64) error {
		written = append(written, fmt.Sprintf("%s at %d: %x", s.name(), at, b))
		return s.write(b, at)
	}
	mustOpen(t, c)
	if want := fmt.Sprintf("%s at %d: %x", name, last.from, whole[name][last.from:last.to]); len(written) != 1 || written[0] != want {
		t.Errorf("opening wrote %.80q, want %.80q", written, want)
	}
	c.Dir, c.write = whole.write(t, t.TempDir()), func(*segment, []byte, int64) error { return errors.ErrUnsupported }
	if _, err := Open(c); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("opening on a disk that takes nothing gave %v", err)
	}
}
