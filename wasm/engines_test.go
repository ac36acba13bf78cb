package wasm

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// engines are a host that compiles and one that interprets.
func engines(t testing.TB, c Config) (compiler, interpreter *Host) {
	compiler = newHost(t, c)
	c.Interpreter = true
	return compiler, newHost(t, c)
}

// TestEnginesAgree is the promise to authors: the same input gives the same verdict for the same fuel, or fails for the
// same reason after the same fuel, on the compiler and on the interpreter, for guests of four compilers.
func TestEnginesAgree(t *testing.T) {
	for _, language := range guestLanguages {
		t.Run(language, func(t *testing.T) {
			compiler, interpreter := engines(t, guestsConfig())
			a, b := bootGuest(t, compiler, language), bootGuest(t, interpreter, language)
			if a.BootFuel() != b.BootFuel() || !bytes.Equal(a.image.bytes, b.image.bytes) || !slices.Equal(a.globals, b.globals) {
				t.Fatalf("they boot for %d and %d fuel; images are equal: %t", a.BootFuel(), b.BootFuel(), bytes.Equal(a.image.bytes, b.image.bytes))
			}
			agree(t, compiler, interpreter, a, b)
		})
	}
}

func agree(t *testing.T, compiler, interpreter *Host, a, b *Guest) {
	one, other := newWorkerOf(t, a), newWorkerOf(t, b)
	random := rand.New(rand.NewPCG(11, 13))
	calls := 300
	if len(a.image.bytes) > 1<<20 {
		calls = 40 // the interpreter takes its time for a large runtime
	}
	for range calls {
		program := chaosProgram(random)
		compiler.config.Fuel = 1 << (10 + random.IntN(10))
		interpreter.config.Fuel = compiler.config.Fuel
		got, want := callOutcome(t, one, program), callOutcome(t, other, program)
		if got != want {
			t.Fatalf("%q with %d fuel: the compiler says %s, the interpreter %s", program, compiler.config.Fuel, got, want)
		}
		if !bytes.Equal(one.memory.b, other.memory.b) {
			t.Fatalf("%q with %d fuel ended as %s on both, but memory differs at %#x", program, compiler.config.Fuel, got, firstDifference(one.memory.b, other.memory.b))
		}
	}
}

