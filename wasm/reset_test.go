package wasm

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// kinds are the kinds of memory that this system has.
func kinds(t testing.TB) map[string]memories {
	t.Helper()
	all := map[string]memories{"chosen": memoryAuto, "copied": memoryCopy}
	p := openPagemap()
	defer p.close()
	switch ableMemories(p) {
	case memoryScan:
		all["scanned"] = memoryScan
		fallthrough
	case memoryMadvise:
		all["given back"], all["whole"] = memoryMadvise, memoryWhole
	case memoryCopy:
		if runtime.GOOS == "linux" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64") {
			t.Error("this Linux has no files in memory")
		}
	}
	return all
}

func hostWith(t testing.TB, c Config, kind memories) *Host {
	t.Helper()
	h := newHost(t, c)
	h.memories = kind
	return h
}

func workerOn(t testing.TB, h *Host, code []byte) *Worker {
	t.Helper()
	m, err := h.Load(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Boot(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := g.Worker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// checkReset resets and holds memory, globals and what the guest sees of its memory against the image.
func checkReset(t *testing.T, w *Worker, after string) {
	t.Helper()
	runtime.LockOSThread() // as in a call
	defer runtime.UnlockOSThread()
	if err := w.reset(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(w.memory.b, w.guest.image.bytes) {
		t.Fatalf("after %s the memory of %d bytes differs from the image of %d", after, len(w.memory.b), len(w.guest.image.bytes))
	}
	if size := w.instance.Memory().Size(); int(size) != len(w.guest.image.bytes) {
		t.Fatalf("after %s the instance sees %d bytes of memory, want %d", after, size, len(w.guest.image.bytes))
	}
	for i, g := range w.globals {
		if g.Get() != w.guest.globals[i] {
			t.Fatalf("after %s global %d is %d, want %d", after, i, g.Get(), w.guest.globals[i])
		}
	}
}

// thread is a thread of the system that runs what it is told.
type thread struct {
	work chan func()
	done chan bool
}

func newThread(t *testing.T) thread {
	t.Helper()
	th := thread{make(chan func()), make(chan bool, 1)}
	go th.loop()
	t.Cleanup(func() { close(th.work) })
	return th
}

func (th thread) loop() {
	runtime.LockOSThread()
	for f := range th.work {
		finished := false
		func() {
			defer func() { th.done <- finished }() // also when f ends the test
			f()
			finished = true
		}()
	}
}

// run waits for f, and ends the test when f did.
func (th thread) run(t *testing.T, f func()) {
	t.Helper()
	th.work <- f
	if !<-th.done {
		t.FailNow()
	}
}

// soak calls exports at random, with fuel that ends anywhere, and checks every reset.
func soak(t *testing.T, w *Worker, exports []string, rounds int) {
	t.Helper()
	r := rand.New(rand.NewPCG(7, uint64(rounds)))
	ended := map[string]int{}
	full := w.guest.module.host.config.Fuel
	defer func() { w.guest.module.host.config.Fuel = full }()
	threads := []thread{newThread(t), newThread(t)}
	for range rounds {
		export, input := exports[r.IntN(len(exports))], make([]byte, r.IntN(200))
		w.guest.module.host.config.Fuel = full
		if r.IntN(3) == 0 {
			w.guest.module.host.config.Fuel = 1 + r.Int64N(20_000)
		}
		var err error
		at := Moment{Now: r.Int64N(1 << 41)}
		threads[r.IntN(2)].run(t, func() { _, err = w.Call(export, input, at) })
		end := "ok"
		if f := (*Failure)(nil); errors.As(err, &f) {
			end = f.Reason
		}
		ended[end]++
		threads[r.IntN(2)].run(t, func() { checkReset(t, w, export+" that ended "+end) })
	}
	t.Log(ended)
	if ended["ok"] == 0 || ended[ReasonOutOfFuel] == 0 {
		t.Errorf("the soak saw only %v", ended)
	}
}

func TestResetC(t *testing.T) {
	exports := []string{"echo", "count", "loop", "trap", "recurse", "outside", "flood", "hoard", "modest", "speak", "babble", "give_up", "log_level"}
	for name, kind := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			soak(t, workerOn(t, hostWith(t, testConfig(), kind), hostileModule), exports, 3000)
		})
	}
}

func TestResetGo(t *testing.T) {
	code := buildGoGuest(t)
	c := cacheConfig(filepath.Join(t.TempDir(), "code")) // compiled once for all kinds
	c.Fuel = 3_000_000
	for name, kind := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			soak(t, workerOn(t, hostWith(t, c, kind), code), []string{"upper", "world", "fault", "hoard"}, 150)
		})
	}
}

// A guest whose state lies in globals, and one in every kind of global.
func TestResetGlobals(t *testing.T) {
	for name, kind := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(5, 6))
			for i := range 200 {
				choices := make([]byte, 400)
				for i := range choices {
					choices[i] = byte(r.Uint32())
				}
				w := workerOn(t, hostWith(t, testConfig(), kind), generate(choices))
				_, _ = w.Call("echo", choices[:40], Moment{})
				checkReset(t, w, fmt.Sprint("program ", i))
			}
		})
	}
}

// Pages that were written once are given back after many resets, and the guest notices nothing.
func TestPagesAreGivenBack(t *testing.T) {
	if _, ok := kinds(t)["scanned"]; !ok {
		return // this system copies whole images: nothing is kept
	}
	w := workerOn(t, hostWith(t, testConfig(), memoryScan), hostileModule)
	for i := range 2*turnsToGiveBackForTests + 10 {
		if out, err := w.Call("count", nil, Moment{}); err != nil || !slices.Equal(out.Output, []byte{1}) {
			t.Fatalf("call %d answers %v, %v", i, out.Output, err)
		}
	}
}

// Two workers of a guest share the image and nothing else.
func TestWorkersAreApart(t *testing.T) {
	for name, kind := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			c := testConfig()
			c.KeepState = true
			a := workerOn(t, hostWith(t, c, kind), hostileModule)
			b, err := a.guest.Worker(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			for want := byte(1); want < 9; want++ {
				for _, w := range []*Worker{a, b} {
					if r, err := w.Call("count", nil, Moment{}); err != nil || r.Output[0] != want {
						t.Fatalf("count = %v, %v; want %d", r.Output, err, want)
					}
				}
			}
			if _, err := a.Call("trap", nil, Moment{}); err == nil {
				t.Error("trap did not fail")
			}
			if r, err := a.Call("count", nil, Moment{}); err != nil || r.Output[0] != 1 {
				t.Errorf("after a failure a kept state is %v, %v; want it reset", r.Output, err)
			}
		})
	}
}

func TestCallsAllocateNothing(t *testing.T) {
	for name, kind := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			w := workerOn(t, hostWith(t, testConfig(), kind), hostileModule)
			input := []byte("hello")
			call := func() {
				if _, err := w.Call("echo", input, Moment{Now: 1}); err != nil {
					t.Fatal(err)
				}
			}
			if n := testing.AllocsPerRun(200, call); n != 0 {
				t.Errorf("a call allocates %v times", n)
			}
		})
	}
}
