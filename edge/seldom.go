package edge

import (
	"sync/atomic"
	"time"
)

// complainEvery is how often the log says again what goes wrong with every request.
const complainEvery = 10 * time.Second

// seldom lets something through now and then. The zero value lets the first through.
type seldom struct{ last atomic.Int64 } // ns since 1970

func (s *seldom) due() bool {
	now, last := time.Now().UnixNano(), s.last.Load()
	since := time.Duration(now - last)
	lately := since >= 0 && since <= complainEvery // a clock that was put back says nothing
	return !lately && s.last.CompareAndSwap(last, now)
}