func newWorkerOf(t testing.TB, g *Guest) *Worker {
	t.Helper()
	w, err := g.Worker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// callOutcome is all that a caller learns of a call, but for the words of a failure, which hold an engine's stack trace.
func callOutcome(t testing.TB, w *Worker, program []byte) string {
	t.Helper()
	at := Moment{Now: guestNow, Seed: [32]byte{1}}
	r, err := w.Call("chaos", program, at)
	if err != nil {
		return fmt.Sprintf("%s after %d fuel, logs %v", reasonOf(t, err), err.(*Failure).Fuel, err.(*Failure).Logs)
	}
	return fmt.Sprintf("%x for %d fuel, logs %v", r.Output, r.Fuel, r.Logs)
}

// TestGuestsSameEverywhere asks many workers at once, and one of them again and again: all answers, fuels and logs are equal.
func TestGuestsSameEverywhere(t *testing.T) {
	for _, language := range guestLanguages {
		t.Run(language, func(t *testing.T) {
			g := bootGuest(t, newHost(t, guestsConfig()), language)
			program := []byte("w\x07s\x01d\x20p\x03c\x05g\x01")
			want := callOutcome(t, newWorkerOf(t, g), program)
			done := make(chan string)
			const workers, calls = 4, 50
			for range workers {
				w := newWorkerOf(t, g)
				go func() {
					got := want
					for i := 0; i < calls && got == want; i++ {
						_, _ = w.Call("chaos", chaosProgram(rand.New(rand.NewPCG(uint64(i), 0))), Moment{}) // anything in between
						got = callOutcome(t, w, program)
					}
					done <- got
				}()
			}
			for range workers {
				if got := <-done; got != want {
					t.Errorf("a worker says %s, the first one %s", got, want)
				}
			}
		})
	}
}

// plain is a module on wazero alone, without rewriting, limits or resets.
type plain struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// compilePlain compiles a module for guests of the tests' host.
func compilePlain(t testing.TB, module []byte) *plain {
	t.Helper()
	ctx := t.Context()
	r := wazero.NewRuntimeWithConfig(ctx, runtimeConfig(false).WithMemoryLimitPages(DefaultMemoryLimit/PageSize))
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	three := []api.ValueType{i32, i32, i32}
	quiet := api.GoModuleFunc(func(context.Context, api.Module, []uint64) {})
	stops := api.GoModuleFunc(func(context.Context, api.Module, []uint64) { panic(errStopped) })
	b := r.NewHostModuleBuilder("host1")
	b.NewFunctionBuilder().WithGoModuleFunction(quiet, three, nil).Export("log")
	b.NewFunctionBuilder().WithGoModuleFunction(stops, three, nil).Export("fail")
	if _, err := b.Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	compiled, err := r.CompileModule(ctx, module)
	if err != nil {
		t.Fatal(err)
	}
	return &plain{r, compiled}
}

// run boots an instance as Module.Boot does, calls it, and answers what its memory holds then.
func (p *plain) run(t testing.TB, config []byte, export string, input []byte) (memory []byte, err error) {
	t.Helper()
	ctx := t.Context()
	m, err := p.runtime.InstantiateModule(ctx, p.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(ctx)
	answer, err := m.ExportedFunction("buffer").Call(ctx, DefaultBufferSize)
	if err != nil {
		t.Fatal(err)
	}
	buffer := uint32(answer[0])
	call := func(f api.Function, input []byte) error {
		m.Memory().Write(buffer, input)
		_, err := f.Call(ctx, uint64(buffer), uint64(len(input)))
		return err
	}
	if f := m.ExportedFunction("configure"); f != nil {
		if err := call(f, config); err != nil {
			t.Fatal(err)
		}
	}
	err = call(m.ExportedFunction(export), input)
	memory, _ = m.Memory().Read(0, m.Memory().Size())
	return bytes.Clone(memory), err
}

// plainLanguages are the guests that run without WASI.
var plainLanguages = []string{"c", "assemblyscript", "rust"}

// FuzzGuests holds what compilers made, rewritten, against the same code on wazero alone, and the compiler against the
// interpreter: the same outputs and traps, and the same memory after them.
func FuzzGuests(f *testing.F) {
	random := rand.New(rand.NewPCG(17, 19))
	for language := range plainLanguages {
		for range 8 {
			f.Add(uint8(language), chaosProgram(random))
		}
	}
	c := guestsConfig()
	c.Fuel = 100_000
	compiler, interpreter := engines(f, c)
	guests, plains := map[string][2]*Guest{}, map[string]*plain{}
	for _, language := range plainLanguages {
		plains[language] = compilePlain(f, guestModule(f, language))
		guests[language] = [2]*Guest{bootGuest(f, compiler, language), bootGuest(f, interpreter, language)}
	}
	f.Fuzz(func(t *testing.T, which uint8, program []byte) {
		language := plainLanguages[int(which)%len(plainLanguages)]
		program = program[:min(len(program), 64)]
		a, b := newWorkerOf(t, guests[language][0]), newWorkerOf(t, guests[language][1])
		got := callOutcome(t, a, program)
		if want := callOutcome(t, b, program); got != want || !bytes.Equal(a.memory.b, b.memory.b) {
			t.Fatalf("%s, %q: the compiler says %s, the interpreter %s", language, program, got, want)
		}
		if !strings.Contains(got, " for ") && !strings.HasPrefix(got, ReasonTrapped) {
			return // stopped by the host: the plain run would go on
		}
		againstPlain(t, plains[language], guestConfig(), "chaos", program, a)
	})
}

// againstPlain runs what w just ran on wazero alone, and wants the same memory. The guest ends in the same way when it
// does, since it writes its output there and stops where it traps.
func againstPlain(t *testing.T, p *plain, config []byte, export string, input []byte, w *Worker) {
	t.Helper()
	memory, err := p.run(t, config, export, input)
	if !bytes.Equal(memory, w.memory.b) {
		t.Fatalf("%s(%q), plain ending as %v: memory of %d bytes, rewritten %d; they differ at %#x",
			export, input, err, len(memory), len(w.memory.b), firstDifference(memory, w.memory.b))
	}
}

// FuzzModules runs whatever can be loaded: both engines must agree on outputs, reasons, fuel and memory, and with wazero
// alone on memory where no limit was met. Its seeds are the gallery of attacks and the guests.
func FuzzModules(f *testing.F) {
	addGallery(f, fuzzModuleLimit)
	c := guestsConfig()
	c.ModuleLimit, c.Fuel, c.BootFuel = fuzzModuleLimit, 20_000, 20_000
	compiler, interpreter := engines(f, c)
	f.Fuzz(func(t *testing.T, module []byte) {
		a, one := runAny(t, compiler, module)
		b, other := runAny(t, interpreter, module)
		if one != other {
			t.Fatalf("the compiler says %s, the interpreter %s", one, other)
		}
		if a == nil || b == nil {
			return
		}
		if !bytes.Equal(a.memory.b, b.memory.b) { // the bits of a NaN included: the promise has no exception
			t.Fatalf("ended as %s on both, but memory differs at %#x", one, firstDifference(a.memory.b, b.memory.b))
		}
		if strings.HasPrefix(one, "answered") && !bytes.Contains(module, []byte("wasi_snapshot")) && !bytes.Contains(module, []byte("host1")) {
			o, err := outlineOf(module, c.Section, DefaultMemoryLimit) // without the sections that wazero alone would stumble over
			if err != nil {
				t.Fatal(err)
			}
			againstPlain(t, compilePlain(t, o.core), nil, entryOf(a), []byte("input"), a)
		}
	})
}

// addGallery makes seeds of the attacks and the guests that have at most limit bytes.
func addGallery(f *testing.F, limit int) {
	var all [][]byte
	for _, file := range attackFiles(f) {
		all = append(all, readAttack(f, file).module)
	}
	for _, language := range plainLanguages {
		all = append(all, guestModule(f, language))
	}
	for _, module := range all {
		if len(module) <= limit {
			f.Add(module)
		}
	}
}

// fuzzModuleLimit is the largest module that the fuzzer tries, in bytes.
const fuzzModuleLimit = 16 << 10

func entryOf(w *Worker) string {
	for _, name := range []string{"run", "echo", "condition"} {
		if w.guest.module.checkExport(name, entrySignature) == nil {
			return name
		}
	}
	return ""
}

// runAny loads, boots and calls a module, and says what came of it; the worker is nil when it did not come to a call.
func runAny(t *testing.T, h *Host, module []byte) (*Worker, string) {
	t.Helper()
	m, err := h.Load(t.Context(), module)
	if err != nil {
		return nil, "refused"
	}
	t.Cleanup(func() { _ = m.Close(context.Background()) })
	g, err := m.Boot(t.Context(), nil)
	if err != nil {
		return nil, "not booted: " + reasonOf(t, err)
	}
	w := newWorkerOf(t, g)
	entry := entryOf(w)
	if entry == "" {
		return nil, "no entry"
	}
	r, err := w.Call(entry, []byte("input"), Moment{})
	if err != nil {
		return w, fmt.Sprintf("%s after %d fuel", reasonOf(t, err), err.(*Failure).Fuel)
	}
	return w, fmt.Sprintf("answered for %d fuel", r.Fuel)
}
