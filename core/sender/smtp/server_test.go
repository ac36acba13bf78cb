package smtp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	server "github.com/emersion/go-smtp"

	"restock/core"
)

const (
	testUser     = "mailer"
	testPassword = "s3cret-passw0rd"
)

// mailServer is a real SMTP server on a loopback address that fails as told.
type mailServer struct {
	listener *gate
	cert     tls.Certificate
	roots    *x509.CertPool
	release  chan struct{} // closed at the end of the test: hooks that hang return

	mu     sync.Mutex
	mails  []string // as they came, oldest first
	rcpts  []string
	froms  []string // as MAIL named them
	hooks  hooks
	logins int
}

// hooks are asked once each and then forgotten. A nil error lets the exchange go on.
type hooks struct {
	mail, rcpt func() error
	data       func(c *server.Conn) error // after the body was read
	auth       func() error
}

// startServer runs a server that speaks TLS in the given way.
func startServer(t testing.TB, s security) *mailServer {
	t.Helper()
	m := &mailServer{release: make(chan struct{})}
	m.cert, m.roots = certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.listener = &gate{Listener: l, open: map[net.Conn]bool{}}
	srv := server.NewServer(m)
	srv.Domain, srv.ErrorLog = "localhost", log.New(io.Discard, "", 0)
	var serve net.Listener = m.listener
	switch s {
	case startTLS:
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{m.cert}}
	case implicit:
		serve = tls.NewListener(m.listener, &tls.Config{Certificates: []tls.Certificate{m.cert}})
	case none:
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(serve)
	}()
	t.Cleanup(func() {
		close(m.release)
		_ = srv.Close()
		_ = l.Close() // srv does not know it yet when Serve has not begun
		<-done
	})
	return m
}

// certificate makes a self-signed certificate for 127.0.0.1.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// definition is a sender for this server.
func (m *mailServer) definition(s security) (core.Sender, string) {
	_, port, _ := net.SplitHostPort(m.listener.Addr().String())
	def := core.Sender{Name: "mail", Kind: "smtp", From: "Example Shop <shop@example.com>", Settings: map[string]string{
		"host": "127.0.0.1", "port": port, "tls": string(s),
	}}
	if s == none {
		return def, ""
	}
	def.Settings["username"] = testUser
	return def, testPassword
}

// sender opens a sender for this server, which trusts its certificate.
func (m *mailServer) sender(t testing.TB, s security) *SMTP {
	t.Helper()
	def, password := m.definition(s)
	out, err := Open(def, Secrets{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	out.tls.RootCAs = m.roots
	t.Cleanup(func() { _ = out.Close() })
	return out
}

// next sets what the next exchange meets.
func (m *mailServer) next(h hooks) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hooks = h
}

// once takes a hook.
func once[F any](m *mailServer, of func(*hooks) *F) F {
	m.mu.Lock()
	defer m.mu.Unlock()
	var zero F
	p := of(&m.hooks)
	f := *p
	*p = zero
	return f
}

// hang is a hook that answers when the test is over.
func (m *mailServer) hang() error {
	<-m.release
	return errors.New("over")
}

func (m *mailServer) received() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.mails...)
}

// NewSession implements the server's Backend.
func (m *mailServer) NewSession(c *server.Conn) (server.Session, error) {
	return &session{m: m, c: c}, nil
}

// session is one connection to the server.
type session struct {
	m    *mailServer
	c    *server.Conn
	rcpt string
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if hook := once(s.m, func(h *hooks) *func() error { return &h.auth }); hook != nil {
			return hook()
		}
		if user != testUser || password != testPassword {
			return server.ErrAuthFailed
		}
		s.m.mu.Lock()
		defer s.m.mu.Unlock()
		s.m.logins++
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *server.MailOptions) error {
	s.m.mu.Lock()
	s.m.froms = append(s.m.froms, from)
	s.m.mu.Unlock()
	if hook := once(s.m, func(h *hooks) *func() error { return &h.mail }); hook != nil {
		return hook()
	}
	return nil
}

func (s *session) Rcpt(to string, _ *server.RcptOptions) error {
	s.rcpt = to
	if hook := once(s.m, func(h *hooks) *func() error { return &h.rcpt }); hook != nil {
		return hook()
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if hook := once(s.m, func(h *hooks) *func(*server.Conn) error { return &h.data }); hook != nil {
		if err := hook(s.c); err != nil {
			return err
		}
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.mails, s.m.rcpts = append(s.m.mails, string(body)), append(s.m.rcpts, s.rcpt)
	return nil
}

// reply is a hook that answers with a code and the recipient's address in its words, as servers do.
func reply(code int, words string) func() error {
	return func() error {
		return &server.SMTPError{Code: code, EnhancedCode: server.EnhancedCode{code / 100, 1, 1}, Message: words}
	}
}

// drop is a hook that takes the body and goes away.
func drop(c *server.Conn) error {
	_ = c.Conn().Close()
	return errors.New("gone")
}

// gate is a listener that counts connections, cuts them and turns one away.
type gate struct {
	net.Listener
	mu     sync.Mutex
	open   map[net.Conn]bool
	total  int // connections ever
	most   int // at the same time
	refuse bool
}

func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g.admit(c) {
			return &gated{c, g}, nil
		}
		_ = c.Close()
	}
}

func (g *gate) admit(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refuse {
		g.refuse = false
		return false
	}
	g.open[c] = true
	g.total++
	g.most = max(g.most, len(g.open))
	return true
}

// cut ends all connections, and turns the next one away if told to.
func (g *gate) cut(refuse bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		_ = c.Close()
	}
	g.refuse = refuse
}

func (g *gate) counts() (total, most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total, g.most
}

// gated tells the gate when it is closed.
type gated struct {
	net.Conn
	g *gate
}

func (c *gated) Close() error {
	c.g.mu.Lock()
	delete(c.g.open, c.Conn)
	c.g.mu.Unlock()
	return c.Conn.Close()
}

// head is the header part of a mail.
func head(mail string) string {
	h, _, _ := strings.Cut(mail, "\r\n\r\n")
	return h + "\r\n"
}
