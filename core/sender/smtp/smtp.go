// Package smtp is the sender that submits e-mail to a mail server (RFC 5321, RFC 6409), the merchant's own or a
// provider's.
//
// A message becomes an envelope; one of a few connections, kept and used again, takes it through MAIL, RCPT and DATA.
// A kept connection that the server has closed meanwhile is found out by MAIL, before which nothing was said, and another
// takes its place. Up to the final dot nothing has been handed over, and any failure but a refusal is temporary. From the dot to the
// answer the message may or may not be taken: a connection lost there is an unknown outcome.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"
	"sync"
	"time"

	protocol "github.com/wneessen/go-mail/smtp"

	"restock/core"
	"restock/core/sender"
)

// Connections is how many connections a sender holds to its server at most, unless its concurrency says otherwise: mail servers that are not
// made for bulk mail refuse many from one client.
const Connections = 4

// SMTP is the sender.
type SMTP struct {
	config   config
	helo     string
	tls      *tls.Config
	timeouts timeouts

	slots chan struct{} // holds one per connection in use

	mu     sync.Mutex // guards what follows
	idle   []*conn    // the longest unused first
	closed bool
}

var _ sender.Sender = (*SMTP)(nil)

// Open checks the definition of a sender of the kind smtp: settings host, port, tls (none, starttls, implicit; starttls
// unless set), username, dkim_selector, dkim_domain and events, and the secrets that the caller resolved. The error is a
// *core.InvalidError. No connection is made yet: a mail server that is down must not keep a node from starting.
func Open(def core.Sender, secrets Secrets) (*SMTP, error) {
	c, err := readConfig(def, secrets)
	if err != nil {
		return nil, err
	}
	return &SMTP{
		config: c, helo: hostname(c.domain),
		tls:      &tls.Config{ServerName: c.host, MinVersion: tls.VersionTLS12},
		timeouts: timeouts{dialTimeout, commandTimeout, answerTimeout},
		slots:    make(chan struct{}, def.Parallel(Connections)),
	}, nil
}

// Idempotent is false: SMTP has no way to recognise a message that comes again.
func (s *SMTP) Idempotent() bool { return false }

// Send submits m.
func (s *SMTP) Send(ctx context.Context, m core.Message) core.Outcome {
	if m.To.Channel != core.Email {
		return sender.Permanent(m.Key, fmt.Sprintf("smtp sends e-mail, not %s", m.To.Channel))
	}
	e, err := s.config.seal(m)
	if err != nil {
		return sender.Permanent(m.Key, err.Error())
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return sender.Temporary(m.Key, "waiting for a connection: "+ctx.Err().Error())
	}
	for {
		c, err := s.take(ctx)
		if err != nil {
			return sender.Temporary(m.Key, s.explain(ctx, err))
		}
		w, err := s.open(ctx, c, e)
		if errors.Is(err, errStale) {
			_ = c.raw.Close() // there is nobody to say good-bye to
			continue          // of kept connections there are only so many: the next may be a new one
		}
		o, keep := s.submit(ctx, c, m.Key, e, w, err)
		c.clean = o.Kind == core.OutcomeAccepted
		s.put(c, keep)
		return o
	}
}

// errClosed ends a Send that came after Close.
var errClosed = errors.New("the sender is closed")

// errStale is a kept connection that does not take a message any more: the server has closed it, or is about to.
var errStale = errors.New("the connection has ended")

// take returns a connection: one that was kept, which may have ended meanwhile, or a new one.
func (s *SMTP) take(ctx context.Context) (*conn, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, err := s.kept()
		if err != nil {
			return nil, err
		}
		if c == nil {
			return s.dial(ctx)
		}
		if c.usable(ctx) {
			return c, nil
		}
		_ = c.raw.Close()
	}
}

// kept takes the connection used last, nil when there is none.
func (s *SMTP) kept() (*conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	n := len(s.idle) - 1
	if n < 0 {
		return nil, nil
	}
	c := s.idle[n]
	s.idle = s.idle[:n]
	return c, nil
}

// put keeps a connection for the next message, or closes it.
func (s *SMTP) put(c *conn, keep bool) {
	if !keep {
		_ = c.raw.Close() // in the middle of an exchange: QUIT would be read as part of it
		return
	}
	c.used, c.kept = time.Now(), true
	s.mu.Lock()
	if !s.closed {
		s.idle, c = append(s.idle, c), nil
	}
	s.mu.Unlock()
	if c != nil {
		c.quit()
	}
}

