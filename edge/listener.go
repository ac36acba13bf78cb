package edge

import (
	"crypto/tls"
	"errors"
	"io"
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
	complains seldom
}

// Accept waits for a connection; an error means that there will be none.
func (p *patient) Accept() (net.Conn, error) {
	for {
		c, err := p.Listener.Accept()
		if err == nil || !shortage(err) {
			return c, err
		}
		if p.complains.due() {
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

// endings is a listener whose connections know whether their peers have ended them.
type endings struct{ net.Listener }

// Accept waits for a connection. One with TLS stays one to fasthttp, which writes nothing to it before its handshake.
func (l endings) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if t, ok := c.(*tls.Conn); ok {
		return &secured{ending{Conn: t}, t}, nil
	}
	return &ending{Conn: c}, nil
}

// ending is a connection that remembers whether more was wanted of it than its peer had sent when it ended it. To fasthttp a
// body in chunks whose connection ends before the last chunk is as whole as one that has it; RFC 9112, section 8, says that
// it is not. It is for one goroutine, as far as reading goes.
type ending struct {
	net.Conn
	ended bool
}

// Read tells of the end by itself only, when nothing is left to be read.
func (c *ending) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && err == io.EOF {
		return n, nil // TLS says both at once; it says the end again
	}
	c.ended = c.ended || err == io.EOF
	return n, err
}

func (c *ending) hasEnded() bool { return c.ended }

// secured is an ending connection with TLS.
type secured struct {
	ending
	handshaker
}

// handshaker is what fasthttp knows TLS by.
type handshaker interface {
	Handshake() error
	ConnectionState() tls.ConnectionState
}

// hasEnded says whether whoever reads from a connection has come to its end.
func hasEnded(c net.Conn) bool {
	e, ok := c.(interface{ hasEnded() bool })
	return ok && e.hasEnded()
}
