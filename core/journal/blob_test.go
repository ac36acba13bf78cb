package journal_test

import (
	"testing"

	"restock/core/wire"
)

// A message with an entry that begins as a blob and cannot be decoded must not end the reader, as no other unreadable
// entry does (the machine counts it as unreadable). Needs journal_test.go beside it.
func TestADamagedBlobEntryIsPassedOn(t *testing.T) {
	j := embedded(t)
	insist(t, j, wire.Batch{Entries: []wire.Raw{{0x92, byte(wire.KindBlob), 0xa1, 'x'}}}) // a text instead of a map
	insist(t, j, batch(t, "behind"))
	r := startReading(t, j, 1)
	r.next(t)
	if got := bodyOf(t, r.next(t)); got != "behind" {
		t.Errorf("behind it came %q", got)
	}
}
