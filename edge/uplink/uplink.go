// Package uplink is an edge's way to the journal and back: the outbox goes up, configuration and marks come down. It
// is the edge's only use of JetStream.
//
// Up: one goroutine per workspace sends the outbox in order, a batch at a time, each acknowledged before the next. On
// an error it backs off and sends the same batch again; the core applies each number once. Nothing leaves the outbox
// on an acknowledgement: only the mark, which the core sets when it has applied and synced, takes it out. When marks
// stay behind what was acknowledged, the journal has lost it (it was put back to a backup), and the uplink sends again
// from the mark.
//
// Down: the KV bucket of edges is watched; whatever comes is kept on disk before it is used.
package uplink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"restock/core"
	"restock/core/wire"
)

// Store is the outbox.
type Store interface {
	Edge() core.EdgeID
	// Started gives each workspace that has entries once.
	Started() <-chan core.WorkspaceName
	// Wake has an element when entries of the workspace were added.
	Wake(core.WorkspaceName) <-chan struct{}
	// Next reads a batch of entries behind a number; none when there are none.
	Next(w core.WorkspaceName, after uint64) (raws []wire.Raw, first uint64, err error)
	// Mark takes entries out of the outbox: the core has applied and synced them.
	Mark(w core.WorkspaceName, mark uint64) error
	// Marked is the last mark taken.
	Marked(w core.WorkspaceName) uint64
}

// Sink takes what comes down.
type Sink interface {
	// Configure keeps and uses a piece of configuration; a nil value means that it is gone.
	Configure(key string, value []byte) error
}

// Config is how an uplink connects.
type Config struct {
	URL       string
	InProcess interface{ InProcessConn() (net.Conn, error) } // nil: by URL
	Token     string                                         // of the server in this process
	Log       *slog.Logger
}

// Times of the uplink.
const (
	publishWait = 10 * time.Second       // for one acknowledgement
	backOffMin  = 100 * time.Millisecond // between tries
	backOffMax  = 3 * time.Second
	markWait    = 30 * time.Second // without a mark moving: send again from the mark
)

// Uplink connects one edge's store to the journals.
type Uplink struct {
	config Config
	store  Store
	sink   Sink
}

// New makes an uplink; Run does the work.
func New(c Config, store Store, sink Sink) *Uplink {
	return &Uplink{config: c, store: store, sink: sink}
}

// Run sends and receives until ctx ends. It never gives up: an edge keeps taking captures while the journal is away.
func (u *Uplink) Run(ctx context.Context) {
	var tasks sync.WaitGroup
	defer tasks.Wait()
	conn := u.connect(ctx)
	if conn == nil {
		return
	}
	defer conn.nats.Close()
	tasks.Go(func() { u.receive(ctx, conn) })
	for {
		select {
		case w := <-u.store.Started():
			tasks.Go(func() { u.send(ctx, conn, w) })
		case <-ctx.Done():
			return
		}
	}
}

type connection struct {
	nats *nats.Conn
	js   jetstream.JetStream
}

// connect dials until it succeeds; nil when ctx ended before.
func (u *Uplink) connect(ctx context.Context) *connection {
	options := []nats.Option{nats.Name("restock edge " + u.store.Edge().String()), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond)}
	if u.config.InProcess != nil {
		options = append(options, nats.InProcessServer(u.config.InProcess), nats.Token(u.config.Token))
	}
	for wait := newBackOff(); ; {
		n, err := nats.Connect(u.config.URL, options...)
		if err == nil {
			js, err := jetstream.New(n)
			if err == nil {
				return &connection{n, js}
			}
			n.Close()
		}
		u.config.Log.Warn("journal is away; captures are kept here", "error", err)
		if !wait.sleep(ctx) {
			return nil
		}
	}
}

// backOff doubles from backOffMin to backOffMax.
type backOff struct{ next time.Duration }

func newBackOff() *backOff { return &backOff{backOffMin} }

