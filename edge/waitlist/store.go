package waitlist

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"restock/core"
	"restock/core/wire"
)

// Store is an edge's disk. All methods may be called at once.
type Store struct {
	badger *badger.DB
	adds   chan *add
	done   chan struct{} // closed when the committer has ended

	room room

	sending sync.RWMutex // held for reading while handing over to the committer
	ending  bool         // guarded by sending

	commits, committed atomic.Uint64 // transactions, and entries in them

	mu      sync.Mutex // guards the fields below
	edge    core.EdgeID
	lines   map[core.WorkspaceName]*line
	started chan core.WorkspaceName // workspaces that an entry was added to for the first time
}

// line is where the numbering of a workspace stands.
type line struct {
	base   uint64        // what numbers on disk are ahead of those that the core sees
	marked uint64        // the core has applied up to here; the outbox begins behind it
	last   uint64        // number of the last committed entry
	handed uint64        // the highest number that can have gone to the journal from this disk
	wake   chan struct{} // has an element when last moved since it was last taken
}

// Bounds of what the store keeps in memory and commits at once.
const (
	memtableBytes  = 16 << 20
	valueThreshold = 1 << 20   // larger records (webhooks) go to the value log
	maxGroup       = 1000      // entries of one commit
	maxGroupBytes  = 512 << 10 // of one commit, before its last entry
	maxQueued      = 4096      // entries that wait for the committer; more wait in Add
	maxWorkspaces  = 4096
)

// Open opens or makes the store in dir. With a key of 16, 24 or 32 bytes what lies on disk is encrypted (AES); a store
// stays what it was made as.
func Open(dir string, key []byte, log *slog.Logger) (*Store, error) {
	o := badger.DefaultOptions(dir).
		WithSyncWrites(true).
		WithDetectConflicts(false). // there is one writer of each key
		WithNumVersionsToKeep(1).
		WithMemTableSize(memtableBytes).
		WithNumMemtables(3).
		WithBlockCacheSize(16 << 20).
		WithValueThreshold(valueThreshold).
		WithCompression(options.Snappy).
		WithLogger(logger{log})
	if len(key) > 0 {
		o = o.WithEncryptionKey(key).WithIndexCacheSize(16 << 20)
	}
	b, err := badger.Open(o)
	if err != nil {
		return nil, fmt.Errorf("opening waitlist in %s: %w", dir, err)
	}
	s := &Store{
		badger: b, adds: make(chan *add, maxQueued), done: make(chan struct{}),
		room:  room{dir: dir, free: freeOnDisk},
		lines: map[core.WorkspaceName]*line{}, started: make(chan core.WorkspaceName, maxWorkspaces),
	}
	if err := errors.Join(s.identify(), s.recover()); err != nil {
		return nil, errors.Join(fmt.Errorf("opening waitlist in %s: %w", dir, err), b.Close())
	}
	go s.commitAll()
	return s, nil
}

// Close waits for what was added and ends the store; Add fails from here on.
func (s *Store) Close() error {
	s.sending.Lock()
	already := s.ending
	s.ending = true
	s.sending.Unlock()
	if already {
		return nil
	}
	close(s.adds)
	<-s.done
	return s.badger.Close()
}

// Edge is this edge's id: random, made together with the database, and made anew by Renew.
func (s *Store) Edge() core.EdgeID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.edge
}

func (s *Store) identify() error {
	err := s.badger.View(func(tx *badger.Txn) error {
		item, err := tx.Get(identityKey)
		if err != nil {
			return err
		}
		return item.Value(func(b []byte) error { copy(s.edge[:], b); return nil })
	})
	if !errors.Is(err, badger.ErrKeyNotFound) {
		return err
	}
	_, _ = rand.Read(s.edge[:]) // never fails (crypto/rand)
	return s.badger.Update(func(tx *badger.Txn) error { return tx.Set(identityKey, s.edge[:]) })
}

// recover finds where the numbering of each workspace stands: at its last outbox record, or at the mark.
func (s *Store) recover() error {
	return s.badger.View(func(tx *badger.Txn) error {
		err := each(tx, []byte{'m'}, nil, func(key, value []byte) bool {
			s.line(core.WorkspaceName(key[2:])).applied(binary.BigEndian.Uint64(value))
			return true
		})
		if err != nil {
			return err
		}
		err = each(tx, []byte{'b'}, nil, func(key, value []byte) bool {
			s.line(core.WorkspaceName(key[2:])).base = binary.BigEndian.Uint64(value)
			return true
		})
		if err != nil {
			return err
		}
		if err := s.recoverLast(tx); err != nil {
			return err
		}
		for _, l := range s.lines {
			l.handed = l.last
		}
		return nil
	})
}

// recoverLast finds the last entry of each workspace's last record.
func (s *Store) recoverLast(tx *badger.Txn) error {
	lastKeys := map[core.WorkspaceName][]byte{}
	keys(tx, []byte{'o'}, func(key []byte) {
		lastKeys[core.WorkspaceName(key[2:2+key[1]])] = bytes.Clone(key)
	})
	for w, key := range lastKeys {
		item, err := tx.Get(key)
		if err != nil {
			return err
		}
		err = item.Value(func(record []byte) error {
			n, err := countEntries(record)
			l := s.line(w)
			l.last = max(l.last, numberOf(key)+n-1)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *line) applied(mark uint64) {
	l.marked = max(l.marked, mark)
	l.last = max(l.last, mark)
}

// line returns a workspace's line, making it when it is new; callers hold mu, or are alone.
func (s *Store) line(w core.WorkspaceName) *line {
	l, ok := s.lines[w]
	if !ok {
		l = &line{wake: make(chan struct{}, 1)}
		s.lines[w] = l
		select {
		case s.started <- w:
		default: // nobody has that many workspaces; the outbox keeps what it has
		}
	}
	return l
}

// Started gives each workspace that has, or had, entries here once.
func (s *Store) Started() <-chan core.WorkspaceName { return s.started }

// Wake has an element when entries of the workspace were added since it was last taken.
func (s *Store) Wake(w core.WorkspaceName) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line(w).wake
}

// Workspaces are those that have, or had, entries here.
func (s *Store) Workspaces() []core.WorkspaceName {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.lines))
}

