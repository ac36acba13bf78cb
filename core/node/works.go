package node

import (
	"context"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// works moves every work on by a page, in turn, until none can move.
func (w *workspace) works(ctx context.Context) error {
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		m := mover{workspace: w}
		return time.Time{}, m.run(ctx)
	})
}

// mover moves works on. While some pages of one are on their way, through the journal into the state, it forms the next, be
// they of the same work: behind where that work will stand. If it stands elsewhere then, they are formed anew; and a page
// whose line has changed the state machine refuses by itself, with those behind it.
type mover struct {
	workspace *workspace
	arrived   <-chan error // of the pages that are on their way; nil when none are
	moving    core.WorkID  // whose pages those are
	next      *core.Work   // that work as it will stand then; nil when that is not known, or it will be done
}

func (m *mover) run(ctx context.Context) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer func() {
		if err != nil {
			stop() // what is on its way is given up
		}
		_ = m.arrive() // the error is known, or there is no page
		stop()
	}()
	for {
		works, err := m.movable()
		if err == nil && len(works) == 0 {
			if m.arrived == nil {
				return nil
			}
			err = m.arrive()
		}
		for i := 0; i < len(works) && err == nil; i++ {
			err = m.move(ctx, works[i])
		}
		if err != nil {
			return err
		}
	}
}

// move forms a work's next pages, waits for those before to arrive, and sends them off.
func (m *mover) move(ctx context.Context, work core.Work) error {
	entries, next, err := m.workspace.pages(ctx, work)
	if err != nil {
		return err
	}
	if err := m.arrive(); err != nil {
		return err
	}
	if stands, err := m.workspace.stands(work); err != nil || !stands {
		return err
	}
	arrived := make(chan error, 1)
	go func() { arrived <- m.workspace.appendRaw(ctx, m.workspace.epoch, entries) }()
	m.arrived, m.moving, m.next = arrived, work.ID, next
	return nil
}

// How many pages of a work go into one message of the journal: as many as are formed in a moment, so that a sync is not
// waited for with each; no more than leaves other works and captures their turn, and the message well below what the
// journal takes (one page may have 600 KB of answers).
const (
	pagesAtOnce = 4
	pagesBytes  = 256 << 10
	pagesTime   = 20 * time.Millisecond
)

// pages are the entries that move a work on, one behind the other; next is where it goes on behind them (form).
func (w *workspace) pages(ctx context.Context, work core.Work) (entries []wire.Raw, next *core.Work, err error) {
	begin, size := time.Now(), 0
	for next = &work; next != nil && len(entries) < pagesAtOnce && size < pagesBytes && time.Since(begin) < pagesTime; {
		var e wire.Continue
		if e, next, err = w.form(ctx, *next); err != nil {
			return nil, nil, err
		}
		raw, err := wire.Encode(e)
		if err != nil {
			return nil, nil, err
		}
		entries, size = append(entries, raw), size+len(raw)
	}
	return entries, next, nil
}

// arrive waits until the pages that are on their way are in the state.
func (m *mover) arrive() error {
	if m.arrived == nil {
		return nil
	}
	err := <-m.arrived
	m.arrived, m.next = nil, nil
	return err
}

// movable are the works that can move, each as it stands or, behind the pages that are on their way, will stand.
func (m *mover) movable() (works []core.Work, err error) {
	err = m.workspace.view(func(tx *db.Tx) {
		db.Works.All(tx, func(work core.Work) bool {
			if m.arrived != nil && work.ID == m.moving {
				if m.next == nil {
					return true
				}
				work = *m.next
			}
			if moves(tx, work) {
				works = append(works, work)
			}
			return true
		})
	})
	return works, err
}

// moves says whether a work can move: one of a restock not while that pauses, nor again down its line before what the first
// time formed is expanded.
func moves(tx *db.Tx, work core.Work) bool {
	if work.Kind == core.WorkBroadcast {
		return broadcastMoves(tx, work)
	}
	if work.Kind != core.WorkRestock {
		return true
	}
	r, _ := db.Restocks.Get(tx, work.Restock)
	return r.At == core.RestockOpen && r.Waves.Word == core.WordGo && (!work.Again || !hasCohorts(tx, r.ID))
}

// stands says whether a work stands where it was taken to.
func (w *workspace) stands(work core.Work) (stands bool, err error) {
	err = w.view(func(tx *db.Tx) {
		now, ok := db.Works.Get(tx, work.ID)
		stands = ok && now.Cursor == work.Cursor
	})
	return stands, err
}
