package waitlist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"

	"restock/core"
	"restock/core/wire"
)

// Forget lets go of every capture that an address made up to a time, and of those that enter the waitlist later: the order
// is synced to disk before it is carried out, and stays. An order that is known already changes nothing.
func (s *Store) Forget(w core.WorkspaceName, f core.Forget) error {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	s.forgets(w, f.Before)
	before, known, err := s.order(w, f)
	if err == nil && !known {
		err = s.carryOut(forgetKey(w, f.Tag), before)
	}
	if err != nil {
		return fmt.Errorf("forgetting what an address captured: %w", err)
	}
	return nil
}

// order keeps an order, synced, and says up to when the address is to be forgotten by now; known says that this was done
// before.
func (s *Store) order(w core.WorkspaceName, f core.Forget) (before core.Time, known bool, err error) {
	if err := s.room.check(time.Now()); err != nil {
		return 0, false, err
	}
	err = s.badger.Update(func(tx *badger.Txn) error {
		last, done, err := forgetsAt(tx, w, f.Tag)
		before = max(last, f.Before)
		if known = done && last == before; known || err != nil {
			return err
		}
		return tx.Set(forgetKey(w, f.Tag), encodeOrder(before, false))
	})
	if known || err != nil {
		return before, known, err
	}
	return before, false, s.sync()
}

// forgetPage is how many captures one transaction lets go of.
const forgetPage = 1000

// carryOut deletes what an order is about, and notes that it was done; key is the order's. It is not synced: what is lost
// with the power is the deletion together with the note, and then forgetRest does both.
func (s *Store) carryOut(key []byte, before core.Time) error {
	about := append([]byte{'w'}, key[1:]...)
	for {
		var old [][]byte
		err := s.badger.View(func(tx *badger.Txn) error {
			return each(tx, about, nil, func(record, value []byte) bool {
				if capturedAt(wire.Raw(value)) <= before {
					old = append(old, record)
				}
				return len(old) < forgetPage
			})
		})
		if err == nil {
			err = s.badger.Update(func(tx *badger.Txn) error { return forgetThese(tx, old, key, before) })
		}
		if err != nil || len(old) < forgetPage {
			return err
		}
	}
}

// forgetThese deletes a page of records; behind the last page the order is done.
func forgetThese(tx *badger.Txn, records [][]byte, key []byte, before core.Time) error {
	for _, k := range records {
		if err := tx.Delete(k); err != nil {
			return err
		}
	}
	if len(records) == forgetPage {
		return nil
	}
	return tx.Set(key, encodeOrder(before, true))
}

// forgetRest carries out the orders that a crash left half done.
func (s *Store) forgetRest() error {
	orders := map[string]core.Time{}
	err := s.badger.View(func(tx *badger.Txn) error {
		return each(tx, []byte{'f'}, nil, func(key, value []byte) bool {
			if before, done := decodeOrder(value); !done {
				orders[string(key)] = before
			}
			return true
		})
	})
	for key, before := range orders {
		err = errors.Join(err, s.carryOut([]byte(key), before))
	}
	return err
}

func forgetKey(w core.WorkspaceName, tag core.AddressTag) []byte {
	return append(lineKey('f', w), tag[:]...)
}

// forgetsAt is up to when an address's captures are to be forgotten, 0 when they are not, and whether that was done.
func forgetsAt(tx *badger.Txn, w core.WorkspaceName, tag core.AddressTag) (before core.Time, done bool, err error) {
	item, err := tx.Get(forgetKey(w, tag))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return 0, false, nil
	}
	if err == nil {
		err = item.Value(func(b []byte) error { before, done = decodeOrder(b); return nil })
	}
	return before, done, err
}

func encodeOrder(before core.Time, done bool) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(before))
	if done {
		return append(b, 1)
	}
	return append(b, 0)
}

func decodeOrder(b []byte) (before core.Time, done bool) {
	return core.Time(binary.BigEndian.Uint64(b)), b[8] == 1
}