// Pending is how many entries of all workspaces the core has not applied yet.
func (s *Store) Pending() (n uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lines {
		n += l.last - l.marked
	}
	return n
}

// PerSync is how many entries were committed by one sync, on average since the store was opened.
func (s *Store) PerSync() float64 {
	return float64(s.committed.Load()) / float64(max(1, s.commits.Load()))
}

// Marked is the number of the workspace's last entry that the core applied, as the core counts.
func (s *Store) Marked(w core.WorkspaceName) uint64 {
	l := s.stand(w)
	return l.marked - l.base
}

// stand is a copy of where a workspace's line stands.
func (s *Store) stand(w core.WorkspaceName) line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.line(w)
}

// Collect gives back disk space of values that are gone; call it now and then.
func (s *Store) Collect() error {
	if err := s.badger.RunValueLogGC(0.5); err != nil && !errors.Is(err, badger.ErrNoRewrite) {
		return err
	}
	return nil
}

// each walks the keys under prefix in order, from start on (nil: the first), with their values.
func each(tx *badger.Txn, prefix, start []byte, visit func(key, value []byte) bool) error {
	o := badger.DefaultIteratorOptions
	o.Prefix, o.PrefetchValues = prefix, false
	it := tx.NewIterator(o)
	defer it.Close()
	if start == nil {
		start = prefix
	}
	for it.Seek(start); it.Valid(); it.Next() {
		value, err := it.Item().ValueCopy(nil)
		if err != nil {
			return err
		}
		if !visit(it.Item().KeyCopy(nil), value) {
			return nil
		}
	}
	return nil
}

func keys(tx *badger.Txn, prefix []byte, visit func(key []byte)) {
	o := badger.DefaultIteratorOptions
	o.Prefix, o.PrefetchValues = prefix, false
	it := tx.NewIterator(o)
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		visit(it.Item().Key())
	}
}

func lineKey(letter byte, w core.WorkspaceName) []byte {
	return append(append(make([]byte, 0, 48), letter, byte(len(w))), w...)
}

func outboxKey(w core.WorkspaceName, number uint64) []byte {
	return binary.BigEndian.AppendUint64(lineKey('o', w), number)
}

// Next reads entries of the workspace's outbox behind a number, as many as fit a batch; first is the number of the
// first of them. Numbers are as the core counts.
func (s *Store) Next(w core.WorkspaceName, after uint64) (raws []wire.Raw, first uint64, err error) {
	l := s.stand(w)
	b := batch{after: max(after+l.base, l.marked)}
	err = s.badger.View(func(tx *badger.Txn) error {
		var bad error
		reading := each(tx, lineKey('o', w), recordKey(tx, w, b.after+1), func(key, record []byte) bool {
			bad = b.add(numberOf(key), record)
			return bad == nil && !b.full
		})
		return errors.Join(reading, bad)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("reading outbox: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	line := s.line(w)
	line.handed = max(line.handed, b.after+uint64(len(b.raws)))
	return b.raws, b.after + 1 - l.base, nil
}

// batch gathers entries behind a number until a journal message is full.
type batch struct {
	after uint64
	raws  []wire.Raw
	size  int
	full  bool
}

// add takes the entries of the record that begins with number first.
func (b *batch) add(first uint64, record []byte) error {
	if first > b.after+uint64(len(b.raws))+1 {
		b.full = true // numbers have no gaps within what was added; this cannot be sent behind it
		return nil
	}
	return eachEntry(record, func(i uint64, raw wire.Raw) bool {
		if first+i <= b.after+uint64(len(b.raws)) {
			return true // before what was asked for
		}
		weight := min(len(raw), wire.BlobLimit) // what is larger travels beside the message
		if b.full = len(b.raws) > 0 && b.size+weight > wire.MaxBatchBytes; b.full {
			return false
		}
		b.raws = append(b.raws, raw)
		b.size += weight
		b.full = len(b.raws) == wire.MaxBatchEntries
		return !b.full
	})
}

// recordKey is the key of the record that holds an entry, or of the first one behind it.
func recordKey(tx *badger.Txn, w core.WorkspaceName, number uint64) []byte {
	o := badger.DefaultIteratorOptions
	o.Prefix, o.PrefetchValues, o.Reverse = lineKey('o', w), false, true
	it := tx.NewIterator(o)
	defer it.Close()
	wanted := outboxKey(w, number)
	if it.Seek(wanted); it.Valid() {
		return it.Item().KeyCopy(nil)
	}
	return wanted
}

// logger hands Badger's own words to ours: warnings and errors only.
type logger struct{ log *slog.Logger }

func (l logger) Errorf(f string, a ...any)   { l.log.Error("waitlist: " + fmt.Sprintf(f, a...)) }
func (l logger) Warningf(f string, a ...any) { l.log.Warn("waitlist: " + fmt.Sprintf(f, a...)) }
func (l logger) Infof(string, ...any)        {}
func (l logger) Debugf(string, ...any)       {}
