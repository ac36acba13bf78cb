package wasm

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
)

func wantFailure(t *testing.T, err error, reason, text string) {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) || f.Reason != reason || !strings.Contains(f.Text, text) {
		t.Errorf("error is %v, want a failure %s: …%s…", err, reason, text)
	}
}

func bootHostile(t testing.TB, edit func(*Config)) *Guest {
	t.Helper()
	c := testConfig()
	if edit != nil {
		edit(&c)
	}
	m, err := newHost(t, c).Load(t.Context(), hostileModule)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Boot(t.Context(), []byte("configuration"))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestCall(t *testing.T) {
	g := bootHostile(t, nil)
	var refused [4]byte
	binary.LittleEndian.PutUint32(refused[:], 1<<32-1)
	tests := []struct{ export, input, want string }{
		{"echo", "hello", "hello"},
		{"echo", "", ""},
		{"nothing", "hello", ""},
		{"configured", "", "configuration"},
		{"count", "", "\x01"},
		{"count", "", "\x01"}, // a fresh instance knows nothing of the one before
		{"modest", "", string(refused[:])},
	}
	for _, tt := range tests {
		got, err := g.Call(t.Context(), tt.export, []byte(tt.input))
		if err != nil || string(got) != tt.want {
			t.Errorf("Call(%q, %q) = %q, %v, want %q", tt.export, tt.input, got, err, tt.want)
		}
	}
}

func TestFailures(t *testing.T) {
	g := bootHostile(t, func(c *Config) { c.MemoryLimit = 4 * PageSize })
	tests := []struct{ export, input, reason, text string }{
		{"loop", "", ReasonOutOfFuel, "more than 1000000 units"},
		{"trap", "", ReasonTrapped, ".trap(i32,i32)"},
		{"recurse", "", ReasonTooDeep, "more than 2097152 bytes of stack"},
		{"outside", "", ReasonBadOutput, "64 bytes at 0xfffffff0"},
		{"straddle", "", ReasonBadOutput, "2 bytes at"},
		{"flood", "", ReasonOutputTooLarge, "5000 bytes, the limit is 4096"},
		{"hoard", "", ReasonOutOfMemory, "asked for 327680 bytes of memory, the limit is 262144; then: wasm error: unreachable"},
		{"log_outside", "", ReasonHostRefused, "log: the text of 512 bytes at 0xffffff00"},
		{"log_level", "hi", ReasonHostRefused, "there is no level 9"},
		{"give_up", "I am lost", ReasonTrapped, "fail(42): I am lost"},
		{"echo", strings.Repeat("x", DefaultBufferSize+1), ReasonInputTooLarge, "echo was to be handed 4097 bytes, the limit is 4096"},
		{"launch", "", ReasonNotReady, `exports no function "launch"; there are: babble, buffer`},
		{"number", "", ReasonNotReady, "exports number as () -> (i32); want (i32, i32) -> (i64)"},
	}
	for _, tt := range tests {
		t.Run(tt.export, func(t *testing.T) {
			_, err := g.Call(t.Context(), tt.export, []byte(tt.input))
			wantFailure(t, err, tt.reason, tt.text)
			if got, err := g.Call(t.Context(), "echo", []byte("well")); err != nil || string(got) != "well" {
				t.Errorf("the next call: %q, %v", got, err)
			}
		})
	}
}

func TestBootRefusals(t *testing.T) {
	h := newHost(t, testConfig())
	hostile, err := h.Load(t.Context(), hostileModule)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := h.Load(t.Context(), small())
	if err != nil {
		t.Fatal(err)
	}
	nowhere, err := h.Load(t.Context(), module(smallTypes, smallFunctions, smallMemory, smallExports, section(codeSection, vector(code("\x41\x00"), echoCode))))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name         string
		module       *Module
		config       string
		reason, text string
	}{
		{"refused", hostile, "no", ReasonNotReady, "configure answered 7"},
		{"trapped", hostile, "trap", ReasonNotReady, "could not be booted: wasm error: unreachable"},
		{"endless", hostile, "loop", ReasonOutOfFuel, "more than 20000000 units"},
		{"gave up", hostile, "fail", ReasonNotReady, "fail(3): no such shop"},
		{"too large", hostile, strings.Repeat("x", 5000), ReasonInputTooLarge, "configure was to be handed 5000 bytes"},
		{"nobody takes it", plain, "yes", ReasonNotReady, `exports no function "configure"`},
		{"no buffer", nowhere, "", ReasonNotReady, "buffer(4096) answered 0x0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.module.Boot(t.Context(), []byte(tt.config))
			wantFailure(t, err, tt.reason, tt.text)
		})
	}
}

func TestLogs(t *testing.T) {
	g := bootHostile(t, nil)
	r, err := g.Trace(t.Context(), "speak", []byte("caf\xc3\xa9 \xff"))
	want := []Log{{LevelInfo, "read this: "}, {LevelWarn, "café \uFFFD"}}
	if err != nil || !reflect.DeepEqual(r.Logs, want) || r.LogsCut {
		t.Errorf("Trace(speak) = %+v, %v, want logs %v", r, err, want)
	}
	r, err = g.Trace(t.Context(), "babble", nil)
	if err != nil || len(r.Logs) != 2 || len(r.Logs[0].Text) != 4000 || len(r.Logs[1].Text) != 96 || !r.LogsCut {
		t.Errorf("Trace(babble) kept %d logs, cut %v, %v; want 4000 and 96 bytes and cut", len(r.Logs), r.LogsCut, err)
	}
	_, err = g.Call(t.Context(), "give_up", nil)
	var f *Failure
	if !errors.As(err, &f) || !reflect.DeepEqual(f.Logs, []Log{{LevelInfo, "so far"}}) {
		t.Errorf("a failure keeps the logs before it; got %+v", f)
	}
}

