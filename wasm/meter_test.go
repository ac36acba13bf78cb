package wasm

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
)

// withEcho is a module whose entry echo has these instructions behind one local of type i64.
func withEcho(instructions string) []byte {
	return module(smallTypes, smallFunctions, smallMemory, smallExports,
		section(codeSection, vector(bufferCode, body("\x01\x01\x7e", instructions))))
}

func bootSmall(t testing.TB, h *Host, module []byte) *Guest {
	t.Helper()
	m, err := h.Load(t.Context(), module)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Boot(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// What things cost, as opcode.go says.
func TestFuel(t *testing.T) {
	h := newHost(t, testConfig())
	const entered = 1 // a function that calls no other checks its fuel when it is entered
	tests := []struct {
		name, code string
		want       int64
	}{
		{"a constant", "\x42\x00", entered + 1},
		{"arithmetic", "\x42\x06\x42\x02\x7c", entered + 3},
		{"division", "\x42\x06\x42\x02\x80", entered + 2 + priceDivision},
		{"structure is free", "\x02\x40\x01\x0b\x42\x00", entered + 1},
		{"what is behind a way out is not paid", "\x42\x00\x0f\x42\x05\x1a", entered + 2},
		{"one arm of two", "\x20\x00\x04\x7e\x42\x01\x05\x42\x01\x42\x02\x7c\x0b", entered + 2 + 1},
		{"three turns of a loop", "\x03\x40\x20\x02\x42\x01\x7c\x22\x02\x42\x03\x54\x0d\x00\x0b\x42\x00", entered + 3*(1+7) + 1},
		{"filling 64 bytes", "\x41\x00\x41\x00\x41\xc0\x00\xfc\x0b\x00\x42\x00", entered + 4 + priceBulk + 16},
		{"growing by a page", "\x41\x01\x40\x00\x1a\x42\x00", entered + 4 + priceGrow + priceGrowPage},
		{"growing beyond the limit", "\x41\x80\x80\x04\x40\x00\x1a\x42\x00", entered + 4 + priceGrow},
		{"a call", "\x41\x00\x10\x00\x1a\x42\x00", 1 + priceCall + 2 + entered + 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := bootSmall(t, h, withEcho(tt.code)).Trace(t.Context(), "echo", nil)
			if err != nil || r.Fuel != tt.want {
				t.Errorf("it used %d fuel, %v; want %d", r.Fuel, err, tt.want)
			}
		})
	}
}

// Fuel ends at the very unit, and what ends a guest is named.
func TestFuelEnds(t *testing.T) {
	forever := map[string]string{
		"an empty loop":            "\x03\x40\x0c\x00\x0b\x42\x00",
		"a loop that calls":        "\x03\x40\x41\x00\x10\x00\x1a\x0c\x00\x0b\x42\x00",
		"a loop by br_table":       "\x03\x40\x41\x00\x0e\x00\x00\x0b\x42\x00",
		"filling for ever":         "\x03\x40\x41\x00\x41\x00\x41\x80\x80\x04\xfc\x0b\x00\x0c\x00\x0b\x42\x00",
		"growing by nothing":       "\x03\x40\x41\x00\x40\x00\x1a\x0c\x00\x0b\x42\x00",
		"growing beyond the limit": "\x03\x40\x41\x80\x80\x04\x40\x00\x1a\x0c\x00\x0b\x42\x00",
	}
	h := newHost(t, testConfig())
	for name, code := range forever {
		t.Run(name, func(t *testing.T) {
			_, err := bootSmall(t, h, withEcho(code)).Call(t.Context(), "echo", nil)
			wantFailure(t, err, ReasonOutOfFuel, "more than 1000000 units")
		})
	}
	for _, limit := range []int64{25, 26} { // the loop of TestFuel costs 26
		c := testConfig()
		c.Fuel = limit
		g := bootSmall(t, newHost(t, c), withEcho("\x03\x40\x20\x02\x42\x01\x7c\x22\x02\x42\x03\x54\x0d\x00\x0b\x42\x00"))
		if _, err := g.Call(t.Context(), "echo", nil); (err == nil) != (limit == 26) {
			t.Errorf("with %d fuel: %v", limit, err)
		}
	}
}

// A tree of calls has no loop, and no end either: 2 to the power of 40 calls.
func TestCallTreeEnds(t *testing.T) {
	functions, bodies := []string{"\x00", "\x01"}, []string{bufferCode, body("\x00", "\x10\x02\x42\x00")}
	for i := range 40 {
		functions = append(functions, "\x03")
		call := "\x10" + leb(min(i+3, 41))
		bodies = append(bodies, code(call+call))
	}
	bodies[41] = code("")
	types := section(typeSection, vector("\x60\x01\x7f\x01\x7f", "\x60\x02\x7f\x7f\x01\x7e", "\x60\x03\x7f\x7f\x7f\x00", "\x60\x00\x00"))
	m := module(types, section(functionSection, vector(functions...)), smallMemory, smallExports, section(codeSection, vector(bodies...)))
	_, err := bootSmall(t, newHost(t, testConfig()), m).Call(t.Context(), "echo", nil)
	wantFailure(t, err, ReasonOutOfFuel, "")
}

// The names of what metering adds are not to be had, and its globals have no index that a valid module could name.
func TestMeteringIsOutOfReach(t *testing.T) {
	h := newHost(t, testConfig())
	taken := module(smallTypes, smallFunctions, smallMemory, section(exportSection, vector(named("memory")+"\x02\x00",
		named("buffer")+"\x00\x00", named("metered:fuel")+"\x00\x01")), smallCode)
	if _, err := h.Load(t.Context(), taken); err == nil || !strings.Contains(err.Error(), `names that begin with "metered:"`) {
		t.Errorf("an export of a reserved name: %v", err)
	}
	for name, code := range map[string]string{"global": "\x23\x00", "local": "\x20\x03"} {
		if _, err := h.Load(t.Context(), withEcho(code)); err == nil {
			t.Errorf("the first %s behind the module's own was taken", name)
		}
	}
}

// FuzzMetering holds rewritten programs against plain ones: the same output or the same trap, the same memory and the
// same globals.
func FuzzMetering(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 64 {
		choices := make([]byte, 20*n)
		for i := range choices {
			choices[i] = byte(r.Uint32())
		}
		f.Add(choices)
	}
	c := testConfig()
	c.Fuel, c.MemoryLimit = 50_000, 4*PageSize
	hosts := map[string]*Host{}
	for name, interpreter := range map[string]bool{"compiler": false, "interpreter": true} {
		c.Interpreter = interpreter
		h, err := New(context.Background(), c)
		if err != nil {
			f.Fatal(err)
		}
		hosts[name] = h
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		code := generate(choices)
		var first *ran
		for name, h := range hosts {
			r := runMetered(t, h, code)
			if first == nil {
				first = r
			} else if !first.equal(r) || first.fuel != r.fuel {
				t.Fatalf("%s: %+v, the other engine: %+v", name, r, first)
			}
		}
		if first.trap == ReasonOutOfFuel || first.trap == ReasonTooDeep {
			return // a plain run might not end
		}
		if plain := runPlain(t, code); !first.equal(plain) {
			t.Fatalf("metered: %v, plain: %v", first, plain)
		}
	})
}

