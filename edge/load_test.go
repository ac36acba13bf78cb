package edge

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/wire"
)

// load is how long TestLoad measures each server at each number of connections; short, it only shows that it works.
var load = flag.Duration("load", 100*time.Millisecond, "how long TestLoad measures each server")

// leastLoad is how long it takes for figures to mean something; below it none are printed.
const leastLoad = time.Second

// generatorEnv makes the test binary the load generator, for where wrk is missing.
const generatorEnv = "RESTOCK_EDGE_LOAD"

func TestMain(m *testing.M) {
	if target := os.Getenv(generatorEnv); target != "" {
		os.Exit(generate(target))
	}
	os.Exit(m.Run())
}

// TestLoad compares captures with two peers in one run: the bare echo of the same POST, which is the limit, and one
// transaction with a sync per request. The load is 80 % e-mail and 20 % phone, from another process on the same cores.
func TestLoad(t *testing.T) {
	SpareProcessor() // as the program does
	measure := generatorMeasure
	if _, err := exec.LookPath("wrk"); err == nil {
		measure = wrkMeasure(t)
	}
	for _, connections := range []int{64, 256} {
		var limit float64
		for _, peer := range []struct {
			name  string
			serve func(*testing.T) *fasthttp.Server
		}{{"echo", echo}, {"ours", ours}, {"a sync per request", naive}} {
			t.Run(fmt.Sprintf("%d connections, %s", connections, peer.name), func(t *testing.T) {
				address, stop := serveOn(t, peer.serve(t))
				r := measure(t, address, connections, *load)
				stop()
				if peer.name == "echo" {
					limit = r.rate
				}
				if *load >= leastLoad {
					t.Logf("%d connections, %s: %.0f /s, %.0f %% of echo; p50 %s, p99 %s, longest %s; %d failed", connections, peer.name, r.rate, 100*r.rate/max(limit, 1), r.p50, r.p99, r.longest, r.failed)
				}
				if r.rate == 0 || r.failed > 0 {
					t.Errorf("answered %.0f requests a second, %d failed", r.rate, r.failed)
				}
			})
		}
	}
}

func serveOn(t *testing.T, s *fasthttp.Server) (address string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }() // ends with Shutdown
	return l.Addr().String(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.ShutdownWithContext(ctx) // connections of the generator are cut
	}
}

// bare is a server that does nothing beyond its handler.
func bare(h fasthttp.RequestHandler) *fasthttp.Server {
	return &fasthttp.Server{Handler: h, NoDefaultServerHeader: true, CloseOnShutdown: true, Logger: quiet{}}
}

func answerWaiting(ctx *fasthttp.RequestCtx) {
	ctx.SetStatusCode(fasthttp.StatusAccepted)
	ctx.SetContentType("application/json")
	ctx.SetBodyString(`{"result":"waiting"}`)
}

// echo reads the POST and answers as we do.
func echo(*testing.T) *fasthttp.Server {
	return bare(func(ctx *fasthttp.RequestCtx) {
		_ = ctx.PostBody()
		answerWaiting(ctx)
	})
}

// loadSources are how many shops the load is for: one alone would soon be beyond its limit.
const loadSources = 4

// ours is an edge as the program serves it: with its limits and time-outs, while marks come back for what it took.
func ours(t *testing.T) *fasthttp.Server {
	n := newEdge(t)
	limits := DefaultLimits
	n.clients, n.sources, n.addresses = newLimiter(limits.Client, time.Minute), newLimiter(limits.Source, time.Minute), newLimiter(limits.Address, time.Hour)
	for i := range loadSources {
		s := wire.EdgeSource{Name: core.SourceName(fmt.Sprint("shop", i)), Workspace: "default", Platform: core.Shopify, Region: "DE"}
		value, err := wire.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		configure(t, n, wire.SourceKey(s.Name), value)
	}
	ctx, stop := context.WithCancel(context.Background())
	var core sync.WaitGroup
	core.Go(func() { markAll(ctx, t, n) })
	t.Cleanup(func() {
		stop()
		core.Wait()
		commits, entries := n.store.Committed()
		t.Logf("captures per sync: %.1f; allocations per capture: %.1f", float64(entries)/float64(max(1, commits)), allocations(n))
	})
	return n.server()
}

