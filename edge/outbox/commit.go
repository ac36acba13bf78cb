package outbox

import (
	"errors"
	"fmt"
	"os"

	"restock/core"
)

// committer is what the committing goroutine alone knows.
type committer struct {
	lasts   map[core.WorkspaceName]uint64 // number of each workspace's last entry
	current *segment                      // nil: the next commit begins a new one
	before  uint64                        // the last segment that was committed to, and where it ends
	end     int64
	payload []byte // of the commit that is being made
	bytes   []byte // what is written
	unmoved string // why the last move failed; it is said once
}

// sealBytes bounds what encryption adds to a payload.
const sealBytes = 16

// commit numbers a group, writes and syncs it as one record. When that fails the numbers are given again: nobody has
// seen them.
func (o *Outbox) commit(g *group) error {
	c := &o.committer
	for i := range g.blocks {
		g.blocks[i].first = c.lasts[g.blocks[i].workspace] + 1
	}
	s, err := o.place(g.blocks)
	if err != nil {
		return err
	}
	if err := o.write(s); err != nil {
		return err
	}
	o.settle(s, g.blocks)
	o.commits.Add(1)
	o.entries.Add(uint64(g.entries))
	return nil
}

// write writes and syncs the payload as a segment's next record.
func (o *Outbox) write(s *segment) error {
	c := &o.committer
	c.bytes = appendRecord(c.bytes[:0], s.id, s.end, s.seal.close(c.payload, s.end))
	if err := o.config.write(s, c.bytes, s.end); err != nil {
		o.abandon(s)
		return fmt.Errorf("writing outbox: %w", err)
	}
	return nil
}

// place makes the payload and finds the segment for it: the current one, or a new one when there is none or it is full.
// In a new one the payload tells what was before.
func (o *Outbox) place(blocks []block) (*segment, error) {
	c := &o.committer
	c.payload = appendBlocks(append(c.payload[:0], kindEntries), blocks)
	if c.current != nil && c.current.end+c.need() <= c.current.size {
		return c.current, nil
	}
	return o.begin(c.lasts, blocks)
}

// begin makes the payload that a new segment begins with; lasts is what it tells of the log before.
func (o *Outbox) begin(lasts map[core.WorkspaceName]uint64, blocks []block) (*segment, error) {
	c := &o.committer
	s, err := o.next()
	if err != nil {
		return nil, err
	}
	c.payload = appendBlocks(appendBegin(c.payload[:0], begin{c.before, c.end, lasts}), blocks)
	if err := o.extend(s, s.end+c.need()); err != nil {
		return nil, errors.Join(fmt.Errorf("making a segment larger: %w", err), s.drop())
	}
	c.current = s
	return s, nil
}

// need is how many bytes a record with the payload takes at most.
func (c *committer) need() int64 { return recordHead + int64(len(c.payload)) + sealBytes }

// next takes the segment that was prepared. Why there was none may have been some time ago: then it asks once more.
func (o *Outbox) next() (*segment, error) {
	p := <-o.ready
	if p.err != nil {
		p = <-o.ready
	}
	return p.segment, p.err
}

// abandon leaves a segment that could not be written. What came to its disk of this commit is not known, so nothing more
// is written there: the next segment tells where this one ends.
func (o *Outbox) abandon(s *segment) {
	o.committer.current = nil
	if s.number != o.committer.before {
		_ = s.drop() // nothing of it was committed; what remains of the file is passed over
	}
}

// settle makes a commit known: to readers, and to who waits for the workspaces' entries.
func (o *Outbox) settle(s *segment, blocks []block) {
	c := &o.committer
	o.mu.Lock()
	o.hold(s, blocks)
	o.mu.Unlock()
	c.before, c.end = s.number, s.end
	for i := range blocks {
		b := &blocks[i]
		c.lasts[b.workspace] = b.last()
		o.config.Wrote(b.workspace, b.last())
	}
}

// hold notes what was written; callers have locked mu.
func (o *Outbox) hold(s *segment, blocks []block) {
	at := s.end
	if s.number != o.committer.before {
		o.segments = append(o.segments, s)
	}
	s.end += int64(len(o.committer.bytes))
	for i := range blocks {
		s.note(&blocks[i], at)
	}
}

// extend makes room up to a size for a record that is larger than a segment.
func (o *Outbox) extend(s *segment, size int64) error {
	if size <= s.size {
		return nil
	}
	if err := o.config.Room(); err != nil {
		return err
	}
	if err := writeZeros(s.file, s.size, size); err != nil {
		return err
	}
	s.size = size
	return s.file.Sync()
}

// drop takes away a segment that nothing was committed to.
func (s *segment) drop() error {
	return errors.Join(s.file.Close(), os.Remove(s.path))
}

// prepareAll keeps the next segment ready, so that no commit waits for its making.
func (o *Outbox) prepareAll() {
	defer close(o.prepared)
	for {
		s, err := o.prepare()
		select {
		case o.ready <- prepared{s, err}:
		case <-o.quit:
			if s != nil {
				_ = s.file.Close() // nothing was written to it
			}
			return
		}
	}
}

// prepare makes a segment of a spare one, or of new disk space.
func (o *Outbox) prepare() (*segment, error) {
	o.mu.Lock()
	o.number++
	number, spare := o.number, ""
	if n := len(o.spares); n > 0 {
		spare, o.spares = o.spares[n-1], o.spares[:n-1]
	}
	o.mu.Unlock()
	if spare == "" {
		if err := o.config.Room(); err != nil {
			return nil, err
		}
	}
	return writeSegment(o.config.Dir, spare, number, o.config.segment, o.config.Key)
}
