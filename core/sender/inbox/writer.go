package inbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"restock/core"
	"restock/core/sender"
)

// write is the one goroutine that changes the inbox. It takes what calls have come together, writes their lines at
// once, syncs once and answers them.
func (in *Inbox) write() {
	defer close(in.ended)
	for first := range in.calls {
		group, size := []call{first}, len(first.line)
		for len(group) < maxGroup && size < maxGroupSize {
			more, ok := in.waiting()
			if !ok {
				break
			}
			group, size = append(group, more), size+len(more.line)
		}
		in.commit(group)
	}
}

// waiting takes a call that waits already.
func (in *Inbox) waiting() (c call, ok bool) {
	select {
	case c, ok = <-in.calls:
		return c, ok
	default:
		return call{}, false
	}
}

// commit answers a group. When its lines cannot be kept, all of its new messages are temporary: none is in the index,
// and a line that did reach the disk is found by its key at the next Open.
func (in *Inbox) commit(group []call) {
	lines, places := in.plan(group)
	var err error
	if len(lines) > 0 {
		err = in.store(lines, places)
	}
	for _, c := range group {
		if err == nil || in.knows(c.key) { // what was kept may be forgotten again by now
			c.done <- sender.Accepted(c.key, c.key.String())
		} else {
			c.done <- sender.Temporary(c.key, fmt.Sprintf("keeping message: %v", err))
		}
	}
}

// plan joins the lines of the keys that are new; their offsets count from the start of the group.
func (in *Inbox) plan(group []call) (lines []byte, places []*place) {
	fresh := map[core.LedgerKey]bool{}
	for _, c := range group {
		if fresh[c.key] || in.knows(c.key) {
			continue
		}
		fresh[c.key] = true
		places = append(places, &place{key: c.key.String(), to: c.to, at: int64(len(lines)), size: len(c.line)})
		lines = append(lines, c.line...)
	}
	return lines, places
}

func (in *Inbox) knows(key core.LedgerKey) bool {
	in.mu.RLock()
	defer in.mu.RUnlock()
	return in.index[key.String()] != nil
}

// store writes the lines and enters them; readers wait only for the entering.
func (in *Inbox) store(lines []byte, places []*place) error {
	if in.current.size > in.limit {
		if err := in.rotate(); err != nil {
			return err
		}
	}
	start := in.current.size
	if err := in.current.append(lines); err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, p := range places {
		p.in, p.at = in.current, p.at+start
		in.enter(p)
	}
	in.current.places = append(in.current.places, places...)
	return nil
}

// rotate makes the current segment the previous one and begins a new one. A crash in between leaves a folder without
// current segment, which Open makes; an error in between leaves the old one in use, and the next rotate goes on from
// there.
func (in *Inbox) rotate() error {
	next, err := openSegment(in.path(nextName), os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return fmt.Errorf("rotating: %w", err)
	}
	if err := in.rename(); err != nil {
		return errors.Join(fmt.Errorf("rotating: %w", err), next.close())
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.forget(in.previous)
	in.previous, in.current = in.current, next
	return nil
}

func (in *Inbox) rename() error {
	err := os.Rename(in.path(currentName), in.path(previousName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // not there: an earlier rotate came that far
		return err
	}
	if err := os.Rename(in.path(nextName), in.path(currentName)); err != nil {
		return err
	}
	return syncDir(in.dir)
}

// forget drops a segment whose file is gone.
func (in *Inbox) forget(s *segment) {
	if s == nil {
		return
	}
	for _, p := range s.places {
		in.leave(p)
	}
	_ = s.close() // it was only read, and nothing of it is left to lose
}
