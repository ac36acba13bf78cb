package outbox

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"restock/core"
)

// Bounds of what is committed at once and kept beside the log.
const (
	maxGroupBytes = 512 << 10 // of a group, before its last entry; more wait in Add
	maxEntryBytes = 16 << 20  // of an entry; with a group before it, it is far below maxPayload
	maxSpares     = 2         // segments that are kept to be used again; more are deleted
)

// Config is how an outbox is opened.
type Config struct {
	Dir    string
	Key    []byte                                  // encrypts what lies on disk; empty: as it is
	Marked map[core.WorkspaceName]uint64           // what the core has applied: numbering goes on behind it
	Room   func() error                            // asked before disk space is taken; nil: there always is
	Wrote  func(w core.WorkspaceName, last uint64) // told by the committer before it answers; nil: nobody
	Log    *slog.Logger

	// What tests change: segments that are soon full, and a disk that fails.
	segment int64                                          // size of segments, in bytes; 0: segmentBytes
	many    int                                            // segments beyond which entries are moved; 0: manySegments
	write   func(s *segment, b []byte, offset int64) error // writes and syncs a record; nil: segment.write
}

// complete puts what is usual where nothing is given.
func (c *Config) complete() {
	if c.Room == nil {
		c.Room = func() error { return nil }
	}
	if c.Wrote == nil {
		c.Wrote = func(core.WorkspaceName, uint64) {}
	}
	if c.segment == 0 {
		c.segment = segmentBytes
	}
	if c.many == 0 {
		c.many = manySegments
	}
	if c.write == nil {
		c.write = (*segment).write
	}
}

// Outbox is the log. All methods may be called at once.
type Outbox struct {
	config Config

	adding  sync.Mutex // guards the fields below
	added   *sync.Cond // an entry is there, or the outbox is closing
	taken   *sync.Cond // there is room in pending, or the outbox is closing
	pending *group
	moving  moving // what is to be moved to the log's end; nil: nothing
	ending  bool

	committer committer
	committed chan struct{} // closed when the committer has ended
	ready     chan prepared // the next segment, or why there is none
	quit      chan struct{} // closed to end the preparer
	prepared  chan struct{} // closed when the preparer has ended

	commits, entries, moves atomic.Uint64

	mu       sync.Mutex // guards the fields below, and what segments hold
	segments []*segment // ascending; the committer writes to the last
	spares   []string   // files that can be used again
	number   uint64     // of the last segment that was made
}

// prepared is a segment that can be written to.
type prepared struct {
	segment *segment
	err     error
}

// Open opens or makes the log in a folder, and finds what it holds. ErrDamaged means that what was acknowledged cannot
// be read any more.
func Open(c Config) (*Outbox, error) {
	if err := errors.Join(os.MkdirAll(c.Dir, 0o700), syncDir(filepath.Dir(c.Dir))); err != nil {
		return nil, fmt.Errorf("opening outbox: %w", err)
	}
	c.complete()
	o := &Outbox{
		config: c, committer: committer{lasts: map[core.WorkspaceName]uint64{}}, pending: &group{done: make(chan struct{})},
		committed: make(chan struct{}), ready: make(chan prepared), quit: make(chan struct{}), prepared: make(chan struct{}),
	}
	o.added, o.taken = sync.NewCond(&o.adding), sync.NewCond(&o.adding)
	maps.Copy(o.committer.lasts, c.Marked)
	if err := o.recover(); err != nil {
		return nil, fmt.Errorf("opening outbox in %s: %w", c.Dir, err)
	}
	go o.prepareAll()
	go o.commitAll()
	return o, nil
}

// Close waits for what was added and ends the log; Add fails from here on.
func (o *Outbox) Close() error {
	o.adding.Lock()
	already := o.ending
	o.ending = true
	o.added.Broadcast()
	o.taken.Broadcast()
	o.adding.Unlock()
	if already {
		return nil
	}
	<-o.committed
	close(o.quit)
	<-o.prepared
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for _, s := range o.segments {
		errs = append(errs, s.file.Close())
	}
	return errors.Join(errs...)
}

// Lasts are the numbers of the workspaces' last entries as Open found them; it must be called before anything is added.
func (o *Outbox) Lasts() map[core.WorkspaceName]uint64 {
	lasts := map[core.WorkspaceName]uint64{}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.segments {
		for w, last := range s.lasts {
			lasts[w] = last
		}
	}
	return lasts
}

// Committed is how many commits there were since the log was opened, each with one sync, and how many entries were in them.
func (o *Outbox) Committed() (commits, entries uint64) { return o.commits.Load(), o.entries.Load() }
