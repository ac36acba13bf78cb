package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
	"restock/core/sender/sendertest"
	"restock/core/sender/web"
)

func taken(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusCreated) }

func client(t *testing.T, p *sendertest.Provider, change func(*web.Config)) *web.Client {
	t.Helper()
	c := web.Config{Private: true, Roots: p.Roots(), Secrets: []string{"hunter2"}}
	change(&c)
	out := web.New(c)
	t.Cleanup(func() { _ = out.Close() })
	return out
}

// TestPrivateAddressesAreNotCalled: whatever a stranger names, and whatever a name resolves to.
func TestPrivateAddressesAreNotCalled(t *testing.T) {
	var calls atomic.Int32
	p := sendertest.NewProvider(t, false, func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		calls.Add(1)
		w.WriteHeader(http.StatusCreated)
	})
	_, port, _ := net.SplitHostPort(p.Listener.Addr().String())
	c := client(t, p, func(c *web.Config) { c.Private = false })
	for _, to := range []string{
		"https://127.0.0.1:" + port + "/secret-path", "https://localhost:" + port, "https://[::1]:" + port, "https://[::ffff:127.0.0.1]:" + port,
		"https://127.1:" + port, "https://0:" + port, "https://0.0.0.0:" + port, "https://169.254.169.254/latest/meta-data", "https://10.0.0.1", "https://[fd00::1]",
		"http://example.com", "ftp://example.com", "https://user:word@example.com", "https://", "example.com", "",
	} {
		_, failed := c.Post(t.Context(), to, nil, []byte("x"))
		if failed == nil || failed.Handed || strings.Contains(failed.Text, "secret-path") {
			t.Errorf("%s: %+v", to, failed)
			continue
		}
		// Some spellings are no address here and cannot be looked up either; they come to nothing in another way.
		if spelling := strings.Contains(to, "127.1") || strings.Contains(to, "//0:"); !failed.Refused && !spelling {
			t.Errorf("%s: %+v, want it to be refused for good", to, failed)
		}
	}
	if calls.Load() != 0 {
		t.Errorf("%d calls came through", calls.Load())
	}
}

func TestPublic(t *testing.T) {
	for host, want := range map[string]bool{
		"142.250.1.1": true, "2a00:1450:4001::1": true, "2606:4700::1": true, "::ffff:142.250.1.1": true, "64:ff9b::8efa:101": true,
		"127.0.0.1": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "172.32.0.1": true, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "100.128.0.1": true, "192.0.2.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false,
		"224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false, "192.88.99.1": false, "192.0.0.8": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "ff02::1": false, "2001:db8::1": false, "2001::1": false,
		"2002:7f00:1::": false, "64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "::ffff:10.0.0.1": false, "3fff::1": false, "100::1": false,
		"example.com": false, "": false,
	} {
		if got := web.Public(host); got != want {
			t.Errorf("%s is public: %t, want %t", host, got, want)
		}
	}
}

// FuzzPublic: no spelling of a private address is taken for a public one.
func FuzzPublic(f *testing.F) {
	for _, s := range []string{"127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2a00::1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, host string) {
		ip := net.ParseIP(host)
		if web.Public(host) && (ip == nil || ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified()) {
			t.Errorf("%q is public", host)
		}
	})
}

// TestHandedOver: until the last byte is on its way the message is certainly not taken; from then on nobody knows.
func TestHandedOver(t *testing.T) {
	p := sendertest.NewProvider(t, false, taken)
	c := client(t, p, func(c *web.Config) { c.Time = 3 * time.Second }) // enough for the hand-over on a busy machine
	p.Hang()
	_, failed := c.Post(t.Context(), p.URL, nil, []byte("x"))
	if failed == nil || !failed.Handed || !strings.Contains(failed.Text, "timeout") {
		t.Errorf("nobody answers: %+v", failed)
	}
	stuck := newSilent(t)
	_, failed = c.Post(t.Context(), stuck, nil, make([]byte, 64<<20)) // more than any socket holds
	if failed == nil || failed.Handed {
		t.Errorf("nobody reads: %+v", failed)
	}
	if o := failed.Outcome(core.LedgerKey{1}); o.Kind != core.OutcomeTemporary || o.Key != (core.LedgerKey{1}) {
		t.Errorf("its outcome is %+v", o)
	}
}

