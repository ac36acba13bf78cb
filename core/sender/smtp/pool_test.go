package smtp

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"

	server "github.com/emersion/go-smtp"
	protocol "github.com/wneessen/go-mail/smtp"

	"restock/core"
	"restock/core/sender/sendertest"
)

// TestAServerThatHasEnoughOfAConnection: many close one after so many messages, by hanging up or by 421. Another takes its
// place, and no message is tried later for it.
func TestAServerThatHasEnoughOfAConnection(t *testing.T) {
	for name, enough := range map[string]func(m *mailServer){
		"421":     func(m *mailServer) { m.next(hooks{mail: reply(421, "too many messages in this connection")}) },
		"hung up": func(m *mailServer) { m.listener.cut(false) },
	} {
		t.Run(name, func(t *testing.T) {
			m := startServer(t, startTLS)
			s := m.sender(t, startTLS)
			for n := range uint64(5) {
				if o := s.Send(t.Context(), sendertest.Message(n)); o.Kind != core.OutcomeAccepted {
					t.Fatalf("message %d: %+v", n, o)
				}
				enough(m)
			}
			if got := len(m.received()); got != 5 {
				t.Errorf("%d messages arrived", got)
			}
		})
	}
}

// TestANewConnectionThatIsTurnedAway is temporary: it is not tried again and again within one call.
func TestANewConnectionThatIsTurnedAway(t *testing.T) {
	m := startServer(t, none)
	s := m.sender(t, none)
	m.next(hooks{mail: reply(421, "come back later")})
	if o := s.Send(t.Context(), sendertest.Message(1)); o.Kind != core.OutcomeTemporary {
		t.Errorf("%+v", o)
	}
	if total, _ := m.listener.counts(); total != 1 {
		t.Errorf("%d connections were made", total)
	}
}

// TestARefusalLeavesNothingBehind: the next message on the same connection begins anew.
func TestARefusalLeavesNothingBehind(t *testing.T) {
	m := startServer(t, none)
	s := m.sender(t, none)
	for n := range uint64(4) {
		m.next(hooks{rcpt: reply(550, "not here")})
		if o := s.Send(t.Context(), sendertest.Message(2*n)); o.Kind != core.OutcomePermanent {
			t.Fatalf("%+v", o)
		}
		if o := s.Send(t.Context(), sendertest.Message(2*n+1)); o.Kind != core.OutcomeAccepted {
			t.Fatalf("%+v", o)
		}
	}
	if total, _ := m.listener.counts(); total != 1 {
		t.Errorf("%d connections were made", total)
	}
}

// TestNobody: an address that leads to nobody is told from a message that is not wanted.
func TestNobody(t *testing.T) {
	for _, tt := range []struct {
		enhanced server.EnhancedCode
		want     core.Reason
	}{
		{server.EnhancedCode{5, 1, 1}, core.ReasonBounced}, {server.EnhancedCode{5, 1, 10}, core.ReasonBounced}, {server.EnhancedCode{5, 2, 1}, core.ReasonBounced},
		{server.EnhancedCode{5, 2, 2}, core.ReasonRefused}, {server.EnhancedCode{5, 7, 1}, core.ReasonRefused}, {server.EnhancedCode{5, 0, 0}, core.ReasonRefused},
	} {
		m := startServer(t, none)
		m.next(hooks{rcpt: func() error { return &server.SMTPError{Code: 550, EnhancedCode: tt.enhanced, Message: "no"} }})
		if o := m.sender(t, none).Send(t.Context(), sendertest.Message(1)); o.Kind != core.OutcomePermanent || o.Reason != tt.want {
			t.Errorf("%v: %+v, want %s", tt.enhanced, o, tt.want)
		}
	}
}

// BenchmarkSend is the path of a message from Send to the server's answer, Connections at once, beside a bare loop of the same
// library over as many connections that hands over bytes which were composed before.
func BenchmarkSend(b *testing.B) {
	b.Run("bare loop", benchmarkBare)
	b.Run("sender", func(b *testing.B) { benchmarkSender(b, func(m *mailServer) *SMTP { return m.sender(b, none) }) })
	b.Run("sender that signs", func(b *testing.B) {
		key := rsaKey(b, 2048)
		benchmarkSender(b, func(m *mailServer) *SMTP { return m.signing(b, key) })
	})
}

func benchmarkSender(b *testing.B, open func(*mailServer) *SMTP) {
	m := startServer(b, none)
	s := open(m)
	parallel(b, func(next func() bool) {
		for next() {
			if o := s.Send(b.Context(), stockAlert()); o.Kind != core.OutcomeAccepted {
				b.Errorf("%+v", o)
				return
			}
		}
	})
}

func benchmarkBare(b *testing.B) {
	m := startServer(b, none)
	def, _ := m.definition(none)
	c, err := readConfig(def, Secrets{})
	if err != nil {
		b.Fatal(err)
	}
	e, err := c.seal(stockAlert())
	if err != nil {
		b.Fatal(err)
	}
	parallel(b, func(next func() bool) {
		if err := bare(b.Context(), m, e, next); err != nil {
			b.Error(err)
		}
	})
}

// bare hands one message over and over on one connection.
func bare(ctx context.Context, m *mailServer, e envelope, next func() bool) error {
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.listener.Addr().String())
	if err != nil {
		return err
	}
	defer raw.Close()
	client, err := protocol.NewClient(raw, "localhost")
	if err != nil {
		return err
	}
	for next() {
		if err := client.Mail(e.from); err != nil {
			return fmt.Errorf("MAIL: %w", err)
		}
		if err := client.Rcpt(e.to); err != nil {
			return fmt.Errorf("RCPT: %w", err)
		}
		w, err := client.Data()
		if err != nil {
			return fmt.Errorf("DATA: %w", err)
		}
		if _, err := w.Write(e.data); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return client.Quit()
}

// parallel runs work Connections times at once until b.N messages were sent.
func parallel(b *testing.B, work func(next func() bool)) {
	var mu sync.Mutex
	left := b.N
	next := func() bool {
		mu.Lock()
		defer mu.Unlock()
		left--
		return left >= 0
	}
	b.ResetTimer()
	var all sync.WaitGroup
	for range Connections {
		all.Go(func() { work(next) })
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
