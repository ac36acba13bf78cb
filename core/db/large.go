package db

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// What Badger takes in one transaction is a share of its memtable, and its memtables are most of what it holds in memory.
// So they are small, and the few transactions that are larger are committed in parts: first all that they write as one row,
// which Badger keeps in its log of large values, then the rows themselves. Nobody begins to read meanwhile; and if the
// process ends in between, the next that opens the database writes the rest.

// redoKey is of the row that says what a transaction in parts writes. No table has this letter.
const redoKey = "\x00"

// commit makes writes durable, all or none.
func (d *DB) commit(w *writes) error {
	err := d.commitWhole(w)
	if errors.Is(err, badger.ErrTxnTooBig) {
		return d.commitParts(w)
	}
	return err
}

func (d *DB) commitWhole(w *writes) error {
	txn := d.badger.NewTransaction(true)
	defer txn.Discard()
	if err := w.each(func(x write) error { return x.put(txn) }); err != nil {
		return err
	}
	return txn.Commit()
}

func (x write) put(txn *badger.Txn) error {
	if x.gone {
		return txn.Delete(x.key)
	}
	return txn.Set(x.key, x.value)
}

// commitParts is commit of any number of writes. An error leaves the database unreadable until it is opened again: nobody
// must go on with a part, nor write anything else while what is to be written may be on disk.
func (d *DB) commitParts(w *writes) error {
	d.parts.Lock()
	defer d.parts.Unlock()
	d.parted++
	if d.torn = d.announce(w); d.torn == nil {
		d.torn = d.writeParts(w)
	}
	return d.torn
}

// announce writes the row of what writeParts is about to write. A database in memory, which nobody opens again, needs none.
func (d *DB) announce(w *writes) error {
	if d.badger.Opts().InMemory {
		return nil
	}
	redo := &writes{}
	redo.set(write{key: []byte(redoKey), value: w.encode()})
	return d.commitWhole(redo)
}

// writeParts writes in as many transactions as it takes, and then takes the row of what they write away.
func (d *DB) writeParts(w *writes) error {
	txn := d.badger.NewTransaction(true)
	defer func() { txn.Discard() }()
	put := func(x write) error {
		err := x.put(txn)
		if !errors.Is(err, badger.ErrTxnTooBig) {
			return err
		}
		if err := txn.Commit(); err != nil {
			return err
		}
		txn = d.badger.NewTransaction(true)
		return x.put(txn)
	}
	if err := w.each(put); err != nil {
		return err
	}
	if err := put(write{key: []byte(redoKey), gone: true}); err != nil {
		return err
	}
	return txn.Commit()
}

// redo writes what is missing of a transaction in parts, if the process ended in the middle of one.
func (d *DB) redo() error {
	tx := d.View()
	defer tx.Discard()
	var w *writes
	found := tx.get([]byte(redoKey), func(b []byte) (err error) { w, err = decodeWrites(b); return err })
	if !found {
		return tx.Err()
	}
	if err := d.writeParts(w); err != nil {
		return fmt.Errorf("writing the rest of a transaction: %w", err)
	}
	return nil
}

// encode is writes as one value: of each the lengths of its key and of its value, which for a deleted key is 0 and else one
// more than it is, as varints, and both.
func (w *writes) encode() (b []byte) {
	_ = w.each(func(x write) error { // visits do not fail
		b = binary.AppendUvarint(b, uint64(len(x.key)))
		if x.gone {
			b = append(binary.AppendUvarint(b, 0), x.key...)
			return nil
		}
		b = append(binary.AppendUvarint(b, uint64(len(x.value))+1), x.key...)
		b = append(b, x.value...)
		return nil
	})
	return b
}

var errRedo = errors.New("the row of a transaction in parts cannot be read; restore the state, or make it anew from the journal")

// decodeWrites reads what encode wrote of at least one write. Badger gives nothing, and no error, for a value that its log has lost.
func decodeWrites(b []byte) (*writes, error) {
	if len(b) == 0 {
		return nil, errRedo
	}
	w := &writes{}
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		b = b[max(n, 0):]
		value, m := binary.Uvarint(b)
		b = b[max(m, 0):]
		x := write{gone: value == 0}
		size := max(value, 1) - 1
		if n <= 0 || m <= 0 || key > uint64(len(b)) || size > uint64(len(b))-key {
			return nil, errRedo
		}
		x.key, x.value = append([]byte{}, b[:key]...), append([]byte{}, b[key:key+size]...)
		w.set(x)
		b = b[key+size:]
	}
	return w, nil
}
