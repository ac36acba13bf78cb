package wasm

// image is what the memory of a booted guest held: every instance begins with it and is reset to it. Many instances share
// one. It is never written.
type image struct {
	bytes []byte
	file  *imageFile // mapped by instances; nil when they copy
}

// copyLimit is the largest image that is copied as a whole, in bytes: asking which pages were written costs as much as
// copying that much.
const copyLimit = 64 << 10

// memories is how instances are given their memory.
type memories int

// The kinds of memory. The first is for hosts to choose by what the system can do, the others are what it may choose from,
// and what tests force.
const (
	memoryAuto    memories = iota
	memoryScan             // mapped from the image; written pages are found by PAGEMAP_SCAN and copied back
	memoryMadvise          // mapped from the image; all written pages are given back by madvise
	memoryCopy             // of Go's heap; the whole image is copied
)

// chooseMemories decides for an image of n bytes what auto means; able is the best that the system can do.
func chooseMemories(kind, able memories, n int) memories {
	switch {
	case kind != memoryAuto:
		return kind
	case n <= copyLimit || able == memoryCopy:
		return memoryCopy
	case able == memoryMadvise && n <= madviseLimit:
		return memoryCopy
	}
	return able
}

// madviseLimit is the largest image that is copied where pages cannot be asked for, in bytes: beyond, giving all back is
// cheaper.
const madviseLimit = 256 << 10

// newImage keeps a copy of a booted memory.
func newImage(b []byte, kind memories) (*image, error) {
	if kind == memoryCopy {
		return &image{bytes: append([]byte(nil), b...)}, nil
	}
	f, err := newImageFile(b)
	if err != nil {
		return nil, err
	}
	return &image{bytes: f.view, file: f}, nil
}

// memory is a new instance's memory, of at most limit bytes.
func (i *image) memory(limit int64, scan *pagemap) (*memory, error) {
	if i.file == nil {
		return newMemory(limit, newCopied(i.bytes, limit)), nil
	}
	b, err := newMapped(i, limit, scan)
	if err != nil {
		return nil, err
	}
	return newMemory(limit, b), nil
}

func (i *image) close() {
	if i.file != nil {
		i.file.close()
	}
}
