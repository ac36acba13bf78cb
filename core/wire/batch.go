package wire

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/vmihailenco/msgpack/v5"

	"restock/core"
)

// Origin is who appended a batch. An edge numbers its entries of a workspace from 1 on without gaps, and the core
// applies each number once; a leader signs with its epoch; the API of a core node has neither.
type Origin struct {
	Edge  core.EdgeID
	First uint64 // number of the batch's first entry; edges only
	Epoch core.Epoch
}

// FromEdge says whether an edge appended the batch.
func (o Origin) FromEdge() bool { return o.Edge != core.EdgeID{} }

// Batch is one message of a journal.
type Batch struct {
	Origin  Origin
	Entries []Raw
}

// Limits of a batch: what fits one message of a NATS server at its default (1 MiB) with room for headers.
const (
	MaxBatchEntries = 1000
	MaxBatchBytes   = 768 << 10
	BlobLimit       = 256 << 10 // an entry over this goes to the object store
)

// ErrNewer is what a reader answers to a batch of a later version.
var ErrNewer = errors.New("journal was written by a newer version")

// Encode writes the batch.
func (b Batch) Encode() ([]byte, error) {
	return encode(func(e *msgpack.Encoder) error {
		if err := e.EncodeArrayLen(5); err != nil {
			return err
		}
		if err := e.EncodeUint(Version); err != nil {
			return err
		}
		if err := e.EncodeBytes(b.Origin.Edge[:]); err != nil {
			return err
		}
		if err := e.EncodeUint(b.Origin.First); err != nil {
			return err
		}
		if err := e.EncodeUint(uint64(b.Origin.Epoch)); err != nil {
			return err
		}
		if err := e.EncodeArrayLen(len(b.Entries)); err != nil {
			return err
		}
		for _, raw := range b.Entries {
			if err := e.Encode(msgpack.RawMessage(raw)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DecodeBatch reads a batch; its entries are views into data.
func DecodeBatch(data []byte) (Batch, error) {
	d := msgpack.NewDecoder(bytes.NewReader(data))
	b, err := decodeBatch(d)
	if err != nil {
		return Batch{}, fmt.Errorf("decoding batch: %w", err)
	}
	return b, nil
}

func decodeBatch(d *msgpack.Decoder) (b Batch, err error) {
	n, err := d.DecodeArrayLen()
	if err != nil {
		return b, err
	}
	if n < 5 {
		return b, fmt.Errorf("%d elements, want at least 5", n)
	}
	version, err := d.DecodeInt()
	if err != nil {
		return b, err
	}
	if version > Version {
		return b, fmt.Errorf("%w: %d, this node reads up to %d", ErrNewer, version, Version)
	}
	edge, err := d.DecodeBytes()
	if err != nil {
		return b, err
	}
	if len(edge) != len(b.Origin.Edge) {
		return b, fmt.Errorf("edge id of %d bytes, want %d", len(edge), len(b.Origin.Edge))
	}
	b.Origin.Edge = core.EdgeID(edge)
	if b.Origin.First, err = d.DecodeUint64(); err != nil {
		return b, err
	}
	epoch, err := d.DecodeUint64()
	if err != nil {
		return b, err
	}
	b.Origin.Epoch = core.Epoch(epoch)
	b.Entries, err = decodeRaws(d)
	return b, err
}

func decodeRaws(d *msgpack.Decoder) ([]Raw, error) {
	n, err := d.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > MaxBatchEntries {
		return nil, fmt.Errorf("%d entries, want at most %d", n, MaxBatchEntries)
	}
	raws := make([]Raw, 0, n)
	for range n {
		raw, err := d.DecodeRaw()
		if err != nil {
			return nil, err
		}
		raws = append(raws, Raw(raw))
	}
	return raws, nil
}
