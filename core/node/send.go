package node

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/notify"
	"restock/core/wire"
)

// Bounds of sending.
const (
	claimPage   = 256              // intents that are claimed together
	sendersBusy = 32               // calls of one sender at once
	callTime    = 30 * time.Second // of one provider call
	retryFirst  = 5 * time.Second  // after the first temporary refusal; it doubles
	retryLast   = time.Hour
)

// send runs one loop per sender, so that a slow provider holds up nobody else's messages.
func (w *workspace) send(ctx context.Context) error {
	running := map[core.Name]bool{}
	failed := make(chan error, 1)
	var loops sync.WaitGroup
	defer loops.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for {
		_, changed := w.at()
		for name := range w.machine.Senders() {
			if running[name] {
				continue
			}
			running[name] = true
			loops.Go(func() {
				select {
				case failed <- w.sendBy(ctx, name):
				default: // another loop has failed already
				}
			})
		}
		select {
		case <-changed:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sendBy sends what is due by one sender until ctx ends or something fails for good.
func (w *workspace) sendBy(ctx context.Context, sender core.Name) error {
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		for {
			keys, next, err := w.due(sender)
			if err != nil || len(keys) == 0 {
				return next, err
			}
			if err := w.sendPage(ctx, keys); err != nil {
				return time.Time{}, err
			}
		}
	})
}

// due are intents to claim now; when there are none, next is when there will be (zero: nothing is planned).
func (w *workspace) due(sender core.Name) (keys []core.LedgerKey, next time.Time, err error) {
	now := core.TimeOf(time.Now())
	err = w.view(func(tx *db.Tx) {
		db.Due.Scan(tx, sender, func(d db.DueIntent) bool {
			if d.Due > now {
				next = d.Due.Go()
				return false
			}
			keys = append(keys, d.Key)
			return len(keys) < claimPage
		})
	})
	return keys, next, err
}

// sendPage claims, reads the claims back, calls, and writes down what came of it.
func (w *workspace) sendPage(ctx context.Context, keys []core.LedgerKey) error {
	if err := w.append(ctx, w.epoch, wire.Claim{Keys: keys}); err != nil {
		return err
	}
	claimed, err := w.claimed(keys)
	if err != nil || len(claimed) == 0 {
		return errors.Join(err, pauseIf(ctx, len(claimed) == 0))
	}
	outcomes := make([]core.Outcome, len(claimed))
	var calls sync.WaitGroup
	slots := make(chan struct{}, sendersBusy)
	for i, intent := range claimed {
		slots <- struct{}{}
		calls.Go(func() {
			defer func() { <-slots }()
			outcomes[i] = w.deliver(ctx, intent)
		})
	}
	calls.Wait()
	// What came of a call must be written down even while the node stops: otherwise nobody would know.
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime)
	defer cancel()
	return w.append(settle, w.epoch, wire.Settle{Outcomes: outcomes})
}

// pauseIf slows down a loop that made no progress: another leader has taken over, and this one is about to learn it.
func pauseIf(ctx context.Context, idle bool) error {
	if !idle {
		return nil
	}
	return pause(ctx, 100*time.Millisecond)
}

// claimed reads back which intents this leader holds.
func (w *workspace) claimed(keys []core.LedgerKey) (intents []core.Intent, err error) {
	err = w.view(func(tx *db.Tx) {
		for _, k := range keys {
			i, ok := db.Intents.Get(tx, k)
			if ok && i.At == core.IntentClaimed && i.Epoch == w.epoch {
				intents = append(intents, i)
			}
		}
	})
	return intents, err
}

// deliver asks the gates once more, renders and calls the sender.
func (w *workspace) deliver(ctx context.Context, i core.Intent) core.Outcome {
	outcome := core.Outcome{Key: i.Key, Kind: core.OutcomeTemporary, Reason: core.ReasonTemporary}
	if err := w.awaitFresh(ctx); err != nil {
		outcome.Detail = "the node stopped before the call"
		return w.retry(i, outcome)
	}
	about, err := w.about(i)
	if err != nil {
		outcome.Detail = "reading the state failed"
		return w.retry(i, outcome)
	}
	if d := notify.Decide(&about.subject); d.Kind != "" {
		return core.Outcome{Key: i.Key, Kind: d.Kind, Reason: d.Reason}
	}
	message, shown, err := w.render(about)
	if err != nil {
		return core.Outcome{Key: i.Key, Kind: core.OutcomeDropped, Reason: core.ReasonTemplate, Detail: err.Error()}
	}
	sender, err := w.node.senders.open(w.name, about.sender)
	if err != nil {
		outcome.Detail = err.Error()
		return w.retry(i, outcome)
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	outcome = sender.Send(ctx, message)
	if outcome.Kind == core.OutcomeAccepted {
		outcome.Shown = shown
		w.node.metrics.arrived(about.askedOf)
	}
	return w.retry(i, outcome)
}

// retry says when a temporary outcome is tried again: later each time, and not all at the same moment.
func (w *workspace) retry(i core.Intent, o core.Outcome) core.Outcome {
	if o.Kind != core.OutcomeTemporary {
		return o
	}
	wait := retryFirst << min(max(i.Attempts-1, 0), 16)
	wait = min(wait, retryLast)
	wait += rand.N(wait / 4)
	o.Retry = core.TimeOf(time.Now().Add(wait))
	return o
}
