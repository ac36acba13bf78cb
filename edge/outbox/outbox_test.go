package outbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"restock/core"
	"restock/core/wire"
)

// small is a size of segments that a few dozen entries fill.
const small = 4 << 10

// testConfig is a quiet log with small segments.
func testConfig(dir string) Config {
	return Config{Dir: dir, Log: slog.New(slog.DiscardHandler), segment: small}
}

func mustOpen(t testing.TB, c Config) *Outbox {
	t.Helper()
	o, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	return o
}

func mustClose(t testing.TB, o *Outbox) {
	t.Helper()
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}

func mustAdd(t testing.TB, o *Outbox, w core.WorkspaceName, entries ...string) {
	t.Helper()
	for _, e := range entries {
		if err := o.Add(w, wire.Raw(e)); err != nil {
			t.Fatal(err)
		}
	}
}

// filler is an entry of a size that begins with its name.
func filler(name string, size int) string {
	return (name + strings.Repeat(".", size))[:max(size, len(name))]
}

// addMany adds entries until as many segments hold some.
func addMany(t testing.TB, o *Outbox, w core.WorkspaceName, segments int) (added []string) {
	t.Helper()
	for o.held() < segments {
		e := filler(fmt.Sprintf("%s%d ", w, len(added)), 500)
		mustAdd(t, o, w, e)
		added = append(added, e)
	}
	return added
}

// held is how many segments hold entries.
func (o *Outbox) held() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.segments)
}

// readAll reads behind a number, and complains about numbers that do not follow each other.
func readAll(t testing.TB, o *Outbox, w core.WorkspaceName, after uint64) (entries []string) {
	t.Helper()
	err := o.Read(w, after, func(number uint64, raw wire.Raw) bool {
		if after++; number != after {
			t.Fatalf("workspace %s: number %d where %d was expected", w, number, after)
		}
		entries = append(entries, string(raw))
		return true
	})
	if err != nil {
		t.Fatalf("reading workspace %s: %v", w, err)
	}
	return entries
}

func expectEntries(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: %d entries %.60q, want %d %.60q", what, len(got), got, len(want), want)
	}
}

// folder is what lies in a folder: bytes by name.
type folder map[string][]byte

// readFolder is a folder as it is now; what is renamed or deleted meanwhile may be missing.
func readFolder(t testing.TB, dir string) folder {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := folder{}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name()] = b
	}
	return all
}

func (f folder) write(t testing.TB, dir string) string {
	t.Helper()
	for name, b := range f {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (f folder) expectSame(t testing.TB, dir string) {
	t.Helper()
	now := readFolder(t, dir)
	if !maps.EqualFunc(f, now, bytes.Equal) {
		t.Errorf("the folder was changed: it had %v, now it has %v", f.names(), now.names())
	}
}

func (f folder) names() []string { return slices.Sorted(maps.Keys(f)) }

// logs are the names of the segments that were begun, in order.
func (f folder) logs() (names []string) {
	for _, name := range f.names() {
		if strings.HasSuffix(name, segmentSuffix) && len(recordsOf(f[name])) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// span is where a record lies in its file.
type span struct{ from, to int64 }

// recordsOf finds a segment's records by its checksums.
func recordsOf(b []byte) (spans []span) {
	id, _, ok := parseHeader(b)
	if !ok {
		return nil
	}
	for at := int64(headerBytes); at < int64(len(b)); {
		payload, size, err := parseRecord(b[at:], id, at)
		if err != nil || payload == nil {
			return spans
		}
		spans = append(spans, span{at, at + int64(size)})
		at += int64(size)
	}
	return spans
}

func remove(t testing.TB, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}
