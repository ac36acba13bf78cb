package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
)

// shop answers with one answer after another, the last of them for ever, and counts the calls.
type shop struct {
	*httptest.Server
	calls   atomic.Int32
	answers []http.HandlerFunc
}

func newShop(t *testing.T, answers ...http.HandlerFunc) *shop {
	t.Helper()
	s := &shop{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := int(s.calls.Add(1))
		s.answers[min(call, len(s.answers))-1](w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "hunter2 says hello")
	}
}

// cut ends in the middle of a body.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, "half")
}

// never answers until the caller hangs up.
func never(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// waits notes how long was waited, without waiting.
type waits []time.Duration

func (w *waits) pause(ctx context.Context, d time.Duration) error {
	*w = append(*w, d)
	return ctx.Err()
}

func newCaller(t *testing.T, s *shop, w *waits, edit func(*Config)) *Caller {
	t.Helper()
	c := Config{Base: s.URL, Secrets: []string{"hunter2"}, Pause: w.pause}
	if edit != nil {
		edit(&c)
	}
	caller, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(caller.Close)
	return caller
}

func TestWhatIsTriedAgain(t *testing.T) {
	elsewhere := newShop(t, status(200))
	for _, tt := range []struct {
		name    string
		answers []http.HandlerFunc
		calls   int
		reason  core.Reason // "": it works in the end
	}{
		{"at once", []http.HandlerFunc{status(200)}, 1, ""},
		{"a server in trouble", []http.HandlerFunc{status(500), status(503), status(200)}, 3, ""},
		{"always in trouble", []http.HandlerFunc{status(502)}, Tries, Unavailable},
		{"throttled", []http.HandlerFunc{status(429), status(200)}, 2, ""},
		{"throttled for too long", []http.HandlerFunc{status(429, "Retry-After", "3600")}, 1, Throttled},
		{"cut off", []http.HandlerFunc{cut, status(200)}, 2, ""},
		{"always cut off", []http.HandlerFunc{cut}, Tries, Unavailable},
		{"a token that has expired", []http.HandlerFunc{status(401)}, 1, Unauthorized},
		{"a scope that is missing", []http.HandlerFunc{status(403)}, 1, Unauthorized},
		{"nothing there", []http.HandlerFunc{status(404)}, 1, Refused},
		{"a redirect within the host", []http.HandlerFunc{status(302, "Location", "/there"), status(200)}, 2, ""},
		{"a redirect elsewhere", []http.HandlerFunc{status(302, "Location", elsewhere.URL+"/x")}, 1, Refused},
		{"redirects without end", []http.HandlerFunc{status(302, "Location", "/again")}, 4, Refused},
		{"more than is taken", []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 2<<20))
		}}, 1, TooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, w := newShop(t, tt.answers...), waits{}
			a, err := newCaller(t, s, &w, func(c *Config) { c.Limit = 1 << 20 }).Get(t.Context(), "/x", nil, nil)
			if calls := int(s.calls.Load()); calls != tt.calls {
				t.Errorf("%d calls, want %d", calls, tt.calls)
			}
			if tt.reason == "" && (err != nil || len(a.Body) == 0) || tt.reason != "" && (err == nil || ReasonOf(err) != tt.reason) {
				t.Errorf("got %q and %v, want reason %q", a.Body, err, tt.reason)
			}
			if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), s.URL)) {
				t.Errorf("the error tells too much: %v", err)
			}
		})
	}
	if elsewhere.calls.Load() > 0 {
		t.Error("a redirect to another host was followed")
	}
}

func TestWaitsGrowAndFollowTheShop(t *testing.T) {
	s, w := newShop(t, status(500), status(500), status(429, "Retry-After", "42"), status(200)), waits{}
	if _, err := newCaller(t, s, &w, nil).Get(t.Context(), "", nil, nil); err != nil {
		t.Fatal(err)
	}
	if len(w) != 3 || w[0] < time.Second || w[0] > 1500*time.Millisecond || w[1] < 2*time.Second || w[1] > 3*time.Second || w[2] != 42*time.Second {
		t.Errorf("waited %v, want 1s, 2s (each with up to half more) and 42s", w)
	}
}

