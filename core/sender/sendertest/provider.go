package sendertest

import (
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Provider is an HTTPS server on a loopback address that answers as a provider documents it, and fails as told: slowly, by
// lying, or by going away after it has read the message.
type Provider struct {
	*httptest.Server
	gate    *gate
	release chan struct{} // closed at the end of the test: who hangs returns

	mu   sync.Mutex
	next http.HandlerFunc // answers the next request instead; nil: the provider itself does
}

// NewProvider runs a provider whose requests answer takes, with the body read. It ends with the test.
func NewProvider(t testing.TB, http2 bool, answer func(w http.ResponseWriter, r *http.Request, body []byte)) *Provider {
	t.Helper()
	p := &Provider{release: make(chan struct{})}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if fail := p.take(); fail != nil {
			fail(w, r)
			return
		}
		answer(w, r, body)
	}))
	p.gate = &gate{Listener: p.Listener, open: map[net.Conn]bool{}}
	p.Listener, p.EnableHTTP2 = p.gate, http2
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.StartTLS()
	t.Cleanup(func() {
		close(p.release)
		p.Close()
	})
	return p
}

// Roots believe the provider's certificate.
func (p *Provider) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.Certificate())
	return pool
}

// Next lets fail answer the next request.
func (p *Provider) Next(fail http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = fail
}

func (p *Provider) take() http.HandlerFunc {
	p.mu.Lock()
	defer p.mu.Unlock()
	fail := p.next
	p.next = nil
	return fail
}

// Answer is a failure: a status with a body and headers, which come in pairs.
func Answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Faults are those that every provider has; refusing answers a message that will never do.
func (p *Provider) Faults(refusing http.HandlerFunc) map[Fault]func() {
	return map[Fault]func(){
		Unreachable: p.gate.cut,
		Busy:        func() { p.Next(Answer(http.StatusServiceUnavailable, "busy")) },
		Refusing:    func() { p.Next(refusing) },
		Silent:      func() { p.Next(Drop) },
		Throttling:  func() { p.Next(Answer(http.StatusTooManyRequests, "slowly", "Retry-After", "100")) },
		Moved:       func() { p.Next(Answer(http.StatusTemporaryRedirect, "", "Location", p.URL+"/elsewhere")) },
	}
}

// Drop goes away without an answer, after the message was read.
func Drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Hang lets the next request hang after it was read, until its caller has gone or the test is over.
func (p *Provider) Hang() (taken <-chan struct{}) {
	read := make(chan struct{})
	p.Next(func(_ http.ResponseWriter, r *http.Request) {
		close(read)
		select {
		case <-r.Context().Done():
		case <-p.release:
		}
		panic(http.ErrAbortHandler) // whatever ended it, there is no answer
	})
	return read
}

// gate is a listener that can end all connections and turn the next one away.
type gate struct {
	net.Listener
	mu     sync.Mutex
	open   map[net.Conn]bool
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
	return true
}

// cut hangs up on everybody, waits until they have noticed, and turns the next one away.
func (g *gate) cut() {
	g.mu.Lock()
	g.refuse = true
	for c := range g.open {
		if half, ok := c.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}
	g.mu.Unlock()
	for deadline := time.Now().Add(10 * time.Second); g.count() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.open)
}

// gated tells the gate when it is closed.
type gated struct {
	net.Conn
	gate *gate
}

func (c *gated) Close() error {
	c.gate.mu.Lock()
	delete(c.gate.open, c.Conn)
	c.gate.mu.Unlock()
	return c.Conn.Close()
}
