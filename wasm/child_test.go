package wasm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// childArgument makes the test binary a loading process: see TestMain.
const childArgument = "serve-child"

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == childArgument {
		if err := ServeChild(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// childConfig loads in a child, with time for the race detector.
func childConfig(t testing.TB) Config {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := testConfig()
	c.Child = []string{program, childArgument}
	c.LoadTime, c.LoadMemory = 2*time.Minute, 4<<30
	return c
}

func TestChildLoads(t *testing.T) {
	h := newHost(t, childConfig(t))
	if h.LoadsInProcess() {
		t.Error("with a child it says that it loads in process")
	}
	for name, code := range map[string][]byte{"small": small(), "C": hostileModule} {
		m, err := h.Load(t.Context(), code)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := m.Boot(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if m.Cached() != CacheNone {
			t.Errorf("%s: compiled code came from %s", name, m.Cached())
		}
	}
	left, err := os.ReadDir(h.cache.live)
	if err != nil || len(left) != 1 {
		t.Errorf("in the folder of compiled code are %v, %v; want wazero's alone", left, err)
	}
	if file, err := h.cache.codeFile(h.cache.live); file != "" || err != nil {
		t.Errorf("compiled code is left: %q, %v", file, err)
	}
}

// A child says the same of a bad module as loading in process.
func TestChildRefuses(t *testing.T) {
	inside, outside := newHost(t, testConfig()), newHost(t, childConfig(t))
	for _, code := range [][]byte{nil, small()[:40], []byte(header + "\x01\x07\xff\xff\xff\xff\x0f\x60\x00"), withEcho("\x20\x09"), withEcho("\xd0\x70\x1a\x42\x00")} {
		_, want := inside.Load(t.Context(), code)
		_, got := outside.Load(t.Context(), code)
		if got == nil || want == nil || got.Error() != want.Error() {
			t.Errorf("the child says %v, want %v", got, want)
		}
	}
}

// slowModule is small and takes long to compile: many ways to join over many locals.
func slowModule(ways int) []byte {
	var b strings.Builder
	const locals = 9_900
	for i := range ways {
		b.WriteString("\x20\x00\x04\x40\x20" + leb(3+i%9_000) + "\x21" + leb(3+i*7%9_000) + "\x0b")
	}
	b.WriteString("\x42\x00")
	return module(smallTypes, smallFunctions, smallMemory, smallExports,
		section(codeSection, vector(bufferCode, body("\x01"+leb(locals)+"\x7e", b.String()))))
}

// What a child may take ends it, not its parent; and the next module is loaded.
func TestChildIsLimited(t *testing.T) {
	tests := []struct {
		name string
		edit func(*Config)
		want string
	}{
		{"time", func(c *Config) { c.LoadTime = time.Second }, "compiling it takes more than 1s of processor time"},
		{"memory", func(c *Config) { c.LoadMemory = 200 << 20 }, "compiling it takes more than 209715200 bytes of memory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := childConfig(t)
			tt.edit(&c)
			h := newHost(t, c)
			_, err := h.Load(t.Context(), slowModule(8_000))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load = %v, want an error that says %q", err, tt.want)
			}
			if _, err := h.Load(t.Context(), small()); err != nil {
				t.Errorf("the next module: %v", err)
			}
		})
	}
}

func TestChildThatIsNone(t *testing.T) {
	for want, child := range map[string][]string{
		"starting the loading process":             {"/nowhere/to/be/found"},
		"must be a command that runs ServeChild":   {"echo", "hello"},
		"ended the loading process: exit status 1": {"false"},
	} {
		c := testConfig()
		c.Child = child
		if _, err := newHost(t, c).Load(t.Context(), small()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with %v: %v, want %q", child, err, want)
		}
	}
	c := testConfig()
	c.Child = []string{"sleep", "600"}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := newHost(t, c).Load(ctx, small()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a child that sleeps: %v, want the caller's deadline", err)
	}
}

// FuzzChildRequest holds that a loading process answers or refuses whatever comes.
func FuzzChildRequest(f *testing.F) {
	f.Add([]byte("{}\n"))
	f.Add([]byte("{\"Config\":{\"ImportModule\":\"host1\",\"Section\":\"about\",\"BufferExport\":\"buffer\",\"ModuleLimit\":100},\"Size\":3}\nabc"))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, module, err := readRequest(bytes.NewReader(b))
		if err == nil && (len(module) != r.Size || len(module) > len(b)) {
			t.Errorf("of %d bytes came a module of %d, said to be %d", len(b), len(module), r.Size)
		}
	})
}
