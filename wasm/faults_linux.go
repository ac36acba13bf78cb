//go:build linux && (amd64 || arm64)

package wasm

import (
	"syscall"
	"unsafe"
)

// mark is a thread and how many page faults it had until then. Whoever wrote to a page for the first time had one, so a
// thread that is still at the same mark has written to no new page. The zero mark is none.
type mark struct {
	thread uintptr // gettid(2), never 0
	faults int64   // minor and major ones, from the thread's beginning
}

// faultCounter reads marks. It stays where it is on the heap: made for each reading, it would be allocated each time.
type faultCounter struct{ usage syscall.Rusage }

// now is the mark of the calling thread, to which the goroutine must be locked. It is the zero mark when the system would
// not tell. Neither call takes a lock of the process's memory, as PAGEMAP_SCAN does, and neither blocks.
func (c *faultCounter) now() mark {
	_, _, errno := syscall.RawSyscall(syscall.SYS_GETRUSAGE, syscall.RUSAGE_THREAD, uintptr(unsafe.Pointer(&c.usage)), 0)
	thread, _, _ := syscall.RawSyscall(syscall.SYS_GETTID, 0, 0, 0) // cannot fail
	if errno != 0 {
		return mark{}
	}
	return mark{thread, c.usage.Minflt + c.usage.Majflt}
}
