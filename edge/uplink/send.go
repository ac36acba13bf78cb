package uplink

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"restock/core"
	"restock/core/wire"
)

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
		err := line.step(ctx)
		if err != nil && ctx.Err() == nil {
			u.config.Log.Warn("sending to the journal failed; it is tried again", "workspace", w, "error", err)
			line.goBack()
			wait.sleep(ctx)
			continue
		}
		if len(line.flights) == 0 {
			wait = newBackOff()
		}
	}
}

// sending is one workspace's way up.
type sending struct {
	*Uplink
	conn      *connection
	workspace core.WorkspaceName

	generation int
	sent       uint64    // handed to the journal up to here
	flights    []flight  // on their way, in order
	marked     uint64    // the last mark that was seen to move
	movedAt    time.Time // when it moved, or nothing was on its way
	tries      int       // how often all was sent again since it moved
}

// flight is a batch that is on its way.
type flight struct {
	first uint64 // number of its first entry
	ack   jetstream.PubAckFuture
}

// step sends a batch, or waits until there is a reason to look again.
func (s *sending) step(ctx context.Context) error {
	if len(s.flights) == maxLanes {
		return s.land(ctx)
	}
	batch, full, err := s.next(ctx)
	switch {
	case err != nil:
		return err
	case batch == nil && len(s.flights) == 0:
		s.idle(ctx)
		return nil
	case batch == nil || len(s.flights) > 0 && !full:
		return s.land(ctx) // more may have come by then
	}
	return s.hand(ctx, batch)
}

// next reads the batch behind what was sent; full says that it could not take what comes behind it.
func (s *sending) next(ctx context.Context) (batch *pending, full bool, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.begin(time.Now())
	raws, first, err := s.store.Next(s.workspace, s.sent)
	if err != nil || len(raws) == 0 {
		return nil, false, err
	}
	size := 0
	for _, raw := range raws {
		size += min(len(raw), wire.BlobLimit)
	}
	full = len(raws) == wire.MaxBatchEntries || size > wire.MaxBatchBytes-wire.BlobLimit
	return &pending{generation: s.generation, edge: s.store.Edge(), first: first, raws: raws}, full, nil
}

// pending is a batch that was read and not handed over yet.
type pending struct {
	generation int
	edge       core.EdgeID
	first      uint64
	raws       []wire.Raw
}

// hand puts a batch on its way, large entries before it.
func (s *sending) hand(ctx context.Context, p *pending) error {
	data, err := s.encode(ctx, p)
	if err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if p.generation != s.Uplink.generation {
		return nil // this is another edge by now: it is read again
	}
	ack, err := s.conn.js.PublishMsgAsync(&nats.Msg{Subject: wire.Subject(s.workspace), Data: data})
	if err != nil {
		return fmt.Errorf("appending to journal: %w", err)
	}
	s.flights = append(s.flights, flight{p.first, ack})
	s.sent = p.first + uint64(len(p.raws)) - 1
	return nil
}

func (s *sending) encode(ctx context.Context, p *pending) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	batch := wire.Batch{Origin: wire.Origin{Edge: p.edge, First: p.first}, Entries: make([]wire.Raw, 0, len(p.raws))}
	for _, raw := range p.raws {
		small, err := wire.Swap(raw, s.putBlob(ctx))
		if err != nil {
			return nil, err
		}
		batch.Entries = append(batch.Entries, small)
	}
	return batch.Encode()
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

// land waits for the acknowledgement of the batch that was sent first.
func (s *sending) land(ctx context.Context) error {
	select {
	case <-s.flights[0].ack.Ok():
		s.flights = s.flights[1:]
		return nil
	case err := <-s.flights[0].ack.Err():
		return fmt.Errorf("appending to journal: %w", err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// goBack forgets what is on its way: it is sent again, from the first batch that was not acknowledged on.
func (s *sending) goBack() {
	if len(s.flights) > 0 {
		s.sent = s.flights[0].first - 1
		s.flights = nil
	}
}

// stillness is how long marks may stand still before all behind them is sent again: markWait, and twice as long each time.
// The core may be away, or busy with what others sent, and the journal must not fill up with what it holds already.
func stillness(tries int) time.Duration { return min(markWait<<min(tries, 16), markWaitMax) }

// begin goes back to the mark when the edge has become a new one, and when marks have stood still for long although
// entries are on their way: then the journal may have lost what it acknowledged.
func (s *sending) begin(now time.Time) {
	marked := s.store.Marked(s.workspace)
	if s.generation != s.Uplink.generation {
		s.generation, s.sent, s.marked, s.movedAt, s.tries = s.Uplink.generation, marked, marked, now, 0
		s.flights = nil
	}
	if marked != s.marked {
		s.marked, s.movedAt, s.tries = marked, now, 0
	}
	if marked >= s.sent {
		s.movedAt = now // nothing is on its way
	}
	if now.Sub(s.movedAt) > stillness(s.tries) {
		s.tries++
		s.config.Log.Warn("the core has not applied what the journal acknowledged; sending it again", "workspace", s.workspace, "from", marked+1, "to", s.sent)
		s.sent, s.movedAt = marked, now
		s.flights = nil
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
