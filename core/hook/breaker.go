package hook

import (
	"sync"
	"sync/atomic"

	"restock/core"
)

// The breaker's measures: failures in a row, and how long it then stays open.
const (
	breakAfter = 20
	breakFor   = 30 * core.Second
)

// breaker stops asking a plugin that keeps failing.
type breaker struct {
	now func() core.Time

	failures atomic.Int64 // in a row; written under mu
	mu       sync.Mutex
	until    core.Time // when the next try is due; holds when failures reached breakAfter; guarded by mu
}

// allow says whether the plugin may be asked now. Of those who come when a try is due, the first may; the next try is due
// a while later, whether or not this one ever reports.
func (b *breaker) allow() bool {
	if b.failures.Load() < breakAfter {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now < b.until {
		return false
	}
	b.until = now.Add(breakFor)
	return true
}

// succeed closes the breaker; it says whether it was open.
func (b *breaker) succeed() (wasOpen bool) {
	if b.failures.Load() == 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures.Swap(0) >= breakAfter
}

// fail counts a failure. until is 0 unless this one opened the breaker.
func (b *breaker) fail() (failures int, until core.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.failures.Add(1)
	if n != breakAfter {
		return int(n), 0
	}
	b.until = b.now().Add(breakFor)
	return breakAfter, b.until
}