// markAll does what uplink and core do with an edge's disk: reads the outbox in batches, and marks every 50 ms how far.
func markAll(ctx context.Context, t *testing.T, n *Node) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for sent := uint64(0); ; {
		raws, first, err := n.store.Next("default", sent)
		if err != nil {
			t.Error(err)
			return
		}
		if len(raws) > 0 {
			sent = first + uint64(len(raws)) - 1
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if err := n.store.Mark("default", sent); err != nil {
			t.Error(err)
			return
		}
	}
}

// allocations is how many a capture costs, from the handler to the answer; fasthttp's own reading is not in it.
func allocations(n *Node) float64 {
	handle := n.guard(n.route)
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, nil)
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI("/v1/captures")
	ctx.Request.Header.SetContentType("application/json")
	ctx.Request.SetBodyString(loadBody(rand.IntN(1e9), rand.New(rand.NewPCG(1, 1))))
	return testing.AllocsPerRun(1000, func() {
		ctx.Response.Reset()
		handle(&ctx)
	})
}

// naive checks as we do and commits each request by itself.
func naive(t *testing.T) *fasthttp.Server {
	db, err := badger.Open(badger.DefaultOptions(t.TempDir()).WithSyncWrites(true).WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	source := wire.EdgeSource{Name: "shop", Workspace: "default", Region: "DE"}
	var number atomic.Uint64
	guesses := newSlips()
	return bare(func(ctx *fasthttp.RequestCtx) {
		f, err := parseForm(string(ctx.Request.Header.ContentType()), ctx.PostBody())
		var c core.Capture
		if err == nil {
			c, err = f.check(source, guesses)
		}
		var raw wire.Raw
		if err == nil {
			raw, err = wire.Encode(wire.Capture{Capture: c})
		}
		if err == nil {
			err = db.Update(func(tx *badger.Txn) error { return tx.Set([]byte(fmt.Sprintf("%020d", number.Add(1))), raw) })
		}
		if err != nil {
			ctx.Error(err.Error(), fasthttp.StatusInternalServerError)
			return
		}
		answerWaiting(ctx)
	})
}

// result is what a generator measured.
type result struct {
	rate              float64 // requests a second
	p50, p99, longest time.Duration
	failed            int
}

// wrkScript posts captures; wrk hands each thread a state of its own.
const wrkScript = `
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local n = 0
request = function()
  n = n + 1
  local who
  if n % 5 == 0 then
    who = string.format('"phone":"0151 %%08d"', math.random(10000000, 99999999))
  else
    who = string.format('"email":"shopper%%d@example.com"', math.random(1, 1e9))
  end
  return wrk.format(nil, "/v1/captures", nil, '{"source":"shop' .. n % 4 .. '","variant":"1001",' .. who ..
    ',"locale":"de-DE","page":"https://shop.example/products/tee","elapsed_ms":4200,"consent":{"marketing":false,"text":"Tell me"}}')
end
`

func wrkMeasure(t *testing.T) func(*testing.T, string, int, time.Duration) result {
	script := filepath.Join(t.TempDir(), "captures.lua")
	if err := os.WriteFile(script, []byte(strings.ReplaceAll(wrkScript, "%%", "%")), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, address string, connections int, d time.Duration) result {
		seconds := max(1, int(d.Seconds()))
		out, err := exec.Command("wrk", "-t2", "-c", strconv.Itoa(connections), "-d", strconv.Itoa(seconds)+"s", "--latency", "-s", script, "http://"+address).CombinedOutput()
		if err != nil {
			t.Fatalf("wrk: %v\n%s", err, out)
		}
		return readWrk(t, string(out))
	}
}

var (
	wrkRate    = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkP50     = regexp.MustCompile(`(?m)^\s+50%\s+(\S+)`)
	wrkP99     = regexp.MustCompile(`(?m)^\s+99%\s+(\S+)`)
	wrkLongest = regexp.MustCompile(`Latency\s+\S+\s+\S+\s+(\S+)`)
	wrkFailed  = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

func readWrk(t *testing.T, out string) (r result) {
	t.Helper()
	find := func(e *regexp.Regexp) string {
		if m := e.FindStringSubmatch(out); m != nil {
			return m[1]
		}
		return ""
	}
	var err error
	if r.rate, err = strconv.ParseFloat(find(wrkRate), 64); err != nil {
		t.Fatalf("wrk said:\n%s", out)
	}
	r.p50, _ = time.ParseDuration(find(wrkP50))
	r.p99, _ = time.ParseDuration(find(wrkP99))
	r.longest, _ = time.ParseDuration(find(wrkLongest))
	r.failed, _ = strconv.Atoi(find(wrkFailed))
	return r
}

// generatorMeasure runs this test binary as the generator.
func generatorMeasure(t *testing.T, address string, connections int, d time.Duration) (r result) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", generatorEnv, address, connections, d))
	out, err := c.Output()
	if err != nil {
		t.Fatalf("generator: %v", err)
	}
	if _, err := fmt.Sscan(string(out), &r.rate, &r.p50, &r.p99, &r.longest, &r.failed); err != nil {
		t.Fatalf("generator said %q: %v", out, err)
	}
	return r
}

// generate posts captures from as many connections as asked for, and prints what it measured.
func generate(target string) int {
	var address string
	var connections int
	var text string
	if _, err := fmt.Sscan(target, &address, &connections, &text); err != nil {
		return 2
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 2
	}
	var mu sync.Mutex
	var all []time.Duration
	failed := 0
	end := time.Now().Add(d)
	var clients sync.WaitGroup
	for i := range connections {
		clients.Go(func() {
			waits, bad := postUntil(address, end, uint64(i))
			mu.Lock()
			defer mu.Unlock()
			all, failed = append(all, waits...), failed+bad
		})
	}
	clients.Wait()
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	at := func(share int) int64 { return int64(all[len(all)*share/1000]) }
	fmt.Println(float64(len(all))/d.Seconds(), at(500), at(990), int64(all[len(all)-1]), failed)
	return 0
}

// postUntil keeps one connection busy.
func postUntil(address string, end time.Time, seed uint64) (waits []time.Duration, failed int) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, 1
	}
	defer func() { _ = c.Close() }()
	r, random := bufio.NewReader(c), rand.New(rand.NewPCG(seed, 1))
	var answer fasthttp.Response
	for n := 0; time.Now().Before(end); n++ {
		begin := time.Now()
		if _, err := c.Write(loadRequest(n, random)); err != nil {
			return waits, failed + 1
		}
		if err := answer.Read(r); err != nil {
			return waits, failed + 1
		}
		if answer.StatusCode() != fasthttp.StatusAccepted {
			failed++
		}
		waits = append(waits, time.Since(begin))
	}
	return waits, failed
}

func loadBody(n int, random *rand.Rand) string {
	who := fmt.Sprintf(`"email":"shopper%d@example.com"`, random.IntN(1e9))
	if n%5 == 4 {
		who = fmt.Sprintf(`"phone":"0151 %08d"`, 10000000+random.IntN(89999999))
	}
	return fmt.Sprintf(`{"source":"shop%d","variant":"1001",`, n%loadSources) + who + `,"locale":"de-DE","page":"https://shop.example/products/tee","elapsed_ms":4200,"consent":{"marketing":false,"text":"Tell me"}}`
}

func loadRequest(n int, random *rand.Rand) []byte {
	body := loadBody(n, random)
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST /v1/captures HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", "edge", len(body), body)
	return b.Bytes()
}
