package node

import (
	"context"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// Release takes over what is held of a source's readings, or drops it (console.Backend). What was held when it was looked at
// is released, and nothing that was held since.
func (n *Node) Release(ctx context.Context, name core.WorkspaceName, source core.SourceName, drop bool) (ok bool, err error) {
	w, found := n.workspace(name)
	if !found {
		return false, nil
	}
	var entries []wire.Entry
	err = w.view(func(tx *db.Tx) {
		for _, kind := range []core.ReadingKind{core.ReadingFull, core.ReadingPoll} {
			if h, _ := db.Holds.Get(tx, db.ReadingKey{Source: source, Kind: kind}); h.Since != 0 {
				entries = append(entries, wire.Release{Source: source, Reading: kind, Since: h.Since, Drop: drop})
			}
		}
	})
	if err != nil || len(entries) == 0 {
		return false, err
	}
	return true, w.append(ctx, 0, entries...)
}

// ReadNow has a source's API read at once (console.Backend): all of it, or what may differ. A feed is always read as a whole.
func (n *Node) ReadNow(ctx context.Context, name core.WorkspaceName, source core.SourceName, all bool) (ok bool, err error) {
	w, found := n.workspace(name)
	if !found {
		return false, nil
	}
	s := w.machine.Sources()[source]
	if s.API.URL == "" {
		return false, nil
	}
	kind := core.ReadingPoll
	if all || s.API.Full == 0 {
		kind = core.ReadingFull
	}
	return true, w.append(ctx, 0, wire.Read{Source: source, Reading: kind})
}
