package waitlist

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"restock/core"
	"restock/core/wire"
	"restock/edge/outbox"
)

// Store is an edge's disk. All methods may be called at once.
type Store struct {
	badger *badger.DB
	outbox *outbox.Outbox
	room   room
	dir    string

	trimmer trimmer
	log     *slog.Logger
	keeping sync.Mutex // one transaction that keeps or forgets captures at a time; guards newest and seen
	newest  map[core.WorkspaceName]newest
	seen    map[who]core.Time // of the page that is being kept

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

// Bounds of what the store keeps in memory.
const (
	memtableBytes = 8 << 20
	tableBytes    = 1 << 20
	cacheBytes    = 16 << 20
	maxWorkspaces = 4096
)

// ErrClosed is what Add answers once the store is closing.
var ErrClosed = errors.New("waitlist is closing")

// ErrDisk is what Add answers when the disk refuses; the entry may or may not be kept, and was not acknowledged.
var ErrDisk = errors.New("disk refuses")

// Open opens or makes the store in dir. With a key of 16, 24 or 32 bytes what lies on disk is encrypted (AES); a store
// stays what it was made as.
func Open(dir string, key []byte, log *slog.Logger) (*Store, error) {
	return open(dir, key, log, freeOnDisk)
}

// open is Open with a way to ask for free space, which others may ask from here on.
func open(dir string, key []byte, log *slog.Logger, free func(dir string) (uint64, error)) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening waitlist: %w", err)
	}
	if err := (&room{dir: dir, free: free}).look(); err != nil {
		return nil, fmt.Errorf("opening waitlist: %w, and start again; delete nothing in this folder, it holds what was acknowledged", err) // Badger writes when it opens
	}
	b, err := openBadger(dir, key, log)
	if err != nil {
		return nil, fmt.Errorf("opening waitlist in %s: %w", dir, err)
	}
	s := &Store{
		badger: b, dir: dir, log: log, room: room{dir: dir, free: free},
		newest: map[core.WorkspaceName]newest{}, seen: map[who]core.Time{}, lines: map[core.WorkspaceName]*line{}, started: make(chan core.WorkspaceName, maxWorkspaces),
	}
	err = errors.Join(s.identify(), s.recover(), s.readNewest(), s.forgetRest())
	if err == nil {
		err = s.openOutbox(filepath.Join(dir, "outbox"), key, log)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening waitlist in %s: %w", dir, err), b.Close())
	}
	return s, nil
}

func openBadger(dir string, key []byte, log *slog.Logger) (*badger.DB, error) {
	o := badger.DefaultOptions(dir).
		WithSyncWrites(false). // Store.sync does, before anything relies on it
		WithNumCompactors(2).
		WithBaseTableSize(tableBytes).
		WithDetectConflicts(false). // there is one writer of each key
		WithNumVersionsToKeep(1).
		WithMemTableSize(memtableBytes).
		WithNumMemtables(3).
		WithBlockCacheSize(cacheBytes).
		WithCompression(options.ZSTD).
		WithZSTDCompressionLevel(1).
		WithBlockSize(16 << 10).
		WithLogger(logger{log})
	o.TableSizeMultiplier = 1 // tables that grow with their level, eight of which are built at once, take memory without bound
	if len(key) > 0 {
		o = o.WithEncryptionKey(key).WithIndexCacheSize(cacheBytes)
	}
	return openAgain(o)
}

// openAgain tries three times: an empty log, of values or of a memtable, whose making was cut off by a kill, is refused as new, but is
// no longer empty then.
func openAgain(o badger.Options) (b *badger.DB, err error) {
	for range 3 {
		if b, err = badger.Open(o); err == nil {
			return b, nil
		}
	}
	return nil, err
}

