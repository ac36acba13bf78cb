package wasm

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestSameEverywhere is the promise to authors: the same module, input and moment give the same output, logs and fuel,
// compiled or interpreted, on every kind of memory, in a fresh instance or after other calls.
func TestSameEverywhere(t *testing.T) {
	guests := []struct {
		name    string
		code    []byte
		exports []string
	}{
		{"C", hostileModule, []string{"echo", "count", "speak", "babble", "modest", "loop", "trap", "recurse", "hoard", "outside", "flood", "log_outside", "give_up", "count"}},
		{"Go", buildGoGuest(t), []string{"upper", "world", "fault", "nap", "dice", "world"}},
	}
	for _, guest := range guests {
		t.Run(guest.name, func(t *testing.T) {
			want, from := "", ""
			c := cacheConfig(filepath.Join(t.TempDir(), "code")) // compiled once for all kinds
			for _, interpreter := range []bool{false, true} {
				for kind, memories := range kinds(t) {
					c.Interpreter = interpreter
					got := transcript(t, workerOn(t, hostWith(t, c, memories), guest.code), guest.exports)
					name := fmt.Sprintf("interpreter %v, memory %s", interpreter, kind)
					if want == "" {
						want, from = got, name
					}
					if got != want {
						t.Fatalf("%s:\n%s\n%s:\n%s", from, want, name, got)
					}
				}
			}
			t.Log("\n" + want)
		})
	}
}

// transcript is what calls gave, in words, twice over: the second time after all the others.
func transcript(t *testing.T, w *Worker, exports []string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "booted with %d fuel and %d bytes\n", w.guest.BootFuel(), w.guest.ImageSize())
	for turn := range 2 {
		for i, export := range exports {
			at := Moment{Now: 1_700_000_000_000 + int64(i)}
			at.Seed[0] = byte(i)
			r, err := w.Call(export, []byte("input"), at)
			line := fmt.Sprintf("%s: %q, %d fuel, %d logs %.60v, cut %v", export, r.Output, r.Fuel, len(r.Logs), r.Logs, r.LogsCut)
			if f := (*Failure)(nil); errors.As(err, &f) {
				line = fmt.Sprintf("%s: %s, %d fuel, %d logs", export, f.Reason, f.Fuel, len(f.Logs))
			}
			fmt.Fprintln(&b, turn, line)
		}
	}
	return b.String()
}

// The clock shows the moment of the call and moves on while the guest waits, which takes no time; chance follows the seed;
// nothing leaks from one call to the next.
func TestMoments(t *testing.T) {
	w := workerOn(t, newHost(t, testConfig()), buildGoGuest(t))
	tests := []struct {
		export string
		now    int64
		seed   byte
		want   string
	}{
		{"world", 1_700_000_000_000, 0, "2023-11-14T22:13:20Z 0 args 0 env "},
		{"world", 1_700_000_001_000, 0, "2023-11-14T22:13:21Z"},
		{"nap", 1_700_000_000_000, 0, "3s later it is 2023-11-14T22:13:23Z"},
		{"nap", 1_700_000_000_000, 0, "3s later it is 2023-11-14T22:13:23Z"},
		{"dice", 0, 1, "6ae6783f4fbde91b"},
		{"dice", 0, 2, "1490066b778935b0"},
		{"dice", 0, 1, "6ae6783f4fbde91b"},
	}
	for _, tt := range tests {
		at := Moment{Now: tt.now}
		at.Seed[0] = tt.seed
		r, err := w.Call(tt.export, nil, at)
		if err != nil || !strings.HasPrefix(string(r.Output), tt.want) {
			t.Errorf("%s at %d by seed %d: %q, %v; want %q", tt.export, tt.now, tt.seed, r.Output, err, tt.want)
		}
	}
}
