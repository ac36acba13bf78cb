package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"restock/core"
)

// Config is what a Caller needs.
type Config struct {
	Base      string              // https://host/path; http only on this machine
	Secrets   []string            // that are never shown, whoever repeats them
	Authorize func(*http.Request) // adds what the shop asks for; nil: nothing
	Limit     int64               // bytes of an answer, at most; 0: MaxAnswer
	Time      time.Duration       // of one try; 0: a minute

	// Pause waits between tries; nil: by the clock. It returns the context's error when that ends first.
	Pause func(ctx context.Context, d time.Duration) error
}

// Caller calls one API. It is for one goroutine.
type Caller struct {
	config Config
	base   *url.URL
	client *http.Client
}

// How a call is repeated.
const (
	Tries     = 4               // at most
	firstWait = 1 * time.Second // after the first; it doubles, and up to half of it is added
	longest   = 2 * time.Minute // that a shop's Retry-After is waited for within a call
	callTime  = time.Minute     // of one try
	dialTime  = 10 * time.Second
)

// New makes a caller, or says what is wrong with its base.
func New(c Config) (*Caller, error) {
	base, err := url.Parse(c.Base)
	if err != nil || !allowed(base) || base.User != nil {
		return nil, &Error{Reason: Refused, Text: "want an address that begins with https:// (http:// for this machine alone), without user"}
	}
	if c.Limit == 0 {
		c.Limit = MaxAnswer
	}
	if c.Time == 0 {
		c.Time = callTime
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	if c.Authorize == nil {
		c.Authorize = func(*http.Request) {}
	}
	return &Caller{config: c, base: base, client: client(c.Time)}, nil
}

// client keeps connections for the length of a reading, not longer.
func client(limit time.Duration) *http.Client {
	return &http.Client{
		Timeout:       limit,
		CheckRedirect: sameHost,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: dialTime}).DialContext,
			TLSHandshakeTimeout:   dialTime,
			ResponseHeaderTimeout: limit,
			MaxIdleConnsPerHost:   2,
			IdleConnTimeout:       30 * time.Second,
			ForceAttemptHTTP2:     true,
		},
	}
}

// Close gives up the connections that are kept.
func (c *Caller) Close() { c.client.CloseIdleConnections() }

// allowed says whether an address may be called: secrets travel encrypted, or not beyond this machine.
func allowed(u *url.URL) bool {
	switch u.Scheme {
	case "https":
		return u.Hostname() != ""
	case "http":
		return core.Loopback(u.Hostname())
	}
	return false
}

var errRedirect = errors.New("it answers with a redirect to another address; name that one in the source")

// sameHost follows redirects within a host, for readings only: what was sent to one host is for nobody else's eyes.
func sameHost(r *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 3 || first.Method != http.MethodGet || r.URL.Scheme != first.URL.Scheme || r.URL.Host != first.URL.Host {
		return errRedirect
	}
	return nil
}

// Answer is a 2xx of a shop, or a 304.
type Answer struct {
	Header    http.Header
	Body      []byte
	Unchanged bool
}

// Get reads what lies at path below the base.
func (c *Caller) Get(ctx context.Context, path string, q url.Values, header http.Header) (Answer, error) {
	return c.call(ctx, http.MethodGet, path, q, header, nil)
}

// Post sends JSON to path below the base. It is repeated like a Get: who posts queries.
func (c *Caller) Post(ctx context.Context, path string, body []byte) (Answer, error) {
	return c.call(ctx, http.MethodPost, path, nil, http.Header{"Content-Type": {"application/json"}}, body)
}

// call tries until an answer is one that another try would not change.
func (c *Caller) call(ctx context.Context, method, path string, q url.Values, header http.Header, body []byte) (Answer, error) {
	for try := 1; ; try++ {
		a, err := c.try(ctx, method, path, q, header, body)
		var failed *Error
		if err == nil || !errors.As(err, &failed) {
			return a, err
		}
		wait := max(backoff(try), failed.After.Go())
		if try == Tries || !again(failed) || wait > longest {
			return a, err
		}
		if err := c.config.Pause(ctx, wait); err != nil {
			return a, err
		}
	}
}

