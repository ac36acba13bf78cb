package journal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/vmihailenco/msgpack/v5"

	"restock/core"
	"restock/core/journal"
	"restock/core/wire"
)

// TestCheck: a state and a journal that do not belong together are refused by name.
func TestCheck(t *testing.T) {
	p := newPlace(t)
	p.serve(t)
	c := p.connect(t)
	j, other := opened(t, c, "default"), opened(t, c, "other")
	var hashes []core.Hash // of message i+1
	r := startReading(t, j, 1)
	for _, body := range []string{"1", "2", "3", "4", "5"} {
		insist(t, j, batch(t, body))
		hashes = append(hashes, r.next(t).Hash)
	}
	wrong := hashes[0]
	tests := []struct {
		name    string
		journal *journal.Journal
		purge   uint64 // the journal begins with this message
		at      core.Sequence
		hash    core.Hash
		want    error
	}{
		{"a new state", j, 0, 0, core.Hash{}, nil},
		{"at the end", j, 0, 5, hashes[4], nil},
		{"before the end", j, 0, 2, hashes[1], nil},
		{"beyond the end", j, 0, 6, hashes[4], journal.ErrShorter},
		{"another message", j, 0, 5, wrong, journal.ErrDiffers},
		{"no hash", j, 0, 5, core.Hash{}, journal.ErrDiffers},
		{"an empty journal", other, 0, 1, hashes[0], journal.ErrShorter},
		{"purged before it", j, 3, 4, hashes[3], nil},
		{"purged up to it", j, 4, 3, hashes[2], nil},
		{"purged beyond it", j, 4, 2, hashes[1], journal.ErrPurged},
		{"purged, and a new state", j, 4, 0, core.Hash{}, journal.ErrPurged},
		{"all purged", j, 6, 5, hashes[4], nil},
		{"all purged, beyond the end", j, 6, 6, hashes[4], journal.ErrShorter},
	}
	stream := must(p.raw(t).Stream(t.Context(), wire.StreamName("default")))
	for _, tt := range tests {
		if tt.purge > 0 {
			if err := stream.Purge(t.Context(), jetstream.WithPurgeSequence(tt.purge)); err != nil {
				t.Fatal(err)
			}
		}
		err := tt.journal.Check(t.Context(), tt.at, tt.hash)
		if !errors.Is(err, tt.want) || (tt.want == nil) != (err == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if tt.want != nil && err != nil && !strings.HasPrefix(err.Error(), "journal_") {
			t.Errorf("%s: the error has no name: %v", tt.name, err)
		}
	}
}

// TestHash: a message's hash covers its bytes and its time, which are what applying it depends on.
func TestHash(t *testing.T) {
	p := newPlace(t)
	p.serve(t)
	j := opened(t, p.connect(t), "default")
	b := batch(t, "x")
	insist(t, j, b)
	m := startReading(t, j, 1).next(t)
	data, err := b.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if want := core.HashOf(append(binary.BigEndian.AppendUint64(nil, uint64(m.Time)), data...)); m.Hash != want {
		t.Errorf("the hash is %s, want %s", m.Hash, want)
	}
}

// TestUnreadableMessages are passed on as such; they count, and what comes behind them is read.
func TestUnreadableMessages(t *testing.T) {
	garbage := map[string][]byte{
		"nothing": {}, "text": []byte("hello"), "half a batch": must(batch(t, "x").Encode())[:10],
		"not msgpack": {0xc1}, "an array of nothing": {0x90}, "a short edge id": {0x95, 1, 0xc4, 1, 7, 0, 0, 0x90},
	}
	p := newPlace(t)
	p.serve(t)
	j := opened(t, p.connect(t), "default")
	js := p.raw(t)
	r := startReading(t, j, 1)
	next := core.Sequence(1)
	for name, data := range garbage {
		if _, err := js.Publish(t.Context(), wire.Subject("default"), data); err != nil {
			t.Fatal(err)
		}
		insist(t, j, batch(t, "behind "+name))
		m := r.next(t)
		if m.Sequence != next || m.Unreadable == nil || len(m.Batch.Entries) > 0 || m.Hash == (core.Hash{}) || m.Time == 0 {
			t.Errorf("%s came as %+v", name, m)
		}
		if err := j.Check(t.Context(), m.Sequence, m.Hash); err != nil {
			t.Errorf("%s: a state that stands at it is refused: %v", name, err)
		}
		if got := r.take(t, next+1, 1); got[0] != "behind "+name {
			t.Errorf("behind %s came %q", name, got)
		}
		next += 2
	}
}

// TestANewerBatchStopsTheReader: passing over it would make two versions disagree about the state.
func TestANewerBatchStopsTheReader(t *testing.T) {
	var newer bytes.Buffer
	e := msgpack.NewEncoder(&newer)
	e.UseCompactInts(true)
	if err := e.Encode([]any{wire.Version + 1, make([]byte, 16), 0, 0, []any{}}); err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	p.serve(t)
	j := opened(t, p.connect(t), "default")
	insist(t, j, batch(t, "before"))
	if _, err := p.raw(t).Publish(t.Context(), wire.Subject("default"), newer.Bytes()); err != nil {
		t.Fatal(err)
	}
	insist(t, j, batch(t, "behind"))
	r := startReading(t, j, 1)
	r.take(t, 1, 1)
	select {
	case err := <-r.ended:
		if !errors.Is(err, wire.ErrNewer) || !strings.Contains(err.Error(), "message 2") {
			t.Errorf("reading ended with %v, want %v of message 2", err, wire.ErrNewer)
		}
	case m := <-r.messages:
		t.Errorf("message %d was handed on", m.Sequence)
	case <-time.After(patience):
		t.Error("reading did not end")
	}
}

// TestABlobThatComesLater: an entry is never handed on without its blob, which may be on its way.
func TestABlobThatComesLater(t *testing.T) {
	full := batch(t, strings.Repeat("x", wire.BlobLimit+1)).Entries[0]
	raw, err := wire.Encode(wire.Blob{Hash: core.HashOf(full), Size: int64(len(full))})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t)
	p.serve(t)
	j := opened(t, p.connect(t), "default")
	insist(t, j, wire.Batch{Entries: []wire.Raw{raw}})
	r := startReading(t, j, 1)
	blobs := must(p.raw(t).ObjectStore(t.Context(), wire.BlobBucket))
	must(blobs.PutBytes(t.Context(), core.HashOf(full).String(), full))
	if m := r.next(t); !bytes.Equal(m.Batch.Entries[0], full) {
		t.Errorf("the entry came with %d bytes, want %d", len(m.Batch.Entries[0]), len(full))
	}
}
