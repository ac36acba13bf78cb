package edge

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/wire"
)

func TestLimiter(t *testing.T) {
	l := newLimiter(3, time.Minute) // three at once, then one every 20 s
	for _, c := range []struct {
		at   time.Duration
		key  string
		wait time.Duration
	}{
		{0, "a", 0}, {0, "a", 0}, {0, "a", 0}, {0, "a", 20 * time.Second},
		{0, "b", 0}, // another key is another matter
		{15 * time.Second, "a", 5 * time.Second},
		{20 * time.Second, "a", 0}, {20 * time.Second, "a", 20 * time.Second},
		{time.Hour, "a", 0}, {time.Hour, "a", 0}, {time.Hour, "a", 0}, {time.Hour, "a", 20 * time.Second},
	} {
		if got := l.allow([]byte(c.key), c.at); got != c.wait {
			t.Errorf("%s at %s has to wait %s, want %s", c.key, c.at, got, c.wait)
		}
	}
	none := newLimiter(0, time.Minute)
	for range 5 {
		if none.allow([]byte("a"), 0) != 0 {
			t.Error("no limit limits")
		}
	}
}

func TestWhatCameToNothingDoesNotCount(t *testing.T) {
	l := newLimiter(2, time.Minute)
	a := []byte("a")
	for range 5 {
		if l.allow(a, 0) != 0 {
			t.Fatal("what was given back counts")
		}
		l.giveBack(a)
	}
	l.giveBack([]byte("never seen"))
	for i, want := range []time.Duration{0, 0, 30 * time.Second} {
		if wait := l.allow(a, 0); wait != want {
			t.Errorf("request %d has to wait %s, want %s", i, wait, want)
		}
	}
}

func TestLimiterMemoryIsBounded(t *testing.T) {
	l := newLimiter(2, time.Hour)
	hog := []byte("hog")
	l.allow(hog, 0)
	for i := range 2 * limiterShards * keysPerShard {
		l.allow(fmt.Append(nil, "stranger", i), 0)
	}
	keys := 0
	for i := range l.shards {
		keys += len(l.shards[i].when)
	}
	if keys > limiterShards*keysPerShard {
		t.Errorf("%d keys are kept, want at most %d", keys, limiterShards*keysPerShard)
	}
}

func TestLimiterHammer(t *testing.T) {
	l := newLimiter(100, time.Hour)
	var allowed sync.Map
	var users sync.WaitGroup
	for u := range 8 {
		users.Go(func() {
			n := 0
			for range 1000 {
				if l.allow([]byte("one"), 0) == 0 {
					n++
				}
				l.allow(fmt.Append(nil, u), 0)
			}
			allowed.Store(u, n)
		})
	}
	users.Wait()
	sum := 0
	allowed.Range(func(_, n any) bool { sum += n.(int); return true })
	if sum != 100 {
		t.Errorf("%d were allowed, want 100", sum)
	}
}

func TestClientAddress(t *testing.T) {
	for _, c := range []struct{ name, peer, forwarded, want string }{
		{"no proxy is believed that is not named", "198.51.100.1", "203.0.113.9", "198.51.100.1"},
		{"the proxy's word", "10.0.0.1", "203.0.113.9", "203.0.113.9"},
		{"what the client wrote itself stands left", "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"},
		{"through two proxies", "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.2.2.2", "203.0.113.9"},
		{"nonsense is not believed, nor what stands left of it", "10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"},
		{"a zone is no part of an address", "10.0.0.1", "fe80::1%<b>eth0", "fe80::1"},
		{"IPv6", "10.0.0.1", "2001:db8::1", "2001:db8::1"},
		{"IPv4 in IPv6", "::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"},
		{"with a port", "10.0.0.1", "203.0.113.9:4711", "203.0.113.9"},
		{"no header", "10.0.0.1", "", "10.0.0.1"},
		{"only proxies", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
	} {
		p, err := parseProxies([]string{"10.0.0.0/8"})
		if err != nil {
			t.Fatal(err)
		}
		var ctx fasthttp.RequestCtx
		ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.ParseIP(c.peer)}, nil)
		if c.forwarded != "" {
			ctx.Request.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := p.client(&ctx).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if _, err := parseProxies([]string{"10.0.0.0/33"}); err == nil {
		t.Error("a network of 33 bits was taken")
	}
}

func TestLimitKeys(t *testing.T) {
	key := func(s string) [16]byte { k, _ := limitKey(netip.MustParseAddr(s)); return k }
	if key("2001:db8::1") != key("2001:db8::ffff:1") || key("2001:db8::1") == key("2001:db8:0:1::1") {
		t.Error("IPv6 clients are not told apart by /64")
	}
	if key("203.0.113.1") == key("203.0.113.2") {
		t.Error("IPv4 clients are not told apart")
	}
	if _, ok := limitKey(netip.MustParseAddr("127.0.0.1")); ok {
		t.Error("a proxy on this machine that nobody named is limited")
	}
}

func TestLimitsOfCaptures(t *testing.T) {
	body := func(i int) string {
		return fmt.Sprintf(`{"source":"shop","variant":"1","email":"c%d@example.com"}`, i)
	}
	n := newEdge(t)
	n.clients = newLimiter(2, time.Hour)
	for i, want := range []int{202, 202, 429} {
		if r := postCapture(n, "application/json", body(i)); r.StatusCode() != want {
			t.Errorf("capture %d of a client was answered %d, want %d", i, r.StatusCode(), want)
		} else if want == 429 && len(r.Header.Peek("Retry-After")) == 0 {
			t.Error("no Retry-After")
		}
	}
	n = newEdge(t)
	n.sources = newLimiter(1, time.Hour)
	for i, want := range []int{202, 429} {
		if r := postCapture(n, "application/json", body(i)); r.StatusCode() != want {
			t.Errorf("capture %d of a source was answered %d, want %d", i, r.StatusCode(), want)
		}
	}
}

func TestALimitedAddressIsAnsweredLikeAnyOther(t *testing.T) {
	n := newEdge(t)
	n.addresses = newLimiter(1, time.Hour)
	var answers []string
	for range 2 {
		r := postCapture(n, "application/json", `{"source":"shop","variant":"1","email":"victim@example.com"}`)
		answers = append(answers, fmt.Sprint(r.StatusCode(), string(r.Body()), r.Header.String()))
	}
	if answers[0] != answers[1] {
		t.Errorf("answers differ:\n%s\n%s", answers[0], answers[1])
	}
	entries := kept(t, n)
	if len(entries) != 2 || entries[0].(wire.Capture).Capture.Trapped != "" || entries[1].(wire.Capture).Capture.Trapped != core.TrapLimited {
		t.Errorf("kept %+v", entries)
	}
}
