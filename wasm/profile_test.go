package wasm

import (
	"strings"
	"testing"
)

// spans keeps what a profiler hears.
type spans struct {
	open  []string
	seen  []string
	least int64
	t     *testing.T
}

func (s *spans) Enter(function string, left int64) {
	s.open, s.seen, s.least = append(s.open, function), append(s.seen, function), left
}

func (s *spans) Leave(left int64) {
	if len(s.open) == 0 || left > s.least {
		s.t.Fatalf("a function ends with %d left of %d, %d are open", left, s.least, len(s.open))
	}
	s.open, s.least = s.open[:len(s.open)-1], left
}

// A profiled guest uses the same fuel as any; what it enters it leaves, also when it stops.
func TestProfiler(t *testing.T) {
	plain := bootGuest(t, newHost(t, guestsConfig()), "rust")
	heard := &spans{t: t}
	c := guestsConfig()
	c.Profiler = heard
	g := bootGuest(t, newHost(t, c), "rust")
	for _, input := range [][]byte{guestInput("TEE-BLACK-M", 0, "DE"), {0xc1}} {
		heard.open, heard.seen, heard.least = nil, nil, DefaultFuel
		want, wantErr := plain.Trace(t.Context(), "condition", input)
		got, err := g.Trace(t.Context(), "condition", input)
		if got.Fuel != want.Fuel || string(got.Output) != string(want.Output) || reasonOf(t, err) != reasonOf(t, wantErr) {
			t.Errorf("profiled: %+v, %v; plain: %+v, %v", got, err, want, wantErr)
		}
		if len(heard.open) > 0 || len(heard.seen) < 2 || !strings.Contains(heard.seen[0], "condition") && !strings.HasPrefix(heard.seen[0], ".$") {
			t.Errorf("heard of %q, open are %q", heard.seen, heard.open)
		}
	}
}

func TestProfilerNeedsThisProcess(t *testing.T) {
	c := guestsConfig()
	c.Profiler, c.Child = &spans{}, []string{"child"}
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "Profiler") {
		t.Errorf("error is %v", err)
	}
}
