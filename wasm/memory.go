package wasm

import "github.com/tetratelabs/wazero/experimental"

// memory is the linear memory of one instance. It refuses to grow beyond its limit, and remembers that it did: a guest
// that is refused traps in its own way, and only this tells that it was for want of memory. Where its bytes lie and how
// they are brought back is its backing's affair.
type memory struct {
	limit   uint64 // bytes
	refused uint64 // bytes asked for when it was refused last; 0 when never since the last reset
	b       []byte // as large as the guest sees it
	backing backing
	back    bool // the next Reallocate is for the host: it answers what a reset left
}

// backing is where the bytes of a memory lie.
type backing interface {
	// first is the memory as it begins, and as reset leaves it.
	first(size uint64) []byte
	// grow gives b more room, zero behind its old length; size is within the limit.
	grow(b []byte, size uint64) []byte
	// reset brings the content back after the guest used b. The goroutine is locked to the thread that it and the next
	// call run on.
	reset(b []byte)
	// skip is called before a call that no reset goes before.
	skip()
	free()
}

// newMemory is a memory of at most limit bytes; its first size is the backing's.
func newMemory(limit int64, b backing) *memory {
	return &memory{limit: uint64(limit), backing: b, back: true}
}

// Allocate implements experimental.MemoryAllocator. The declared least size was held against the limit at Load.
func (m *memory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate implements experimental.LinearMemory.
func (m *memory) Reallocate(size uint64) []byte {
	switch {
	case m.back:
		m.back = false
		m.b = m.backing.first(size)
	case size > m.limit:
		m.refused = size
		return nil
	default:
		m.b = m.backing.grow(m.b, size)
	}
	return m.b
}

// reset brings the content back and says whether the guest's view must shrink.
func (m *memory) reset() (shrinks bool) {
	m.backing.reset(m.b)
	m.refused = 0
	m.back = len(m.b) > len(m.backing.first(0))
	return m.back
}

// Free implements experimental.LinearMemory.
func (m *memory) Free() {
	m.backing.free()
	m.b = nil
}

// fresh is the backing of an instance that boots: memory of Go's heap, never reset.
type fresh struct{ limit uint64 }

// first takes the size exactly, since most guests never grow.
func (f fresh) first(size uint64) []byte { return make([]byte, size) }

// grow doubles the room, so that a guest that grows page by page does not make the host copy its memory each time.
func (f fresh) grow(b []byte, size uint64) []byte {
	if size > uint64(cap(b)) {
		grown := make([]byte, size, min(f.limit, max(size, 2*uint64(cap(b)))))
		copy(grown, b)
		return grown
	}
	return b[:size] // zero beyond the old length: nobody wrote there
}

func (f fresh) reset([]byte) {}
func (f fresh) skip()        {}
func (f fresh) free()        {}

// copied is a memory of Go's heap that is reset by copying the whole image. It works everywhere.
type copied struct {
	limit uint64
	image []byte // never written
	room  []byte // as much as was ever needed; zero behind what the guest has
}

func newCopied(image []byte, limit int64) *copied {
	return &copied{uint64(limit), image, append([]byte(nil), image...)}
}

func (c *copied) first(uint64) []byte { return c.room[:len(c.image)] }

// grow keeps the larger room for later calls.
func (c *copied) grow(b []byte, size uint64) []byte {
	c.room = fresh{c.limit}.grow(b, size)
	return c.room
}

func (c *copied) reset(b []byte) {
	copy(b, c.image)
	clear(b[len(c.image):])
}

func (c *copied) skip() {}
func (c *copied) free() { c.room = nil }
