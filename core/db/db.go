package db

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// DB is the state of one workspace on disk. One goroutine writes; any number read.
type DB struct {
	badger *badger.DB
	parts  sync.RWMutex // held for writing while a transaction is committed in parts; guards what follows
	parted int          // how many were
	torn   error        // why one was not ended; then nothing can be read
}

// Bounds of what a database keeps in memory, however much it holds; RATIONALE.md has the sum.
const (
	memtableBytes  = 16 << 20
	memtables      = 3
	tableBytes     = 4 << 20 // at every level: of those that are being merged, some 20 are in memory
	compactors     = 2
	blockBytes     = 64 << 10 // a page of a line (core.Cohort) fits one
	valueThreshold = 64 << 10 // larger values (plugin modules) go to the value log
)

// The same of a database that is encrypted: what it reads it has to keep decrypted, and what it reads is a block.
const (
	sealedBlockBytes = 32 << 10
	blockCacheBytes  = 32 << 20
	indexCacheBytes  = 32 << 20 // where indexes would be decrypted again and again
)

// Open opens or makes the database in dir; "" keeps it in memory, for tests and simulations. With a key of 16, 24 or 32
// bytes what lies on disk is encrypted (AES); a database stays what it was made as.
func Open(dir string, key []byte, log *slog.Logger) (*DB, error) {
	o := badger.DefaultOptions(dir).
		WithInMemory(dir == "").
		WithSyncWrites(dir != "").
		WithDetectConflicts(false). // there is one writer
		WithNumVersionsToKeep(1).
		WithMemTableSize(memtableBytes).
		WithNumMemtables(memtables).
		WithBaseTableSize(tableBytes).
		WithNumCompactors(compactors).
		WithBlockSize(blockBytes).
		WithBlockCacheSize(0).
		WithCompression(options.None).
		WithLogger(logger{log})
	o.TableSizeMultiplier = 1
	if dir != "" {
		o = o.WithValueThreshold(valueThreshold).WithVerifyValueChecksum(true) // few are read; what redo writes is one
	}
	if len(key) > 0 {
		o = o.WithEncryptionKey(key).WithBlockSize(sealedBlockBytes).WithBlockCacheSize(blockCacheBytes).WithIndexCacheSize(indexCacheBytes)
	}
	if err := storeMemtables(o); err != nil {
		return nil, fmt.Errorf("opening state in %s: %w", dir, err)
	}
	b, err := openBadger(o)
	if err != nil {
		return nil, fmt.Errorf("opening state in %s: %w", dir, err)
	}
	d := &DB{badger: b}
	if err := d.redo(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening state in %s: %w", dir, err), b.Close())
	}
	return d, nil
}

// openBadger tries three times: an empty log, of values or of a memtable, whose making was cut off by a kill, is refused as new, but is
// no longer empty then.
func openBadger(o badger.Options) (b *badger.DB, err error) {
	for range 3 {
		if b, err = badger.Open(o); err == nil {
			return b, nil
		}
	}
	return nil, err
}

// storeMemtables makes tables of memtables that a process with larger ones left when it was killed. Badger reads the log of each
// into a memtable of today's size, and ends the process if it does not fit.
func storeMemtables(o badger.Options) error {
	if o.InMemory {
		return nil
	}
	files, err := os.ReadDir(o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	largest := int64(0)
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".mem" {
			continue
		}
		info, err := f.Info()
		if err != nil {
			return err
		}
		if info.Size() != 2*o.MemTableSize { // as large is the log of a memtable from its beginning until it is read
			largest = max(largest, info.Size())
		}
	}
	if largest <= o.MemTableSize {
		return nil
	}
	b, err := openBadger(o.WithMemTableSize(largest))
	if err != nil {
		return err
	}
	return b.Close()
}

// Close ends the database; transactions must have ended before.
func (d *DB) Close() error { return d.badger.Close() }

