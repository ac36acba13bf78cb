package outbox

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"restock/core"
	"restock/core/wire"
)

// blocksOf makes blocks of any bytes: each begins with sizes of a workspace's name and of entries.
func blocksOf(data []byte) (blocks []block) {
	r := reader{rest: data}
	take := func(n byte) []byte {
		b := r.rest[:min(int(n), len(r.rest))]
		r.rest = r.rest[len(b):]
		return b
	}
	for len(r.rest) > 3 {
		b := block{workspace: core.WorkspaceName(take(r.byte() % 70)), first: 1 + uint64(r.byte())<<40}
		for range 1 + r.byte()%5 {
			b.add(wire.Raw(take(r.byte())))
		}
		if !r.bad {
			blocks = append(blocks, b)
		}
		r.bad = false
	}
	return blocks
}

// FuzzRecord reads any bytes as a record, and what was written of them.
func FuzzRecord(f *testing.F) {
	id := [16]byte{1, 2, 3, 4, 5}
	f.Add([]byte{}, int64(36))
	f.Add([]byte("\x01a\x01\x02\x03one\x05three"), int64(100))
	f.Add(appendRecord(nil, id, 36, appendBegin(nil, begin{7, 1000, map[core.WorkspaceName]uint64{"a": 9}})), int64(36))
	f.Add(appendRecord(nil, id, 48, appendBlocks([]byte{kindEntries}, blocksOf([]byte("\x01a\x01\x02\x03one\x05three")))), int64(48))
	f.Add(append(id[:4:4], 0xff, 0xff, 0xff, 1, 0, 0, 0, 0), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, offset int64) {
		if payload, size, err := parseRecord(data, id, offset); err == nil && payload != nil {
			if !bytes.Equal(appendRecord(nil, id, offset, payload), data[:size]) {
				t.Errorf("a record of %d bytes is not what would be written", size)
			}
		}
		readAny(data)
		writeAndRead(t, id, offset, blocksOf(data))
	})
}

// readAny takes bytes for a payload: reading must end, and not beyond them.
func readAny(data []byte) {
	_, _ = parseBegin(data)
	_ = eachBlock(data, func(b *block) bool {
		_ = b.each(func(uint64, wire.Raw) bool { return true })
		return true
	})
}

// writeAndRead expects what it writes.
func writeAndRead(t *testing.T, id [16]byte, offset int64, blocks []block) {
	t.Helper()
	before := begin{before: uint64(len(blocks)), end: max(0, offset), lasts: map[core.WorkspaceName]uint64{}}
	for _, b := range blocks {
		before.lasts[b.workspace] = b.first
	}
	for _, head := range [][]byte{{kindEntries}, appendBegin(nil, before)} {
		record := appendRecord(nil, id, offset, appendBlocks(head, blocks))
		payload, size, err := parseRecord(append(record, "behind"...), id, offset)
		if err != nil || size != len(record) {
			t.Fatalf("a record of %d bytes is read as %d, %v", len(record), size, err)
		}
		expectBlocks(t, payload, blocks)
		for _, short := range []int{0, recordHead - 1, recordHead, len(record) - 1} {
			if p, need, err := parseRecord(record[:short], id, offset); p != nil || err != nil || need > len(record) || need <= short {
				t.Errorf("of %d bytes, %d are read as %v, %d, %v", len(record), short, p, need, err)
			}
		}
		if _, _, err := parseRecord(record, id, offset+1); err == nil {
			t.Error("a record is read at another place than its own")
		}
	}
	got, err := parseBegin(appendBegin(nil, before))
	if err != nil || got.before != before.before || got.end != before.end || !maps.Equal(got.lasts, before.lasts) {
		t.Errorf("%+v is read as %+v, %v", before, got, err)
	}
}

func expectBlocks(t *testing.T, payload []byte, want []block) {
	t.Helper()
	var got []block
	err := eachBlock(payload, func(b *block) bool {
		got = append(got, *b)
		return true
	})
	same := slices.EqualFunc(got, want, func(a, b block) bool {
		return a.workspace == b.workspace && a.first == b.first && a.count == b.count && slices.EqualFunc(entriesOf(t, a), entriesOf(t, b), bytes.Equal)
	})
	if err != nil || !same {
		t.Fatalf("%d blocks are read as %d others, %v", len(want), len(got), err)
	}
}

func entriesOf(t *testing.T, b block) (all [][]byte) {
	t.Helper()
	next := b.first
	err := b.each(func(number uint64, raw wire.Raw) bool {
		if number != next {
			t.Fatalf("entry %d has number %d", next, number)
		}
		next++
		all = append(all, raw)
		return true
	})
	if err != nil || uint64(len(all)) != b.count {
		t.Fatalf("%d of %d entries are read, %v", len(all), b.count, err)
	}
	return all
}

// TestWrongPayloads are refused as a whole.
func TestWrongPayloads(t *testing.T) {
	many := "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
	tests := []struct{ name, payload string }{
		{"nothing", ""}, {"no kind", "\x07"}, {"no name", "\x01\x05a"}, {"no number", "\x01\x01a"}, {"number 0", "\x01\x01a\x00\x01\x01\x00"},
		{"no entries", "\x01\x01a\x01\x00\x00"}, {"more entries than bytes", "\x01\x01a\x01\x02\x01\x00"},
		{"numbers beyond all", "\x01\x01a" + many + "\x01\x01\x00"}, {"a name beyond all", "\x01" + many}, {"bytes beyond all", "\x01\x01a\x01\x01" + many},
		{"a number of 11 bytes", "\x01\x01a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
		{"a beginning that ends", "\x00\x01"}, {"a beginning with an end below 0", "\x00\x01" + many + "\x00"}, {"a beginning with too few workspaces", "\x00\x01\x01" + many + "\x01a\x01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := eachBlock([]byte(tt.payload), func(*block) bool { return true }); err == nil {
				t.Error("it is read without an error")
			}
			if _, err := parseBegin([]byte(tt.payload)); err == nil {
				t.Error("it is read as a beginning")
			}
		})
	}
}

// TestARecordOfAnotherSegment may begin with the same four bytes: it is none all the same.
func TestARecordOfAnotherSegment(t *testing.T) {
	record := appendRecord(nil, [16]byte{1, 2, 3, 4, 5}, 36, []byte("payload"))
	if _, _, err := parseRecord(record, [16]byte{1, 2, 3, 4, 6}, 36); err == nil {
		t.Error("it is read")
	}
}
