package wasm

// image is what the memory of a booted guest held: every instance begins with it and is reset to it. Many instances share
// one. It is never written.
type image struct {
	bytes []byte
	file  *imageFile // mapped by instances; nil when they copy
}

// memories is how instances are given their memory, and how it is reset.
type memories int

// The kinds of memory. The first is for hosts to choose by what the system can do, the others are what it may choose from,
// and what tests force.
const (
	memoryAuto    memories = iota
	memoryScan             // mapped from the image; written pages are found by PAGEMAP_SCAN and copied back
	memoryMadvise          // mapped from the image; all written pages are given back by madvise
	memoryWhole            // mapped from the image, which is copied back as a whole
	memoryCopy             // of Go's heap; the image is copied as a whole
)

// wholeBeforeMadvise is the largest image, in bytes, that is copied as a whole where pages cannot be asked for: beyond,
// giving all of them back is cheaper. Where they can be asked for that is always cheaper.
const wholeBeforeMadvise = 256 << 10

// chooseMemories decides for an image of n bytes what auto means; able is the best that the system can do.
func chooseMemories(kind, able memories, n int) memories {
	switch {
	case kind != memoryAuto:
		return kind
	case able == memoryMadvise && n <= wholeBeforeMadvise:
		return memoryWhole
	}
	return able
}

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
func (i *image) memory(limit int64, kind memories, scan *pagemap) (*memory, error) {
	if kind == memoryCopy {
		return newMemory(limit, newCopied(i.bytes, limit)), nil
	}
	b, err := newMapped(i, limit, kind, scan)
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
