// Package uplink is an edge's way to the journal and back: the outbox goes up, configuration and marks come down. It
// is the edge's only use of JetStream.
//
// Up: one goroutine per workspace sends the outbox in order. While a batch is on its way and entries are few, the next
// waits for its acknowledgement and so becomes larger; batches that are full go out on up to maxLanes lanes at once, so
// that a journal far away takes as much as one that is near. When one is refused or unanswered, the uplink backs off and
// sends again from there: what came behind it is void at the core, which applies each number once and in order. Nothing
// leaves the outbox on an acknowledgement: only the mark, which the core sets when it has applied and synced, takes it
// out. When marks stay behind what was acknowledged, the journal may have lost it (it was put back to a backup), and the
// uplink sends again from the mark, less and less often: the core may only be away.
//
// Down: the KV bucket of edges is watched; whatever comes (configuration, marks, orders to forget an address) is kept on
// disk before it is used.
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

// maxLanes is how many batches of a workspace are on their way at once, each of up to wire.MaxBatchBytes.
const maxLanes = 8

// Times of the uplink.
const (
	publishWait = 10 * time.Second       // for one acknowledgement
	pingEvery   = 10 * time.Second       // a connection that answers none of two is made anew; nats.go waits for minutes
	backOffMin  = 100 * time.Millisecond // between tries
	backOffMax  = 3 * time.Second
	markWait    = 30 * time.Second // without a mark moving: send again from the mark
	markWaitMax = 4 * time.Hour    // between two times of that
)

// Uplink connects one edge's store to the journals.
type Uplink struct {
	config Config
	store  Store
	sink   Sink
	known  chan struct{} // closed when the core's marks have come down: nothing goes up before

	mu         sync.RWMutex // guards generation; held for reading while a batch is read and handed over
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
		nats.IgnoreAuthErrorAbort(), // who refuses us for a while, since its settings are being changed, is tried again
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { // by default nats.go writes to stderr
			u.config.Log.Debug("the connection to the journal complains", "error", err)
		}),
		nats.ReconnectBufSize(-1), // what is sent while the server is away fails at once, instead of overtaking what failed before
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
			js, err := jetstream.New(n, jetstream.WithPublishAsyncTimeout(publishWait))
			if err == nil {
				return &connection{n, js, back}
			}
			n.Close()
		}
		why := "journal is away; captures are kept here"
		if errors.Is(err, nats.ErrAuthorization) {
			why = "journal's server does not take our credentials, see --nats; captures are kept here"
		}
		u.config.Log.Warn(why, "error", err)
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
	watcher, err := kv.WatchFiltered(ctx, []string{wire.SourceKey("*"), wire.SenderKey("*"), wire.RingKey, wire.ReadyKey, wire.ForgetPattern, wire.MarkPattern(edge)})
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
