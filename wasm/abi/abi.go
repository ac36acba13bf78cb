// Package abi is the packing that host and guest share: where in the guest's linear memory a piece of bytes lies, as one
// number. It imports nothing, so a Go guest may import it without growing.
package abi

// Version is the major version of the calling convention; history:
//
//	1  a buffer export that says where inputs are written, entry exports (ptr i32, len i32) -> i64, results packed as below
const Version = 1

// Pack makes one number of a pointer (a byte offset into the guest's memory) and a length in bytes: ptr<<32 | n.
func Pack(ptr, n uint32) uint64 { return uint64(ptr)<<32 | uint64(n) }

// Unpack is the reverse of Pack. It cannot fail: whoever reads the memory checks that ptr and n lie within it.
func Unpack(v uint64) (ptr, n uint32) { return uint32(v >> 32), uint32(v) }
