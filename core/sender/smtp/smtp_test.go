package smtp

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	server "github.com/emersion/go-smtp"

	"restock/core"
	"restock/core/sender/sendertest"
)

func TestConformance(t *testing.T) {
	for _, s := range []security{none, startTLS, implicit} {
		t.Run(string(s), func(t *testing.T) {
			sendertest.Run(t, func(t *testing.T) sendertest.Rig {
				m := startServer(t, s)
				address := "<ada.lovelace@example.org>"
				return sendertest.Rig{
					Sender: m.sender(t, s),
					Arrived: func(t *testing.T) (out []sendertest.Arrived) {
						for _, raw := range m.received() {
							out = append(out, parse(t, raw))
						}
						return out
					},
					Faults: map[sendertest.Fault]func(){
						sendertest.Unreachable: func() { m.listener.cut(true) },
						sendertest.Busy:        func() { m.next(hooks{rcpt: reply(451, address+": greylisted")}) },
						sendertest.Refusing:    func() { m.next(hooks{rcpt: reply(550, address+": no such box")}) },
						sendertest.Silent:      func() { m.next(hooks{data: drop}) },
					},
					Hang: func() <-chan struct{} {
						taken := make(chan struct{})
						m.next(hooks{data: func(*server.Conn) error { close(taken); return m.hang() }})
						return taken
					},
				}
			})
		})
	}
}

// parse reads a mail as a reader's client would.
func parse(t *testing.T, raw string) sendertest.Arrived {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("reading the mail: %v\n%s", err, raw)
	}
	from, err1 := m.Header.AddressList("From")
	to, err2 := m.Header.AddressList("To")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatalf("reading addresses: %v\n%s", err, raw)
	}
	a := sendertest.Arrived{
		To: to[0].Address, From: from[0].Name + " <" + from[0].Address + ">", Headers: map[string]string{},
	}
	for name := range m.Header {
		value, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
		if err != nil {
			t.Fatalf("decoding %s: %v", name, err)
		}
		a.Headers[name] = value
	}
	a.Subject = a.Headers["Subject"]
	readBody(t, &a, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return a
}

func readBody(t *testing.T, a *sendertest.Arrived, contentType, encoding string, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("reading content type %q: %v", contentType, err)
	}
	switch {
	case kind == "multipart/alternative":
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			readBody(t, a, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		}
	case encoding == "quoted-printable":
		body = quotedprintable.NewReader(body)
	default:
		t.Errorf("encoding %q, want quoted-printable", encoding)
	}
	text, err := io.ReadAll(body)
	if err != nil || params["charset"] != "UTF-8" {
		t.Fatalf("reading a part in %q: %v", params["charset"], err)
	}
	if kind == "text/html" {
		a.HTML = string(text)
	} else {
		a.Text = string(text)
	}
}

func TestReplies(t *testing.T) {
	dataReply := func(code int) func(*server.Conn) error {
		return func(*server.Conn) error { return reply(code, "no")() }
	}
	tests := []struct {
		name string
		h    hooks
		kind core.OutcomeKind
		want string // in the detail
	}{
		{"421 at MAIL", hooks{mail: reply(421, "shutting down")}, core.OutcomeTemporary, "MAIL: 421 4.1.1 shutting down"},
		{"450 at MAIL", hooks{mail: reply(450, "later")}, core.OutcomeTemporary, "MAIL: 450"},
		{"550 at MAIL", hooks{mail: reply(550, "sender refused")}, core.OutcomePermanent, "MAIL: 550"},
		{"530 at MAIL", hooks{mail: reply(530, "log in first")}, core.OutcomeTemporary, "MAIL: 530"},
		{"451 at RCPT", hooks{rcpt: reply(451, "greylisted")}, core.OutcomeTemporary, "RCPT: 451 4.1.1 greylisted"},
		{"550 at RCPT", hooks{rcpt: reply(550, "<Ada.Lovelace@Example.org> unknown")}, core.OutcomePermanent,
			"RCPT: 550 5.1.1 <A***@Example.org> unknown"},
		{"452 after DATA", hooks{data: dataReply(452)}, core.OutcomeTemporary, "452"},
		{"554 after DATA", hooks{data: dataReply(554)}, core.OutcomePermanent, "554"},
		{"drop after DATA", hooks{data: drop}, core.OutcomeUnknown, "waiting for the answer to the message: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := startServer(t, none)
			s := m.sender(t, none)
			m.next(tt.h)
			o := s.Send(t.Context(), sendertest.Message(1))
			if o.Kind != tt.kind || !strings.Contains(o.Detail, tt.want) {
				t.Errorf("got %+v, want %s with %q", o, tt.kind, tt.want)
			}
			if o := s.Send(t.Context(), sendertest.Message(2)); o.Kind != core.OutcomeAccepted {
				t.Errorf("the next message: %+v", o)
			}
		})
	}
}

func TestLoginRefusedIsTemporary(t *testing.T) {
	m := startServer(t, startTLS)
	s := m.sender(t, startTLS)
	m.next(hooks{auth: reply(535, "bad password "+testPassword+" for mailer@example.com")})
	o := s.Send(t.Context(), sendertest.Message(1))
	if o.Kind != core.OutcomeTemporary || o.Detail != "logging in: 535 5.1.1 bad password *** for m***@example.com" {
		t.Errorf("got %+v", o)
	}
	if o := s.Send(t.Context(), sendertest.Message(1)); o.Kind != core.OutcomeAccepted || m.logins != 1 {
		t.Errorf("after the password was mended: %+v, %d logins", o, m.logins)
	}
}

