package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/journal"
	"restock/core/sign"
	"restock/core/wire"
)

// How long a new link key rests before it seals: edges that are cut off meanwhile would not open what it sealed, and an unsubscribe that
// nobody can read is lost. And how long what is known of the keys holds: another node may have rotated them.
const (
	linkKeyRests = core.Day
	linkKeysHold = time.Minute
)

// linkKeys are the keys that links are sealed with, as edges are told them. The newest that has rested seals, all of them open.
type linkKeys struct {
	conn *journal.Conn

	mu     sync.Mutex // guards what follows
	ring   sign.Ring
	readAt time.Time
}

// open reads the keys, making the first when there is none.
func (l *linkKeys) open(ctx context.Context, conn *journal.Conn) error {
	l.conn = conn
	keys, err := l.read(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		keys = []wire.RingKeyBytes{newLinkKey(1, 0)}
		if err := l.write(ctx, keys); err != nil {
			return err
		}
	}
	return l.take(keys, time.Now())
}

// current is the ring to seal with. Where the keys cannot be read, those known hold.
func (l *linkKeys) current(ctx context.Context) sign.Ring {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if now.Sub(l.readAt) > linkKeysHold {
		l.readAt = now
		if keys, err := l.read(ctx); err == nil && len(keys) > 0 {
			_ = l.takeLocked(keys, now) // keys that make no ring change nothing
		}
	}
	return l.ring
}

// rotate adds a key, which seals when it has rested, and lets go of the oldest when there are too many. With drop it seals at once and
// is the only one: no link in a message that was sent opens any more.
func (l *linkKeys) rotate(ctx context.Context, drop bool, now time.Time) ([]wire.RingKeyBytes, error) {
	keys, err := l.read(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(keys); n > 0 && !drop && core.TimeOf(now).Since(keys[n-1].Since) < linkKeyRests {
		var bad core.InvalidError
		bad.Add("links", "the last key was made less than a day ago, and does not seal yet; with drop all others go at once")
		return nil, bad.OrNil()
	}
	keys = append(keys, newLinkKey(freeID(keys), core.TimeOf(now)))
	if drop {
		keys = keys[len(keys)-1:]
	}
	keys = keys[max(0, len(keys)-sign.MaxKeys):]
	if err := l.write(ctx, keys); err != nil {
		return nil, err
	}
	return keys, l.take(keys, now)
}

func newLinkKey(id uint8, since core.Time) wire.RingKeyBytes {
	k := wire.RingKeyBytes{ID: id, Key: make([]byte, 32), Since: since}
	_, _ = rand.Read(k.Key) // never fails (crypto/rand)
	return k
}

// freeID is the id after the newest key's, passing over those in use.
func freeID(keys []wire.RingKeyBytes) (id uint8) {
	if n := len(keys); n > 0 {
		id = keys[n-1].ID
	}
	for id++; slices.ContainsFunc(keys, func(k wire.RingKeyBytes) bool { return k.ID == id }); id++ {
		continue
	}
	return id
}

func (l *linkKeys) read(ctx context.Context) ([]wire.RingKeyBytes, error) {
	var keys wire.RingKeys
	b, err := l.conn.Get(ctx, wire.RingKey)
	if err == nil && b != nil {
		err = wire.Unmarshal(b, &keys)
	}
	if err != nil {
		return nil, fmt.Errorf("reading link keys: %w", err)
	}
	return keys.Keys, nil
}

func (l *linkKeys) write(ctx context.Context, keys []wire.RingKeyBytes) error {
	b, err := wire.Marshal(wire.RingKeys{Keys: keys})
	if err != nil {
		return err
	}
	return l.conn.Put(ctx, wire.RingKey, b)
}

func (l *linkKeys) take(keys []wire.RingKeyBytes, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.takeLocked(keys, now)
}

func (l *linkKeys) takeLocked(keys []wire.RingKeyBytes, now time.Time) error {
	seals := sealing(keys, core.TimeOf(now))
	if seals < 0 {
		return errors.New("reading link keys: there are none")
	}
	all := []sign.Key{{ID: keys[seals].ID, Secret: keys[seals].Key}}
	for i, k := range keys {
		if i != seals {
			all = append(all, sign.Key{ID: k.ID, Secret: k.Key})
		}
	}
	ring, err := sign.NewRing(all...)
	if err == nil {
		l.ring, l.readAt = ring, now
	}
	return err
}

// sealing is which key seals: the newest that has rested, else the oldest; -1: there is none.
func sealing(keys []wire.RingKeyBytes, now core.Time) int {
	for i, k := range slices.Backward(keys) {
		if i == 0 || now.Since(k.Since) >= linkKeyRests {
			return i
		}
	}
	return -1
}

// RotateLinks makes a new key for links (console.Backend).
func (n *Node) RotateLinks(ctx context.Context, drop bool) (all []console.LinkKeyReport, err error) {
	now := time.Now()
	keys, err := n.linkKeys.rotate(ctx, drop, now)
	if err != nil {
		return nil, err
	}
	return linkKeyReports(keys, core.TimeOf(now)), nil
}

// LinkKeys are the keys that links are sealed with (console.Backend).
func (n *Node) LinkKeys(ctx context.Context) ([]console.LinkKeyReport, error) {
	keys, err := n.linkKeys.read(ctx)
	return linkKeyReports(keys, core.TimeOf(time.Now())), err
}

func linkKeyReports(keys []wire.RingKeyBytes, now core.Time) (all []console.LinkKeyReport) {
	seals := sealing(keys, now)
	for i, k := range keys {
		r := console.LinkKeyReport{ID: int(k.ID), Made: exportTime(k.Since), Seals: i == seals}
		if i > seals {
			r.SealsFrom = k.Since.Add(linkKeyRests).String()
		}
		all = append(all, r)
	}
	return all
}
