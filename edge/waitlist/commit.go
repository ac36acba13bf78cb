package waitlist

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/dgraph-io/badger/v4"

	"restock/core"
	"restock/core/wire"
)

// ErrClosed is what Add answers once the store is closing.
var ErrClosed = errors.New("waitlist is closing")

// ErrDisk is what Add answers when the disk refuses; the entry may or may not be kept, and was not acknowledged.
var ErrDisk = errors.New("disk refuses")

// add is an entry on its way to the disk.
type add struct {
	workspace core.WorkspaceName
	raw       wire.Raw
	result    chan error
}

var addPool = sync.Pool{New: func() any { return &add{result: make(chan error, 1)} }}

// Add puts an entry into the workspace's outbox. It returns nil when the entry is synced to disk.
func (s *Store) Add(w core.WorkspaceName, raw wire.Raw) error {
	a := addPool.Get().(*add)
	defer addPool.Put(a)
	a.workspace, a.raw = w, raw
	if !s.send(a) {
		return ErrClosed
	}
	return <-a.result
}

// send hands over under the lock that Close takes, so that the channel is never closed below it.
func (s *Store) send(a *add) bool {
	s.sending.RLock()
	defer s.sending.RUnlock()
	if s.ending {
		return false
	}
	s.adds <- a
	return true
}

// commitAll is the committer.
func (s *Store) commitAll() {
	defer close(s.done)
	group := make([]*add, 0, maxGroup)
	for first := range s.adds {
		group = s.gather(append(group[:0], first))
		s.commit(group)
	}
}

// gather takes what has queued, without waiting.
func (s *Store) gather(group []*add) []*add {
	size := weight(group[0])
	for len(group) < maxGroup && size < maxGroupBytes {
		select {
		case a, ok := <-s.adds:
			if !ok {
				return group
			}
			group = append(group, a)
			size += weight(a)
		default:
			return group
		}
	}
	return group
}

// weight is what an entry takes of a transaction.
func weight(a *add) int {
	if len(a.raw) >= valueThreshold {
		return 64
	}
	return len(a.raw) + 64
}

// commit numbers a group, writes it in one transaction and answers all of it. When that fails, the numbers are given
// again: they were never seen by anybody.
func (s *Store) commit(group []*add) {
	next := map[core.WorkspaceName]uint64{}
	tx := s.badger.NewTransaction(true)
	defer tx.Discard()
	var err error
	for _, a := range group {
		n, ok := next[a.workspace]
		if !ok {
			n = s.last(a.workspace)
		}
		next[a.workspace] = n + 1
		err = errors.Join(err, tx.Set(outboxKey(a.workspace, n+1), a.raw))
	}
	if err == nil {
		err = tx.Commit()
	}
	if err == nil {
		s.advance(next)
	} else {
		err = fmt.Errorf("%w: %w", ErrDisk, err)
	}
	for _, a := range group {
		a.result <- err
	}
}

func (s *Store) last(w core.WorkspaceName) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line(w).last
}

func (s *Store) advance(next map[core.WorkspaceName]uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w, n := range next {
		l := s.line(w)
		l.last = n
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// markPage is how many entries leave the outbox in one transaction.
const markPage = 1000

// Mark says that the core has applied and synced the workspace's entries up to a number: they leave the outbox, and
// captures among them enter the waitlist. A mark beyond what was ever added is refused: it is not about this disk.
func (s *Store) Mark(w core.WorkspaceName, mark uint64) error {
	if last := s.last(w); mark > last {
		return fmt.Errorf("taking mark %d of workspace %s: only %d entries were added here: this edge's disk was put back to an older state; wipe it, so that it becomes a new edge", mark, w, last)
	}
	for s.Marked(w) < mark {
		upTo := min(mark, s.Marked(w)+markPage)
		if err := s.markPage(w, upTo); err != nil {
			return fmt.Errorf("taking mark %d of workspace %s: %w", mark, w, err)
		}
		s.mu.Lock()
		s.line(w).applied(upTo)
		s.mu.Unlock()
	}
	return nil
}

func (s *Store) markPage(w core.WorkspaceName, upTo uint64) error {
	batch := s.badger.NewWriteBatch()
	defer batch.Cancel()
	err := s.badger.View(func(tx *badger.Txn) error {
		var writing error
		reading := each(tx, lineKey('o', w), outboxKey(w, s.Marked(w)+1), func(key, value []byte) bool {
			if numberOf(key) > upTo {
				return false
			}
			writing = errors.Join(batch.Delete(key), keep(batch, w, value))
			return writing == nil
		})
		return errors.Join(reading, writing)
	})
	if err != nil {
		return err
	}
	if err := batch.Set(lineKey('m', w), encodeNumber(upTo)); err != nil {
		return err
	}
	return batch.Flush()
}

// keep derives a capture's waitlist record: one per address and target, the last capture wins.
func keep(batch *badger.WriteBatch, w core.WorkspaceName, raw wire.Raw) error {
	e, err := raw.Decode()
	c, ok := e.(wire.Capture)
	if err != nil || !ok {
		return nil // a webhook or a link: nothing that waits
	}
	who := c.Capture.Email
	if who == "" {
		who = c.Capture.Phone
	}
	t := c.Capture.Target
	h := core.HashOf([]byte(strings.Join([]string{string(t.Source), string(t.Variant), string(t.Product), who}, "\x00")))
	return batch.Set(append(lineKey('w', w), h[:16]...), raw)
}
