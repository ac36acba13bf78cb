// Package uplinktest has the cable between an edge and its journal, to be cut in tests.
package uplinktest

import (
	"net"
	"sync"
	"testing"
)

// Cable carries connections from its own address to another. It can be cut and mended, and hold back what comes down.
// All methods may be called at once.
type Cable struct {
	listener net.Listener
	to       string

	mu    sync.Mutex // guards the fields below
	cut   bool
	held  chan struct{} // closed when what comes down may pass
	conns map[net.Conn]struct{}
}

// NewCable lays a cable to an address; it ends with the test.
func NewCable(t testing.TB, to string) *Cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cable{listener: l, to: to, held: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	close(c.held)
	var carrying sync.WaitGroup
	carrying.Go(func() { c.accept(&carrying) })
	t.Cleanup(func() {
		_ = l.Close()
		c.Release()
		c.Cut()
		carrying.Wait()
	})
	return c
}

// Addr is the near end.
func (c *Cable) Addr() string { return c.listener.Addr().String() }

// Cut ends every connection, and every new one at once.
func (c *Cable) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for conn := range c.conns {
		_ = conn.Close()
	}
	clear(c.conns)
}

// Mend lets connections through again.
func (c *Cable) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}

// Hold keeps back what comes down, until Release.
func (c *Cable) Hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = make(chan struct{})
}

// Release lets what was held back come down.
func (c *Cable) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.held:
	default:
		close(c.held)
	}
}

func (c *Cable) accept(carrying *sync.WaitGroup) {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return // the test has ended
		}
		far, err := net.Dial("tcp", c.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		if !c.keep(near, far) {
			continue
		}
		carrying.Go(func() { c.carry(far, near, func() {}) })
		carrying.Go(func() { c.carry(near, far, c.wait) })
	}
}

// keep takes a pair of ends in, unless the cable is cut.
func (c *Cable) keep(near, far net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		_, _ = near.Close(), far.Close()
		return false
	}
	c.conns[near], c.conns[far] = struct{}{}, struct{}{}
	return true
}

func (c *Cable) wait() {
	c.mu.Lock()
	held := c.held
	c.mu.Unlock()
	<-held
}

// carry moves what comes until an end is closed, and closes both.
func (c *Cable) carry(to, from net.Conn, before func()) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		before()
		if _, bad := to.Write(buffer[:n]); bad != nil || err != nil {
			return
		}
	}
}
