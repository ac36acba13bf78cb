package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"restock/core"
	"restock/core/wire"
)

// Named errors of a journal that does not fit the state beside it. A core node refuses to start on them: going on
// would tell people twice, or never.
var (
	ErrShorter = errors.New("journal_shorter: the journal ends before the last entry that the state was made from")
	ErrDiffers = errors.New("journal_differs: the journal's entry is not the one that the state was made from")
	ErrPurged  = errors.New("journal_purged: the journal begins after the entry that the state needs next")
)

// Journal is the log of one workspace.
type Journal struct {
	conn    *Conn
	stream  jetstream.Stream
	subject string
}

// Message is one message of a journal. Its batch is empty when the message could not be read (Unreadable says why);
// it still counts as a message.
type Message struct {
	Sequence   core.Sequence
	Time       core.Time
	Hash       core.Hash
	Batch      wire.Batch
	Unreadable error
}

// Open opens or makes the journal of a workspace.
func (c *Conn) Open(ctx context.Context, w core.WorkspaceName) (*Journal, error) {
	s, err := c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:        wire.StreamName(w),
		Subjects:    []string{wire.Subject(w)},
		Storage:     jetstream.FileStorage,
		Replicas:    c.replicas,
		DenyDelete:  true,
		Description: "Restock: journal of workspace " + string(w),
	})
	if err != nil {
		return nil, fmt.Errorf("opening journal of %s: %w", w, err)
	}
	return &Journal{conn: c, stream: s, subject: wire.Subject(w)}, nil
}

// appendWait bounds one try of an append; a cluster that elects a leader takes up to about 9 s.
const appendWait = 10 * time.Second

// Append adds a batch and returns its place once it is on disk. On an error nobody knows whether it was added: the
// caller appends again, and entries are made so that the second time is a no-op.
func (j *Journal) Append(ctx context.Context, b wire.Batch) (core.Sequence, error) {
	for i, raw := range b.Entries {
		small, err := wire.Swap(raw, j.conn.putBlob(ctx))
		if err != nil {
			return 0, err
		}
		b.Entries[i] = small
	}
	data, err := b.Encode()
	if err != nil {
		return 0, fmt.Errorf("encoding batch: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, appendWait)
	defer cancel()
	ack, err := j.conn.js.Publish(ctx, j.subject, data)
	if err != nil {
		return 0, fmt.Errorf("appending to journal: %w", err)
	}
	return core.Sequence(ack.Sequence), nil
}

// End is the place of the last message; 0 when the journal is empty.
func (j *Journal) End(ctx context.Context) (core.Sequence, error) {
	info, err := j.stream.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading journal's end: %w", err)
	}
	return core.Sequence(info.State.LastSeq), nil
}

// Check says whether the journal is the one that a state at this position was made from.
func (j *Journal) Check(ctx context.Context, at core.Sequence, hash core.Hash) error {
	info, err := j.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("checking journal: %w", err)
	}
	first, last := core.Sequence(info.State.FirstSeq), core.Sequence(info.State.LastSeq)
	switch {
	case last < at:
		return fmt.Errorf("%w (state: %d, journal: %d): restore the journal, or start from a backup of the state", ErrShorter, at, last)
	case first > at+1:
		return fmt.Errorf("%w (state: %d, journal begins: %d): start from a newer snapshot", ErrPurged, at, first)
	case at == 0 || first > at:
		return nil
	}
	m, err := j.stream.GetMsg(ctx, uint64(at))
	if err != nil {
		return fmt.Errorf("checking journal's message %d: %w", at, err)
	}
	if hashMessage(core.TimeOf(m.Time), m.Data) != hash {
		return fmt.Errorf("%w (message %d): this journal and this state do not belong together", ErrDiffers, at)
	}
	return nil
}

// hashMessage covers what applying a message depends on.
func hashMessage(t core.Time, data []byte) core.Hash {
	return core.HashOf(append(binary.BigEndian.AppendUint64(nil, uint64(t)), data...))
}

// readAhead is how many messages are decoded ahead of whoever applies them.
const readAhead = 512

// Read hands the messages from a place on to out, in order and without gaps, until ctx ends. It survives the loss of
// the connection.
func (j *Journal) Read(ctx context.Context, from core.Sequence, out chan<- Message) error {
	consumer, err := j.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: uint64(from),
	})
	if err != nil {
		return fmt.Errorf("reading journal: %w", err)
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(readAhead))
	if err != nil {
		return fmt.Errorf("reading journal: %w", err)
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("reading journal: %w", err)
		}
		message, err := j.decode(ctx, m)
		if err != nil {
			return err
		}
		select {
		case out <- message:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// decode reads a message and puts its blobs in their places. Only what this node must not pass over is an error.
func (j *Journal) decode(ctx context.Context, m jetstream.Msg) (Message, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Message{}, fmt.Errorf("reading journal: %w", err)
	}
	t := core.TimeOf(meta.Timestamp)
	message := Message{Sequence: core.Sequence(meta.Sequence.Stream), Time: t, Hash: hashMessage(t, m.Data())}
	message.Batch, message.Unreadable = wire.DecodeBatch(m.Data())
	if errors.Is(message.Unreadable, wire.ErrNewer) {
		return Message{}, fmt.Errorf("reading journal's message %d: %w", message.Sequence, message.Unreadable)
	}
	for i, raw := range message.Batch.Entries {
		if message.Batch.Entries[i], err = j.fill(ctx, raw); err != nil {
			return Message{}, fmt.Errorf("reading journal's message %d: %w", message.Sequence, err)
		}
	}
	return message, nil
}

// Tries to read a blob: the store may be away for a moment, or the blob may be written a second time just now.
const (
	blobTries = 10
	blobPause = time.Second
)

func (j *Journal) fill(ctx context.Context, raw wire.Raw) (full wire.Raw, err error) {
	for range blobTries {
		if full, err = wire.Fill(raw, j.conn.getBlob(ctx)); err == nil {
			return full, nil
		}
		select {
		case <-time.After(blobPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, err
}
