package edge

import (
	"sync/atomic"
	"time"
)

// complainEvery is how often the log says again what goes wrong with every request.
const complainEvery = 10 * time.Second

// once lets something through now and then. The zero value lets the first through.
type once struct{ last atomic.Int64 } // ns since 1970

func (o *once) now() bool {
	now, last := time.Now().UnixNano(), o.last.Load()
	return now-last > int64(complainEvery) && o.last.CompareAndSwap(last, now)
}