// openOutbox opens the log behind the marks, and finds the last number of each workspace in it.
func (s *Store) openOutbox(dir string, key []byte, log *slog.Logger) (err error) {
	marked := map[core.WorkspaceName]uint64{}
	for w, l := range s.lines {
		marked[w] = l.marked
	}
	s.outbox, err = outbox.Open(outbox.Config{
		Dir: dir, Key: key, Marked: marked, Log: log, Wrote: s.advance,
		Room: func() error { return s.room.check(time.Now()) },
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for w, last := range s.outbox.Lasts() {
		l := s.line(w)
		l.last = max(l.last, last)
	}
	for _, l := range s.lines {
		l.handed = l.last
	}
	return nil
}

// Close waits for what was added and ends the store; Add fails from here on. Without room Badger is left as it is, since
// it writes when it closes: what it was told is in its log, and is read from there when it is opened again.
func (s *Store) Close() error {
	err := errors.Join(s.trimmer.end(s.trimNow), s.outbox.Close())
	if room := s.room.check(time.Now()); room != nil {
		return errors.Join(err, fmt.Errorf("closing waitlist: left as after a crash, nothing is lost: %w", room))
	}
	return errors.Join(err, s.badger.Close())
}

// Add puts an entry into the workspace's outbox. It returns nil when the entry is synced to disk; the bytes are the
// caller's again when it returns.
func (s *Store) Add(w core.WorkspaceName, raw wire.Raw) error {
	err := s.outbox.Add(w, raw)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, outbox.ErrClosed):
		return ErrClosed
	}
	return fmt.Errorf("%w: %w", ErrDisk, err)
}

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
	err = s.badger.Update(func(tx *badger.Txn) error { return tx.Set(identityKey, s.edge[:]) })
	return errors.Join(err, s.sync())
}

// recover finds how far the core has applied each workspace's entries.
func (s *Store) recover() error {
	return s.badger.View(func(tx *badger.Txn) error {
		err := each(tx, []byte{'m'}, nil, func(key, value []byte) bool {
			s.line(core.WorkspaceName(key[2:])).applied(binary.BigEndian.Uint64(value))
			return true
		})
		if err != nil {
			return err
		}
		return each(tx, []byte{'b'}, nil, func(key, value []byte) bool {
			s.line(core.WorkspaceName(key[2:])).base = binary.BigEndian.Uint64(value)
			return true
		})
	})
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

// Committed is how many commits there were since the store was opened, each with one sync, and how many entries were in them.
func (s *Store) Committed() (commits, entries uint64) { return s.outbox.Committed() }

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

func lineKey(letter byte, w core.WorkspaceName) []byte {
	return append(append(make([]byte, 0, 48), letter, byte(len(w))), w...)
}

// Next reads entries of the workspace's outbox behind a number, as many as fit a batch; first is the number of the
// first of them. Numbers are as the core counts. What is let go of while it reads was applied: a batch begins behind that,
// or ends before it, since its entries follow each other.
func (s *Store) Next(w core.WorkspaceName, after uint64) (raws []wire.Raw, first uint64, err error) {
	l := s.stand(w)
	after = max(after+l.base, l.marked)
	size := 0
	err = s.outbox.Read(w, after, func(number uint64, raw wire.Raw) bool {
		if len(raws) == 0 {
			after = number - 1
		}
		if number != after+uint64(len(raws))+1 {
			return false
		}
		weight := min(len(raw), wire.BlobLimit) // what is larger travels beside the message
		if len(raws) > 0 && size+weight > wire.MaxBatchBytes {
			return false
		}
		raws, size = append(raws, raw), size+weight
		return len(raws) < wire.MaxBatchEntries
	})
	if err != nil {
		return nil, 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	line := s.line(w)
	line.handed = max(line.handed, after+uint64(len(raws)))
	return raws, after + 1 - l.base, nil
}

// logger hands Badger's own words to ours: warnings and errors only.
type logger struct{ log *slog.Logger }

func (l logger) Errorf(f string, a ...any)   { l.log.Error("waitlist: " + fmt.Sprintf(f, a...)) }
func (l logger) Warningf(f string, a ...any) { l.log.Warn("waitlist: " + fmt.Sprintf(f, a...)) }
func (l logger) Infof(string, ...any)        {}
func (l logger) Debugf(string, ...any)       {}
