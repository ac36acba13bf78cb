package edge

import (
	"os"
	"runtime"
)

// SpareProcessor gives Go's scheduler one processor more than there are, unless GOMAXPROCS says otherwise: the committer
// is in a sync most of the time, and until the scheduler notices (it looks every 20 µs and more) the processor that it
// held runs nothing. A program that runs an edge calls it once, at its start.
func SpareProcessor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}
