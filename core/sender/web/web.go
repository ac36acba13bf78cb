// Package web is how senders that speak HTTP call their provider: once per message, with bounds on everything that comes
// back, and no further than they may.
//
// Where a call goes may be a stranger's to say: a push endpoint is what a shopper's browser claims. So connections are
// made to public addresses only, whatever a name resolves to (see Public), unless the operator allows others; redirects
// are not followed, and a proxy, which would connect wherever it is told, is used only for hosts that operators named.
//
// A call that fails says whether the request had been handed over: before that the provider certainly has not taken the
// message, from then on nobody knows.
package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"restock/core"
	"restock/core/sender"
)

// Bounds of a call.
const (
	CallTime  = 30 * time.Second // the whole of it, unless the configuration says less
	dialTime  = 10 * time.Second // connection and TLS, each
	MaxAnswer = 64 << 10         // bytes of an answer's body that are read, and of its headers
	idleTime  = 30 * time.Second // servers close idle connections after 60 and more: we are the first to
)

// Config is what a Client needs.
type Config struct {
	Private bool           // addresses that are not public may be connected to, and http:// may be called
	Proxy   bool           // the environment's proxy is used (HTTPS_PROXY)
	Roots   *x509.CertPool // who is believed; nil: whom the system believes
	Secrets []string       // that no text of an error may repeat
	Time    time.Duration  // of a call; 0: CallTime
}

// Client calls. It may be used by many goroutines.
type Client struct {
	config Config
	client *http.Client
	closed atomic.Bool
}

// New makes a client; no connection is made yet.
func New(c Config) *Client {
	if c.Time == 0 {
		c.Time = CallTime
	}
	dialer := &net.Dialer{Timeout: dialTime}
	if !c.Private {
		dialer.Control = guard
	}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTime,
		IdleConnTimeout:        idleTime,
		MaxIdleConnsPerHost:    core.MaxConcurrency,
		MaxResponseHeaderBytes: MaxAnswer,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
	}
	if c.Proxy {
		transport.Proxy = http.ProxyFromEnvironment
		dialer.Control = nil // the proxy may well stand on the operator's own network
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{config: c, client: &http.Client{Transport: transport, CheckRedirect: stay}}
}

// Close gives up connections that are not in use; calls that come later fail before the hand-over.
func (c *Client) Close() error {
	c.closed.Store(true)
	c.client.CloseIdleConnections()
	return nil
}

// Answer is what a provider answered, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte        // the first MaxAnswer bytes at most, or as many as came
	After  time.Duration // its Retry-After; 0: none
}

// Error is why no answer came.
type Error struct {
	Handed  bool   // the request may have reached the provider
	Refused bool   // it was not made, and never will be: the address is one that may not be called
	Text    string // what failed; neither the URL nor a secret is in it
}

func (e *Error) Error() string { return e.Text }

// Outcome is what the failure of a call means for its message.
func (e *Error) Outcome(key core.LedgerKey) core.Outcome {
	if e.Handed {
		return sender.Unknown(key, e.Text)
	}
	return sender.Temporary(key, e.Text)
}

// Post sends body, which is not empty, once. An answer of any status is an answer; else err says what failed.
func (c *Client) Post(ctx context.Context, to string, header http.Header, body []byte) (a Answer, failed *Error) {
	if c.closed.Load() {
		return a, &Error{Text: "the sender is closed"}
	}
	if why := c.wrong(to); why != "" {
		return a, &Error{Refused: true, Text: why}
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Time)
	defer cancel()
	var handed atomic.Bool
	r, err := request(ctx, to, header, body, &handed)
	if err != nil {
		return a, &Error{Refused: true, Text: "the URL cannot be called"}
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return a, c.failed(ctx, err, handed.Load())
	}
	defer func() { _ = answer.Body.Close() }()
	a = Answer{Status: answer.StatusCode, Header: answer.Header, After: After(answer.Header.Get("Retry-After"), time.Now())}
	a.Body, _ = io.ReadAll(io.LimitReader(answer.Body, MaxAnswer)) // the status says it; what is lost of the rest is lost
	return a, nil
}

// wrong says why a URL is not called.
func (c *Client) wrong(to string) string {
	u, err := url.Parse(to)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil:
		return "the URL cannot be called"
	case u.Scheme == "https" || u.Scheme == "http" && c.config.Private:
		return ""
	}
	return "only https:// is called"
}

// request makes a request whose body says when it was read to its end, which is before its last bytes are written. The
// transport takes the body anew only for a request of which it knows that nothing was processed.
func request(ctx context.Context, to string, header http.Header, body []byte, handed *atomic.Bool) (*http.Request, error) {
	fresh := func() (io.ReadCloser, error) {
		handed.Store(false)
		return &watched{bytes.NewReader(body), handed}, nil
	}
	first, _ := fresh()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, first)
	if err != nil {
		return nil, err
	}
	r.ContentLength, r.GetBody = int64(len(body)), fresh
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	r.Header.Set("User-Agent", "Restock (stock alerts)")
	return r, nil
}

// watched is a body that notes when its last byte was taken. It shows nothing but Read, so that nobody passes it by.
type watched struct {
	body   *bytes.Reader
	handed *atomic.Bool
}

func (w *watched) Read(p []byte) (n int, err error) {
	if w.body.Len() <= len(p) {
		w.handed.Store(true)
	}
	return w.body.Read(p)
}

func (w *watched) Close() error { return nil }

// failed says why no answer came. The error of package http names the URL, which may be a secret: it is left out.
func (c *Client) failed(ctx context.Context, err error, handed bool) *Error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	var private *privateError
	var timeout net.Error
	text := c.Clean(err.Error())
	switch {
	case errors.As(err, &private):
		return &Error{Refused: true, Text: private.Error()}
	case errors.Is(ctx.Err(), context.Canceled):
		text = "the call was ended: " + context.Canceled.Error()
	case errors.As(err, &timeout) && timeout.Timeout():
		text = "timeout: no answer came in time"
	}
	if handed {
		text = "waiting for the answer: " + text
	}
	return &Error{Handed: handed, Text: text}
}

// Clean takes the configuration's secrets out of a stranger's text.
func (c *Client) Clean(text string) string {
	for _, s := range c.config.Secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}

// After reads Retry-After (RFC 9110, section 10.2.3), seconds or a date; 0 for none and for nonsense.
func After(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(strings.TrimSpace(text), 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// guard lets only public addresses be connected to. It sees what a name was resolved to, at the moment of connecting: a
// name that answers otherwise a second time gains nothing.
func guard(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("reading address: %w", err)
	}
	if !Public(host) {
		return &privateError{host}
	}
	return nil
}

type privateError struct{ address string }

func (e *privateError) Error() string {
	return "connecting: " + e.address + " is not a public address, and may not be called"
}
