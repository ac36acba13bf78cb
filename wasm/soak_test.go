package wasm

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
)

var soakCalls = flag.Int("soak", 1000, "calls of the soak test, for each language and kind of memory")

// TestSoak does the worst to guests in four languages, at random but seeded points: traps, endless loops and recursions,
// refused host calls, memory taken to the limit, fuel that ends anywhere. After each call memory and globals must be what
// they were after booting, byte for byte, in each way of resetting, whichever of two threads calls and resets.
func TestSoak(t *testing.T) {
	for _, language := range guestLanguages {
		t.Run(language, func(t *testing.T) {
			h := newHost(t, guestsConfig())
			m, err := h.Load(t.Context(), guestModule(t, language))
			if err != nil {
				t.Fatal(err)
			}
			for name, kind := range kinds(t) {
				t.Run(name, func(t *testing.T) {
					h.memories = kind
					g, err := m.Boot(t.Context(), guestConfig())
					if err != nil {
						t.Fatal(err)
					}
					defer g.Close()
					soakGuest(t, h, g, *soakCalls)
				})
			}
		})
	}
}

func soakGuest(t *testing.T, h *Host, g *Guest, calls int) {
	w, err := g.Worker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	image := bytes.Clone(g.image.bytes)
	random := rand.New(rand.NewPCG(7, uint64(len(image))))
	honest := askHonest(t, h, w)
	fuel := int64(1 << 9)
	if len(image) > 1<<20 {
		fuel <<= 5 // a large runtime takes more to do the same
	}
	ends := map[string]int{}
	threads := []thread{newThread(t), newThread(t)}
	for i := range calls {
		program := chaosProgram(random)
		h.config.Fuel = fuel << random.IntN(14) // from what is enough for nothing to what is for all
		var reason string
		threads[random.IntN(2)].run(t, func() { reason = chaos(t, w, program) })
		ends[reason]++
		threads[random.IntN(2)].run(t, func() {
			checkReset(t, w, fmt.Sprintf("call %d, %q ending as %q,", i, program, reason))
		})
		if i%64 == 0 {
			if again := askHonest(t, h, w); again != honest {
				t.Fatalf("call %d, %q ending as %q: an honest question is answered %s, at first %s", i, program, reason, again, honest)
			}
		}
	}
	if !bytes.Equal(image, g.image.bytes) {
		t.Error("the image itself was written")
	}
	t.Logf("image of %d KiB, ends: %v", len(image)>>10, ends)
	for _, reason := range []string{"", ReasonTrapped, ReasonOutOfFuel, ReasonOutOfMemory, ReasonHostRefused} { // a small stack traps before it is too_deep
		if ends[reason] == 0 && calls >= 1000 {
			t.Errorf("no call ended as %q: %v", reason, ends)
		}
	}
}

// chaosProgram is up to eight steps of the guests' chaos function, mostly survivable ones before an ending.
func chaosProgram(random *rand.Rand) []byte {
	const survivable, endings = "wwdgscp", "mlrthf"
	var program []byte
	for range random.IntN(8) {
		program = append(program, survivable[random.IntN(len(survivable))], byte(random.IntN(256)))
	}
	if random.IntN(3) > 0 {
		program = append(program, endings[random.IntN(len(endings))], byte(random.IntN(256)))
	}
	return program
}

// chaos runs a program and answers why it failed. One that ends well must not have seen a call before it.
func chaos(t *testing.T, w *Worker, program []byte) string {
	t.Helper()
	r, err := w.Call("chaos", program, Moment{})
	if err == nil && !bytes.HasPrefix(r.Output, []byte{0, 0, 0, 0}) {
		t.Fatalf("%q: it remembers %x calls before", program, r.Output)
	}
	return reasonOf(t, err)
}

// askHonest asks the condition and answers what it said and used.
func askHonest(t *testing.T, h *Host, w *Worker) string {
	t.Helper()
	h.config.Fuel = DefaultFuel
	r, err := w.Call("condition", guestInput("TEE-BLACK-M", 0, "DE"), Moment{})
	if err != nil || string(r.Output) != guestYes {
		t.Fatalf("an honest question is answered %q, %v", r.Output, err)
	}
	return fmt.Sprintf("%q for %d fuel", r.Output, r.Fuel)
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// BenchmarkReset is what one call with its reset costs, by language and kind of memory.
func BenchmarkReset(b *testing.B) {
	for _, language := range guestLanguages {
		h := newHost(b, guestsConfig())
		m, err := h.Load(b.Context(), guestModule(b, language))
		if err != nil {
			b.Fatal(err)
		}
		for name, kind := range kinds(b) {
			h.memories = kind
			g, err := m.Boot(b.Context(), guestConfig())
			if err != nil {
				b.Fatal(err)
			}
			w, err := g.Worker(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			input := guestInput("TEE-BLACK-M", 0, "DE")
			b.Run(language+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := w.Call("condition", input, Moment{}); err != nil {
						b.Fatal(err)
					}
				}
			})
			w.Close()
			_ = g.Close()
		}
	}
}

// BenchmarkTwoWorkers is what one call with its reset costs while as many others are under way as there are processors:
// twice as many calls per second on two is the ideal.
func BenchmarkTwoWorkers(b *testing.B) {
	for _, language := range guestLanguages {
		for name, kind := range kinds(b) {
			g := bootGuest(b, hostWith(b, guestsConfig(), kind), language)
			input := guestInput("TEE-BLACK-M", 0, "DE")
			b.Run(language+"/"+name, func(b *testing.B) {
				b.RunParallel(func(pb *testing.PB) {
					w, err := g.Worker(b.Context())
					if err != nil {
						b.Error(err)
						return
					}
					defer w.Close()
					for pb.Next() {
						if _, err := w.Call("condition", input, Moment{}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}
