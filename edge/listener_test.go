package edge

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
)

// short is a listener of a system that has no descriptors left, for a while.
type short struct {
	net.Listener
	left int
}

func (s *short) Accept() (net.Conn, error) {
	if s.left > 0 {
		s.left--
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return s.Listener.Accept()
}

// TestAShortageOfDescriptors ends no edge: who opens connections until there are none left keeps shoppers away only as
// long as he holds them.
func TestAShortageOfDescriptors(t *testing.T) {
	n := newEdge(t)
	n.listener = &patient{Listener: &short{n.listener, 2}, log: discard}
	s := n.server()
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(n.listener) }()
	if codes, _ := exchange(t, n.Addr(), post("/v1/captures", "Connection: close\r\n", goodCapture)); fmt.Sprint(codes) != "[202]" {
		t.Errorf("after the shortage a capture was answered %v", codes)
	}
	if err := s.Shutdown(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("serving ended with %v", err)
	}
}

// TestConnectionsAreBounded: the disk finds descriptors when shoppers have taken all of theirs.
func TestConnectionsAreBounded(t *testing.T) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if got := newEdge(t).server().Concurrency; got < 1 || got > maxConnections || uint64(got) > limit.Cur/connectionShare {
		t.Errorf("%d connections are taken at once, of %d descriptors", got, limit.Cur)
	}
}
