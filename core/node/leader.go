package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/journal"
	"restock/core/wire"
)

// lead begins the workspace if nobody has, takes the lead, and runs what a leader runs until ctx ends.
func (w *workspace) lead(ctx context.Context) error {
	end, err := w.journal.End(ctx)
	if err != nil {
		return err
	}
	if err := w.await(ctx, end); err != nil {
		return err
	}
	if err := w.takeLead(ctx); err != nil {
		return err
	}
	w.ready.Store(true)
	return group(ctx, w.works, w.expand, w.timers, w.asks, w.tellMarks, w.tellEdges, w.tellForgets, w.forgetKept, w.send, w.readSources, w.watchEnd)
}

func (w *workspace) takeLead(ctx context.Context) error {
	if w.position().Sequence == 0 {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // never fails (crypto/rand)
		if err := w.append(ctx, 0, wire.Opened{Workspace: w.name, Key: key}); err != nil {
			return err
		}
	}
	for {
		epoch := w.position().Leader + 1
		if err := w.append(ctx, 0, wire.Lead{Epoch: epoch, Node: w.node.config.Name}); err != nil {
			return err
		}
		if p := w.position(); p.Leader == epoch && p.Node == w.node.config.Name {
			w.epoch = epoch
			return nil
		}
	}
}

func (w *workspace) position() (p db.Position) {
	_ = w.view(func(tx *db.Tx) { p, _ = db.Positions.Get(tx, struct{}{}) })
	return p
}

// group runs tasks until one fails or ctx ends, and waits for all.
func group(ctx context.Context, tasks ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error)
	for _, task := range tasks {
		go func() { ended <- task(ctx) }()
	}
	var first error
	for range tasks {
		if err := <-ended; first == nil {
			first = err
			stop()
		}
	}
	return first
}

// errLeadLost ends a node whose workspace another node leads: what it would append is void.
var errLeadLost = errors.New("lead_lost: another core node has taken the workspace over")

// whenever runs step now and after each change of the state, until ctx ends. A step says when it wants to be run again
// without a change; zero: not before one.
func (w *workspace) whenever(ctx context.Context, step func(context.Context) (again time.Time, err error)) error {
	for {
		_, changed := w.at()
		if err := w.leads(); err != nil {
			return err
		}
		again, err := step(ctx)
		if err != nil {
			return err
		}
		if err := awaitChange(ctx, changed, again); err != nil {
			return err
		}
	}
}

// moment is a channel that tells when a moment has come; never for the zero one.
func moment(at time.Time) (come <-chan time.Time, stop func() bool) {
	if at.IsZero() {
		return nil, func() bool { return false }
	}
	t := time.NewTimer(time.Until(at))
	return t.C, t.Stop
}

func awaitChange(ctx context.Context, changed <-chan struct{}, again time.Time) error {
	due, stop := moment(again)
	defer stop()
	select {
	case <-changed:
	case <-due:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// preview asks the plugins what applying the entry will need.
func (w *workspace) preview(ctx context.Context, e wire.Entry) ([]core.Verdict, error) {
	if !w.machine.Asks() {
		return nil, nil
	}
	tx := w.db.Begin()
	defer tx.Discard()
	a := w.asker(ctx)
	defer a.close()
	return w.machine.Preview(tx, e, a)
}

// timers lets the journal's time move on when something is due.
func (w *workspace) timers(ctx context.Context) error {
	var behind time.Duration // the journal's clock, as the last wake showed
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		due, ok, err := w.nextTimer()
		if err != nil || !ok {
			return time.Time{}, err
		}
		if at := due.Go().Add(behind); time.Now().Before(at) {
			return at, nil
		}
		e := wire.Wake{}
		if e.Verdicts, err = w.previewAt(ctx, e, due); err != nil {
			return time.Time{}, err
		}
		if err := w.append(ctx, w.epoch, e); err != nil {
			return time.Time{}, err
		}
		behind = max(0, time.Since(w.position().Now.Go())-maxAppend)
		return time.Now().Add(time.Millisecond), nil
	})
}

// maxAppend is how long an append takes at most for clocks to count as equal.
const maxAppend = 100 * time.Millisecond

// previewAt previews with the time moved to the moment for which the entry is made.
func (w *workspace) previewAt(ctx context.Context, e wire.Entry, now core.Time) ([]core.Verdict, error) {
	if !w.machine.Asks() {
		return nil, nil
	}
	tx := w.db.Begin()
	defer tx.Discard()
	p, _ := db.Positions.Get(tx, struct{}{})
	p.Now = max(p.Now, now, core.TimeOf(time.Now()))
	db.Positions.Set(tx, struct{}{}, p)
	a := w.asker(ctx)
	defer a.close()
	return w.machine.Preview(tx, e, a)
}

func (w *workspace) nextTimer() (due core.Time, ok bool, err error) {
	err = w.view(func(tx *db.Tx) { due, ok = db.NextDue(tx) })
	return due, ok, err
}

// asks brings the verdicts that parked runs wait for.
func (w *workspace) asks(ctx context.Context) error {
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		waits := false
		err := w.view(func(tx *db.Tx) { db.Asks.All(tx, func(db.Asking) bool { waits = true; return false }) })
		if err != nil || !waits {
			return time.Time{}, err
		}
		e := wire.Ask{}
		if e.Verdicts, err = w.preview(ctx, e); err != nil {
			return time.Time{}, err
		}
		return time.Now(), w.append(ctx, w.epoch, e)
	})
}

// markEvery is how often edges are told how far their entries were applied, at most.
const markEvery = 50 * time.Millisecond

// tellMarks tells edges their marks. Who is fenced, and may be the leader nevertheless, makes sure of it and goes on.
func (w *workspace) tellMarks(ctx context.Context) error {
	told := map[core.EdgeID]uint64{}
	var marks *journal.Marks
	return w.whenever(ctx, func(ctx context.Context) (again time.Time, err error) {
		if marks == nil {
			if marks, err = w.openMarks(ctx); errors.Is(err, errLeadLost) {
				return time.Time{}, err
			}
		}
		for e, mark := range w.untold(told) {
			if err == nil {
				err = marks.Tell(ctx, e, mark)
			}
			if err != nil {
				w.log.Warn("telling an edge its mark failed; it is tried again", "edge", e.String(), "error", err)
				marks = nil
				return time.Now().Add(time.Second), ctx.Err()
			}
			told[e] = mark
		}
		return time.Time{}, pause(ctx, markEvery)
	})
}

// openMarks sees what edges were told, and then makes sure that this node leads: who takes the lead later tells them after
// that, and fences this one.
func (w *workspace) openMarks(ctx context.Context) (*journal.Marks, error) {
	marks, err := w.node.conn.OpenMarks(ctx, w.name)
	if err != nil {
		return nil, err
	}
	end, err := w.journal.End(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.await(ctx, end); err != nil {
		return nil, err
	}
	return marks, w.leads()
}

// leads is an error when another node has taken the lead.
func (w *workspace) leads() error {
	if leader := w.position().Leader; leader != w.epoch {
		return fmt.Errorf("%w: epoch %d, this node has %d", errLeadLost, leader, w.epoch)
	}
	return nil
}

func (w *workspace) untold(told map[core.EdgeID]uint64) map[core.EdgeID]uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	news := map[core.EdgeID]uint64{}
	for e, mark := range w.marks {
		if known, ok := told[e]; !ok || known != mark {
			news[e] = mark
		}
	}
	return news
}
