package outbox

import (
	"maps"
	"slices"

	"restock/core"
	"restock/core/wire"
)

// manySegments is how many segments the log may have before the little that is not marked in the older half of them is
// moved: 128 MiB. What is moved fits a segment (movable), so that it costs a sixteenth of what was written at most.
const manySegments = 16

// moving is what the committer is asked to move: all entries of these workspaces behind their marks.
type moving map[core.WorkspaceName]uint64

// movable is how many bytes of entries are moved at most: as one record, since half a move would be none.
func (c *Config) movable() int64 { return c.segment / 4 * 3 }

// holders are the workspaces that keep the older half of a long log, and their marks; nil when the log is short, or what
// they keep is too much to be moved. Callers have locked mu.
func (o *Outbox) holders(marked func(core.WorkspaceName) uint64) moving {
	if len(o.segments) <= o.config.many {
		return nil
	}
	held := moving{}
	for _, s := range o.segments[:len(o.segments)/2] {
		for w, last := range s.lasts {
			if mark := marked(w); last > mark {
				held[w] = mark
			}
		}
	}
	var size int64
	for _, s := range o.segments {
		for w, mark := range held {
			if s.lasts[w] > mark {
				size += s.sizes[w]
			}
		}
	}
	if len(held) == 0 || size > o.config.movable() {
		return nil
	}
	return held
}

// requestMove asks the committer.
func (o *Outbox) requestMove(m moving) {
	if m == nil {
		return
	}
	o.adding.Lock()
	defer o.adding.Unlock()
	o.moving = m
	o.added.Signal()
}

// move writes workspaces' entries behind their marks once more, under their numbers, as what a new segment begins with; it
// tells that before it only what is marked was there of them. Until that record is on disk the log is as it was; from then
// on the entries' old places mean nothing. It happens between commits, so that no entry comes in between.
func (o *Outbox) move(m moving) {
	c := &o.committer
	err := o.tryMove(m)
	if err == nil {
		c.unmoved = ""
		o.moves.Add(1)
		return
	}
	if err.Error() != c.unmoved {
		c.unmoved = err.Error()
		o.config.Log.Warn("moving the few entries that keep a long outbox failed; it is tried again with the next mark", "error", err)
	}
}

func (o *Outbox) tryMove(m moving) error {
	c := &o.committer
	lasts := maps.Clone(c.lasts)
	var blocks []block
	for _, w := range slices.Sorted(maps.Keys(m)) {
		b := block{workspace: w, first: m[w] + 1}
		err := o.Read(w, m[w], func(_ uint64, raw wire.Raw) bool {
			b.add(raw)
			return true
		})
		if err != nil {
			return err
		}
		if b.count == 0 || b.last() != c.lasts[w] {
			continue // it was marked and let go of meanwhile
		}
		blocks, lasts[w] = append(blocks, b), m[w]
	}
	if len(blocks) == 0 {
		return nil
	}
	s, err := o.begin(lasts, blocks)
	if err != nil {
		return err
	}
	if err := o.write(s); err != nil {
		return err
	}
	o.settleMove(s, blocks)
	return nil
}

// settleMove makes a move known.
func (o *Outbox) settleMove(s *segment, blocks []block) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range blocks {
		for _, older := range o.segments {
			older.unnote(blocks[i].workspace)
		}
	}
	o.hold(s, blocks)
	o.committer.before, o.committer.end = s.number, s.end
}