// sleep waits for the next time; false when ctx ended.
func (b *backOff) sleep(ctx context.Context) bool {
	t := time.NewTimer(b.next)
	defer t.Stop()
	b.next = min(2*b.next, backOffMax)
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// send moves one workspace's outbox into its journal.
func (u *Uplink) send(ctx context.Context, conn *connection, w core.WorkspaceName) {
	line := sending{Uplink: u, conn: conn, workspace: w, sent: u.store.Marked(w)}
	wait := newBackOff()
	for ctx.Err() == nil {
		more, err := line.next(ctx)
		if err != nil && ctx.Err() == nil {
			u.config.Log.Warn("sending to the journal failed; it is tried again", "workspace", w, "error", err)
			wait.sleep(ctx)
			continue
		}
		wait = newBackOff()
		if !more {
			line.idle(ctx)
		}
	}
}

type sending struct {
	*Uplink
	conn      *connection
	workspace core.WorkspaceName
	sent      uint64 // acknowledged by the journal up to here
}

// next sends one batch; more is false when there was none.
func (s *sending) next(ctx context.Context) (more bool, err error) {
	raws, first, err := s.store.Next(s.workspace, s.sent)
	if err != nil || len(raws) == 0 {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	batch := wire.Batch{Origin: wire.Origin{Edge: s.store.Edge(), First: first}}
	for _, raw := range raws {
		small, err := wire.Swap(raw, s.putBlob(ctx))
		if err != nil {
			return false, err
		}
		batch.Entries = append(batch.Entries, small)
	}
	data, err := batch.Encode()
	if err != nil {
		return false, err
	}
	if _, err := s.conn.js.Publish(ctx, wire.Subject(s.workspace), data); err != nil {
		return false, fmt.Errorf("appending to journal: %w", err)
	}
	s.sent = first + uint64(len(raws)) - 1
	return true, nil
}

func (s *sending) putBlob(ctx context.Context) func(core.Hash, []byte) error {
	return func(h core.Hash, b []byte) error {
		blobs, err := s.conn.js.ObjectStore(ctx, wire.BlobBucket)
		if err != nil {
			return err
		}
		_, err = blobs.PutBytes(ctx, h.String(), b)
		return err
	}
}

// idle waits for new entries. When marks have not moved for markWait although entries are on their way, it goes back
// to the mark.
func (s *sending) idle(ctx context.Context) {
	marked := s.store.Marked(s.workspace)
	t := time.NewTimer(markWait)
	defer t.Stop()
	select {
	case <-s.store.Wake(s.workspace):
	case <-t.C:
		if now := s.store.Marked(s.workspace); now == marked && now < s.sent {
			s.config.Log.Warn("the core has not applied what the journal acknowledged; sending it again", "workspace", s.workspace, "from", now+1, "to", s.sent)
			s.sent = now
		}
	case <-ctx.Done():
	}
}

// receive watches what comes down, and begins again when the watch breaks.
func (u *Uplink) receive(ctx context.Context, conn *connection) {
	for wait := newBackOff(); ctx.Err() == nil; {
		err := u.watch(ctx, conn)
		if ctx.Err() != nil {
			return
		}
		u.config.Log.Warn("watching configuration failed; it is tried again", "error", err)
		wait.sleep(ctx)
	}
}

var errWatchEnded = errors.New("watch ended")

func (u *Uplink) watch(ctx context.Context, conn *connection) error {
	kv, err := conn.js.KeyValue(ctx, wire.EdgeBucket)
	if err != nil {
		return fmt.Errorf("opening edges' bucket: %w", err)
	}
	edge := u.store.Edge()
	watcher, err := kv.WatchFiltered(ctx, []string{wire.SourceKey("*"), wire.RingKey, wire.ReadyKey, wire.MarkPattern(edge)})
	if err != nil {
		return fmt.Errorf("watching edges' bucket: %w", err)
	}
	defer func() { _ = watcher.Stop() }()
	for {
		select {
		case entry, ok := <-watcher.Updates():
			if !ok {
				return errWatchEnded
			}
			if entry == nil { // all that was there has come
				continue
			}
			if err := u.take(edge, entry); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take uses one piece of what comes down.
func (u *Uplink) take(edge core.EdgeID, entry jetstream.KeyValueEntry) error {
	value := entry.Value()
	if entry.Operation() != jetstream.KeyValuePut {
		value = nil
	}
	w, ok := wire.ParseMarkKey(edge, entry.Key())
	if !ok {
		return u.sink.Configure(entry.Key(), value)
	}
	if len(value) != 8 {
		return fmt.Errorf("taking mark of %s: %d bytes, want 8", w, len(value))
	}
	return u.store.Mark(w, binary.BigEndian.Uint64(value))
}