func again(e *Error) bool { return e.Reason == Throttled || e.Reason == Unavailable }

// backoff is how long to wait after a try, not everybody equally long.
func backoff(try int) time.Duration {
	d := firstWait << (try - 1)
	return d + rand.N(d/2)
}

func (c *Caller) try(ctx context.Context, method, path string, q url.Values, header http.Header, body []byte) (Answer, error) {
	u := *c.base
	u.Path = strings.TrimRight(u.Path, "/") + path
	if path == "" {
		u.Path = c.base.Path
	}
	if len(q) > 0 {
		u.RawQuery = q.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return Answer{}, &Error{Reason: Refused, Text: "its address cannot be called"}
	}
	for name, values := range header {
		r.Header[name] = values
	}
	r.Header.Set("User-Agent", "Restock (stock alerts)")
	c.config.Authorize(r)
	answer, err := c.client.Do(r)
	if err != nil {
		return Answer{}, c.network(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	return c.read(ctx, answer)
}

// read takes an answer's body, within the bound.
func (c *Caller) read(ctx context.Context, r *http.Response) (Answer, error) {
	if failed := c.judge(r); failed != nil {
		return Answer{}, failed
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, c.config.Limit+1))
	if err != nil {
		return Answer{}, c.network(ctx, err)
	}
	if int64(len(b)) > c.config.Limit {
		return Answer{}, &Error{Reason: TooLarge, Status: r.StatusCode, Text: "it answers with more than " + strconv.FormatInt(c.config.Limit>>20, 10) + " MiB"}
	}
	return Answer{Header: r.Header, Body: b, Unchanged: r.StatusCode == http.StatusNotModified}, nil
}

// judge says what an answer's status comes to; nil for those that have what was asked for.
func (c *Caller) judge(r *http.Response) *Error {
	e := &Error{Status: r.StatusCode, After: retryAfter(r.Header.Get("Retry-After"), time.Now())}
	switch s := r.StatusCode; {
	case s >= 200 && s < 300 || s == http.StatusNotModified:
		return nil
	case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusPaymentRequired:
		e.Reason, e.Text = Unauthorized, "it does not take the key: see that it is right, has not expired and may read products and inventory"
	case s == http.StatusTooManyRequests:
		e.Reason, e.Text = Throttled, "it asks for fewer calls"
	case s >= 500 || s == http.StatusRequestTimeout:
		e.Reason, e.Text = Unavailable, "it is in trouble itself"
	default:
		e.Reason, e.Text = Refused, "it does not take the call: see that the address is the shop's"
	}
	return e
}

// network says why no answer came. The error of package http names the address, which may hold a secret: it is left out.
func (c *Caller) network(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, errRedirect) {
		return &Error{Reason: Refused, Text: errRedirect.Error()}
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &Error{Reason: Unavailable, Text: "no whole answer came within " + c.config.Time.String()}
	}
	return &Error{Reason: Unavailable, Text: c.Clean(err.Error())}
}

// Clean makes a stranger's text fit for logs: one line, cut, without secrets.
func (c *Caller) Clean(text string) string {
	for _, s := range c.config.Secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	return strings.ToValidUTF8(text[:min(len(text), maxText)], "")
}

// maxText bounds what is shown of a shop's own words, in bytes.
const maxText = 256

// retryAfter reads the header (RFC 9110, section 10.2.3), seconds or a date; 0 for none. Shopify sends seconds with
// decimals.
func retryAfter(text string, now time.Time) core.Milliseconds {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds > 0 && seconds < 1e6 {
		return core.Milliseconds(seconds * 1000)
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return core.MillisecondsOf(at.Sub(now))
	}
	return 0
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Pause waits as the configuration says.
func (c *Caller) Pause(ctx context.Context, d time.Duration) error { return c.config.Pause(ctx, d) }
