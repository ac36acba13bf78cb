package edge

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"restock/edge/waitlist"
)

// TestShutdown: a stop finishes what is under way, takes nobody new, and keeps what could not be sent.
func TestShutdown(t *testing.T) {
	n := newEdge(t)
	n.patience = 500 * time.Millisecond // nobody reads the outbox here
	address := n.Addr()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()

	body := `{"source":"shop","variant":"1001","email":"ann@example.com"}`
	begun, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = begun.Close() }()
	head := "POST /v1/captures HTTP/1.1\r\nHost: e\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	answers := bufio.NewReader(begun)
	if _, err := io.WriteString(begun, head); err != nil {
		t.Fatal(err)
	}
	if first := statusLine(t, answers); !strings.Contains(first, " 100 ") {
		t.Fatalf("answered %q", first)
	}
	idle, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Close() }()
	stop()
	eventually(t, "nobody new is taken", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	if _, err := io.WriteString(begun, body); err != nil {
		t.Fatal(err)
	}
	if answer := statusLine(t, answers); !strings.Contains(answer, " 202 ") {
		t.Errorf("what was under way was answered %q", answer)
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := waitlist.Open(n.config.Data, nil, n.config.Log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if s.Pending() != 1 {
		t.Errorf("%d captures are kept, want the one that was answered", s.Pending())
	}
}

// TestASlowClientTakesNoTimeFromTheOutbox: what is here is still given to the core when somebody held up the stop.
func TestASlowClientTakesNoTimeFromTheOutbox(t *testing.T) {
	n := newEdge(t)
	n.patience = 2 * time.Second
	var log lines
	n.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	if r := postCapture(n, "application/json", goodCapture); r.StatusCode() != 202 {
		t.Fatalf("answered %d", r.StatusCode())
	}
	if got := len(kept(t, n)); got != 1 { // as sent
		t.Fatalf("%d captures are kept", got)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	slow, err := net.Dial("tcp", n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Close() }()
	if _, err := io.WriteString(slow, "POST /v1/captures HTTP/1.1\r\nExpect: 100-continue\r\nHost: e\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if first := statusLine(t, bufio.NewReader(slow)); !strings.Contains(first, " 100 ") {
		t.Fatalf("answered %q", first)
	}
	begin := time.Now()
	stop()
	eventually(t, "the clients' time is over", func() bool { return time.Since(begin) > n.patience+100*time.Millisecond })
	if err := n.store.Mark("default", 1); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if strings.Contains(log.String(), "remain in the outbox") {
		t.Error("the outbox had no time of its own")
	}
}

// lines are what a log wrote.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// statusLine reads the next answer and returns its first line.
func statusLine(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.Proto + " " + answer.Status
}

// eventually waits until ok is true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}
