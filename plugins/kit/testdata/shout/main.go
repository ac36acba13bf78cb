// Command shout is a condition in Go without an SDK: everybody passes, and the reason is the input's length.
package main

import "unsafe"

var buffer, output []byte

//go:wasmexport restock_buffer
func makeBuffer(size uint32) uint32 {
	buffer = make([]byte, size)
	return uint32(uintptr(unsafe.Pointer(&buffer[0])))
}

//go:wasmexport restock_condition
func condition(_, n uint32) uint64 {
	output = []byte{0x92, 0xc3, 0xa1, '0' + byte(n)}
	return uint64(uintptr(unsafe.Pointer(&output[0])))<<32 | uint64(len(output))
}

func main() {}
