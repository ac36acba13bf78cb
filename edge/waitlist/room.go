package waitlist

import (
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"time"
)

// minFree is the free disk space, in bytes, below which neither Badger nor a new segment of the outbox is written. Badger
// maps its files into memory: writing where the disk has no room is no error then but the end of the process (SIGBUS), so
// there must always be room for what it has opened and for flushing it. The outbox goes on in what it has.
const minFree = 128 << 20

// roomEvery is how often the disk is asked; writers in between rely on the last answer.
const roomEvery = 100 * time.Millisecond

// ErrNoRoom means that the disk is full, or nearly so.
var ErrNoRoom = errors.New("no_room")

// room watches the free space of a folder's disk.
type room struct {
	dir   string
	free  func(dir string) (uint64, error)
	asked atomic.Int64 // when, in ns since 1970
	err   atomic.Pointer[error]
}

// check is an error when the disk has too little room left.
func (r *room) check(now time.Time) error {
	last := r.asked.Load()
	since := time.Duration(now.UnixNano() - last)
	lately := since >= 0 && since <= roomEvery // a clock that was put back says nothing
	if !lately && r.asked.CompareAndSwap(last, now.UnixNano()) {
		err := r.look()
		r.err.Store(&err)
	}
	if err := r.err.Load(); err != nil {
		return *err
	}
	return nil
}

func (r *room) look() error {
	free, err := r.free(r.dir)
	if err != nil {
		return fmt.Errorf("asking for free space: %w", err)
	}
	if free < minFree {
		return fmt.Errorf("%w: %d MiB are free on the disk of %s, and %d are needed: make %d MiB of room on that disk", ErrNoRoom, free>>20, r.dir, minFree>>20, (minFree-free+1<<20-1)>>20)
	}
	return nil
}

// freeOnDisk is the space that is left for this process.
func freeOnDisk(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
