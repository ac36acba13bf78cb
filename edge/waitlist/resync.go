package waitlist

import (
	"context"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"

	"restock/core"
	"restock/core/wire"
)

// resyncWorkers add at once, so that a resync fills commits without crowding out shoppers.
const resyncWorkers = 32

// Resync puts every capture of the waitlist into the outbox once more, for a core that lost some of them. The core takes
// what it does not know and passes over what it knows or has closed. progress is told how many were added, now and then.
func (s *Store) Resync(ctx context.Context, progress func(done int)) (done int, err error) {
	work := make(chan resync)
	failed := make(chan error, resyncWorkers)
	var workers sync.WaitGroup
	for range resyncWorkers {
		workers.Go(func() {
			for r := range work {
				if err := s.Add(r.workspace, r.raw); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	err = s.badger.View(func(tx *badger.Txn) error {
		var stopped error
		reading := each(tx, []byte{'w'}, nil, func(key, value []byte) bool {
			select {
			case work <- resync{core.WorkspaceName(key[2 : 2+key[1]]), value}:
				if done++; done%1000 == 0 {
					progress(done)
				}
			case stopped = <-failed:
			case <-ctx.Done():
				stopped = ctx.Err()
			}
			return stopped == nil
		})
		if stopped != nil {
			return stopped
		}
		return reading
	})
	close(work)
	workers.Wait()
	select {
	case late := <-failed:
		err = late
	default:
	}
	if err != nil {
		return done, fmt.Errorf("sending the waitlist again: %w", err)
	}
	return done, nil
}

// resync is a capture that is sent again.
type resync struct {
	workspace core.WorkspaceName
	raw       wire.Raw
}