// Collect gives back disk space of values that were replaced; call it now and then.
func (d *DB) Collect() error {
	err := d.badger.RunValueLogGC(0.5)
	if errors.Is(err, badger.ErrNoRewrite) || errors.Is(err, badger.ErrGCInMemoryMode) {
		return nil
	}
	return err
}

// Tx is a consistent view of the state that may be written to. It keeps the first error that Badger answers: reads
// after it give zero values, and Err and Commit return it. So rules can be written as rules, and an entry whose
// reading failed can never be committed.
type Tx struct {
	db     *DB
	txn    *badger.Txn
	writes *writes // nil when nothing may be written
	size   int
	err    error

	trial map[string][]byte // what was written, by key, if this is a trial; nil stands for a deletion
}

// Begin starts a transaction; it sees what it wrote itself. End it by Commit or Discard.
func (d *DB) Begin() *Tx {
	tx := d.View()
	tx.writes = &writes{}
	return tx
}

// View starts a read-only transaction; end it by Discard.
func (d *DB) View() *Tx {
	d.parts.RLock()
	defer d.parts.RUnlock()
	return &Tx{db: d, txn: d.badger.NewTransaction(false), err: d.torn}
}

// Try starts a trial on what the transaction has written so far: what is written to it is seen by its own reading of single
// keys, though not by its walks, and never gets into the transaction. It must not be committed.
func (tx *Tx) Try() *Tx {
	return &Tx{db: tx.db, txn: tx.txn, writes: tx.writes, err: tx.err, trial: map[string][]byte{}}
}

// Err is the first error of the transaction.
func (tx *Tx) Err() error { return tx.err }

// Size is the number of bytes written so far.
func (tx *Tx) Size() int { return tx.size }

// Commit makes the transaction durable, or returns its first error and changes nothing.
func (tx *Tx) Commit() error {
	defer tx.txn.Discard()
	if tx.err != nil {
		return fmt.Errorf("committing state: %w", tx.err)
	}
	if err := tx.db.commit(tx.writes); err != nil {
		return fmt.Errorf("committing state: %w", err)
	}
	return nil
}

// Discard drops what was written.
func (tx *Tx) Discard() { tx.txn.Discard() }

func (tx *Tx) fail(err error) {
	if tx.err == nil && err != nil {
		tx.err = err
	}
}

func (tx *Tx) get(key []byte, read func([]byte) error) bool {
	if tx.err != nil {
		return false
	}
	if value, tried := tx.trial[string(key)]; tried {
		if value != nil {
			tx.fail(read(value))
		}
		return value != nil
	}
	if tx.writes != nil {
		if x := tx.writes.get(key); x != nil {
			if !x.gone {
				tx.fail(read(x.value))
			}
			return !x.gone
		}
	}
	item, err := tx.txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return false
	}
	if err == nil {
		err = item.Value(read)
	}
	if err != nil {
		tx.fail(fmt.Errorf("reading %q: %w", key, err))
		return false
	}
	return true
}

func (tx *Tx) set(key, value []byte) {
	tx.size += len(key) + len(value)
	if tx.trial != nil {
		tx.trial[string(key)] = append([]byte{}, value...)
		return
	}
	tx.write(write{key: key, value: value})
}

func (tx *Tx) delete(key []byte) {
	tx.size += len(key)
	if tx.trial != nil {
		tx.trial[string(key)] = nil
		return
	}
	tx.write(write{key: key, gone: true})
}

// maxKey is how long a key may be, in bytes (badger.Txn.Set).
const maxKey = 65_000

func (tx *Tx) write(x write) {
	switch {
	case tx.err != nil:
	case tx.writes == nil:
		tx.fail(badger.ErrReadOnlyTxn)
	case len(x.key) > maxKey:
		tx.fail(fmt.Errorf("writing %q…: the key has %d bytes, of at most %d", x.key[:32], len(x.key), maxKey))
	default:
		tx.writes.set(x)
	}
}

