package wasm

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The guests of testdata/guests are the same condition in four languages; see the README there.
var guestLanguages = []string{"c", "assemblyscript", "rust", "go"}

// guestModule is the guest in a language. Go's is built, since it is large and Go is always there.
func guestModule(t testing.TB, language string) []byte {
	t.Helper()
	file := filepath.Join("testdata", "guests", language, "guest.wasm")
	if language == "go" {
		file = buildGuest(t, language)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// buildGuest builds a guest anew and answers where.
func buildGuest(t testing.TB, language string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "guest.wasm")
	build := exec.CommandContext(t.Context(), filepath.Join("testdata", "guests", language, "build.sh"), file)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the guest in %s: %v\n%s", language, err, out)
	}
	return file
}

// A little msgpack: what the guests are handed.

func packText(b []byte, s string) []byte {
	if s == "" {
		return append(b, 0xc0)
	}
	return append(append(b, 0xa0|byte(len(s))), s...)
}

func packTime(b []byte, ms int64) []byte {
	if ms == 0 {
		return append(b, 0xc0)
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(ms))
}

const guestDay, guestNow = 24 * 60 * 60 * 1000, int64(1_700_000_000_000)

// guestConfig is [SKU, window in ms, [countries]].
func guestConfig() []byte {
	b := packTime(packText([]byte{0x93}, "TEE-BLACK-M"), 7*guestDay)
	b = append(b, 0x95)
	for _, c := range []string{"AT", "BE", "CH", "DE", "NL"} {
		b = packText(b, c)
	}
	return b
}

// guestInput is [now, SKU, told at, country]; "" and 0 are missing.
func guestInput(sku string, told int64, country string) []byte {
	b := packText(packTime([]byte{0x94}, guestNow), sku)
	return packText(packTime(b, told), country)
}

const (
	guestYes      = "\x92\xc3\xa4tell"
	guestProduct  = "\x92\xc2\xafanother product"
	guestLately   = "\x92\xc2\xabtold lately"
	guestUnserved = "\x92\xc2\xb1not shipped there"
)

func bootGuest(t testing.TB, h *Host, language string) *Guest {
	t.Helper()
	m, err := h.Load(t.Context(), guestModule(t, language))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close(context.Background()) })
	g, err := m.Boot(t.Context(), guestConfig())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestGuests asks the four guests the same and wants the same answers.
func TestGuests(t *testing.T) {
	tests := []struct {
		name  string
		input []byte
		want  string
	}{
		{"all holds", guestInput("TEE-BLACK-M", guestNow-8*guestDay, "DE"), guestYes},
		{"never told", guestInput("TEE-BLACK-M", 0, "NL"), guestYes},
		{"told just outside the window", guestInput("TEE-BLACK-M", guestNow-7*guestDay, "AT"), guestYes},
		{"told just inside the window", guestInput("TEE-BLACK-M", guestNow-7*guestDay+1, "AT"), guestLately},
		{"another product", guestInput("TEE-BLACK-L", 0, "DE"), guestProduct},
		{"a longer SKU", guestInput("TEE-BLACK-M2", 0, "DE"), guestProduct},
		{"no SKU", guestInput("", 0, "DE"), guestProduct},
		{"another country", guestInput("TEE-BLACK-M", 0, "FR"), guestUnserved},
		{"no country", guestInput("TEE-BLACK-M", 0, ""), guestUnserved},
	}
	for _, language := range guestLanguages {
		t.Run(language, func(t *testing.T) {
			g := bootGuest(t, newHost(t, guestsConfig()), language)
			for _, tt := range tests {
				got, err := g.Call(t.Context(), "condition", tt.input)
				if err != nil || string(got) != tt.want {
					t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
				}
			}
			for _, bad := range []string{"", "\x94", "\x94\xc0", "\xc1", "\x94\xd3\x00", "\x94\x01\xdb\xff\xff\xff\xff"} {
				_, err := g.Call(t.Context(), "condition", []byte(bad))
				wantFailure(t, err, ReasonTrapped, "not the input")
			}
		})
	}
}

// TestGuestsRebuild builds the guests anew, which shows that sources and build scripts are those of the modules. What the
// compilers make may differ in bytes; what it answers may not.
func TestGuestsRebuild(t *testing.T) {
	tools := map[string]string{"c": "clang", "assemblyscript": "npm", "rust": "rustc"}
	for language, tool := range tools {
		t.Run(language, func(t *testing.T) {
			if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") != "true" {
				t.Skipf("%s is not there; in CI that fails", tool)
			}
			b, err := os.ReadFile(buildGuest(t, language))
			if err != nil {
				t.Fatal(err)
			}
			m, err := newHost(t, guestsConfig()).Load(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			g, err := m.Boot(t.Context(), guestConfig())
			if err != nil {
				t.Fatal(err)
			}
			got, err := g.Call(t.Context(), "condition", guestInput("TEE-BLACK-M", 0, "DE"))
			if err != nil || string(got) != guestYes {
				t.Errorf("it answers %q, %v", got, err)
			}
		})
	}
}

// guestsConfig binds the guests.
func guestsConfig() Config { return testConfig() }

// reasonOf is the reason of a failure; "" for none.
func reasonOf(t testing.TB, err error) string {
	t.Helper()
	var f *Failure
	if err != nil && !errors.As(err, &f) {
		t.Fatalf("%v is no failure of the guest", err)
	}
	if f == nil {
		return ""
	}
	return f.Reason
}