// ran is what a run left behind.
type ran struct {
	packed  uint64
	trap    string // the first line, or the reason when it was stopped
	fuel    int64
	globals [3]uint64
	memory  []byte
}

func (r *ran) equal(other *ran) bool {
	return r.packed == other.packed && r.trap == other.trap && r.globals == other.globals && bytes.Equal(r.memory, other.memory)
}

func runMetered(t *testing.T, h *Host, code []byte) *ran {
	t.Helper()
	m, err := h.Load(t.Context(), code)
	if err != nil {
		t.Fatalf("a valid module is refused: %v", err)
	}
	defer m.Close(t.Context())
	g, err := m.Boot(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := g.Worker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	_ = w.begin(h.config.Fuel, Moment{})
	entry, _ := w.entry("echo", entrySignature)
	r := &ran{}
	r.packed, err = w.invoke("echo", entry, []byte("input"))
	r.fuel = int64(w.fuel.Get())
	if err != nil {
		r.packed = 0
		f := w.failure(err, h.config.Fuel)
		if r.trap = f.Reason; r.trap == ReasonTrapped || r.trap == ReasonOutOfMemory {
			r.trap, _, _ = strings.Cut(guestText(err), "\n")
		}
	}
	for i, g := range w.globals {
		r.globals[i] = g.Get()
	}
	r.memory = bytes.Clone(w.memory.b)
	return r
}

func runPlain(t *testing.T, code []byte) *ran {
	t.Helper()
	runtime := wazero.NewRuntimeWithConfig(t.Context(), runtimeConfig(false))
	defer runtime.Close(t.Context())
	m, err := runtime.Instantiate(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	m.Memory().Write(16, []byte("input"))
	r := &ran{}
	answer, err := m.ExportedFunction("echo").Call(t.Context(), 16, 5)
	if err == nil {
		r.packed = answer[0]
	} else {
		r.trap, _, _ = strings.Cut(guestText(err), "\n")
	}
	for i, name := range []string{"a", "b", "c"} {
		r.globals[i] = m.ExportedGlobal(name).Get()
	}
	r.memory, _ = m.Memory().Read(0, m.Memory().Size())
	r.memory = bytes.Clone(r.memory)
	return r
}

// FuzzRewrite holds that what the rewriter makes of a module that wazero found valid is valid as well.
func FuzzRewrite(f *testing.F) {
	addGallery(f, 16<<10)
	for _, m := range seedModules() {
		f.Add(m)
	}
	c := testConfig().withDefaults()
	c.ModuleLimit = 16 << 10
	f.Fuzz(func(t *testing.T, b []byte) {
		_, m, err := prepare(t.Context(), c, b)
		if err != nil {
			return
		}
		if err := validate(t.Context(), &outline{core: m.core}); err != nil {
			t.Fatalf("the rewritten module is not valid: %v", err)
		}
	})
}

func seedModules() [][]byte {
	return [][]byte{
		small(), hostileModule, generate(nil), generate([]byte("a few choices for a start, and then some more of them")),
		append(small(), custom("name", "\x01\x07\x01\x01\x04echo")...),
		[]byte(header + "\x01\x07\xff\xff\xff\xff\x0f\x60\x00"),
	}
}

// The stack's budget is given back on every way out of a function.
func TestStackIsGivenBack(t *testing.T) {
	h := newHost(t, testConfig())
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		choices := make([]byte, 300)
		for i := range choices {
			choices[i] = byte(r.Uint32())
		}
		w, err := bootSmall(t, h, generate(choices)).Worker(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Call("echo", nil, Moment{})
		var f *Failure
		if left := int64(w.stack.Get()); (err == nil || errors.As(err, &f) && f.Reason == ReasonOutputTooLarge) && left != DefaultStackLimit {
			t.Fatalf("%d bytes of stack are left after a call, want %d", left, DefaultStackLimit)
		}
		w.Close()
	}
}
