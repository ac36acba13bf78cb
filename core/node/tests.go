package node

import (
	"slices"
	"sync"
	"time"
)

// tests count the test messages that were sent a while ago.
type tests struct {
	mu   sync.Mutex
	sent []time.Time // in the last testsPer
}

// allow says whether one more may be sent now, and counts it.
func (t *tests) allow(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = slices.DeleteFunc(t.sent, func(at time.Time) bool { return now.Sub(at) >= testsPer })
	if len(t.sent) >= maxTests {
		return false
	}
	t.sent = append(t.sent, now)
	return true
}
