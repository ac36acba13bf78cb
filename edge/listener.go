package edge

import (
	"errors"
	"log/slog"
	"net"
	"syscall"
	"time"
)

// How many connections are held at once: with its buffers one takes some 30 KB, and the disk needs descriptors as well.
const (
	maxConnections  = 32 << 10
	shortagePause   = 50 * time.Millisecond // before the system is asked again for a connection that it had no room for
	connectionShare = 2                     // connections take one of so many descriptors that the process may have
)

// connections is how many may be open at once; those beyond it are answered with 503 and closed.
func connections() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return maxConnections
	}
	return int(min(maxConnections, max(1, limit.Cur/connectionShare)))
}

// patient is a listener that waits while the system is short of descriptors or memory. To fasthttp such an error is the
// end, and whoever opens connections enough would end the edge.
type patient struct {
	net.Listener
	log       *slog.Logger
	complains once
}

// Accept waits for a connection; an error means that there will be none.
func (p *patient) Accept() (net.Conn, error) {
	for {
		c, err := p.Listener.Accept()
		if err == nil || !shortage(err) {
			return c, err
		}
		if p.complains.now() {
			p.log.Error("accepting a connection failed; shoppers wait until others have gone: raise the limit of open files", "error", err)
		}
		time.Sleep(shortagePause)
	}
}

// shortage says whether an error of accept(2) passes by itself.
func shortage(err error) bool {
	for _, passing := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}
