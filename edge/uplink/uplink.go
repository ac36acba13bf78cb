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
	// Mark takes entries out of the outbox: the core has applied and synced them. An error that NotOurs knows means that
	// the mark cannot be about this disk.
	Mark(w core.WorkspaceName, mark uint64) error
	// Renew makes this a new edge for the core; what is in the outbox is sent under the new id.
	Renew() error
	// Workspaces are those whose entries the core has applied before.
	Workspaces() []core.WorkspaceName
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
	NotOurs   error                                          // what Store.Mark answers to a mark that is not about its disk
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
	known  chan struct{} // closed when the core's marks have come down: nothing goes up before

	mu         sync.RWMutex // guards generation; held for reading while a batch is read and sent
	generation int          // counts renewals: senders begin again with each
}

// New makes an uplink; Run does the work.
func New(c Config, store Store, sink Sink) *Uplink {
	return &Uplink{config: c, store: store, sink: sink, known: make(chan struct{})}
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
	back chan struct{} // has an element when the connection was lost and is there again
}

// connect dials until it succeeds; nil when ctx ended before.
func (u *Uplink) connect(ctx context.Context) *connection {
	back := make(chan struct{}, 1)
	options := []nats.Option{nats.Name("restock edge " + u.store.Edge().String()), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectHandler(func(*nats.Conn) {
			select {
			case back <- struct{}{}:
			default:
			}
		})}
	if u.config.InProcess != nil {
		options = append(options, nats.InProcessServer(u.config.InProcess), nats.Token(u.config.Token))
	}
	for wait := newBackOff(); ; {
		n, err := nats.Connect(u.config.URL, options...)
		if err == nil {
			js, err := jetstream.New(n)
			if err == nil {
				return &connection{n, js, back}
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
	select {
	case <-u.known:
	case <-ctx.Done():
		return
	}
	line := sending{Uplink: u, conn: conn, workspace: w, generation: -1}
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

	generation int
	sent       uint64    // acknowledged by the journal up to here
	marked     uint64    // the last mark that was seen to move
	movedAt    time.Time // when it moved, or nothing was on its way
}

// next sends one batch; more is false when there was none.
func (s *sending) next(ctx context.Context) (more bool, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.begin()
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
		if info, err := blobs.GetInfo(ctx, h.String()); err == nil && info.Size == uint64(len(b)) {
			return nil // it is there: writing it again would take it away from who reads it
		}
		_, err = blobs.PutBytes(ctx, h.String(), b)
		return err
	}
}

// begin goes back to the mark when the edge has become a new one, and when marks have not moved for markWait although
// entries are on their way: then the journal has lost what it acknowledged.
func (s *sending) begin() {
	now, marked := time.Now(), s.store.Marked(s.workspace)
	if s.generation != s.Uplink.generation {
		s.generation, s.sent, s.marked, s.movedAt = s.Uplink.generation, marked, marked, now
	}
	if marked != s.marked || marked >= s.sent {
		s.marked, s.movedAt = marked, now
	}
	if now.Sub(s.movedAt) > markWait {
		s.config.Log.Warn("the core has not applied what the journal acknowledged; sending it again", "workspace", s.workspace, "from", marked+1, "to", s.sent)
		s.sent, s.movedAt = marked, now
	}
}

// idle waits for new entries, or for a moment to look at the mark.
func (s *sending) idle(ctx context.Context) {
	t := time.NewTimer(markWait / 10)
	defer t.Stop()
	select {
	case <-s.store.Wake(s.workspace):
	case <-t.C:
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
		if errors.Is(err, errRenewed) || errors.Is(err, errWatchEnded) {
			continue
		}
		u.config.Log.Warn("watching configuration failed; it is tried again", "error", err)
		wait.sleep(ctx)
	}
}

var (
	errWatchEnded = errors.New("watch ended")
	errRenewed    = errors.New("this is a new edge now")
)

// renew makes this a new edge, and lets the watch begin again under its new id.
func (u *Uplink) renew(why string, args ...any) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.config.Log.Warn("becoming a new edge: "+why, args...)
	if err := u.store.Renew(); err != nil {
		return err
	}
	u.generation++
	return errRenewed
}

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
	first := initial{Uplink: u, edge: edge, marked: map[core.WorkspaceName]bool{}}
	for {
		select {
		case entry, ok := <-watcher.Updates():
			if !ok {
				return errWatchEnded
			}
			if err := first.take(entry); err != nil {
				return err
			}
		case <-conn.back:
			return errWatchEnded // it may be another server, or one that lost its memory: look at everything again
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// initial takes what comes down: first all that is there, then what changes.
type initial struct {
	*Uplink
	edge   core.EdgeID
	all    bool                        // what was there has come
	marked map[core.WorkspaceName]bool // marks that were there
	ready  []byte                      // kept back until all has come: an edge that knows half of its sources is not ready
}

func (i *initial) take(entry jetstream.KeyValueEntry) error {
	if entry == nil {
		return i.complete()
	}
	value := entry.Value()
	if entry.Operation() != jetstream.KeyValuePut {
		value = nil
	}
	if w, ok := wire.ParseMarkKey(i.edge, entry.Key()); ok {
		if value == nil {
			return nil // a mark that was taken away is none
		}
		i.marked[w] = true
		return i.mark(w, value)
	}
	if entry.Key() == wire.ReadyKey && !i.all {
		i.ready = value
		return nil
	}
	return i.sink.Configure(entry.Key(), value)
}

func (i *initial) mark(w core.WorkspaceName, value []byte) error {
	if len(value) != 8 {
		return fmt.Errorf("taking mark of %s: %d bytes, want 8", w, len(value))
	}
	err := i.store.Mark(w, binary.BigEndian.Uint64(value))
	if err != nil && errors.Is(err, i.config.NotOurs) {
		return i.renew("its disk, or the core's, was put back to an older state", "workspace", w, "error", err)
	}
	return err
}

// complete is called when all that was there has come. A core that has no mark of an edge which it marked before is
// another core, or lost its memory; that it may have lost captures is for the operator to decide.
func (i *initial) complete() error {
	i.all = true
	for _, w := range i.store.Workspaces() {
		if !i.marked[w] && i.store.Marked(w) > 0 {
			return i.renew("the core does not know it; if it has lost captures, run restock edge resync", "workspace", w)
		}
	}
	select {
	case <-i.known:
	default:
		close(i.known)
	}
	if i.ready == nil {
		return nil
	}
	return i.sink.Configure(wire.ReadyKey, i.ready)
}