func TestSlowShops(t *testing.T) {
	s, w := newShop(t, never, status(200)), waits{}
	caller := newCaller(t, s, &w, func(c *Config) { c.Time = time.Second }) // enough to be asked on a busy machine
	if _, err := caller.Get(t.Context(), "", nil, nil); err != nil || s.calls.Load() != 2 {
		t.Errorf("%d calls and %v, want a second try that works", s.calls.Load(), err)
	}
	s, w = newShop(t, never), waits{}
	ctx, cancel := context.WithCancelCause(t.Context())
	s.answers[0] = func(w http.ResponseWriter, r *http.Request) { cancel(nil); never(w, r) }
	if _, err := newCaller(t, s, &w, nil).Get(ctx, "", nil, nil); !errors.Is(err, context.Canceled) || len(w) != 0 {
		t.Errorf("a node that stops waited %v and got %v", w, err)
	}
}

// TestNobodyThere: the port is closed, and the error names neither it nor a secret in the address.
func TestNobodyThere(t *testing.T) {
	s, w := newShop(t, status(200)), waits{}
	caller := newCaller(t, s, &w, func(c *Config) { c.Base = s.URL + "/feed?key=hunter2" })
	s.Close()
	_, err := caller.Get(t.Context(), "", nil, nil)
	if ReasonOf(err) != Unavailable || len(w) != Tries-1 || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("waited %v and got %v", w, err)
	}
}

func TestAddresses(t *testing.T) {
	for base, ok := range map[string]bool{
		"https://shop.example": true, "https://shop.example/de/": true, "http://127.0.0.1:1": true, "http://localhost:1": true, "http://[::1]:1": true,
		"http://shop.example": false, "http://10.0.0.1": false, "ftp://shop.example": false, "https://": false, "https://a:b@shop.example": false,
		"http://127.0.0.1.shop.example": false, "": false,
	} {
		if _, err := New(Config{Base: base}); (err == nil) != ok {
			t.Errorf("%q: %v, want it to be taken: %v", base, err, ok)
		}
	}
}

func TestWhereACallGoes(t *testing.T) {
	for _, tt := range []struct{ base, path, want string }{
		{"", "/a", "/a"}, {"/de/", "/a", "/de/a"}, {"/de", "/a", "/de/a"}, {"/feed.csv?key=1", "", "/feed.csv?key=1"},
	} {
		got := ""
		s, w := newShop(t, func(_ http.ResponseWriter, r *http.Request) { got = r.URL.String() }), waits{}
		if _, err := newCaller(t, s, &w, func(c *Config) { c.Base += tt.base }).Get(t.Context(), tt.path, nil, nil); err != nil || got != tt.want {
			t.Errorf("%q and %q went to %q (%v), want %q", tt.base, tt.path, got, err, tt.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]core.Milliseconds{
		"2": 2000, "2.0": 2000, "0.5": 500, "-1": 0, "": 0, "soon": 0, "1e300": 0, "NaN": 0,
		"Fri, 02 Jan 2026 03:05:05 GMT": 60_000, "Fri, 02 Jan 2026 03:03:05 GMT": 0,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q is %d ms, want %d", text, got, want)
		}
	}
}

func TestCleanTextsAreOneShortLine(t *testing.T) {
	s, w := newShop(t, status(200)), waits{}
	c := newCaller(t, s, &w, nil)
	if got := c.Clean("a\nhunter2\x00 b \xff"); got != "a [secret]  b ?" {
		t.Errorf("got %q", got)
	}
	if got := c.Clean(strings.Repeat("ü", 1000)); len(got) != maxText || got != strings.Repeat("ü", maxText/2) {
		t.Errorf("got %d bytes", len(got))
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	e := fmt.Errorf("reading: %w", &Error{Reason: Unauthorized, Status: 401, Text: "see"})
	if ReasonOf(e) != Unauthorized || !strings.Contains(e.Error(), "HTTP 401") || ReasonOf(errors.New("x")) != Unavailable {
		t.Errorf("got %v", e)
	}
}
