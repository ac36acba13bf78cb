package machine

import (
	"errors"
	"fmt"
	"sync/atomic"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// Counter is told what every entry came to; kind is capture, webhook, step or intent.
type Counter interface {
	Count(kind string, r core.Reason)
}

// Till is a Counter that is told as well what orders came to: amounts that count for restocks, and (back) that were taken back.
type Till interface {
	Ring(m core.Money, back bool)
}

// Message is one message of the journal, its blobs already in their places.
type Message struct {
	Sequence core.Sequence
	Time     core.Time // the journal's
	Hash     core.Hash // of the message as it stands in the journal
	Batch    wire.Batch
}

// ErrGap means that the journal did not hand over its messages in order.
var ErrGap = errors.New("journal_gap: a message of the journal is missing")

// ErrDiffers means that the journal holds another message than the one that was applied in part.
var ErrDiffers = errors.New("journal_differs: the journal's message is not the one that the state was made from")

// Machine applies entries of one workspace. Apply is for one goroutine; Preview may be called beside it.
type Machine struct {
	config atomic.Pointer[config] // as of the last applied entry
	count  Counter
}

// New makes a machine for the state in tx.
func New(tx *db.Tx, c Counter) (*Machine, error) {
	m := &Machine{count: c}
	m.config.Store(readConfig(tx))
	return m, tx.Err()
}

// RoomBytes is how much a transaction may hold before it is committed and the next entry begins a new one. What one entry
// writes is bounded as well (pageBytes, and the bounds of what sources and files may say). Together they mostly stay below
// what the database takes at once (db.Tx.Commit).
const RoomBytes = 512 << 10

// Apply applies a message, or as many of its entries as there is room for in tx: done is false when more remain, for a
// transaction of their own. Effects and position are in tx when it returns nil. Bad content of an entry is never an
// error; an error means that this node must not go on.
func (m *Machine) Apply(tx *db.Tx, msg Message) (done bool, err error) {
	p, _ := db.Positions.Get(tx, struct{}{})
	if msg.Sequence != p.Sequence+1 {
		return false, fmt.Errorf("%w: have %d, got %d", ErrGap, p.Sequence, msg.Sequence)
	}
	if p.Part > 0 && p.PartHash != msg.Hash {
		return false, fmt.Errorf("%w: %d entries of message %d were applied, and it is another message now", ErrDiffers, p.Part, msg.Sequence)
	}
	p.Now = max(p.Now, msg.Time)
	s := &step{tx: tx, config: m.config.Load(), count: m.count, position: &p, origin: msg.Batch.Origin, sequence: msg.Sequence}
	if done, err = s.batch(msg.Batch); err != nil {
		return false, fmt.Errorf("applying message %d: %w", msg.Sequence, err)
	}
	p.PartHash = msg.Hash
	if done {
		p.Sequence, p.Hash, p.Part, p.Begun, p.PartHash = msg.Sequence, msg.Hash, 0, 0, core.Hash{}
	}
	db.Positions.Set(tx, struct{}{}, p)
	m.config.Store(s.config)
	return done, tx.Err()
}

// Asker answers conditions while a page is previewed. ok is false when there is no time to ask now: the run waits among
// those that ask, and holds up nobody else.
type Asker interface {
	Ask(q Question) (v core.Verdict, ok bool)
}

// Question is what a condition is asked about: everything that the state knows around a run.
type Question struct {
	Now       core.Time
	Run       *core.Run
	Shape     core.Shape
	Plugin    core.Plugin
	Contact   core.Traits
	Catalogue Catalogue
	Source    core.Source
	Restock   core.Restock
	Units     int64
}

// Preview says which verdicts applying the entry would need now, as asked from live plugins. It writes to tx, which
// the caller throws away.
func (m *Machine) Preview(tx *db.Tx, e wire.Entry, a Asker) ([]core.Verdict, error) {
	live := &liveVerdicts{asker: a}
	s := m.scratch(tx)
	s.verdicts = live
	s.entry(e)
	return live.given, tx.Err()
}

// Asks says whether any journey that is on asks a plugin; if not, there is nothing to preview.
func (m *Machine) Asks() bool { return m.config.Load().asks }

type silent struct{}

func (silent) Count(string, core.Reason) {}

// step is the applying of one message.
type step struct {
	tx       *db.Tx
	config   *config
	count    Counter
	position *db.Position
	sequence core.Sequence // of the message
	origin   wire.Origin
	verdicts verdicts
	reading  *reading         // what is read of a shop's API, while a page of it is applied
	traits   *notes           // of the members of a cohort, while plugins are asked about them
	cohorts  *pending         // what waits to be expanded, once a filter asked for it
	tallies  []tally          // what the entry came to, shape by shape
	entering []core.Journey   // room for those that a contact enters
	touched  []core.ContactID // about whom something changed, in order
}

func (s *step) now() core.Time { return s.position.Now }

// next numbers what this message begins.
func (s *step) next() core.WorkID {
	s.position.Begun++
	return core.WorkID{Sequence: s.sequence, Number: s.position.Begun}
}

// batch applies the entries that count, from where the last transaction left off: an edge's each once and in order, a
// leader's only while it leads.
func (s *step) batch(b wire.Batch) (done bool, err error) {
	first := s.position.Part
	if b.Origin.FromEdge() {
		last, _ := db.Edges.Get(s.tx, b.Origin.Edge)
		first = max(first, s.known(b, last))
	}
	next := first
	for ; next < len(b.Entries) && (next == first || s.tx.Size() <= RoomBytes); next++ {
		if err := s.raw(b.Entries[next]); err != nil {
			return false, fmt.Errorf("entry %d: %w", next, err)
		}
	}
	if b.Origin.FromEdge() && next > first {
		db.Edges.Set(s.tx, b.Origin.Edge, b.Origin.First+uint64(next)-1)
	}
	s.position.Part = next
	return next == len(b.Entries), nil
}

// known is how many entries of an edge's batch were applied before. A batch that begins beyond the next number is void as
// a whole: something is missing before it, and the edge sends again from what the core has applied.
func (s *step) known(b wire.Batch, last uint64) int {
	if b.Origin.First == 0 || b.Origin.First > last+1 {
		s.count.Count("entry", core.ReasonGap)
		return len(b.Entries)
	}
	return int(min(last+1-b.Origin.First, uint64(len(b.Entries))))
}

// raw applies one entry, if it counts.
func (s *step) raw(raw wire.Raw) error {
	e, err := raw.Decode()
	switch {
	case errors.Is(err, wire.ErrNewer):
		return err
	case err != nil:
		s.count.Count("entry", core.ReasonUnreadable)
	case s.counts(e):
		s.entry(e)
	}
	return nil
}

// counts says whether the entry's author may say this now.
func (s *step) counts(e wire.Entry) bool {
	switch e.(type) {
	case wire.Capture, wire.Webhook, wire.OptOut, wire.Posting, wire.Confirm, wire.Click:
		return s.origin.FromEdge()
	case wire.Opened, wire.Declare, wire.Lead, wire.Erase, wire.Release, wire.Steer, wire.Read, wire.Direct, wire.Resend:
		return !s.origin.FromEdge()
	}
	return s.origin.Epoch != 0 && s.origin.Epoch == s.position.Leader
}

// entry applies one entry, and what follows from it for the runs of whom it is about.
func (s *step) entry(e wire.Entry) {
	s.cohorts = nil
	s.take(e)
	s.lookAtTouched()
	s.writeTallies()
}

func (s *step) take(e wire.Entry) {
	switch e := e.(type) {
	case wire.Opened:
		s.opened(e)
	case wire.Lead:
		s.lead(e)
	case wire.Declare:
		s.declare(e.Declaration)
	case wire.Capture:
		s.capture(e.Capture)
	case wire.Webhook:
		s.webhook(e)
	case wire.Posting:
		s.posting(core.Posting(e))
	case wire.OptOut:
		s.optOut(e)
	case wire.Confirm:
		s.confirm(e)
	case wire.Click:
		s.click(e)
	case wire.Resend:
		s.resend(e)
	case wire.Erase:
		s.erase(e)
	case wire.Release:
		s.releaseHold(e)
	case wire.Steer:
		s.steer(e)
	case wire.Read:
		s.readNow(e)
	case wire.Direct:
		s.direct(e)
	case wire.Page:
		s.shopPage(e)
	case wire.Continue:
		s.proceed(e)
	case wire.Expand:
		s.expand(e)
	case wire.Wake:
		s.given(e.Verdicts)
		s.wake()
	case wire.Ask:
		s.given(e.Verdicts)
		s.ask()
	case wire.Claim:
		s.claim(e.Keys)
	case wire.Settle:
		s.settle(e.Outcomes)
	}
}
