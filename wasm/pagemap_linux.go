//go:build linux && (amd64 || arm64)

package wasm

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// pagemap asks the kernel which pages of this process were written (PAGEMAP_SCAN, since Linux 6.7).
// https://docs.kernel.org/admin-guide/mm/pagemap.html
type pagemap struct {
	file         *os.File
	fd           uintptr
	countsFaults bool // threads' page faults are counted: what was scanned holds until the next one
}

// scanArg is struct pm_scan_arg of <linux/fs.h>.
type scanArg struct {
	size, flags                     uint64
	start, end, walkEnd             uint64
	vec, vecLen, maxPages           uint64
	inverted, mask, anyOf, returned uint64
}

// region is struct page_region: [start, end), and categories, which were asked for already.
type region struct {
	start, end uint64
	_          uint64
}

const (
	pagemapScan   = 0xc0606610 // _IOWR('f', 16, struct pm_scan_arg)
	regionsAtOnce = 64

	pageIsFile    = 1 << 2 // still the image's
	pageIsPresent = 1 << 3
	pageIsSwapped = 1 << 4
)

// openPagemap is nil where the kernel or a sandbox does not answer, or answers wrongly.
func openPagemap() *pagemap {
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return nil
	}
	p := &pagemap{file: f, fd: f.Fd()}
	if !p.works() {
		_ = f.Close() // read only
		return nil
	}
	return p
}

func (p *pagemap) close() {
	if p != nil {
		_ = p.file.Close() // read only
	}
}

// written finds the pages in [from, to) of a private mapping that are no longer the file's: up to regionsAtOnce runs of
// them, and where to go on.
func (p *pagemap) written(ask *scanArg, found *[regionsAtOnce]region, from, to uintptr) (n int, next uintptr, ok bool) {
	*ask = scanArg{
		size: uint64(unsafe.Sizeof(*ask)), start: uint64(from), end: uint64(to),
		vec: uint64(uintptr(unsafe.Pointer(found))), vecLen: regionsAtOnce,
		inverted: pageIsFile, mask: pageIsFile, anyOf: pageIsPresent | pageIsSwapped, returned: pageIsPresent,
	}
	got, _, errno := syscall.Syscall(syscall.SYS_IOCTL, p.fd, pagemapScan, uintptr(unsafe.Pointer(ask)))
	if errno != 0 || got > regionsAtOnce || ask.walkEnd <= uint64(from) || ask.walkEnd > uint64(to) {
		return 0, 0, false
	}
	return int(got), uintptr(ask.walkEnd), true
}

// works tries it on three pages of which the middle one is written, and whether that counts as a page fault.
func (p *pagemap) works() bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	size := os.Getpagesize()
	f, err := newImageFile(make([]byte, 3*size))
	if err != nil {
		return false
	}
	defer f.close()
	m, err := newMapped(&image{f.view, f}, int64(3*size), memoryScan, p)
	if err != nil {
		return false
	}
	defer m.free()
	seen := m.room[0] + m.room[2*size] // read, not written
	before := m.faults.now()
	m.room[size] = seen + 1
	after := m.faults.now()
	p.countsFaults = before != (mark{}) && after.thread == before.thread && after.faults > before.faults
	base := uintptr(unsafe.Pointer(&m.room[0]))
	n, _, ok := p.written(&m.ask, &m.found, base, base+uintptr(3*size))
	return ok && n == 1 && m.found[0].start == uint64(base)+uint64(size) && m.found[0].end == uint64(base)+uint64(2*size)
}

// ableMemories is the best kind of memory that this system can do.
func ableMemories(p *pagemap) memories {
	if p != nil {
		return memoryScan
	}
	f, err := newImageFile(make([]byte, os.Getpagesize()))
	if err != nil {
		return memoryCopy
	}
	f.close()
	return memoryMadvise
}
