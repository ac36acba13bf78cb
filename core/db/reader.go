package db

import (
	"github.com/dgraph-io/badger/v4"

	"restock/core"
	"restock/core/wire"
)

// Reader reads the pasts of many contacts, best in the order of their ids: it keeps its place in the tables, where finding it
// anew costs more than what stands there. Whoever has one closes it before its transaction ends.
type Reader struct {
	tx                      *Tx
	activities, occurrences *badger.Iterator
}

// Reader is one of a View; of a transaction that may write it is nil, which has no room for one.
func (tx *Tx) Reader() *Reader {
	if tx.writes != nil {
		return nil
	}
	at := func(letter byte) *badger.Iterator {
		o := badger.DefaultIteratorOptions
		o.Prefix, o.PrefetchValues = []byte{letter}, false
		return tx.txn.NewIterator(o)
	}
	return &Reader{tx, at(Activities.letter), at(Occurrences.letter)}
}

// Close ends the reader; one that is nil needs none.
func (r *Reader) Close() {
	if r != nil {
		r.activities.Close()
		r.occurrences.Close()
	}
}

// ActivitiesOf is ActivitiesOf.
func (r *Reader) ActivitiesOf(c core.ContactID, visit func(core.Activity) bool) {
	read(r.tx, r.activities, id([]byte{Activities.letter}, c), visit)
}

// OccurrencesOf is OccurrencesOf.
func (r *Reader) OccurrencesOf(c core.ContactID, visit func(core.Occurrences) bool) {
	read(r.tx, r.occurrences, id([]byte{Occurrences.letter}, c), visit)
}

// read walks the values under a prefix.
func read[V any](tx *Tx, it *badger.Iterator, prefix []byte, visit func(V) bool) {
	for it.Seek(prefix); tx.err == nil && it.ValidForPrefix(prefix); it.Next() {
		var v V
		tx.fail(it.Item().Value(func(b []byte) error { return wire.Unmarshal(b, &v) }))
		if tx.err == nil && !visit(v) {
			return
		}
	}
}
