package uplink_test

import (
	"bufio"
	"io"
	"net"
	"slices"
	"testing"

	"restock/core/wire"
)

// TestAServerThatRefusesUsForAWhile, as one does whose own settings are being changed, is tried again like one that is away.
func TestAServerThatRefusesUsForAWhile(t *testing.T) {
	p := newPlace(t)
	server, c := p.serve(t, "a")
	if err := c.Put(t.Context(), wire.ReadyKey, []byte("1")); err != nil {
		t.Fatal(err)
	}
	s, k := newStore(), &sink{}
	p.run(t, s, k)
	k.awaitLast(t, "ready=1")
	c.Close()
	server.Close()
	refuse(t, p.listen, 4)
	_, c = p.serve(t)
	s.add("a", entries(t, 1, 4)...)
	if got := apply(t, open(t, c, "a")).await(t, 4); !slices.Equal(got, numbers(1, 4)) {
		t.Errorf("%v came up", got)
	}
}

// refuse is a server that lets nobody in, until it was asked so many times.
func refuse(t *testing.T, listen string, times int) {
	t.Helper()
	l, err := net.Listen("tcp", listen)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	refused := 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ; refused < times; refused++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "INFO {\"server_id\":\"x\",\"version\":\"2.10.0\",\"proto\":1,\"auth_required\":true,\"max_payload\":1048576}\r\n")
			_, _ = bufio.NewReader(conn).ReadString('\n')
			_, _ = io.WriteString(conn, "-ERR 'Authorization Violation'\r\n")
			_ = conn.Close()
		}
	}()
	eventually(t, "it was asked often enough", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
}