// newSilent is a server in the clear that takes connections and reads nothing.
func newSilent(t *testing.T) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String()
}

// TestAConnectionThatWasClosedMeanwhile is no reason to be unsure: nothing was written to it, and the call is made by another.
func TestAConnectionThatWasClosedMeanwhile(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		var calls atomic.Int32
		p := sendertest.NewProvider(t, http2, func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			calls.Add(1)
			w.WriteHeader(http.StatusCreated)
		})
		c := client(t, p, func(*web.Config) {})
		for n := range int32(5) {
			a, failed := c.Post(t.Context(), p.URL, nil, []byte("x"))
			if failed != nil || a.Status != http.StatusCreated || calls.Load() != n+1 {
				t.Fatalf("call %d: %+v, %+v, %d calls", n, a, failed, calls.Load())
			}
			p.Faults(nil)[sendertest.Unreachable]()
			_, failed = c.Post(t.Context(), p.URL, nil, []byte("x"))
			if failed == nil || failed.Handed || calls.Load() != n+1 {
				t.Fatalf("nobody is there: %+v, %d calls", failed, calls.Load())
			}
		}
	}
}

func TestErrorsTellNoSecret(t *testing.T) {
	p := sendertest.NewProvider(t, false, taken)
	c := client(t, p, func(c *web.Config) { c.Roots = nil })
	_, failed := c.Post(t.Context(), p.URL+"/hunter2/path", nil, []byte("x"))
	if failed == nil || strings.Contains(failed.Text, "hunter2") || strings.Contains(failed.Text, "path") || !strings.Contains(failed.Text, "certificate") {
		t.Errorf("a certificate that nobody knows: %+v", failed)
	}
	if got := c.Clean("it said hunter2"); got != "it said ***" {
		t.Errorf("cleaned it is %q", got)
	}
	_ = c.Close()
	if _, failed = c.Post(t.Context(), p.URL, nil, []byte("x")); failed == nil || failed.Handed || failed.Text != "the sender is closed" {
		t.Errorf("after closing: %+v", failed)
	}
}

// TestAnswer keeps what is asked for, within bounds, and follows nobody.
func TestAnswer(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	p := sendertest.NewProvider(t, false, func(w http.ResponseWriter, r *http.Request, body []byte) {
		if string(body) != "the body" || r.Header.Get("X-A") != "b" || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("it came as %q with %v", body, r.Header)
		}
		w.Header().Set("Location", elsewhere.URL)
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTemporaryRedirect)
		_, _ = io.WriteString(w, strings.Repeat("x", 2*web.MaxAnswer))
	})
	a, failed := client(t, p, func(*web.Config) {}).Post(t.Context(), p.URL, http.Header{"x-a": {"b"}}, []byte("the body"))
	if failed != nil || a.Status != http.StatusTemporaryRedirect || len(a.Body) != web.MaxAnswer || a.After != 7*time.Second {
		t.Errorf("%d, %d bytes, after %s, %v", a.Status, len(a.Body), a.After, failed)
	}
}

func TestACallThatWasOverBeforeItBegan(t *testing.T) {
	p := sendertest.NewProvider(t, false, taken)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, failed := client(t, p, func(*web.Config) {}).Post(ctx, p.URL, nil, []byte("x"))
	if failed == nil || failed.Handed || failed.Text != "the call was ended: context canceled" {
		t.Errorf("%+v", failed)
	}
}

func TestAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"120": 2 * time.Minute, " 5 ": 5 * time.Second, "0": 0, "": 0, "-1": 0, "1.5": 0, "soon": 0, "99999999999999999999": 0,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute, "Fri, 02 Jan 2026 03:03:05 GMT": 0,
	} {
		if got := web.After(text, now); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
