package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	protocol "github.com/wneessen/go-mail/smtp"
)

// Time-outs, each for one exchange with the server. RFC 5321 (4.5.3.2) allows servers minutes; a restock that waits
// for them is late, and what timed out before the hand-over is simply tried again.
const (
	dialTimeout    = 10 * time.Second // connection, TLS, greeting, EHLO and login together
	commandTimeout = 30 * time.Second // MAIL, RCPT, DATA, RSET each
	answerTimeout  = 3 * time.Minute  // body and the answer to it: cut short, the outcome is unknown
	quitTimeout    = time.Second      // QUIT
)

// maxIdle is how long a connection is kept unused: servers close idle ones after minutes.
const maxIdle = time.Minute

// timeouts are the constants above, or less in tests.
type timeouts struct{ dial, command, answer time.Duration }

// conn is a connection that is logged in.
type conn struct {
	*protocol.Client
	raw      net.Conn // under the client, and under its TLS
	timeouts timeouts
	used     time.Time // when it was last put back
	kept     bool      // it took a message before
	clean    bool      // nothing of that is left in the exchange
}

// dial makes a connection and logs in. Whatever fails here says nothing about a message.
func (s *SMTP) dial(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeouts.dial)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.config.host, s.config.port))
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	c := &conn{raw: raw, timeouts: s.timeouts}
	release := c.follow(ctx, s.timeouts.dial)
	defer release()
	if err := s.greet(ctx, c); err != nil {
		_ = raw.Close() // the greeting's error is the one to tell
		return nil, err
	}
	return c, nil
}

func (s *SMTP) greet(ctx context.Context, c *conn) error {
	under := c.raw
	if s.config.tls == implicit {
		secured := tls.Client(c.raw, s.tls)
		if err := secured.HandshakeContext(ctx); err != nil {
			return fmt.Errorf("starting TLS: %w", err)
		}
		under = secured
	}
	client, err := protocol.NewClient(under, s.config.host)
	if err != nil {
		return fmt.Errorf("reading the greeting: %w", err)
	}
	c.Client = client
	client.SkipSMTPUTF8(true) // every address is ASCII, and not every next hop takes the extension
	if err := client.Hello(s.helo); err != nil {
		return fmt.Errorf("saying EHLO: %w", err)
	}
	if s.config.tls == startTLS {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return errors.New("starting TLS: the server does not offer STARTTLS; set tls to implicit or none")
		}
		if err := client.StartTLS(s.tls); err != nil {
			return fmt.Errorf("starting TLS: %w", err)
		}
	}
	return s.login(client)
}

// login proves who we are, by PLAIN (RFC 4616) or, where a server knows only that, LOGIN. Both send the password, so
// the configuration lets them be used under TLS only.
func (s *SMTP) login(client *protocol.Client) error {
	if s.config.username == "" {
		return nil
	}
	_, offered := client.Extension("AUTH")
	var auth protocol.Auth
	switch mechanisms := strings.Fields(strings.ToUpper(offered)); {
	case slices.Contains(mechanisms, "PLAIN"):
		auth = protocol.PlainAuth("", s.config.username, s.config.password, s.config.host, false)
	case slices.Contains(mechanisms, "LOGIN"):
		auth = protocol.LoginAuth(s.config.username, s.config.password, s.config.host, false)
	default:
		return fmt.Errorf("logging in: the server offers %q, want PLAIN or LOGIN", offered)
	}
	if err := client.Auth(auth); err != nil {
		return fmt.Errorf("logging in: %w", err)
	}
	return nil
}

// follow gives the connection d from now, and ends it when ctx ends, until release is called. After release, ctx
// cannot touch the connection any more: it may serve another call by then.
func (c *conn) follow(ctx context.Context, d time.Duration) (release func()) {
	_ = c.raw.SetDeadline(time.Now().Add(d)) // fails on a closed connection only, as the next use of it will
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.raw.SetDeadline(time.Unix(1, 0))
		close(ended)
	})
	return func() {
		if !stop() {
			<-ended
		}
	}
}

// usable clears what a message that was refused has left in the exchange; false for a connection that is not worth trying.
func (c *conn) usable(ctx context.Context) bool {
	if time.Since(c.used) > maxIdle {
		return false
	}
	if c.clean {
		return true
	}
	defer c.follow(ctx, c.timeouts.command)()
	return c.Reset() == nil
}

// quit says good-bye, and does not wait long for an answer that nobody needs.
func (c *conn) quit() {
	_ = c.raw.SetDeadline(time.Now().Add(quitTimeout))
	_ = c.Quit()
	_ = c.raw.Close()
}

// hostname is what EHLO says: this machine's name when it is a whole one, else the sender's domain.
func hostname(domain string) string {
	if name, err := os.Hostname(); err == nil && strings.Contains(strings.Trim(name, "."), ".") {
		return name
	}
	return domain
}
