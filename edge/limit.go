package edge

import (
	"hash/maphash"
	"sync"
	"time"
)

// limiter is GCRA (ITU-T I.371): each key has a theoretical arrival time; a request that comes more than the burst
// ahead of it is refused. A key costs one number. Keys are hashes: two that fall together share a limit, which at 64
// bits with a secret seed nobody can bring about.
type limiter struct {
	interval time.Duration // between requests, once the burst is used up; 0: no limit
	burst    time.Duration // how far ahead a key may be: (requests at once - 1) * interval
	seed     maphash.Seed
	shards   [limiterShards]limiterShard
}

// Bounds of what a limiter keeps in memory: about 16 MB.
const (
	limiterShards  = 64
	keysPerShard   = 4096
	evictionSample = 8 // keys that are looked at to make room
)

type limiterShard struct {
	mu   sync.Mutex
	when map[uint64]time.Duration // theoretical arrival time since begin; guarded by mu
	_    [40]byte                 // shards on cache lines of their own
}

// newLimiter allows a key so many requests in a span of time, and as many at once; 0: any number.
func newLimiter(requests int, span time.Duration) *limiter {
	l := &limiter{seed: maphash.MakeSeed()}
	if requests > 0 {
		l.interval = span / time.Duration(requests)
		l.burst = span - l.interval
	}
	for i := range l.shards {
		l.shards[i].when = map[uint64]time.Duration{}
	}
	return l
}

// allow takes a request at the time now (since any fixed moment). When it is refused, wait says for how long.
func (l *limiter) allow(key []byte, now time.Duration) (wait time.Duration) {
	if l.interval == 0 {
		return 0
	}
	h := maphash.Bytes(l.seed, key)
	s := &l.shards[h%limiterShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	at, known := s.when[h]
	at = max(at, now)
	if ahead := at - now; ahead > l.burst {
		return ahead - l.burst
	}
	if !known && len(s.when) >= keysPerShard {
		s.evict(now)
	}
	s.when[h] = at + l.interval
	return 0
}

// giveBack takes back a request that was allowed and came to nothing.
func (l *limiter) giveBack(key []byte) {
	h := maphash.Bytes(l.seed, key)
	s := &l.shards[h%limiterShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, known := s.when[h]; known {
		s.when[h] = at - l.interval
	}
}

// evict makes room: of a few keys, in the map's own random order, those that are no longer ahead go, and at least the
// one that is least ahead. Who floods us with ever new keys only forgets himself.
func (s *limiterShard) evict(now time.Duration) {
	seen, least := 0, uint64(0)
	leastAt := time.Duration(1<<63 - 1)
	for h, at := range s.when {
		if at <= now {
			delete(s.when, h)
		} else if at < leastAt {
			least, leastAt = h, at
		}
		if seen++; seen == evictionSample {
			break
		}
	}
	if len(s.when) >= keysPerShard {
		delete(s.when, least)
	}
}
