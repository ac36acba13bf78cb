package waitlist

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

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

// Add puts an entry into the workspace's outbox. It returns nil when the entry is synced to disk; the bytes are the
// caller's again when it returns.
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
	size := len(group[0].raw)
	for len(group) < maxGroup && size < maxGroupBytes {
		select {
		case a, ok := <-s.adds:
			if !ok {
				return group
			}
			group = append(group, a)
			size += len(a.raw)
		default:
			return group
		}
	}
	return group
}

// commit numbers a group, writes a record per workspace in one transaction and answers all of it. When that fails, the
// numbers are given again: they were never seen by anybody.
func (s *Store) commit(group []*add) {
	err := s.write(group)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrDisk, err)
	}
	for _, a := range group {
		a.result <- err
	}
}

func (s *Store) write(group []*add) error {
	if err := s.room.check(time.Now()); err != nil {
		return err
	}
	tx := s.badger.NewTransaction(true)
	defer tx.Discard()
	records := gatherRecords(group)
	for i, r := range records {
		records[i].first = s.last(r.workspace) + 1
		if err := tx.Set(outboxKey(r.workspace, records[i].first), r.bytes); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, r := range records {
		s.advance(r.workspace, r.first+r.entries-1)
	}
	s.commits.Add(1)
	s.committed.Add(uint64(len(group)))
	return nil
}

// record is what a commit writes for one workspace.
type record struct {
	workspace core.WorkspaceName
	bytes     []byte
	first     uint64 // number of its first entry
	entries   uint64
}

// gatherRecords packs a group by workspaces, of which a group rarely has more than one or two.
func gatherRecords(group []*add) []record {
	var records []record
	for _, a := range group {
		i := slices.IndexFunc(records, func(r record) bool { return r.workspace == a.workspace })
		if i < 0 {
			i = len(records)
			records = append(records, record{workspace: a.workspace})
		}
		r := &records[i]
		r.bytes = append(binary.AppendUvarint(r.bytes, uint64(len(a.raw))), a.raw...)
		r.entries++
	}
	return records
}

var errRecord = errors.New("an outbox record is cut off")

// eachEntry walks the entries of a record until visit returns false.
func eachEntry(record []byte, visit func(i uint64, raw wire.Raw) bool) error {
	for i := uint64(0); len(record) > 0; i++ {
		size, n := binary.Uvarint(record)
		if n <= 0 || size > uint64(len(record)-n) {
			return errRecord
		}
		end := n + int(size)
		if !visit(i, wire.Raw(record[n:end:end])) {
			return nil
		}
		record = record[end:]
	}
	return nil
}

func countEntries(record []byte) (n uint64, err error) {
	err = eachEntry(record, func(uint64, wire.Raw) bool { n++; return true })
	return n, err
}

func (s *Store) last(w core.WorkspaceName) uint64 { return s.stand(w).last }

// advance notes that entries up to a number are committed. They may have been sent and marked already.
func (s *Store) advance(w core.WorkspaceName, last uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.line(w)
	l.last = max(l.last, last)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

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
	return nil
}

// markBytes bounds what is kept by one transaction of a mark; Badger takes 2.4 MB.
const markBytes = 1 << 20

// markPage takes out records that end at or before a number, keeps the captures that are newly applied, and moves the
// mark, all in one transaction; upTo is how far it came.
func (s *Store) markPage(w core.WorkspaceName, marked, mark uint64) (upTo uint64, err error) {
	tx := s.badger.NewTransaction(true)
	defer tx.Discard()
	size, upTo := 0, marked
	var bad error
	reading := each(tx, lineKey('o', w), recordKey(tx, w, marked+1), func(key, record []byte) bool {
		first := numberOf(key)
		if first > mark || size > markBytes {
			return false
		}
		var keeping error
		last := first - 1
		walking := eachEntry(record, func(i uint64, raw wire.Raw) bool {
			last = first + i
			if last <= marked {
				return true
			}
			if last > mark || size > markBytes {
				last--
				return false
			}
			upTo = last
			var kept int
			kept, keeping = keep(tx, w, raw)
			size += kept
			return keeping == nil
		})
		n, counting := countEntries(record)
		bad = errors.Join(walking, keeping, counting)
		if bad == nil && upTo == first+n-1 {
			bad = tx.Delete(key)
			size += len(key) + 64 // what Badger keeps of it
		}
		return bad == nil
	})
	if err := errors.Join(reading, bad); err != nil {
		return 0, err
	}
	if upTo == marked {
		upTo = mark // nothing is left of what the mark is about
	}
	if err := tx.Set(lineKey('m', w), encodeNumber(upTo)); err != nil {
		return 0, err
	}
	return upTo, tx.Commit()
}

// Renew makes this a new edge for the core: with a new id, and numbers from 1 on for what is still in the outbox. It is
// what a disk that was put back, or whose core was, needs: the core would take what is new here for what it knows.
func (s *Store) Renew() error {
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
	if err != nil {
		return fmt.Errorf("becoming a new edge: %w", err)
	}
	s.edge = edge
	for _, l := range s.lines {
		l.base, l.handed = l.marked, l.last
	}
	return nil
}

// keep derives a capture's waitlist record: one per address and target, the last capture wins. What was trapped is not
// kept: it must not take the place of what was not. It says how many bytes it wrote.
func keep(tx *badger.Txn, w core.WorkspaceName, raw wire.Raw) (size int, err error) {
	e, err := raw.Decode()
	c, ok := e.(wire.Capture)
	if err != nil || !ok || c.Capture.Trapped != "" {
		return 0, nil // a webhook or a link, or nobody: nothing that waits
	}
	who := c.Capture.Email
	if who == "" {
		who = c.Capture.Phone
	}
	t := c.Capture.Target
	h := core.HashOf([]byte(strings.Join([]string{string(t.Source), string(t.Variant), string(t.Product), who}, "\x00")))
	key := append(lineKey('w', w), h[:16]...)
	if known, err := keptAt(tx, key); err != nil || known > c.Capture.CapturedAt {
		return 0, err // sent again, and older than what is kept
	}
	return len(key) + len(raw), tx.Set(key, raw)
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
	err = item.Value(func(raw []byte) error {
		e, err := wire.Raw(raw).Decode()
		if c, ok := e.(wire.Capture); ok && err == nil {
			at = c.Capture.CapturedAt
		}
		return nil // what cannot be read is replaced
	})
	return at, err
}
