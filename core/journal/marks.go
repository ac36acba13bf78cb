package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"restock/core"
	"restock/core/wire"
)

// ErrFenced means that somebody else has told an edge its mark since Marks was opened: who leads must be found out again
// before any edge is told more.
var ErrFenced = errors.New("mark_fenced: another core node has told this edge its mark")

// Marks tells edges how far the core has applied and synced their entries of one workspace. It overwrites only what it has
// seen: to an edge a mark below an earlier one means that the core was put back, and it would send everything again. A
// leader opens it, then makes sure that it leads, and tells then. So one that does not know yet that it was superseded can
// write nothing over what its successor told. It is for one goroutine.
type Marks struct {
	conn      *Conn
	workspace core.WorkspaceName
	revisions map[string]uint64 // by key; none: nobody has told that edge
}

// OpenMarks sees what edges were told of a workspace.
func (c *Conn) OpenMarks(ctx context.Context, w core.WorkspaceName) (*Marks, error) {
	watcher, err := c.edges.WatchFiltered(ctx, []string{wire.WorkspaceMarks(w)}, jetstream.MetaOnly())
	if err != nil {
		return nil, fmt.Errorf("reading marks: %w", err)
	}
	defer func() { _ = watcher.Stop() }()
	m := &Marks{conn: c, workspace: w, revisions: map[string]uint64{}}
	for {
		select {
		case entry, ok := <-watcher.Updates():
			switch {
			case !ok:
				return nil, errors.New("reading marks: the connection ended")
			case entry == nil: // all that was there has come
				return m, nil
			}
			m.revisions[entry.Key()] = entry.Revision()
		case <-ctx.Done():
			return nil, fmt.Errorf("reading marks: %w", ctx.Err())
		}
	}
}

// Tell tells an edge its mark, or ErrFenced. After any error it is not known whether the edge was told, and telling it
// again may be fenced by that.
func (m *Marks) Tell(ctx context.Context, e core.EdgeID, number uint64) error {
	key := wire.MarkKey(e, m.workspace)
	revision, err := m.conn.edges.Update(ctx, key, binary.BigEndian.AppendUint64(nil, number), m.revisions[key])
	if errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		err = errors.Join(ErrFenced, err)
	}
	if err != nil {
		return fmt.Errorf("telling edge %s its mark: %w", e, err)
	}
	m.revisions[key] = revision
	return nil
}
