package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/journal"
	"restock/core/machine"
	"restock/core/wire"
)

// workspace runs one merchant's world: it reads the journal and applies it (one goroutine owns the writing), and leads:
// what must happen outside the state machine happens in the goroutines of leader.go and send.go.
type workspace struct {
	name    core.WorkspaceName
	node    *Node
	log     *slog.Logger
	db      *db.DB
	journal *journal.Journal
	machine *machine.Machine

	epoch   core.Epoch   // of this node's lead; set before the leader's goroutines start
	fresh   atomic.Int64 // wall clock, ms, when the state was last known to be at the journal's end
	ready   atomic.Bool  // leads
	told    atomic.Bool  // edges were told of its sources once
	mu      sync.Mutex   // guards what follows
	applied core.Sequence
	changed chan struct{} // closed, and made anew, after each commit
	marks   map[core.EdgeID]uint64
	unread  map[core.SourceName]unread // sources whose APIs could not be read the last time
	paces   map[core.Name]*pace        // of senders
	gates   gateCounts
	hosts   hosts // push services
}

// maxCommitMessages bounds what one transaction of the state takes, beside machine.RoomBytes.
const maxCommitMessages = 1000

// freshFor is how long effects may run on a state that was last seen to be at the journal's end.
const freshFor = 5 * time.Second

func openWorkspace(ctx context.Context, n *Node, name core.WorkspaceName) (*workspace, error) {
	w := &workspace{name: name, node: n, log: n.config.Log.With("workspace", string(name)), changed: make(chan struct{}), marks: map[core.EdgeID]uint64{}, unread: map[core.SourceName]unread{}, paces: map[core.Name]*pace{}}
	var err error
	if w.db, err = db.Open(filepath.Join(n.config.Data, "state", string(name)), n.config.Key, w.log); err != nil {
		return nil, err
	}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening workspace %s: %w", name, err), w.db.Close())
	}
	return w, nil
}

// open checks that journal and state belong together.
func (w *workspace) open(ctx context.Context) (err error) {
	if w.journal, err = w.node.conn.Open(ctx, w.name); err != nil {
		return err
	}
	tx := w.db.View()
	defer tx.Discard()
	p, _ := db.Positions.Get(tx, struct{}{})
	if err := errors.Join(tx.Err(), w.journal.Check(ctx, p.Sequence, p.Hash)); err != nil {
		return err
	}
	w.applied = p.Sequence
	db.AllEdges(tx, func(e core.EdgeID, last uint64) { w.marks[e] = last })
	w.machine, err = machine.New(tx, w.node.metrics)
	return err
}

// apply reads the journal and applies it until ctx ends.
func (w *workspace) apply(ctx context.Context) error {
	messages := make(chan journal.Message)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- w.journal.Read(ctx, w.applied+1, messages) }()
	for {
		select {
		case m := <-messages:
			if err := w.commit(m, messages); err != nil {
				return err
			}
		case err := <-failed:
			return err
		}
	}
}

// commit applies a message, and what else has come by now, in one transaction. A message that fills more than one ends it:
// whoever waits for the state to move (edges for their marks, the leader's loops) must not wait for the journal's end.
func (w *workspace) commit(m journal.Message, more <-chan journal.Message) error {
	tx := w.db.Begin()
	edges := map[core.EdgeID]bool{}
	full := false
	for n := 1; ; n++ {
		if m.Unreadable != nil {
			w.log.Error("a message of the journal cannot be read; it is passed over", "sequence", m.Sequence, "error", m.Unreadable)
		}
		edges[m.Batch.Origin.Edge] = true
		done, err := w.machine.Apply(tx, machine.Message{Sequence: m.Sequence, Time: m.Time, Hash: m.Hash, Batch: m.Batch})
		if err != nil {
			tx.Discard()
			return err
		}
		if !done { // the rest of the message goes into a transaction of its own
			if err := tx.Commit(); err != nil {
				return err
			}
			tx, full = w.db.Begin(), true
			continue
		}
		if full || n >= maxCommitMessages || tx.Size() > machine.RoomBytes {
			break
		}
		next, ok := poll(more)
		if !ok {
			break
		}
		m = next
	}
	marks := marksOf(tx, edges)
	if err := tx.Commit(); err != nil {
		return err
	}
	w.moved(m.Sequence, marks)
	return nil
}

func poll(c <-chan journal.Message) (m journal.Message, ok bool) {
	select {
	case m = <-c:
		return m, true
	default:
		return m, false
	}
}

// marksOf is how far each edge's entries were applied.
func marksOf(tx *db.Tx, edges map[core.EdgeID]bool) map[core.EdgeID]uint64 {
	marks := map[core.EdgeID]uint64{}
	for e := range edges {
		if last, ok := db.Edges.Get(tx, e); ok {
			marks[e] = last
		}
	}
	return marks
}

// moved tells everybody that the state has moved.
func (w *workspace) moved(to core.Sequence, marks map[core.EdgeID]uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.applied = to
	for e, mark := range marks {
		w.marks[e] = mark
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// at is how far the state is, and a channel that is closed when it moves on.
func (w *workspace) at() (core.Sequence, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.applied, w.changed
}

// await waits until the state has applied a message.
func (w *workspace) await(ctx context.Context, seq core.Sequence) error {
	for {
		applied, changed := w.at()
		if applied >= seq {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// append adds entries to the journal, again and again until it is known to have worked, and waits until they are
// applied. Entries are made so that a second time is a no-op.
func (w *workspace) append(ctx context.Context, epoch core.Epoch, entries ...wire.Entry) error {
	var raws []wire.Raw
	for _, e := range entries {
		raw, err := wire.Encode(e)
		if err != nil {
			return err
		}
		raws = append(raws, raw)
	}
	return w.appendRaw(ctx, epoch, raws)
}

// appendRaw is append of entries that are encoded.
func (w *workspace) appendRaw(ctx context.Context, epoch core.Epoch, entries []wire.Raw) error {
	b := wire.Batch{Origin: wire.Origin{Epoch: epoch}, Entries: entries}
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		seq, err := w.journal.Append(ctx, b)
		if err == nil {
			return w.await(ctx, seq)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.log.Warn("appending to the journal failed; it is tried again", "error", err)
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// pause waits; the error is ctx's.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watchEnd keeps noting when the state was at the journal's end.
func (w *workspace) watchEnd(ctx context.Context) error {
	for {
		before := time.Now()
		end, err := w.journal.End(ctx)
		if err == nil && w.await(ctx, end) == nil {
			w.fresh.Store(before.UnixMilli())
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

// awaitFresh waits until effects may run.
func (w *workspace) awaitFresh(ctx context.Context) error {
	for time.Now().UnixMilli()-w.fresh.Load() > freshFor.Milliseconds() {
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// behind is how many messages of the journal are not applied yet.
func (w *workspace) behind(ctx context.Context) (uint64, error) {
	end, err := w.journal.End(ctx)
	at, _ := w.at()
	return uint64(max(end, at) - at), err
}

// view runs a reading of the state.
func (w *workspace) view(read func(tx *db.Tx)) error {
	tx := w.db.View()
	defer tx.Discard()
	read(tx)
	return tx.Err()
}
