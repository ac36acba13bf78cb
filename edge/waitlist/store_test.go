package waitlist_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"bufio"

	"restock/core"
	"restock/core/wire"
	"restock/edge/waitlist"
)

var quiet = slog.New(slog.DiscardHandler)

func open(t testing.TB, dir string) *waitlist.Store {
	t.Helper()
	s, err := waitlist.Open(dir, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func capture(t testing.TB, email string) wire.Raw {
	t.Helper()
	raw, err := wire.Encode(wire.Capture{Capture: core.Capture{Target: core.Target{Source: "shop", Variant: "1"}, Email: email}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func add(t testing.TB, s *waitlist.Store, w core.WorkspaceName, raws ...wire.Raw) {
	t.Helper()
	for _, raw := range raws {
		if err := s.Add(w, raw); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEmptyLogsAreNoObstacle: a kill can leave logs that were made, but in which nothing stands.
func TestEmptyLogsAreNoObstacle(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"000009.vlog", "00009.mem"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
}

// next reads the outbox behind a number and returns the numbers read.
func next(t testing.TB, s *waitlist.Store, w core.WorkspaceName, after uint64) (first uint64, n int) {
	t.Helper()
	raws, first, err := s.Next(w, after)
	if err != nil {
		t.Fatal(err)
	}
	return first, len(raws)
}

func TestNumbersHaveNoGapsPerWorkspace(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var writers sync.WaitGroup
	for i := range 50 {
		writers.Go(func() {
			add(t, s, "a", capture(t, fmt.Sprintf("a%d@example.com", i)))
			add(t, s, "b", capture(t, fmt.Sprintf("b%d@example.com", i)))
		})
	}
	writers.Wait()
	for _, w := range []core.WorkspaceName{"a", "b"} {
		if first, n := next(t, s, w, 0); first != 1 || n != 50 {
			t.Errorf("workspace %s holds %d entries from %d on, want 50 from 1", w, n, first)
		}
		if first, n := next(t, s, w, 30); first != 31 || n != 20 {
			t.Errorf("workspace %s: %d entries from %d on behind 30", w, n, first)
		}
	}
}

func TestAMarkTakesOutOfTheOutboxAndNumberingGoesOn(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	edge := s.Edge()
	add(t, s, "a", capture(t, "1@example.com"), capture(t, "2@example.com"), capture(t, "3@example.com"))
	next(t, s, "a", 0)
	if err := s.Mark("a", 3); err != nil {
		t.Fatal(err)
	}
	if s.Pending() != 0 {
		t.Errorf("%d pending, want none", s.Pending())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if s.Edge() != edge {
		t.Error("the edge's id changed with a restart")
	}
	add(t, s, "a", capture(t, "4@example.com"))
	if first, n := next(t, s, "a", 0); first != 4 || n != 1 {
		t.Errorf("%d entries from %d on, want 1 from 4", n, first)
	}
	for _, mark := range []uint64{9, 2} {
		if err := s.Mark("a", mark); !errors.Is(err, waitlist.ErrNotOurs) {
			t.Errorf("mark %d gave %v, want that it is not about this disk", mark, err)
		}
	}
}

// TestRenewedDiskIsANewEdge: what is in the outbox goes out again under a new id, from 1 on.
func TestRenewedDiskIsANewEdge(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	was := s.Edge()
	add(t, s, "a", capture(t, "1@example.com"), capture(t, "2@example.com"), capture(t, "3@example.com"))
	next(t, s, "a", 0)
	if err := s.Mark("a", 2); err != nil {
		t.Fatal(err)
	}
	if err := s.Renew(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time after a restart
		if s.Edge() == was {
			t.Fatal("the id is the old one")
		}
		if first, n := next(t, s, "a", 0); first != 1 || n != 1 || s.Marked("a") != 0 {
			t.Errorf("%d entries from %d on, marked %d; want 1 from 1, marked 0", n, first, s.Marked("a"))
		}
		_ = s.Close()
		s = open(t, dir)
	}
	add(t, s, "a", capture(t, "4@example.com"))
	next(t, s, "a", 0)
	if err := s.Mark("a", 2); err != nil || s.Pending() != 0 {
		t.Errorf("marking both gave %v and left %d", err, s.Pending())
	}
}

// TestAMarkInTheMiddleOfARecord: records are what was committed together, marks may end anywhere in them.
func TestAMarkInTheMiddleOfARecord(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var writers sync.WaitGroup
	for i := range 200 {
		writers.Go(func() { add(t, s, "a", capture(t, fmt.Sprintf("c%d@example.com", i))) })
	}
	writers.Wait()
	next(t, s, "a", 0)
	for mark := uint64(7); mark <= 200; mark += 7 {
		if err := s.Mark("a", mark); err != nil {
			t.Fatal(err)
		}
		if mark == 70 {
			_ = s.Close()
			s = open(t, dir)
		}
		if first, n := next(t, s, "a", 0); first != mark+1 || uint64(n) != 200-mark {
			t.Fatalf("behind mark %d: %d entries from %d on", mark, n, first)
		}
	}
	if done, err := s.Resync(t.Context(), func(int) {}); err != nil || done != 196 {
		t.Errorf("%d captures are on the waitlist (%v), want 196", done, err)
	}
}

func TestABatchHasAtMostWhatAMessageTakes(t *testing.T) {
	s := open(t, t.TempDir())
	big, err := wire.Encode(wire.Webhook{Source: "shop", Body: make([]byte, 200<<10)})
	if err != nil {
		t.Fatal(err)
	}
	add(t, s, "a", big, big, big, big, big)
	if _, n := next(t, s, "a", 0); n != 3 {
		t.Errorf("%d entries of 200 KiB in a batch, want 3", n)
	}
}

func TestAddAfterClose(t *testing.T) {
	s := open(t, t.TempDir())
	var writers sync.WaitGroup
	for range 20 {
		writers.Go(func() {
			for {
				if err := s.Add("a", capture(t, "x@example.com")); err != nil {
					if !errors.Is(err, waitlist.ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	writers.Wait()
}

func TestConfigurationSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for key, value := range map[string]string{"source.a": "1", "source.b": "2"} {
		if err := s.SetConfig(key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SetConfig("source.b", nil); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	got := map[string]string{}
	err := open(t, dir).Config(func(key string, value []byte) { got[key] = string(value) })
	if err != nil || len(got) != 1 || got["source.a"] != "1" {
		t.Errorf("configuration is %v (%v), want source.a alone", got, err)
	}
}

// killedEnv makes the test binary a process that adds entries until it is killed, and says after each that it was
// acknowledged.
const killedEnv = "WAITLIST_TEST_ADD_INTO"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedEnv); dir != "" {
		addForEver(dir)
	}
	os.Exit(m.Run())
}

func addForEver(dir string) {
	s, err := waitlist.Open(dir, nil, quiet)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := make(chan int)
	for i := range 8 {
		go func() {
			for n := i; ; n += 8 {
				raw, _ := wire.Encode(wire.Capture{Capture: core.Capture{Email: strconv.Itoa(n)}})
				if s.Add("a", raw) == nil {
					out <- n
				}
			}
		}()
	}
	for n := range out {
		fmt.Println(n)
	}
}

func TestWhatWasAcknowledgedSurvivesKill(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		process := exec.Command(os.Args[0])
		process.Env = append(os.Environ(), killedEnv+"="+dir)
		pipe, err := process.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := map[string]bool{}
		lines := bufio.NewScanner(pipe)
		for len(acknowledged) < 200*(round+1) && lines.Scan() {
			acknowledged[lines.Text()] = true
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			acknowledged[lines.Text()] = true
		}
		_ = process.Wait() // it was killed
		for email := range outbox(t, dir) {
			delete(acknowledged, email)
		}
		if len(acknowledged) > 0 {
			t.Fatalf("round %d: %d acknowledged entries are lost", round, len(acknowledged))
		}
	}
}

// outbox reads every capture's address in the outbox.
func outbox(t *testing.T, dir string) map[string]bool {
	t.Helper()
	s := open(t, dir)
	defer func() { _ = s.Close() }()
	all := map[string]bool{}
	for after := uint64(0); ; {
		raws, first, err := s.Next("a", after)
		if err != nil {
			t.Fatal(err)
		}
		if len(raws) == 0 {
			return all
		}
		if first != after+1 {
			t.Fatalf("the outbox goes on with %d behind %d", first, after)
		}
		for _, raw := range raws {
			e, err := raw.Decode()
			if err != nil {
				t.Fatal(err)
			}
			all[strings.TrimSpace(e.(wire.Capture).Capture.Email)] = true
		}
		after = first + uint64(len(raws)) - 1
	}
}

func BenchmarkAdd(b *testing.B) {
	for _, writers := range []int{1, 64, 256} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := open(b, b.TempDir())
			raw := capture(b, "someone@example.com")
			b.SetParallelism(max(1, writers/2))
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if err := s.Add("a", raw); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "captures/s")
		})
	}
}
