package waitlist

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"

	"github.com/dgraph-io/badger/v4"

	"restock/core"
	"restock/core/wire"
)

// newest is what spares looking for what cannot be there: almost every capture is newer than all that is kept, and than all
// orders to forget.
type newest struct {
	kept      core.Time // no capture of the workspace is kept that was made later
	forgotten core.Time // no order to forget is about captures that were made later
}

// keeper keeps a page of a workspace's captures, in one transaction.
type keeper struct {
	tx     *badger.Txn
	w      core.WorkspaceName
	newest newest // with the page's own captures
	before core.Time
	seen   map[who]core.Time // what the page itself has kept
}

// who is an address, and what it asked for.
type who struct {
	address core.AddressTag
	target  [8]byte
}

// keeper begins a page; callers hold keeping.
func (s *Store) keeper(tx *badger.Txn, w core.WorkspaceName) *keeper {
	clear(s.seen)
	n := s.newest[w]
	return &keeper{tx: tx, w: w, newest: n, before: n.kept, seen: s.seen}
}

// end writes down what the next pages need not look for.
func (k *keeper) end() error {
	if k.newest.kept == k.before {
		return nil
	}
	return k.tx.Set(lineKey('t', k.w), encodeNumber(uint64(k.newest.kept)))
}

// keep derives a capture's waitlist record: one per address and target, the last capture wins. What was trapped is not
// kept: it must not take the place of what was not. It says how many bytes it wrote.
func (k *keeper) keep(raw wire.Raw) (size int, err error) {
	e, err := raw.Decode()
	c, ok := e.(wire.Capture)
	if err != nil || !ok || c.Capture.Trapped != "" {
		return 0, nil // a webhook or a link, or nobody: nothing that waits
	}
	t, at := c.Capture.Target, c.Capture.CapturedAt
	what := core.HashOf([]byte(strings.Join([]string{string(t.Source), string(t.Variant), string(t.Product)}, "\x00")))
	id := who{c.Capture.Address().Tag(), [8]byte(what[:8])}
	if at <= k.newest.forgotten {
		if before, _, err := forgetsAt(k.tx, k.w, id.address); err != nil || before != 0 && at <= before {
			return 0, err // erased since
		}
	}
	key := append(append(lineKey('w', k.w), id.address[:]...), id.target[:]...)
	if known, err := k.keptAt(id, key, at); err != nil || known > at {
		return 0, err // sent again, and older than what is kept
	}
	k.seen[id] = at
	k.newest.kept = max(k.newest.kept, at)
	return len(key) + len(raw), k.tx.Set(key, raw)
}

// keptAt is when the capture was made that is kept where one made at a moment would be; 0 when none is, or only an older one.
func (k *keeper) keptAt(id who, key []byte, at core.Time) (core.Time, error) {
	if known, ok := k.seen[id]; ok {
		return known, nil
	}
	if at >= k.before {
		return 0, nil
	}
	return keptAt(k.tx, key)
}

// readNewest finds what is kept and forgotten of each workspace. Where that was not written down, everything is looked for.
func (s *Store) readNewest() error {
	return s.badger.View(func(tx *badger.Txn) error {
		for w, l := range s.lines {
			if l.marked > 0 {
				s.newest[w] = newest{kept: math.MaxInt64}
			}
		}
		err := each(tx, []byte{'t'}, nil, func(key, value []byte) bool {
			s.newest[core.WorkspaceName(key[2:])] = newest{kept: core.Time(binary.BigEndian.Uint64(value))}
			return true
		})
		return errors.Join(err, each(tx, []byte{'f'}, nil, func(key, value []byte) bool {
			before, _ := decodeOrder(value)
			s.forgets(core.WorkspaceName(key[2:2+key[1]]), before)
			return true
		}))
	})
}

// forgets notes an order to forget; callers hold keeping, or are alone.
func (s *Store) forgets(w core.WorkspaceName, before core.Time) {
	n := s.newest[w]
	n.forgotten = max(n.forgotten, before)
	s.newest[w] = n
}
