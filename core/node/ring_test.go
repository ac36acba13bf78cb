package node

import (
	"errors"
	"slices"
	"testing"
	"time"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// edgeRing is the ring as edges have it.
func (r *running) edgeRing() sign.Ring {
	r.t.Helper()
	keys, err := r.linkKeys.read(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	var all []sign.Key
	for _, k := range keys {
		all = append(all, sign.Key{ID: k.ID, Secret: k.Key})
	}
	ring, err := sign.NewRing(all...)
	if err != nil {
		r.t.Fatal(err)
	}
	return ring
}

// TestRotateLinks: a new key is told at once and seals a day later; what was sealed by older ones goes on to open, until there are too many, or
// they are dropped; and a node that starts anew has the same keys.
func TestRotateLinks(t *testing.T) {
	config := settings(t.TempDir())
	r := start(t, config)
	l, ctx := &r.linkKeys, t.Context()
	now := time.Now()
	seal := func() string { return l.ring.Seal(wire.PurposeUnsubscribe, []byte("x"), 0) }
	opens := func(token string) bool {
		_, err := r.edgeRing().Open(wire.PurposeUnsubscribe, token, 0)
		return err == nil
	}
	sealsBy := func(now time.Time) int {
		keys, err := l.read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return int(keys[sealing(keys, core.TimeOf(now))].ID)
	}

	first := seal()
	if _, err := l.rotate(ctx, false, now); err != nil {
		t.Fatal(err)
	}
	if _, err := l.rotate(ctx, false, now.Add(time.Hour)); !isInvalid(err) {
		t.Errorf("a second one within a day: %v", err)
	}
	for after, want := range map[time.Duration]int{0: 1, 23 * time.Hour: 1, 24 * time.Hour: 2} {
		if got := sealsBy(now.Add(after)); got != want {
			t.Errorf("%s after the rotation key %d seals, want %d", after, got, want)
		}
	}
	if second := seal(); !opens(first) || !opens(second) {
		t.Error("a link that was sent does not open after a rotation")
	}
	var links []string
	for n := 1; n <= sign.MaxKeys; n++ {
		now = now.Add(25 * time.Hour)
		if _, err := l.rotate(ctx, false, now); err != nil {
			t.Fatal(err)
		}
		if err := l.take(mustRead(t, l), now.Add(24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		links = append(links, seal())
	}
	if opens(first) || slices.ContainsFunc(links, func(s string) bool { return !opens(s) }) {
		t.Error("the oldest key opens still, or one of the last four does not")
	}
	if _, err := r.RotateLinks(ctx, true); err != nil {
		t.Fatal(err)
	}
	if last := seal(); !opens(last) || slices.ContainsFunc(links, opens) {
		t.Error("keys that were dropped open links, or the new one does not")
	}

	want := l.ring
	r.stop()
	again := start(t, config)
	if _, err := again.linkKeys.ring.Open(wire.PurposeUnsubscribe, want.Seal(wire.PurposeUnsubscribe, nil, 0), 0); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

func mustRead(t *testing.T, l *linkKeys) []wire.RingKeyBytes {
	t.Helper()
	keys, err := l.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func isInvalid(err error) bool { return errors.As(err, new(*core.InvalidError)) }

// TestFreeID: ids differ also when they have gone round.
func TestFreeID(t *testing.T) {
	for _, tt := range []struct {
		has  []uint8
		want uint8
	}{{nil, 1}, {[]uint8{1}, 2}, {[]uint8{0, 1, 255}, 2}, {[]uint8{7, 3}, 4}} {
		var keys []wire.RingKeyBytes
		for _, id := range tt.has {
			keys = append(keys, wire.RingKeyBytes{ID: id})
		}
		if got := freeID(keys); got != tt.want {
			t.Errorf("after %v comes %d, want %d", tt.has, got, tt.want)
		}
	}
}
