package outbox

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"restock/core"
	"restock/core/wire"
)

// ErrClosed is what Add answers once the outbox is closing.
var ErrClosed = errors.New("outbox is closing")

// group is what was added while the last sync ran: the next commit.
type group struct {
	blocks  []block
	size    int // bytes of the entries
	entries int
	done    chan struct{} // closed when err is set
	err     error
}

// add puts an entry behind the others of its workspace; a group rarely has more than one or two workspaces.
func (g *group) add(w core.WorkspaceName, raw wire.Raw) {
	i := slices.IndexFunc(g.blocks, func(b block) bool { return b.workspace == w })
	if i < 0 {
		i = len(g.blocks)
		g.blocks = g.grow(w)
	}
	g.blocks[i].add(raw)
	g.size += len(raw)
	g.entries++
}

// grow adds a block, using the bytes of one that was there before.
func (g *group) grow(w core.WorkspaceName) []block {
	var bytes []byte
	if len(g.blocks) < cap(g.blocks) {
		bytes = g.blocks[:len(g.blocks)+1][len(g.blocks)].entries
	}
	return append(g.blocks, block{workspace: w, entries: bytes[:0]})
}

// Add puts an entry into the workspace's line. It returns nil when the entry is synced to disk; then the bytes are the
// caller's again. After an error that is not ErrClosed the entry may or may not be kept; it was not acknowledged.
// More than maxEntryBytes are refused.
func (o *Outbox) Add(w core.WorkspaceName, raw wire.Raw) error {
	if len(raw) > maxEntryBytes {
		return fmt.Errorf("adding to outbox: the entry has %d bytes, and at most %d are taken", len(raw), maxEntryBytes)
	}
	o.adding.Lock()
	for o.pending.size >= maxGroupBytes && !o.ending {
		o.taken.Wait()
	}
	if o.ending {
		o.adding.Unlock()
		return ErrClosed
	}
	g := o.pending
	g.add(w, raw)
	if g.entries == 1 {
		o.added.Signal()
	}
	o.adding.Unlock()
	<-g.done
	return g.err
}

// take waits for entries, and takes all that there are, and for something to move; none and nothing when the outbox is
// closing. spent is a group that was answered: its memory is used again.
func (o *Outbox) take(spent *group) (*group, moving) {
	next := &group{done: make(chan struct{})}
	if spent != nil && cap(spent.blocks) > 0 && spent.size <= maxGroupBytes {
		next.blocks = spent.blocks[:0]
	}
	o.adding.Lock()
	defer o.adding.Unlock()
	for o.pending.entries == 0 && o.moving == nil && !o.ending {
		o.added.Wait()
	}
	g, m := o.pending, o.moving
	if o.moving = nil; o.ending {
		m = nil
	}
	if g.entries == 0 {
		return nil, m
	}
	o.pending = next
	o.taken.Broadcast()
	return g, m
}

// commitAll is the committer.
func (o *Outbox) commitAll() {
	defer close(o.committed)
	var spent *group
	for {
		g, m := o.take(spent)
		if g == nil && m == nil {
			return
		}
		if g != nil {
			g.err = o.commit(g)
			close(g.done)
			spent = g
		}
		if m != nil {
			o.move(m)
		}
		runtime.Gosched() // requests that are ready to run join the next group; when there are none this is no wait
	}
}
