package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"restock/core"
	"restock/core/wire"
)

// tellEdges keeps what edges know of the workspace's sources as the state has it.
func (w *workspace) tellEdges(ctx context.Context) error {
	return w.whenever(ctx, func(ctx context.Context) (time.Time, error) {
		if err := errors.Join(w.tellSources(ctx), w.tellSenders(ctx)); err != nil {
			w.log.Error("telling edges of sources and senders failed; it is tried again", "error", err)
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
			missing = append(missing, fmt.Errorf("source %s: a secret is missing, and what needs it will be refused: %w", name, secrets))
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
	if by := s.Widget.Pusher; by != "" {
		key, err := w.node.senders.pushKey(w.machine.Senders()[by])
		if err != nil {
			missing = errors.Join(missing, fmt.Errorf("its widget will not offer Web Push: %w", err))
		}
		e.Widget.PushKey = key
	}
	b, err := wire.Marshal(e)
	if err != nil {
		return missing, err
	}
	return missing, w.node.tell(ctx, wire.SourceKey(s.Name), b)
}

// tellSenders tells edges the senders whose providers post to them. One that posts nothing, any more, is taken back.
func (w *workspace) tellSenders(ctx context.Context) error {
	senders := w.machine.Senders()
	var failed []error
	for _, name := range slices.Sorted(maps.Keys(senders)) {
		if name == core.InboxName {
			continue // every workspace has one
		}
		if err := w.tellSender(ctx, senders[name]); err != nil {
			failed = append(failed, fmt.Errorf("sender %s: what its provider tells will be refused: %w", name, err))
		}
	}
	return errors.Join(failed...)
}

func (w *workspace) tellSender(ctx context.Context, s core.Sender) error {
	e := wire.EdgeSender{Name: s.Name, Workspace: w.name, Kind: s.Kind, URL: wire.PostingURL(w.node.config.PublicURL, s.Name)}
	secret, err := ResolveSecret(postingSecret(s))
	if secret != "" {
		e.Secrets = [][]byte{[]byte(secret)}
	}
	b, err2 := wire.Marshal(e)
	if err2 == nil {
		err2 = w.node.tell(ctx, wire.SenderKey(s.Name), b)
	}
	return errors.Join(err, err2)
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
