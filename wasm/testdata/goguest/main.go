// Command goguest is a guest in Go, built as a reactor: GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared.
package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"
	"unsafe"

	"restock/wasm/abi"
)

var buffer, output []byte

//go:wasmexport buffer
func makeBuffer(size uint32) uint32 {
	buffer = make([]byte, size)
	return uint32(uintptr(unsafe.Pointer(&buffer[0])))
}

func answer(text string) uint64 {
	output = []byte(text)
	return abi.Pack(uint32(uintptr(unsafe.Pointer(&output[0]))), uint32(len(output)))
}

//go:wasmexport upper
func upper(_, n uint32) uint64 { return answer(strings.ToUpper(string(buffer[:n]))) }

// world answers what the guest sees of the world: it must be the same everywhere and every time.
//
//go:wasmexport world
func world(_, _ uint32) uint64 {
	fmt.Println("to nobody")
	return answer(fmt.Sprintf("%s %d args %d env %d", time.Now().UTC().Format(time.RFC3339), len(os.Args), len(os.Environ()), rand.Uint64()))
}

//go:wasmimport wasi_snapshot_preview1 random_get
func randomGet(at unsafe.Pointer, n uint32) uint32

// dice answers random bytes of the host; Go's own generators were seeded when the guest was booted.
//
//go:wasmexport dice
func dice(_, _ uint32) uint64 {
	var b [8]byte
	randomGet(unsafe.Pointer(&b[0]), uint32(len(b)))
	return answer(fmt.Sprintf("%x", b))
}

// nap waits and says how late it is then.
//
//go:wasmexport nap
func nap(_, _ uint32) uint64 {
	before := time.Now()
	time.Sleep(3 * time.Second)
	return answer(fmt.Sprintf("%s later it is %s", time.Since(before).Round(time.Second), time.Now().UTC().Format(time.RFC3339)))
}

//go:wasmexport fault
func fault(_, n uint32) uint64 { panic(fmt.Sprintf("a fault on %q", buffer[:n])) }

//go:wasmexport hoard
func hoard(_, _ uint32) uint64 {
	var all [][]byte
	for {
		all = append(all, make([]byte, 1<<20))
	}
}

func main() {}
