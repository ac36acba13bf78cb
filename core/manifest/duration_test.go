package manifest

import (
	"testing"

	"restock/core"
)

func TestParseDuration(t *testing.T) {
	tests := []struct {
		text string
		want core.Milliseconds // -1: refused
	}{
		{"0s", 0},
		{"1s", core.Second},
		{"10m", 10 * core.Minute},
		{"36h", 36 * core.Hour},
		{"90d", 90 * core.Day},
		{"1d12h", 36 * core.Hour},
		{"1d2h3m4s", core.Day + 2*core.Hour + 3*core.Minute + 4*core.Second},
		{"1h0m5s", core.Hour + 5*core.Second},
		{"007d", 7 * core.Day},
		{"36500d", MaxDuration},
		{"36499d24h", MaxDuration},
		{"36500d1s", -1},
		{"4294967296s", -1},
		{"99999999999999999999d", -1},
		{"", -1},
		{"0", -1},
		{"10", -1},
		{"d", -1},
		{"12h1d", -1},
		{"1d1d", -1},
		{"1w", -1},
		{"1ms", -1},
		{"1.5h", -1},
		{"-1h", -1},
		{"+1h", -1},
		{"1_0h", -1},
		{" 1h", -1},
		{"1h ", -1},
		{"1d 12h", -1},
		{"1H", -1},
		{"1h30", -1},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseDuration(tt.text)
			switch {
			case tt.want < 0 && err == nil:
				t.Errorf("ParseDuration(%q) = %d, want an error", tt.text, got)
			case tt.want >= 0 && (err != nil || got != tt.want):
				t.Errorf("ParseDuration(%q) = %d, %v, want %d", tt.text, got, err, tt.want)
			}
		})
	}
}

// What is read is within bounds, in whole seconds, and written out it reads the same.
func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"0s", "1d12h", "90d", "1d2h3m4s", "36500d", "12h1d", "4294967295s", "m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		if d < 0 || d > MaxDuration || d%core.Second != 0 {
			t.Fatalf("ParseDuration(%q) = %d ms", s, d)
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Fatalf("%q is %d ms, written %s, read again %d, %v", s, d, d, again, err)
		}
	})
}
