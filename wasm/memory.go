package wasm

import "github.com/tetratelabs/wazero/experimental"

// memory is the linear memory of one instance. It refuses to grow beyond its limit, and remembers that it did: a guest
// that is refused traps in its own way, and only this tells that it was for want of memory.
type memory struct {
	limit   uint64 // bytes
	refused uint64 // bytes asked for when it was refused last; 0 when never
	b       []byte
}

// Allocate implements experimental.MemoryAllocator. The declared least size was held against the limit at Load.
func (m *memory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate implements experimental.LinearMemory. The first size is taken exactly, since most guests never grow; room for
// growth doubles, so that a guest that grows page by page does not make the host copy its memory each time.
func (m *memory) Reallocate(size uint64) []byte {
	if size > m.limit {
		m.refused = size
		return nil
	}
	if size > uint64(cap(m.b)) {
		grown := make([]byte, size, min(m.limit, max(size, 2*uint64(cap(m.b)))))
		copy(grown, m.b)
		m.b = grown
	}
	m.b = m.b[:size] // zero beyond the old length: nobody wrote there
	return m.b
}

// Free implements experimental.LinearMemory; the garbage collector does the rest.
func (m *memory) Free() { m.b = nil }
