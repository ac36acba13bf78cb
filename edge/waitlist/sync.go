package waitlist

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"restock/core"
)

// syncEvery is how long a mark may be in Badger before it is synced and the outbox lets go of what it covers. Until then
// nothing is lost when the power goes: the outbox has it all, and the core tells the mark again.
const syncEvery = 250 * time.Millisecond

// trimmer syncs marks and lets go of what they cover, now and then.
type trimmer struct {
	mu    sync.Mutex
	last  time.Time   // when it last did
	later *time.Timer // set when it is to do so again
	ended bool
}

// trim syncs the marks and lets the outbox go of what they cover: at once, or in a moment when it has just done so.
func (s *Store) trim() error {
	t := &s.trimmer
	t.mu.Lock()
	defer t.mu.Unlock()
	wait := syncEvery - time.Since(t.last)
	switch {
	case t.ended || t.later != nil:
		return nil
	case wait > 0:
		t.later = time.AfterFunc(wait, s.trimLater)
		return nil
	}
	return s.trimNow()
}

func (s *Store) trimLater() {
	t := &s.trimmer
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.later = nil; t.ended {
		return
	}
	if err := s.trimNow(); err != nil {
		s.log.Error("letting go of what the core has applied failed; it is tried with the next mark", "error", err)
	}
}

// trimNow is trim itself; callers hold the trimmer's lock.
func (s *Store) trimNow() error {
	marked := map[core.WorkspaceName]uint64{}
	for _, w := range s.Workspaces() {
		marked[w] = s.stand(w).marked
	}
	if err := s.sync(); err != nil {
		return fmt.Errorf("syncing marks: %w", err)
	}
	s.outbox.Trim(func(w core.WorkspaceName) uint64 { return marked[w] })
	s.trimmer.last = time.Now()
	return nil
}

// end trims for the last time.
func (t *trimmer) end(trim func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return nil
	}
	t.ended = true
	if t.later != nil {
		t.later.Stop()
	}
	return trim()
}

// sync brings what Badger was told to the disk. Badger's own Sync leaves out memtables that are full and not flushed yet;
// their logs are files that it has mapped, and syncing a file brings what was written through its mapping as well
// (fsync(2), mmap(2)). One that is gone meanwhile has become a table, which Badger synced.
func (s *Store) sync() error {
	logs, err := filepath.Glob(filepath.Join(s.dir, "*.mem"))
	if err != nil {
		return err
	}
	for _, name := range logs {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}
