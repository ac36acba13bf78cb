package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// tellEdges keeps what edges know of the workspace's sources as the state has it.
func (w *workspace) tellEdges(ctx context.Context) error {
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		if err := w.tellSources(ctx); err != nil {
			w.log.Error("telling edges of the sources failed; it is tried again", "error", err)
			return time.Now().Add(5 * time.Second), ctx.Err()
		}
		return time.Time{}, ctx.Err()
	})
}

// tellSources tells edges each source that they do not know as it is, and once those of all workspaces were told, that
// they know them all. A source whose secret is missing keeps no other source away. Secrets are read here, at the leader: the journal
// only holds where they are kept.
func (w *workspace) tellSources(ctx context.Context) error {
	sources := w.machine.Sources()
	var failed, missing []error
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		secrets, err := w.tellSource(ctx, sources[name])
		if err != nil {
			failed = append(failed, fmt.Errorf("source %s: %w", name, err))
		}
		if secrets != nil {
			missing = append(missing, fmt.Errorf("source %s: its webhooks will be refused: %w", name, secrets))
		}
	}
	if len(failed) == 0 && w.told.CompareAndSwap(false, true) {
		w.node.untold.Add(-1)
	}
	if w.node.untold.Load() == 0 { // those of the other workspaces as well
		failed = append(failed, w.node.tell(ctx, wire.ReadyKey, []byte{1}))
	}
	return errors.Join(append(failed, missing...)...)
}

// tellSource tells edges one source. A secret that is missing keeps its captures away no more than it must: captures need
// none.
func (w *workspace) tellSource(ctx context.Context, s core.Source) (missing, err error) {
	e := wire.EdgeSource{Name: s.Name, Workspace: w.name, Platform: s.Platform, Origins: s.Origins, Region: s.Region, Widget: s.Widget}
	for _, ref := range s.Secrets {
		secret, err := ResolveSecret(ref)
		if err != nil {
			missing = errors.Join(missing, err)
			continue
		}
		e.Secrets = append(e.Secrets, []byte(secret))
	}
	b, err := wire.Marshal(e)
	if err != nil {
		return missing, err
	}
	return missing, w.node.tell(ctx, wire.SourceKey(s.Name), b)
}

// tell puts a key for edges, unless this node has put the same before.
func (n *Node) tell(ctx context.Context, key string, value []byte) error {
	n.toldMu.Lock()
	defer n.toldMu.Unlock()
	if n.told[key] == core.HashOf(value) {
		return nil
	}
	if err := n.conn.Put(ctx, key, value); err != nil {
		return err
	}
	n.told[key] = core.HashOf(value)
	return nil
}

// openRing reads the keys that links are sealed with, making the first when there is none.
func (n *Node) openRing(ctx context.Context) error {
	b, err := n.conn.Get(ctx, wire.RingKey)
	if err != nil {
		return err
	}
	var keys wire.RingKeys
	if b == nil {
		keys.Keys = []wire.RingKeyBytes{{ID: 1, Key: make([]byte, 32)}}
		_, _ = rand.Read(keys.Keys[0].Key) // never fails (crypto/rand)
		if b, err = wire.Marshal(keys); err != nil {
			return err
		}
		if err := n.conn.Put(ctx, wire.RingKey, b); err != nil {
			return err
		}
	} else if err := wire.Unmarshal(b, &keys); err != nil {
		return fmt.Errorf("reading link keys: %w", err)
	}
	ring := make([]sign.Key, len(keys.Keys))
	for i, k := range keys.Keys {
		ring[i] = sign.Key{ID: k.ID, Secret: k.Key}
	}
	n.ring, err = sign.NewRing(ring...)
	return err
}
