//go:build linux && (amd64 || arm64)

package wasm

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// imageFile is an image as a file without a name, in memory.
type imageFile struct {
	file *os.File
	view []byte // of the whole file, for reading only
}

// sysMemfdCreate is the number of memfd_create(2), which package syscall does not have.
func sysMemfdCreate() uintptr {
	if runtime.GOARCH == "arm64" {
		return 279
	}
	return 319
}

const mfdCloexec = 1

// newImageFile writes b, which is a multiple of PageSize long and not empty, to a file.
func newImageFile(b []byte) (*imageFile, error) {
	name := [...]byte{'i', 'm', 'a', 'g', 'e', 0}
	fd, _, errno := syscall.Syscall(sysMemfdCreate(), uintptr(unsafe.Pointer(&name[0])), mfdCloexec, 0)
	if errno != 0 {
		return nil, fmt.Errorf("making a file for an image: %w", errno)
	}
	f := &imageFile{file: os.NewFile(fd, "image")}
	if _, err := f.file.Write(b); err != nil {
		f.close()
		return nil, fmt.Errorf("writing an image: %w", err)
	}
	view, err := syscall.Mmap(int(fd), 0, len(b), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		f.close()
		return nil, fmt.Errorf("mapping an image: %w", err)
	}
	f.view = view
	return f, nil
}

func (f *imageFile) close() {
	if f.view != nil {
		_ = syscall.Munmap(f.view) // it was mapped as it is
		f.view = nil
	}
	_ = f.file.Close() // nothing is left to write
}

// mapped is a memory that begins as a private mapping of the image, in a room of its own that is as large as the memory
// may grow. What the guest writes becomes its own page; all else is shared by every instance.
type mapped struct {
	room  []byte // as large as the limit
	image []byte
	kind  memories
	scan  *pagemap // for memoryScan
	turns int      // resets since pages were given back
	found [regionsAtOnce]region
	ask   scanArg

	faults  faultCounter
	scanned mark // when found[:written] was all that was ever written; the zero mark when that is not known
	written int
}

// turnsToGiveBack is after how many resets all written pages are given back: a page that was written once is copied at
// every reset from then on.
const turnsToGiveBack = 10_000

func newMapped(i *image, limit int64, kind memories, scan *pagemap) (*mapped, error) {
	room, err := syscall.Mmap(-1, 0, int(limit), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("reserving %d bytes of memory: %w", limit, err)
	}
	m := &mapped{room: room, image: i.bytes, kind: kind, scan: scan}
	_ = syscall.Madvise(room, madvNoHugePage) // a wish: kernels without huge pages refuse it
	addr := uintptr(unsafe.Pointer(&room[0]))
	_, _, errno := syscall.Syscall6(syscall.SYS_MMAP, addr, uintptr(len(i.bytes)), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_FIXED, i.file.file.Fd(), 0)
	if errno != 0 {
		m.free()
		return nil, fmt.Errorf("mapping an image: %w", errno)
	}
	return m, nil
}

const madvNoHugePage = 15

func (m *mapped) first(uint64) []byte               { return m.room[:len(m.image)] }
func (m *mapped) grow(_ []byte, size uint64) []byte { return m.room[:size] }

func (m *mapped) free() {
	if m.room != nil {
		_ = syscall.Munmap(m.room) // it was mapped as it is
		m.room = nil
	}
}

// reset gives grown memory back to the system, which makes it zero, and brings the image's part back.
func (m *mapped) reset(b []byte) {
	if len(b) > len(m.image) {
		m.giveBack(b[len(m.image):])
	}
	if m.kind == memoryWhole {
		copy(m.room, m.image)
		return
	}
	if m.turns++; m.turns >= turnsToGiveBack || m.kind != memoryScan || !m.copyBack() {
		m.giveBack(m.room[:len(m.image)])
		m.turns = 0
	}
}

// giveBack drops written pages. The system refuses only what is not mapped, which would be ours to mend: an instance that
// kept a stranger's bytes must not run on.
func (m *mapped) giveBack(b []byte) {
	m.scanned = mark{}
	if err := syscall.Madvise(b, syscall.MADV_DONTNEED); err != nil {
		panic(fmt.Sprintf("giving memory back: %v", err))
	}
}

func (m *mapped) skip() { m.scanned = mark{} }

// copyBack copies the pages that were ever written since the last time all were given back. It says false when the system
// would not tell. Where the last scan still holds it is not repeated: scans of several workers get in each other's way.
func (m *mapped) copyBack() bool {
	now := mark{}
	if m.scan.countsFaults {
		now = m.faults.now() // before the scan: what comes while it lasts shall make the next one necessary
	}
	if now == m.scanned && now != (mark{}) {
		m.copyFound(m.written)
		return true
	}
	m.scanned = mark{}
	base := uintptr(unsafe.Pointer(&m.room[0]))
	end := base + uintptr(len(m.image))
	for at := base; at < end; {
		n, next, ok := m.scan.written(&m.ask, &m.found, at, end)
		if !ok {
			return false
		}
		m.copyFound(n)
		if at == base && next == end {
			m.scanned, m.written = now, n // found holds all of them
		}
		at = next
	}
	return true
}

// copyFound copies the first n regions of found.
func (m *mapped) copyFound(n int) {
	base := uint64(uintptr(unsafe.Pointer(&m.room[0])))
	for _, r := range m.found[:n] {
		copy(m.room[r.start-base:r.end-base], m.image[r.start-base:])
	}
}