// The caller's own deadline or cancellation is no failure of the guest.
func TestCallerEnds(t *testing.T) {
	g := bootHostile(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := g.Call(ctx, "echo", nil)
	var f *Failure
	if !errors.Is(err, context.Canceled) || errors.As(err, &f) {
		t.Errorf("Call = %v, want the context's error", err)
	}
	if _, err := g.module.Boot(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Boot = %v, want the context's error", err)
	}
}

func TestClosed(t *testing.T) {
	g := bootHostile(t, nil)
	other, err := g.module.Boot(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = g.Close()
	if _, err := g.Call(t.Context(), "echo", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed guest answers %v", err)
	}
	if _, err := other.Call(t.Context(), "echo", nil); err != nil {
		t.Errorf("another guest of the module answers %v", err)
	}
	for range 2 {
		if err := g.module.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := other.Call(t.Context(), "echo", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a guest of a closed module answers %v", err)
	}
	if _, err := other.module.Boot(t.Context(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("booting a closed module answers %v", err)
	}
}

// Two loads of the same bytes share compiled code inside wazero; closing one must leave the other alone.
func TestSameModuleTwice(t *testing.T) {
	h := newHost(t, testConfig())
	a, err := h.Load(t.Context(), small())
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Load(t.Context(), small())
	if err != nil {
		t.Fatal(err)
	}
	g, err := b.Boot(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := g.Call(t.Context(), "echo", []byte("here")); err != nil || string(got) != "here" {
		t.Errorf("Call = %q, %v", got, err)
	}
}

// TestHammer asks one guest from many goroutines, good and bad calls mixed, while other modules come and go.
func TestHammer(t *testing.T) {
	g := bootHostile(t, nil)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 50 {
				if worker == 0 && i%10 == 0 {
					m, err := g.module.host.Load(t.Context(), small())
					if err != nil {
						t.Error(err)
						return
					}
					_ = m.Close(t.Context())
				}
				hammer(t, g, fmt.Sprintf("%d.%d", worker, i), i%3)
			}
		})
	}
	wg.Wait()
}

func hammer(t *testing.T, g *Guest, input string, kind int) {
	switch kind {
	case 0:
		r, err := g.Trace(t.Context(), "speak", []byte(input))
		if err != nil || len(r.Logs) != 2 || r.Logs[1].Text != input {
			t.Errorf("speak(%q) = %+v, %v", input, r, err)
		}
	case 1:
		if got, err := g.Call(t.Context(), "echo", []byte(input)); err != nil || string(got) != input {
			t.Errorf("echo(%q) = %q, %v", input, got, err)
		}
	case 2:
		_, err := g.Call(t.Context(), "give_up", []byte(input))
		wantFailure(t, err, ReasonTrapped, "fail(42): "+input)
	}
}

// Close waits for calls under way and never takes their code from under them.
func TestCloseDuringCalls(t *testing.T) {
	g := bootHostile(t, nil)
	var wg sync.WaitGroup
	began := make(chan struct{})
	for worker := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				if worker == 0 && i == 10 {
					close(began)
				}
				if _, err := g.Call(t.Context(), "echo", []byte("x")); err != nil {
					if !errors.Is(err, ErrClosed) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	<-began
	if err := g.module.Close(t.Context()); err != nil {
		t.Error(err)
	}
	wg.Wait()
}

func TestGoGuest(t *testing.T) {
	c := testConfig()
	c.Fuel = 20_000_000 // for hoard, which is out of fuel long before it is out of memory
	m, err := newHost(t, c).Load(t.Context(), buildGoGuest(t))
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Boot(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := g.Call(t.Context(), "upper", []byte("back in stock"))
	if err != nil || string(got) != "BACK IN STOCK" {
		t.Errorf("upper = %q, %v", got, err)
	}
	var worlds [2]string
	for i := range worlds {
		out, err := g.Call(t.Context(), "world", nil)
		if err != nil {
			t.Fatal(err)
		}
		worlds[i] = string(out)
	}
	if worlds[0] != worlds[1] || !strings.HasPrefix(worlds[0], "1970-01-01T00:00:00Z 0 args 0 env ") {
		t.Errorf("the guest sees %q, then %q", worlds[0], worlds[1])
	}
	_, err = g.Call(t.Context(), "fault", []byte("purpose"))
	wantFailure(t, err, ReasonTrapped, `panic: a fault on "purpose"`)
	wantFailure(t, err, ReasonTrapped, "\nwasm error: unreachable")
	_, err = g.Call(t.Context(), "hoard", nil)
	wantFailure(t, err, ReasonOutOfMemory, "fatal error: out of memory")
}

func buildGoGuest(t testing.TB) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "goguest.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-o", file, "./testdata/goguest")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the Go guest: %v\n%s", err, out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func BenchmarkCall(b *testing.B) {
	g := bootHostile(b, nil)
	input := []byte("hello")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Call(b.Context(), "echo", input); err != nil {
			b.Fatal(err)
		}
	}
}
