package wire

import (
	"fmt"

	"restock/core"
)

// Swap puts an entry over BlobLimit into the object store by put and returns the entry that stands for it; a smaller
// one is returned as it is.
func Swap(raw Raw, put func(core.Hash, []byte) error) (Raw, error) {
	if len(raw) <= BlobLimit {
		return raw, nil
	}
	h := core.HashOf(raw)
	if err := put(h, raw); err != nil {
		return nil, fmt.Errorf("putting blob %s: %w", h, err)
	}
	return Encode(Blob{Hash: h, Size: int64(len(raw))})
}

// Fill is the reverse of Swap: it gets the entry that a blob stands for. One that cannot be read stays as it is, for its
// reader to pass over: trying again would not mend it.
func Fill(raw Raw, get func(core.Hash) ([]byte, error)) (Raw, error) {
	if !raw.is(KindBlob) {
		return raw, nil
	}
	e, err := raw.Decode()
	if err != nil {
		return raw, nil
	}
	blob := e.(Blob)
	full, err := get(blob.Hash)
	if err != nil {
		return nil, fmt.Errorf("getting blob %s: %w", blob.Hash, err)
	}
	if core.HashOf(full) != blob.Hash {
		return nil, fmt.Errorf("getting blob %s: content does not match its hash", blob.Hash)
	}
	return full, nil
}

// is reads the kind alone: the array's head is one byte, and so is a small number.
func (r Raw) is(k Kind) bool { return len(r) > 1 && r[0] == 0x92 && r[1] == byte(k) }
