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
	sendersBusy = 256              // calls of one sender at once, at most
	callTime    = 5 * time.Minute  // of one call; senders have time-outs of their own for each part of it
	stopGrace   = 15 * time.Second // for calls under way when the node stops
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

// sendBy sends what is due by one sender until ctx ends or something fails for good. It claims no more than the sender
// calls at once: what was claimed when a leader dies may have been sent.
func (w *workspace) sendBy(ctx context.Context, sender core.Name) error {
	calls, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(stopGrace, cut) })()
	c := caller{workspace: w, calls: calls, ended: make(chan core.Outcome, sendersBusy)}
	err := w.whenever(ctx, func(ctx context.Context) (time.Time, error) { return c.step(ctx, sender) })
	return errors.Join(err, c.finish())
}

// caller makes the calls of one sender.
type caller struct {
	*workspace
	calls   context.Context // of calls, claims and outcomes: ends stopGrace after the leader's
	ended   chan core.Outcome
	running int // calls that have not been settled
}

// step settles calls that have ended and begins new ones, until neither is left to do. While calls run and nothing is
// due, it waits for one to end.
func (c *caller) step(ctx context.Context, sender core.Name) (again time.Time, err error) {
	for {
		_, changed := c.at()
		if ctx.Err() != nil {
			return time.Time{}, ctx.Err() // nothing more is claimed; finish waits for what runs
		}
		if err := c.settle(c.poll(nil)); err != nil {
			return time.Time{}, err
		}
		keys, next, err := c.due(sender, c.room(sender))
		if err != nil {
			return time.Time{}, err
		}
		if len(keys) > 0 {
			if err := c.begin(ctx, keys); err != nil {
				return time.Time{}, err
			}
			continue
		}
		if c.running == 0 {
			return next, nil
		}
		if err := c.wait(ctx, changed, next); err != nil {
			return time.Time{}, err
		}
	}
}

// wait waits for a call to end, which it settles, for the state to change, or for the moment when something is due.
func (c *caller) wait(ctx context.Context, changed <-chan struct{}, next time.Time) error {
	due, stop := moment(next)
	defer stop()
	select {
	case o := <-c.ended:
		return c.settle(c.poll([]core.Outcome{o}))
	case <-changed:
	case <-due:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// room is how many calls more the sender takes at once.
func (c *caller) room(sender core.Name) int {
	return c.node.senders.parallel(c.machine.Senders()[sender]) - c.running
}

// begin claims intents, reads the claims back and calls.
func (c *caller) begin(ctx context.Context, keys []core.LedgerKey) error {
	if err := c.append(c.calls, c.epoch, wire.Claim{Keys: keys}); err != nil { // once appended, it must be called as well
		return err
	}
	intents, err := c.claimed(keys)
	if err != nil {
		return err
	}
	for _, i := range intents {
		c.running++
		go func() { c.ended <- c.deliver(c.calls, i) }()
	}
	return pauseIf(ctx, len(intents) == 0)
}

// poll adds the outcomes of calls that have ended by now.
func (c *caller) poll(outcomes []core.Outcome) []core.Outcome {
	for {
		select {
		case o := <-c.ended:
			outcomes = append(outcomes, o)
		default:
			return outcomes
		}
	}
}

// settle writes down what came of calls.
func (c *caller) settle(outcomes []core.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	c.running -= len(outcomes)
	return c.append(c.calls, c.epoch, wire.Settle{Outcomes: outcomes})
}

// finish waits for the calls that still run, for stopGrace at most, and settles them.
func (c *caller) finish() error {
	var outcomes []core.Outcome
	for range c.running {
		outcomes = append(outcomes, <-c.ended)
	}
	c.running = 0
	if len(outcomes) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopGrace) // the calls' own may have been cut
	defer cancel()
	return c.append(ctx, c.epoch, wire.Settle{Outcomes: outcomes})
}

// due are at most so many intents to claim now; when there are none, next is when there will be (zero: nothing is planned).
func (w *workspace) due(sender core.Name, room int) (keys []core.LedgerKey, next time.Time, err error) {
	if room <= 0 {
		return nil, time.Time{}, nil
	}
	now := core.TimeOf(time.Now())
	err = w.view(func(tx *db.Tx) {
		db.Due.Scan(tx, sender, func(d db.DueIntent) bool {
			if d.Due > now {
				next = d.Due.Go()
				return false
			}
			keys = append(keys, d.Key)
			return len(keys) < room
		})
	})
	return keys, next, err
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
	if outcome.Kind == core.OutcomeUnknown && sender.Idempotent() { // to make the call again makes no second message
		outcome.Kind, outcome.Reason = core.OutcomeTemporary, core.ReasonTemporary
	}
	switch outcome.Reason {
	case core.ReasonBounced, core.ReasonUnsubscribed, core.ReasonGone:
		tag := message.To.Tag()
		outcome.About = &tag
	}
	if outcome.Kind == core.OutcomeAccepted {
		outcome.Shown = shown
		w.node.metrics.arrived(about.askedOf)
		w.forgetErased(i.Key, about.sender)
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
	o.Retry = max(o.Retry, core.TimeOf(time.Now().Add(wait))) // the provider may have asked for more
	return o
}
