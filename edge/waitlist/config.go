package waitlist

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// SetConfig keeps a piece of configuration that came down; a nil value removes it. What is kept as it is costs no sync:
// all of it comes down again whenever the uplink connects.
func (s *Store) SetConfig(key string, value []byte) error {
	k := append([]byte{'c'}, key...)
	if s.keeps(k, value) {
		return nil
	}
	if err := s.room.check(time.Now()); err != nil {
		return fmt.Errorf("keeping configuration %s: %w", key, err)
	}
	err := s.badger.Update(func(tx *badger.Txn) error {
		if value == nil {
			return tx.Delete(k)
		}
		return tx.Set(k, value)
	})
	if err = errors.Join(err, s.sync()); err != nil {
		return fmt.Errorf("keeping configuration %s: %w", key, err)
	}
	return nil
}

// keeps says whether a value lies at a key already; nil: whether nothing does.
func (s *Store) keeps(key, value []byte) (same bool) {
	err := s.badger.View(func(tx *badger.Txn) error {
		item, err := tx.Get(key)
		if err != nil {
			return err
		}
		return item.Value(func(known []byte) error { same = value != nil && bytes.Equal(known, value); return nil })
	})
	return same || value == nil && errors.Is(err, badger.ErrKeyNotFound)
}

// Config hands over every piece of configuration, in order of keys.
func (s *Store) Config(visit func(key string, value []byte)) error {
	return s.badger.View(func(tx *badger.Txn) error {
		return each(tx, []byte{'c'}, nil, func(key, value []byte) bool {
			visit(string(key[1:]), value)
			return true
		})
	})
}

// identityKey is where this edge's id lies.
var identityKey = []byte{'i'}

func encodeNumber(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
