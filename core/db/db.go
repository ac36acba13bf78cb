package db

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// DB is the state of one workspace on disk. One goroutine writes; any number read.
type DB struct{ badger *badger.DB }

// Bounds of what a database keeps in memory.
const (
	memtableBytes   = 64 << 20
	blockCacheBytes = 64 << 20
	indexCacheBytes = 64 << 20 // with encryption, where indexes would be decrypted again and again
	valueThreshold  = 64 << 10 // larger values (plugin modules) go to the value log
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
		WithNumMemtables(3).
		WithBlockCacheSize(blockCacheBytes).
		WithCompression(options.Snappy).
		WithLogger(logger{log})
	if dir != "" {
		o = o.WithValueThreshold(valueThreshold)
	}
	if len(key) > 0 {
		o = o.WithEncryptionKey(key).WithIndexCacheSize(indexCacheBytes)
	}
	b, err := badger.Open(o)
	if err != nil {
		return nil, fmt.Errorf("opening state in %s: %w", dir, err)
	}
	return &DB{badger: b}, nil
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
	txn  *badger.Txn
	size int
	err  error
	view bool // nothing may be written

	trial map[string][]byte // what was written, by key, if this is a trial; nil stands for a deletion
}

// Begin starts a transaction; it sees what it wrote itself. End it by Commit or Discard.
func (d *DB) Begin() *Tx { return &Tx{txn: d.badger.NewTransaction(true)} }

// View starts a read-only transaction; end it by Discard.
func (d *DB) View() *Tx { return &Tx{txn: d.badger.NewTransaction(false), view: true} }

// Try starts a trial on what the transaction has written so far: what is written to it is seen by its own reading of single
// keys, though not by its walks, and never gets into the transaction. It must not be committed.
func (tx *Tx) Try() *Tx { return &Tx{txn: tx.txn, err: tx.err, trial: map[string][]byte{}} }

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
	if err := tx.txn.Commit(); err != nil {
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
	if tx.err == nil {
		tx.fail(tx.txn.Set(key, value))
	}
}

func (tx *Tx) delete(key []byte) {
	tx.size += len(key)
	if tx.trial != nil {
		tx.trial[string(key)] = nil
		return
	}
	if tx.err == nil {
		tx.fail(tx.txn.Delete(key))
	}
}

// scan walks the keys that begin with prefix in order, from the first after the key after (nil: from the start), until
// visit returns false. With values false, visit gets nil for them. Key and value hold until visit returns.
func (tx *Tx) scan(prefix, after []byte, values bool, visit func(key, value []byte) bool) {
	if tx.err != nil {
		return
	}
	o := badger.DefaultIteratorOptions
	o.Prefix, o.PrefetchValues = prefix, false
	it := tx.txn.NewIterator(o)
	defer it.Close()
	start := prefix
	if after != nil {
		start = append(bytes.Clone(after), 0)
	}
	for it.Seek(start); it.Valid(); it.Next() {
		if !tx.visit(it.Item(), values, visit) {
			return
		}
	}
}

func (tx *Tx) visit(item *badger.Item, values bool, visit func(key, value []byte) bool) (more bool) {
	if !values {
		return visit(item.Key(), nil)
	}
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
	for it.Seek(append(bytes.Clone(prefix), 0xff)); it.Valid(); it.Next() {
		if !visit(it.Item().KeyCopy(nil)) {
			return
		}
	}
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