// submit hands over the body, unless the server has refused to be sent it. keep says whether the connection can take another
// message.
func (s *SMTP) submit(ctx context.Context, c *conn, key core.LedgerKey, e envelope, w io.WriteCloser, refused error) (o core.Outcome, keep bool) {
	if refused != nil {
		return s.refusal(ctx, key, refused)
	}
	defer c.follow(ctx, s.timeouts.answer)()
	if _, err := w.Write(e.data); err != nil {
		// Without the final dot a server must not take the message (RFC 5321, 4.1.1.4).
		return sender.Temporary(key, s.explain(ctx, fmt.Errorf("sending the body: %w", err))), false
	}
	if err := w.Close(); err != nil {
		if code(err) != 0 {
			return s.refusal(ctx, key, err)
		}
		return sender.Unknown(key, s.explain(ctx, fmt.Errorf("waiting for the answer to the message: %w", err))), false
	}
	receipt := ""
	if d, ok := w.(*protocol.DataCloser); ok {
		receipt = d.ServerResponse()
	}
	return sender.Accepted(key, receipt), true
}

// open says from whom and to whom, and asks to send the body. errStale: nobody was there to hear it, and another connection
// will do.
func (s *SMTP) open(ctx context.Context, c *conn, e envelope) (w io.WriteCloser, err error) {
	steps := []struct {
		name string
		do   func() error
	}{
		{"MAIL", func() error { return c.Mail("<" + e.from + ">") }},
		{"RCPT", func() error { return c.Rcpt("<" + e.to + ">") }},
		{"DATA", func() (err error) { w, err = c.Data(); return err }},
	}
	for _, step := range steps {
		release := c.follow(ctx, s.timeouts.command)
		err := step.do()
		release()
		if n := code(err); err != nil && step.name == "MAIL" && c.kept && (n == 0 || n == codeClosing) && ctx.Err() == nil {
			return nil, errStale
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return w, nil
}

// refusal is the outcome of an exchange that failed before the message was taken: what the server says decides, and
// silence is temporary.
func (s *SMTP) refusal(ctx context.Context, key core.LedgerKey, err error) (o core.Outcome, keep bool) {
	n := code(err)
	keep = n != 0 && n != codeClosing
	if permanent(n) && nobody(err) {
		return sender.NoMore(key, core.ReasonBounced, s.explain(ctx, err)), keep
	}
	if permanent(n) {
		return sender.Permanent(key, s.explain(ctx, err)), keep
	}
	return sender.Temporary(key, s.explain(ctx, err)), keep
}

// codeClosing is the server going away (RFC 5321, 3.8).
const codeClosing = 421

// code is the reply code in err; 0 when no reply came.
func code(err error) int {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return reply.Code
	}
	return 0
}

// permanent says whether a reply ends the message. The 53x replies are about our login (RFC 4954, 6): they end when
// the operator mends it, and until then nobody may lose a message by them.
func permanent(code int) bool {
	switch code {
	case 530, 534, 535, 538:
		return false
	}
	return code >= 500 && code < 600
}

// nobody says whether a reply says, by its enhanced code (RFC 3463), that the address leads to nobody.
func nobody(err error) bool {
	reply, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return false
	}
	status, _, _ := strings.Cut(reply.Msg, " ")
	return sender.Nobody(status)
}

// explain says what failed; when the call was ended from outside, that is the reason and not the connection's error.
// A server's words may repeat what it was told: the password is taken out of them.
func (s *SMTP) explain(ctx context.Context, err error) string {
	if ended := ctx.Err(); ended != nil && code(err) == 0 {
		return "the call was ended: " + ended.Error()
	}
	words := err.Error()
	if reply, ok := errors.AsType[*textproto.Error](err); ok { // which quotes what the server said
		words = strings.Replace(words, reply.Error(), fmt.Sprintf("%d %s", reply.Code, reply.Msg), 1)
	}
	if s.config.password == "" {
		return words
	}
	return strings.ReplaceAll(words, s.config.password, "***")
}

// Close closes the connections that are not in use; those in use close when their message is done.
func (s *SMTP) Close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		c.quit()
	}
	return nil
}
