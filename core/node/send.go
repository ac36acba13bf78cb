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
	callTime   = 5 * time.Minute  // of one call; senders have time-outs of their own for each part of it
	stopGrace  = 15 * time.Second // for calls under way when the node stops
	retryFirst = 5 * time.Second  // after the first temporary refusal; it doubles
	retryLast  = time.Hour
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

// sendBy sends what is due by one sender until ctx ends or something fails for good. It claims few more than the sender
// calls at once: what was claimed when a leader dies may have been sent.
func (w *workspace) sendBy(ctx context.Context, sender core.Name) error {
	calls, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(stopGrace, cut) })()
	c := caller{workspace: w, leads: ctx, calls: calls, ended: make(chan core.Outcome, claimsMost), pace: w.paceOf(sender)}
	err := w.whenever(ctx, func(ctx context.Context) (time.Time, error) { return c.step(ctx, sender) })
	return errors.Join(err, c.finish())
}

// caller makes the calls of one sender.
type caller struct {
	*workspace
	leads   context.Context // ends when no new call may begin
	calls   context.Context // of calls, claims and outcomes: ends stopGrace after the leader's
	ended   chan core.Outcome
	running int // claims that have not been settled
	slots   chan struct{}
	pace    *pace
}

// claimsAhead is how many times the calls that a sender takes at once are claimed: while some are called, the next are claimed and what came
// of others is written down, in one message of the journal. A message takes about as long to append as a mail server to take several mails.
const claimsAhead = 2

// claimsMost is how many claims of one sender are open at once, at most: if the leader dies, so many messages are unknown.
const claimsMost = core.MaxConcurrency

// step settles calls that have ended and begins new ones, until neither is left to do. While calls run and nothing is
// due, it waits for one to end.
func (c *caller) step(ctx context.Context, sender core.Name) (again time.Time, err error) {
	var outcomes []core.Outcome
	for {
		_, changed := c.at()
		outcomes = c.poll(outcomes)
		if ctx.Err() != nil {
			return time.Time{}, errors.Join(ctx.Err(), c.write(outcomes, nil)) // nothing more is claimed; finish waits for what runs
		}
		keys, next, err := c.next(sender, len(outcomes))
		if err == nil && len(outcomes)+len(keys) > 0 {
			err = c.begin(ctx, outcomes, keys)
			outcomes = nil
			if err == nil {
				continue
			}
		}
		if err != nil {
			return time.Time{}, err
		}
		if c.running == 0 {
			return next, nil
		}
		if outcomes, err = c.wait(ctx, changed, next); err != nil {
			return time.Time{}, err
		}
	}
}

// wait waits for a call to end, which it returns, for the state to change, or for the moment when something is due.
func (c *caller) wait(ctx context.Context, changed <-chan struct{}, next time.Time) (outcomes []core.Outcome, err error) {
	due, stop := moment(next)
	defer stop()
	select {
	case o := <-c.ended:
		return []core.Outcome{o}, nil
	case <-changed:
	case <-due:
	case <-ctx.Done():
	}
	return nil, nil
}

// next are the intents to claim now, as many as are due, as may be claimed beside those that run, and as the sender's pace leaves; when
// there are none, when to look again.
func (c *caller) next(sender core.Name, settled int) (keys []core.LedgerKey, again time.Time, err error) {
	declared := c.machine.Senders()[sender]
	parallel := declared.Parallel(usualCalls(declared.Kind))
	if cap(c.slots) != parallel {
		c.slots = make(chan struct{}, parallel)
	}
	keys, again, err = c.due(sender, min(parallel*claimsAhead, claimsMost)-c.running+settled)
	if err != nil || len(keys) == 0 {
		return nil, again, err
	}
	n, again := c.pace.take(len(keys), declared.Rate, time.Now())
	return keys[:n], again, nil
}

