package outbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"restock/core"
)

var errDisk = errors.New("the disk refuses")

// failures are what a failing write may have left behind.
var failures = []struct {
	name string
	do   func(s *segment, b []byte, at int64)
}{
	{"nothing written", func(*segment, []byte, int64) {}},
	{"a part written", func(s *segment, b []byte, at int64) { s.file.WriteAt(b[:len(b)/2], at) }},
	{"all but its begin written", func(s *segment, b []byte, at int64) { s.file.WriteAt(b[20:], at+20) }},
	{"all written, not synced", func(s *segment, b []byte, at int64) { s.file.WriteAt(b, at) }},
}

// TestFailingDisk lets writes fail now and then: what was refused is never read, numbers are given again, and a log that
// is opened at any such moment has what was acknowledged.
func TestFailingDisk(t *testing.T) {
	for _, f := range failures {
		for _, key := range [][]byte{nil, []byte("0123456789abcdef")} {
			t.Run(fmt.Sprintf("%s, key of %d", f.name, len(key)), func(t *testing.T) {
				t.Parallel()
				c := testConfig(t.TempDir())
				c.Key = key
				c.write = func(s *segment, b []byte, at int64) error {
					if rand.IntN(4) == 0 {
						f.do(s, b, at)
						return errDisk
					}
					return s.write(b, at)
				}
				addToFailing(t, c)
			})
		}
	}
}

func addToFailing(t *testing.T, c Config) {
	o := mustOpen(t, c)
	acked := map[core.WorkspaceName][]string{}
	for i := range 40 {
		w := []core.WorkspaceName{"a", "b"}[i%2]
		e := filler(fmt.Sprint(i, " "), rand.IntN(500))
		switch err := o.Add(w, []byte(e)); {
		case err == nil:
			acked[w] = append(acked[w], e)
		case !errors.Is(err, errDisk):
			t.Fatal(err)
		default:
			expectEntries(t, "after a failure", readAll(t, o, w, 0), acked[w])
			expectKilled(t, Config{Dir: readFolder(t, c.Dir).write(t, t.TempDir()), Key: c.Key, Log: c.Log, segment: small}, acked)
		}
	}
	mustClose(t, o)
	c.write = nil
	expectKilled(t, c, acked)
}

// expectKilled opens a log whose process ended after failures: the entry of one write that was refused may be there.
func expectKilled(t *testing.T, c Config, acked map[core.WorkspaceName][]string) {
	t.Helper()
	o := mustOpen(t, c)
	defer mustClose(t, o)
	more := 0
	for w, want := range acked {
		got := readAll(t, o, w, 0)
		expectEntries(t, "after a failure and an end", got[:min(len(got), len(want))], want)
		more += len(got) - len(want)
		mustAdd(t, o, w, "more")
		expectEntries(t, "gone on", readAll(t, o, w, uint64(len(got))), []string{"more"})
	}
	if more > 1 {
		t.Errorf("%d entries are there that were refused, want at most that of the last write", more)
	}
}

// TestAFailureThatIsSeenAgain: a write that failed came to the disk after all, in a segment of its own, and the file
// could not be taken away. The numbers were given to others meanwhile.
func TestAFailureThatIsSeenAgain(t *testing.T) {
	c := testConfig(t.TempDir())
	fail := false
	var failed folder
	c.write = func(s *segment, b []byte, at int64) error {
		if err := s.write(b, at); err != nil || !fail {
			return err
		}
		failed = folder{s.name(): readFolder(t, c.Dir)[s.name()]}
		return errDisk
	}
	o := mustOpen(t, c)
	for _, e := range []string{"1", "2"} {
		fail = true
		for range 5 {
			if err := o.Add("a", []byte("refused")); !errors.Is(err, errDisk) {
				t.Fatal(err)
			}
		}
		fail = false
		mustAdd(t, o, "a", e)
	}
	if logs, _ := files(t, c.Dir); logs > len(o.segments)+2 {
		t.Errorf("%d files are left of %d segments", logs, len(o.segments))
	}
	mustClose(t, o)
	failed.write(t, c.Dir)
	o = mustOpen(t, c)
	expectEntries(t, "a", readAll(t, o, "a", 0), []string{"1", "2"})
	mustClose(t, o)
	if _, err := os.Stat(filepath.Join(c.Dir, failed.names()[0])); err == nil {
		t.Error("the file that was abandoned is still there")
	}
}

// TestNoRoom: what is there is written to, and when there is room again a new segment is made.
func TestNoRoom(t *testing.T) {
	c := testConfig(t.TempDir())
	full := make(chan bool, 1)
	full <- false
	c.Room = func() error {
		now := <-full
		full <- now
		if now {
			return errDisk
		}
		return nil
	}
	o := mustOpen(t, c)
	mustAdd(t, o, "a", "0")
	<-full
	full <- true
	added, refused := 1, 0
	for refused < 3 { // one more segment may have been prepared
		switch err := o.Add("a", []byte(filler("x", 900))); {
		case err == nil:
			added++
		case errors.Is(err, errDisk):
			refused++
		default:
			t.Fatal(err)
		}
	}
	mustAdd(t, o, "a", "small")
	<-full
	full <- false
	mustAdd(t, o, "a", filler("x", 900), filler("x", 3*small))
	<-full
	full <- true
	if n := len(readAll(t, o, "a", 0)); n != added+3 || added > 9 {
		t.Errorf("%d entries are there, want %d and at most 12", n, added+3)
	}
}

// TestASegmentThatCannotBeMade: something lies where its file is made. The one after it can be made.
func TestASegmentThatCannotBeMade(t *testing.T) {
	c := testConfig(t.TempDir())
	for _, number := range []string{"0000000000000002", "0000000000000003"} {
		if err := os.MkdirAll(filepath.Join(c.Dir, number+spareSuffix, "x"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	o := mustOpen(t, c)
	o.mu.Lock()
	number := o.number
	o.mu.Unlock()
	if number < 3 {
		t.Errorf("numbers go on behind %d, want at least 3", number)
	}
	added := addMany(t, o, "a", 3)
	expectEntries(t, "a", readAll(t, o, "a", 0), added)
}
