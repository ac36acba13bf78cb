//go:build linux && (amd64 || arm64)

package wasm

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
)

const turnsToGiveBackForTests = turnsToGiveBack

// pokePages is the memory of the guest poker, in pages of the system of 4 KiB.
const pokePages = 512

// poker is a guest that writes to the address that it is handed, and to nothing else.
func poker() []byte {
	const address = "\x20\x00\x28\x02\x00"                                                // i32.load(ptr)
	poke := code(address + address + "\x2d\x00\x00\x41\x01\x6a" + "\x3a\x00\x00\x42\x00") // *address++; 0
	return module(smallTypes, smallFunctions, section(memorySection, vector("\x00"+leb(pokePages/16))),
		section(exportSection, vector(named("memory")+"\x02\x00", named("buffer")+"\x00\x00", named("poke")+"\x00\x01")),
		section(codeSection, vector(bufferCode, poke)))
}

func poke(t *testing.T, w *Worker, page int) {
	t.Helper()
	input := binary.LittleEndian.AppendUint32(nil, uint32(page<<12+8))
	if _, err := w.Call("poke", input, Moment{}); err != nil {
		t.Fatal(err)
	}
}

// eachKind runs a test on every kind of memory, and on scanned memory where page faults are not counted.
func eachKind(t *testing.T, keep bool, test func(*testing.T, *Worker)) {
	all := kinds(t)
	if _, ok := all["scanned"]; ok {
		all["scanned every time"] = memoryScan
	}
	for name, kind := range all {
		t.Run(name, func(t *testing.T) {
			c := testConfig()
			c.KeepState = keep
			h := hostWith(t, c, kind)
			if name == "scanned every time" {
				h.pagemap.countsFaults = false
			}
			test(t, workerOn(t, h, poker()))
		})
	}
}

// A page that is written for the first time after hundreds of calls that wrote to the same ones is brought back, whichever
// thread calls and resets.
func TestResetSeesNewPages(t *testing.T) {
	eachKind(t, false, func(t *testing.T, w *Worker) {
		r := rand.New(rand.NewPCG(3, 4))
		threads := []thread{newThread(t), newThread(t)}
		for i := range 1500 {
			page := r.IntN(4)
			if r.IntN(10) == 0 {
				page = r.IntN(pokePages) // in the end more regions than one scan tells
			}
			caller := threads[r.IntN(2)*r.IntN(2)] // mostly the first
			caller.run(t, func() { poke(t, w, page) })
			if i%3 == 0 {
				threads[r.IntN(2)*r.IntN(2)].run(t, func() { checkReset(t, w, "poking") })
			}
		}
	})
}

// Two threads that had equally many page faults are two threads: what the second wrote is seen from the first.
func TestResetTellsThreadsApart(t *testing.T) {
	eachKind(t, false, func(t *testing.T, w *Worker) {
		first, second := newThread(t), newThread(t)
		first.run(t, func() { checkReset(t, w, "nothing") }) // from here on every page was read
		for page := 5; page < 40; page++ {
			for tries := 0; ; tries++ {
				first.run(t, func() { poke(t, w, 0) })
				first.run(t, func() { poke(t, w, 0) }) // a reset with nothing new
				if faultsOf(t, second) > faultsOf(t, first) {
					fault(t, first, faultsOf(t, second)-faultsOf(t, first))
					continue
				}
				fault(t, second, faultsOf(t, first)-faultsOf(t, second))
				if faultsOf(t, first) == faultsOf(t, second) {
					break
				}
				if tries > 1000 {
					t.Fatal("the threads never had equally many page faults")
				}
			}
			second.run(t, func() { poke(t, w, page) })
			first.run(t, func() { checkReset(t, w, "poking on another thread") })
		}
	})
}

// Calls between which nothing is reset may come on any thread as well.
func TestResetAfterKeptState(t *testing.T) {
	eachKind(t, true, func(t *testing.T, w *Worker) {
		first, second := newThread(t), newThread(t)
		first.run(t, func() { checkReset(t, w, "nothing") })
		for page := 5; page < 60; page++ {
			for range 2 { // the second time the first thread has nothing to write anew
				first.run(t, func() {
					w.used = true // as after a failure
					poke(t, w, 0)
				})
			}
			second.run(t, func() { poke(t, w, page) })
			first.run(t, func() { checkReset(t, w, "poking without a reset") })
		}
	})
}

// Where page faults are counted, a guest that writes to the same pages is not scanned again.
func TestScansAreSpared(t *testing.T) {
	if _, ok := kinds(t)["scanned"]; !ok {
		return // this system copies whole images
	}
	w := workerOn(t, hostWith(t, testConfig(), memoryScan), poker())
	if !w.guest.module.host.pagemap.countsFaults {
		t.Fatal("this Linux scans pages and does not count page faults")
	}
	m, spared := w.memory.backing.(*mapped), 0
	newThread(t).run(t, func() {
		for range 1000 {
			before := m.scanned
			poke(t, w, 3)
			if m.scanned == before && before != (mark{}) {
				spared++
			}
		}
	})
	if spared < 500 { // the runtime has page faults of its own
		t.Errorf("%d of 1000 resets went without a scan", spared)
	}
}

func faultsOf(t *testing.T, th thread) (n int64) {
	t.Helper()
	th.run(t, func() { n = new(faultCounter).now().faults })
	return n
}

// fault makes a thread have n page faults.
func fault(t *testing.T, th thread, n int64) {
	t.Helper()
	size := os.Getpagesize()
	b, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Munmap(b) }()
	th.run(t, func() {
		for range n {
			b[0] = 1
			if err := syscall.Madvise(b, syscall.MADV_DONTNEED); err != nil {
				t.Error(err)
			}
		}
	})
}
