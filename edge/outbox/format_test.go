package outbox

import (
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core"
)

var update = flag.Bool("update", false, "write testdata anew")

// TestFormat pins the bytes of version 1: a log that an edge wrote must open for ever. Never write this file anew for a
// change; a new version gets a file of its own.
func TestFormat(t *testing.T) {
	const file = "testdata/v1.hex"
	b := begun([16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
		begin{41, 5000, map[core.WorkspaceName]uint64{"shop": 299, "other": 7}}, "shop", 300, "entry")
	last := block{workspace: "other", first: 8}
	last.add([]byte("one"))
	last.add(nil)
	at := recordsOf(b)[0].to
	copy(b[at:], appendRecord(nil, [16]byte(b[16:32]), at, appendBlocks([]byte{kindEntries}, []block{last})))
	b = b[:recordsOf(b)[1].to]
	if *update {
		if err := os.WriteFile(file, []byte(hex.Dump(b)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.Dump(b); got != string(want) {
		t.Errorf("a segment is written as\n%s\nwant\n%s", got, want)
	}
	c := testConfig(t.TempDir())
	c.Marked = map[core.WorkspaceName]uint64{"shop": 299, "other": 7}
	name := filepath.Base(segmentName("", 42))
	folder{name: undump(t, string(want))}.write(t, c.Dir)
	o := mustOpen(t, c)
	expectEntries(t, "shop", readAll(t, o, "shop", 299), []string{"entry"})
	expectEntries(t, "other", readAll(t, o, "other", 7), []string{"one", ""})
}

// undump reads what hex.Dump wrote.
func undump(t *testing.T, dump string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(dump) {
		if len(line) > 58 {
			digits.WriteString(strings.ReplaceAll(line[8:58], " ", ""))
		}
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}
