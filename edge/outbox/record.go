package outbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"

	"restock/core"
	"restock/core/wire"
)

// Kinds of payload.
const (
	kindBegin   = 0 // of a segment's first record: begin, then blocks
	kindEntries = 1 // blocks
)

// Bounds of a record, in bytes.
const (
	recordHead = 12
	maxPayload = 32 << 20 // beyond it a length is damage: a group and its last entry are far below
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errRecord  = errors.New("a record is cut off or damaged")
)

// checksum binds a payload to its segment and its place there.
func checksum(id [16]byte, offset int64, payload []byte) uint32 {
	var place [32]byte
	copy(place[:], id[:])
	binary.LittleEndian.PutUint64(place[16:], uint64(offset))
	binary.LittleEndian.PutUint64(place[24:], uint64(len(payload)))
	return crc32.Update(crc32.Checksum(place[:], castagnoli), castagnoli, payload)
}

// appendRecord appends a record that will lie at offset.
func appendRecord(dst []byte, id [16]byte, offset int64, payload []byte) []byte {
	dst = append(dst, id[:4]...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(payload)))
	dst = binary.LittleEndian.AppendUint32(dst, checksum(id, offset, payload))
	return append(dst, payload...)
}

// parseRecord reads the record that b begins with and that lies at offset; size is that of head and payload. With b too
// short for it, size is what is needed (or just the head's, when not even that is there) and payload is nil.
func parseRecord(b []byte, id [16]byte, offset int64) (payload []byte, size int, err error) {
	if len(b) < recordHead {
		return nil, recordHead, nil
	}
	length := binary.LittleEndian.Uint32(b[4:])
	if !bytes.Equal(b[:4], id[:4]) || length == 0 || length > maxPayload {
		return nil, 0, errRecord
	}
	size = recordHead + int(length)
	if len(b) < size {
		return nil, size, nil
	}
	payload = b[recordHead:size:size]
	if checksum(id, offset, payload) != binary.LittleEndian.Uint32(b[8:]) {
		return nil, 0, errRecord
	}
	return payload, size, nil
}

// block is what one commit holds of one workspace.
type block struct {
	workspace core.WorkspaceName
	first     uint64 // number of its first entry
	count     uint64
	entries   []byte // each with its length before it
}

func (b *block) add(raw wire.Raw) {
	b.entries = append(binary.AppendUvarint(b.entries, uint64(len(raw))), raw...)
	b.count++
}

func (b *block) last() uint64 { return b.first + b.count - 1 }

// each walks the entries until visit returns false.
func (b *block) each(visit func(number uint64, raw wire.Raw) bool) error {
	rest := b.entries
	for i := range b.count {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return errRecord
		}
		end := n + int(size)
		if !visit(b.first+i, wire.Raw(rest[n:end:end])) {
			return nil
		}
		rest = rest[end:]
	}
	return nil
}

// begin is what the first record of a segment tells of the log before it.
type begin struct {
	before uint64                        // number of the segment before; 0: there was none
	end    int64                         // where that one ends
	lasts  map[core.WorkspaceName]uint64 // number of each workspace's last entry in the log before, or its mark
}

func appendBegin(dst []byte, b begin) []byte {
	dst = append(dst, kindBegin)
	dst = binary.AppendUvarint(dst, b.before)
	dst = binary.AppendUvarint(dst, uint64(b.end))
	dst = binary.AppendUvarint(dst, uint64(len(b.lasts)))
	for _, w := range slices.Sorted(maps.Keys(b.lasts)) {
		dst = append(binary.AppendUvarint(dst, uint64(len(w))), w...)
		dst = binary.AppendUvarint(dst, b.lasts[w])
	}
	return dst
}

// parseBegin reads what the payload of a segment's first record begins with.
func parseBegin(payload []byte) (begin, error) {
	r := reader{rest: payload}
	if r.byte() != kindBegin {
		return begin{}, errRecord
	}
	b := r.begin()
	if r.bad {
		return begin{}, errRecord
	}
	return b, nil
}

func appendBlocks(dst []byte, blocks []block) []byte {
	for i := range blocks {
		b := &blocks[i]
		dst = append(binary.AppendUvarint(dst, uint64(len(b.workspace))), b.workspace...)
		dst = binary.AppendUvarint(dst, b.first)
		dst = binary.AppendUvarint(dst, b.count)
		dst = append(binary.AppendUvarint(dst, uint64(len(b.entries))), b.entries...)
	}
	return dst
}

// eachBlock walks the blocks of a payload until visit returns false; a block's entries are views.
func eachBlock(payload []byte, visit func(*block) bool) error {
	r := reader{rest: payload}
	switch r.byte() {
	case kindBegin:
		r.begin()
	case kindEntries:
	default:
		r.bad = true
	}
	for len(r.rest) > 0 && !r.bad {
		b := r.block()
		if r.bad || !visit(&b) {
			break
		}
	}
	if r.bad {
		return errRecord
	}
	return nil
}

// reader takes a payload apart; bad stays when anything was cut off.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.bad = true
		return 0xff
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) bytes() []byte {
	size := r.uvarint()
	if size > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:size:size]
	r.rest = r.rest[size:]
	return b
}

func (r *reader) begin() begin {
	b := begin{before: r.uvarint(), end: int64(r.uvarint()), lasts: map[core.WorkspaceName]uint64{}}
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		w := core.WorkspaceName(r.bytes())
		b.lasts[w] = r.uvarint()
	}
	r.bad = r.bad || b.end < 0
	return b
}

func (r *reader) block() block {
	b := block{workspace: core.WorkspaceName(r.bytes()), first: r.uvarint(), count: r.uvarint(), entries: r.bytes()}
	r.bad = r.bad || b.first == 0 || b.count == 0 || b.first+b.count < b.first || b.count > uint64(len(b.entries))
	return b
}
