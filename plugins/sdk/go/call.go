package restock

import "unsafe"

// What follows is called by the folder main, which exports it; plugins have no use for it.

var (
	room   []byte // where the host writes configuration and input
	output []byte
)

// Buffer makes the room that the host asks for, once.
func Buffer(size uint32) uint32 {
	room = make([]byte, size)
	output = make([]byte, 0, 1<<10)
	return address(room)
}

func address(b []byte) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

// answered is where the output lies.
func answered() uint64 { return uint64(address(output))<<32 | uint64(len(output)) }
