package journal_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"restock/core/journal"
)

// TestConnectingWaits for a server that is away, and for one that refuses us until its settings are mended.
func TestConnectingWaits(t *testing.T) {
	for _, first := range []string{"", "other"} {
		p := newPlace(t)
		var wrong *journal.Server
		if first != "" {
			wrong = p.serveWith(t, first)
		}
		var log text
		got := make(chan error, 1)
		go func() {
			c, err := journal.Connect(t.Context(), "nats://secret@"+p.listen, nil, "", 1, slog.New(slog.NewTextHandler(&log, nil)))
			if err == nil {
				c.Close()
			}
			got <- err
		}()
		want := map[string]string{"": "cannot be reached", "other": "journal_refused"}[first]
		eventually(t, "the log says "+want, func() bool { return strings.Contains(log.String(), want) })
		if wrong != nil {
			wrong.Close()
		}
		p.serveWith(t, "secret")
		if err := <-got; err != nil {
			t.Errorf("with the first server %q: %v", first, err)
		}
	}
}

// TestConnectingEnds with the context, and says what was wrong; an address that can never be one is not tried again.
func TestConnectingEnds(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := journal.Connect(ctx, "nats://"+newPlace(t).listen, nil, "", 1, quiet); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no servers") {
		t.Errorf("to nobody: %v", err)
	}
	if _, err := journal.Connect(t.Context(), "nats://a b:%zz", nil, "", 1, quiet); err == nil {
		t.Error("it connected to no address")
	}
}

// TestARefusedConnectionComesBack: a server that refused us many times, since its settings were changed, lets us in again.
func TestARefusedConnectionComesBack(t *testing.T) {
	p := newPlace(t)
	s := p.serveWith(t, "secret")
	var log text
	c, err := journal.Connect(t.Context(), "nats://secret@"+p.listen, nil, "", 1, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s.Close()
	var refused atomic.Int64
	wrong, err := journal.Serve(journal.ServerConfig{Dir: p.dir, Listen: p.listen, Token: "other"}, slog.New(counting{&refused, "authentication error"}))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is refused three times", func() bool { return refused.Load() >= 3 })
	wrong.Close()
	p.serveWith(t, "secret")
	eventually(t, "it is back", func() bool {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		_, err := c.Get(ctx, "ring")
		return err == nil
	})
	if !strings.Contains(log.String(), "is lost; it is tried again") {
		t.Errorf("the log says\n%s", log.String())
	}
}

// serveWith serves with a token until the test ends.
func (p place) serveWith(t *testing.T, token string) *journal.Server {
	t.Helper()
	s, err := journal.Serve(journal.ServerConfig{Dir: p.dir, Listen: p.listen, Token: token}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
	}
}

// text is what was logged.
type text struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *text) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *text) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// counting counts the lines of a log that have a text in them.
type counting struct {
	n    *atomic.Int64
	text string
}

func (c counting) Enabled(context.Context, slog.Level) bool { return true }
func (c counting) WithAttrs([]slog.Attr) slog.Handler       { return c }
func (c counting) WithGroup(string) slog.Handler            { return c }
func (c counting) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, c.text) {
		c.n.Add(1)
	}
	return nil
}