func TestTLSIsNotOptional(t *testing.T) {
	tests := []struct {
		name   string
		server security
		client security
		change func(*SMTP)
		want   string
	}{
		{"no STARTTLS", none, startTLS, func(*SMTP) {}, "the server does not offer STARTTLS"},
		{"unknown certificate", startTLS, startTLS, func(s *SMTP) { s.tls.RootCAs = nil }, "starting TLS: "},
		{"unknown certificate, implicit", implicit, implicit, func(s *SMTP) { s.tls.RootCAs = nil }, "starting TLS: "},
		{"another name", startTLS, startTLS, func(s *SMTP) { s.tls.ServerName = "mail.example.com" }, "starting TLS: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := startServer(t, tt.server)
			s := m.sender(t, tt.client)
			tt.change(s)
			o := s.Send(t.Context(), sendertest.Message(1))
			if o.Kind != core.OutcomeTemporary || !strings.Contains(o.Detail, tt.want) || len(m.received()) != 0 {
				t.Errorf("got %+v, want …%s…", o, tt.want)
			}
		})
	}
}

func TestTimeouts(t *testing.T) {
	tests := []struct {
		name string
		hook func(m *mailServer) hooks
		kind core.OutcomeKind
	}{
		{"RCPT", func(m *mailServer) hooks { return hooks{rcpt: m.hang} }, core.OutcomeTemporary},
		{"answer", func(m *mailServer) hooks { return hooks{data: func(*server.Conn) error { return m.hang() }} }, core.OutcomeUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := startServer(t, none)
			s := m.sender(t, none)
			s.timeouts.command, s.timeouts.answer = 200*time.Millisecond, 200*time.Millisecond
			m.next(tt.hook(m))
			o := s.Send(t.Context(), sendertest.Message(1))
			if o.Kind != tt.kind || !strings.Contains(o.Detail, "timeout") {
				t.Errorf("a time-out: %+v", o)
			}
		})
		t.Run(tt.name+" cancelled", func(t *testing.T) {
			m := startServer(t, none)
			s := m.sender(t, none)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			h := tt.hook(m)
			if rcpt := h.rcpt; rcpt != nil {
				h.rcpt = func() error { cancel(); return rcpt() }
			}
			if data := h.data; data != nil {
				h.data = func(c *server.Conn) error { cancel(); return data(c) }
			}
			m.next(h)
			o := s.Send(ctx, sendertest.Message(1))
			if o.Kind != tt.kind || o.Detail != "the call was ended: context canceled" {
				t.Errorf("a cancelled call: %+v", o)
			}
		})
	}
}

// TestSilentGreeting meets a server that takes connections and says nothing.
func TestSilentGreeting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	m := &mailServer{listener: &gate{Listener: l}}
	s := m.sender(t, none)
	s.timeouts.dial = 100 * time.Millisecond
	o := s.Send(t.Context(), sendertest.Message(1))
	if o.Kind != core.OutcomeTemporary {
		t.Errorf("got %+v", o)
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	m := startServer(t, startTLS)
	s := m.sender(t, startTLS)
	sends := func(n int) {
		for range n {
			if o := s.Send(t.Context(), sendertest.Message(1)); o.Kind != core.OutcomeAccepted {
				t.Fatalf("%+v", o)
			}
		}
	}
	sends(5)
	if total, _ := m.listener.counts(); total != 1 {
		t.Errorf("%d connections for messages one after the other, want 1", total)
	}
	m.listener.cut(false) // the server closed the idle connection
	sends(1)
	s.mu.Lock()
	s.idle[0].used = time.Now().Add(-2 * maxIdle)
	s.mu.Unlock()
	sends(1)
	if total, _ := m.listener.counts(); total != 3 {
		t.Errorf("%d connections, want one more for each stale one", total)
	}
	if got := len(m.received()); got != 7 {
		t.Errorf("%d messages arrived, want 7", got)
	}
}

func TestConnectionsAreFew(t *testing.T) {
	m := startServer(t, none)
	s := m.sender(t, none)
	var wg sync.WaitGroup
	for n := range uint64(40) {
		wg.Go(func() {
			if o := s.Send(t.Context(), sendertest.Message(n)); o.Kind != core.OutcomeAccepted {
				t.Errorf("%+v", o)
			}
		})
	}
	wg.Wait()
	if total, most := m.listener.counts(); most > Connections || total > Connections {
		t.Errorf("%d connections, %d at once, want at most %d", total, most, Connections)
	}
}

// TestConnectionsAsManyAsIsSaid: a sender's concurrency opens more.
func TestConnectionsAsManyAsIsSaid(t *testing.T) {
	m := startServer(t, none)
	def, password := m.definition(none)
	def.Concurrency = Connections + 3
	s, err := Open(def, Secrets{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if cap(s.slots) != Connections+3 {
		t.Errorf("%d connections at most, want %d", cap(s.slots), Connections+3)
	}
}

func TestWaitingForAConnectionEnds(t *testing.T) {
	m := startServer(t, none)
	s := m.sender(t, none)
	for range Connections {
		s.slots <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	o := s.Send(ctx, sendertest.Message(1))
	if o.Kind != core.OutcomeTemporary || o.Detail != "waiting for a connection: context deadline exceeded" {
		t.Errorf("got %+v", o)
	}
}

func TestReceipt(t *testing.T) {
	m := startServer(t, none)
	o := m.sender(t, none).Send(t.Context(), sendertest.Message(1))
	if o.Receipt != "2.0.0 OK: queued" {
		t.Errorf("got receipt %q", o.Receipt)
	}
}