// begin writes down what came of calls and claims intents, in one message; it reads the claims back and calls.
func (c *caller) begin(ctx context.Context, outcomes []core.Outcome, keys []core.LedgerKey) error {
	if err := c.write(outcomes, keys); err != nil { // once appended, it must be called as well
		return err
	}
	intents, err := c.claimed(keys)
	if err != nil {
		return err
	}
	c.pace.back(len(keys) - len(intents))
	slots := c.slots
	for _, i := range intents {
		c.running++
		go func() { c.ended <- c.call(i, slots) }()
	}
	return pauseIf(ctx, len(keys) > 0 && len(intents) == 0)
}

// call makes the call of a claim when there is a slot. One that has not begun when the leader stops, or when the provider is to be left
// in peace, is given back.
func (c *caller) call(i core.Intent, slots chan struct{}) core.Outcome {
	slots <- struct{}{}
	defer func() { <-slots }()
	if until := c.pace.closed(time.Now()); c.leads.Err() != nil || !until.IsZero() {
		c.pace.back(1)
		return core.Outcome{Key: i.Key, Kind: core.OutcomeHeld, Reason: core.ReasonTemporary, Retry: max(1, core.TimeOf(until))}
	}
	o, called := c.deliver(c.calls, i)
	c.pace.heard(o, called, time.Now())
	return c.retry(i, o)
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

// write writes down what came of calls, and claims, in one message of the journal.
func (c *caller) write(outcomes []core.Outcome, keys []core.LedgerKey) error {
	var entries []wire.Entry
	if len(outcomes) > 0 {
		entries = append(entries, wire.Settle{Outcomes: outcomes})
	}
	if len(keys) > 0 {
		entries = append(entries, wire.Claim{Keys: keys})
	}
	if len(entries) == 0 {
		return nil
	}
	c.running -= len(outcomes)
	return c.append(c.calls, c.epoch, entries...)
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

// deliver asks the gates once more, renders and calls the sender; called is false when it came to no call.
func (w *workspace) deliver(ctx context.Context, i core.Intent) (o core.Outcome, called bool) {
	failed := core.Outcome{Key: i.Key, Kind: core.OutcomeTemporary, Reason: core.ReasonTemporary}
	if err := w.awaitFresh(ctx); err != nil {
		failed.Detail = "the node stopped before the call"
		return failed, false
	}
	about, err := w.about(i)
	if err != nil {
		failed.Detail = "reading the state failed"
		return failed, false
	}
	if d := notify.Decide(&about.subject); d.Kind != "" {
		w.gates.count(d)
		w.node.metrics.decided(d)
		return core.Outcome{Key: i.Key, Kind: d.Kind, Reason: d.Reason, Retry: d.Until, Detail: d.Detail}, false
	}
	message, shown, err := w.render(ctx, about)
	if err != nil {
		return core.Outcome{Key: i.Key, Kind: core.OutcomeDropped, Reason: core.ReasonTemplate, Detail: err.Error()}, false
	}
	sender, err := w.node.senders.open(w.name, about.sender)
	if err != nil {
		failed.Detail = err.Error()
		return failed, false
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if i.Channel == core.Push {
		return w.called(about, message, shown, push(ctx, sender, message, about.browsers), false), true
	}
	return w.called(about, message, shown, sender.Send(ctx, message), sender.Idempotent()), true
}

// called completes what a sender says of a call.
func (w *workspace) called(about about, m core.Message, shown []core.ActivityID, o core.Outcome, idempotent bool) core.Outcome {
	if o.Kind == core.OutcomeUnknown && idempotent { // to make the call again makes no second message
		o.Kind, o.Reason = core.OutcomeTemporary, core.ReasonTemporary
	}
	switch o.Reason {
	case core.ReasonBounced, core.ReasonUnsubscribed, core.ReasonGone:
		if tag := m.To.Tag(); len(o.Browsers) == 0 {
			o.About = &tag
		}
	}
	if o.Kind == core.OutcomeAccepted {
		o.Shown = shown
		w.node.metrics.arrived(about.askedOf)
		w.forgetErased(m.Key, about.sender)
	}
	return o
}

// paceOf is the pace of a sender, for as long as this node runs.
func (w *workspace) paceOf(sender core.Name) *pace {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.paces[sender]
	if !ok {
		p = &pace{}
		w.paces[sender] = p
	}
	return p
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