// scan walks the keys that begin with prefix in order, from the first after the key after (nil: from the start), until
// visit returns false. With values false, visit gets nil for them. Key and value hold until visit returns. What visit
// writes it does not walk.
func (tx *Tx) scan(prefix, after []byte, values bool, visit func(key, value []byte) bool) {
	if tx.err != nil {
		return
	}
	start := prefix
	if after != nil {
		start = append(bytes.Clone(after), 0)
	}
	o := badger.DefaultIteratorOptions
	o.Prefix, o.PrefetchValues = prefix, false
	it := tx.txn.NewIterator(o)
	defer it.Close()
	it.Seek(start)
	own := tx.writes.from(start, prefix)
	defer tx.writes.end()
	tx.merge(it, own, 1, func(key []byte, item *badger.Item, x *write) bool {
		switch {
		case !values:
			return visit(key, nil)
		case x != nil:
			return visit(key, x.value)
		}
		return tx.visit(item, visit)
	})
}

// merge walks what is stored and what the transaction has written itself as one, forward (1) or back (-1), until visit
// returns false. Visit gets of the two the one that holds.
func (tx *Tx) merge(it *badger.Iterator, own *walk, by int, visit func(key []byte, item *badger.Item, x *write) bool) {
	for {
		x, stored := own.peek(), it.Valid()
		order := 1 // of x and what is stored: -1 when x is first, 0 when it replaces that
		switch {
		case x == nil && !stored:
			return
		case !stored:
			order = -1
		case x != nil:
			order = by * bytes.Compare(x.key, it.Item().Key())
		}
		if order > 0 && !visit(it.Item().Key(), it.Item(), nil) {
			return
		}
		if order <= 0 && !x.gone && !visit(x.key, nil, x) {
			return
		}
		if order <= 0 {
			own.step(by)
		}
		if order >= 0 {
			it.Next()
		}
	}
}

func (tx *Tx) visit(item *badger.Item, visit func(key, value []byte) bool) (more bool) {
	err := item.Value(func(value []byte) error { more = visit(item.Key(), value); return nil })
	if err != nil {
		tx.fail(fmt.Errorf("reading %q: %w", item.Key(), err))
	}
	return more
}

// scanBack walks the keys that begin with prefix from the last to the first, until visit returns false.
func (tx *Tx) scanBack(prefix []byte, visit func(key []byte) bool) {
	if tx.err != nil {
		return
	}
	o := badger.DefaultIteratorOptions
	o.Prefix, o.PrefetchValues, o.Reverse = prefix, false, true
	it := tx.txn.NewIterator(o)
	defer it.Close()
	end := append(bytes.Clone(prefix), 0xff)
	it.Seek(end)
	own := tx.writes.from(end, prefix)
	defer tx.writes.end()
	own.step(-1) // no key is the end itself
	tx.merge(it, own, -1, func(key []byte, _ *badger.Item, _ *write) bool { return visit(bytes.Clone(key)) })
}

// Dump writes the whole state in order of its keys, one line a key: two states are equal when their dumps are.
func (d *DB) Dump(w io.Writer) error {
	tx := d.View()
	defer tx.Discard()
	var err error
	tx.scan(nil, nil, true, func(key, value []byte) bool {
		_, err = fmt.Fprintf(w, "%q %x\n", key, value)
		return err == nil
	})
	return errors.Join(err, tx.Err())
}

// logger hands Badger's own words to ours: warnings and errors only.
type logger struct{ log *slog.Logger }

func (l logger) Errorf(f string, a ...any)   { l.log.Error("state: " + fmt.Sprintf(f, a...)) }
func (l logger) Warningf(f string, a ...any) { l.log.Warn("state: " + fmt.Sprintf(f, a...)) }
func (l logger) Infof(string, ...any)        {}
func (l logger) Debugf(string, ...any)       {}
