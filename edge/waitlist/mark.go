package waitlist

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"

	"restock/core"
	"restock/core/wire"
)

// ErrNotOurs is what Mark answers to a mark that cannot be about this disk's entries: Renew.
var ErrNotOurs = errors.New("the core's mark does not fit this disk")

// Mark says that the core has applied and synced the workspace's entries up to a number: they leave the outbox, and
// captures among them enter the waitlist. A mark beyond what can have gone to the journal from this disk means that the
// disk was put back to an older state; one below an earlier mark, that the core was.
func (s *Store) Mark(w core.WorkspaceName, number uint64) error {
	l := s.stand(w)
	mark := number + l.base
	if mark > l.handed || mark < l.marked {
		return fmt.Errorf("%w: it is %d; known were %d, sent %d", ErrNotOurs, number, l.marked-l.base, l.handed-l.base)
	}
	for marked := l.marked; marked < mark; {
		upTo, err := s.markPage(w, marked, mark)
		if err != nil {
			return fmt.Errorf("taking mark %d of workspace %s: %w", number, w, err)
		}
		s.mu.Lock()
		s.line(w).applied(upTo)
		s.mu.Unlock()
		marked = upTo
	}
	return s.trim()
}

// markBytes bounds what is kept by one transaction of a mark; Badger takes 1.2 MB.
const markBytes = 512 << 10

// markPage keeps the captures that are newly applied and moves the mark, in one transaction; upTo is how far it came.
func (s *Store) markPage(w core.WorkspaceName, marked, mark uint64) (upTo uint64, err error) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if err := s.room.check(time.Now()); err != nil {
		return 0, err
	}
	tx := s.badger.NewTransaction(true)
	defer tx.Discard()
	k := s.keeper(tx, w)
	var keeping error
	size, upTo := 0, marked
	reading := s.outbox.Read(w, marked, func(number uint64, raw wire.Raw) bool {
		if number > mark || size > markBytes {
			return false
		}
		var kept int
		kept, keeping = k.keep(raw)
		size, upTo = size+kept, number
		return keeping == nil
	})
	if err := errors.Join(reading, keeping); err != nil {
		return 0, err
	}
	if upTo == marked {
		upTo = mark // nothing is left of what the mark is about
	}
	if err := errors.Join(tx.Set(lineKey('m', w), encodeNumber(upTo)), k.end()); err != nil {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, err
	}
	s.newest[w] = k.newest
	return upTo, nil
}

// Renew makes this a new edge for the core: with a new id, and numbers from 1 on for what is still in the outbox. It is
// what a disk that was put back, or whose core was, needs: the core would take what is new here for what it knows.
func (s *Store) Renew() error {
	if err := s.room.check(time.Now()); err != nil {
		return fmt.Errorf("becoming a new edge: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var edge core.EdgeID
	_, _ = rand.Read(edge[:]) // never fails (crypto/rand)
	err := s.badger.Update(func(tx *badger.Txn) error {
		err := tx.Set(identityKey, edge[:])
		for w, l := range s.lines {
			err = errors.Join(err, tx.Set(lineKey('b', w), encodeNumber(l.marked)))
		}
		return err
	})
	if err = errors.Join(err, s.sync()); err != nil {
		return fmt.Errorf("becoming a new edge: %w", err)
	}
	s.edge = edge
	for _, l := range s.lines {
		l.base, l.handed = l.marked, l.last
	}
	return nil
}

// keptAt is when the capture that is kept at key was made; 0 when there is none.
func keptAt(tx *badger.Txn, key []byte) (at core.Time, err error) {
	item, err := tx.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	err = item.Value(func(raw []byte) error { at = capturedAt(raw); return nil })
	return at, err
}

// capturedAt is when a kept capture was made; 0 for what cannot be read, which may be replaced and forgotten.
func capturedAt(raw wire.Raw) (at core.Time) {
	e, err := raw.Decode()
	if c, ok := e.(wire.Capture); ok && err == nil {
		at = c.Capture.CapturedAt
	}
	return at
}
