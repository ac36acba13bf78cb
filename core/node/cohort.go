package node

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/wire"
)

// form makes the entry that moves a work on by a page. Of a restock's, plugins are asked about the members of the cohort
// that it forms, on all processors at once; then next is where the work goes on behind it, nil when it is done or nobody was
// asked.
func (w *workspace) form(ctx context.Context, work core.Work) (e wire.Continue, next *core.Work, err error) {
	e = wire.Continue{Work: work.ID, From: work.Cursor}
	if work.Kind == core.WorkRank {
		e, err = w.rank(ctx, work.ID, e)
		return e, nil, err
	}
	if work.Kind != core.WorkRestock || !w.machine.Asks() {
		return e, nil, nil
	}
	var f *machine.Forming
	var failed error
	err = w.view(func(tx *db.Tx) { f, failed = w.machine.Form(tx, work) })
	if err := errors.Join(err, failed); err != nil || f == nil || f.Len() == 0 {
		return e, nil, err
	}
	if err := w.askMembers(ctx, f); err != nil {
		return e, nil, err
	}
	e.Line, e.Answers = f.Line(), f.Answers()
	if behind, ok := f.Next(); ok {
		next = &behind
	}
	return e, next, nil
}

// rank asks for the scores of the next page of a restock's line, if it is told by score.
func (w *workspace) rank(ctx context.Context, work core.WorkID, e wire.Continue) (wire.Continue, error) {
	var f *machine.Ranking
	var failed error
	err := w.view(func(tx *db.Tx) { f, failed = w.machine.Rank(tx, work) })
	if err := errors.Join(err, failed); err != nil || f == nil {
		return e, err
	}
	if err := w.askMembers(ctx, f); err != nil {
		return e, err
	}
	e.Line, e.Answers = f.Line(), f.Answers()
	return e, nil
}

// members are a page of a line about whom a plugin is asked.
type members interface {
	Len() int
	Ask(tx *db.Tx, a machine.Asker, from, to int) error
}

// askAtOnce is how many members are asked about by one goroutine, at least: an instance of a plugin is taken for each.
const askAtOnce = 256

func (w *workspace) askMembers(ctx context.Context, f members) error {
	workers := max(1, min(runtime.GOMAXPROCS(0), f.Len()/askAtOnce))
	errs := make([]error, workers)
	var all sync.WaitGroup
	for n := range workers {
		all.Go(func() {
			a := w.asker(ctx)
			defer a.close()
			tx := w.db.View()
			defer tx.Discard()
			errs[n] = f.Ask(tx, a, n*f.Len()/workers, (n+1)*f.Len()/workers)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func hasCohorts(tx *db.Tx, r core.RestockID) (any bool) {
	db.CohortHeads.All(tx, func(h core.CohortHead) bool { any = h.Restock == r; return !any })
	return any
}

// maxDue is how many messages may be due by a sender before more are made for it: what is not made yet takes no room, and
// can still be called off.
const maxDue = core.PageContacts

// lookEvery is how often it is looked for cohorts to expand, at most, while none is wanted: what senders have to do
// until then (maxDue) lasts the fastest longer.
const lookEvery = 20 * time.Millisecond

// expand writes down what follows for the members of cohorts, as fast as their senders take it; of several restocks, in
// turn.
func (w *workspace) expand(ctx context.Context) error {
	waiting := cohorts{of: map[core.RestockID][]core.WorkID{}}
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		var head core.CohortHead
		var ok bool
		if err := w.view(func(tx *db.Tx) { head, ok = waiting.expandable(tx) }); err != nil {
			return time.Time{}, err
		}
		if !ok {
			return time.Time{}, pause(ctx, lookEvery)
		}
		waiting.last = head.ID
		return time.Now(), w.append(ctx, w.epoch, wire.Expand{Cohort: head.ID, From: head.Done})
	})
}

// cohorts are those that wait to be expanded, as far as they were seen.
type cohorts struct {
	of   map[core.RestockID][]core.WorkID // in the order they were formed
	seen core.WorkID                      // the newest that was seen
	last core.WorkID                      // the one that was expanded last
}

// expandable is, of the oldest cohorts of all restocks that may be expanded now, the first behind the last one, or else the
// first. While a restock pauses nobody is told.
func (c *cohorts) expandable(tx *db.Tx) (head core.CohortHead, ok bool) {
	db.CohortHeadsAfter(tx, c.seen, func(h core.CohortHead) bool {
		c.of[h.Restock] = append(c.of[h.Restock], h.ID)
		c.seen = h.ID
		return true
	})
	hungry := map[core.Name]bool{}
	for id := range c.of {
		h, left := c.oldest(tx, id)
		if !left || ok && !c.comesBefore(h.ID, head.ID) {
			continue
		}
		if r, _ := db.Restocks.Get(tx, id); r.At != core.RestockPaused && r.Waves.Word != core.WordPaused && wanted(tx, h, hungry) {
			head, ok = h, true
		}
	}
	return head, ok
}

// oldest is the head of a restock's oldest cohort; those that were expanded are forgotten.
func (c *cohorts) oldest(tx *db.Tx, r core.RestockID) (core.CohortHead, bool) {
	for len(c.of[r]) > 0 {
		if h, ok := db.CohortHeads.Get(tx, c.of[r][0]); ok {
			return h, true
		}
		c.of[r] = c.of[r][1:]
	}
	delete(c.of, r)
	return core.CohortHead{}, false
}

// comesBefore says whether it is one cohort's turn before another's: first those behind the last.
func (c *cohorts) comesBefore(a, b core.WorkID) bool {
	if behindA, behindB := c.last.Before(a), c.last.Before(b); behindA != behindB {
		return behindA
	}
	return a.Before(b)
}

// wanted says whether one of a cohort's senders has little to do, or it has none.
func wanted(tx *db.Tx, h core.CohortHead, hungry map[core.Name]bool) bool {
	for _, name := range h.Senders {
		if _, known := hungry[name]; !known {
			n := 0
			db.Due.Scan(tx, name, func(db.DueIntent) bool { n++; return n < maxDue })
			hungry[name] = n < maxDue
		}
		if hungry[name] {
			return true
		}
	}
	return len(h.Senders) == 0
}

// reveal runs a reading of the state as if a contact's cohorts had come to it already.
func (w *workspace) reveal(who func(tx *db.Tx) core.ContactID, read func(tx *db.Tx)) error {
	tx := w.db.Begin()
	defer tx.Discard()
	if err := w.machine.Reveal(tx, who(tx)); err != nil {
		return err
	}
	read(tx)
	return tx.Err()
}
