package edge

import (
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"restock/edge/waitlist"
)

var soakCaptures = flag.Int("soak.captures", 20_000, "how many captures TestSoak takes; from a million on it judges")

// What a soak of a million captures and more may take.
const (
	soakEntryBytes  = 200       // on disk for each waiting entry
	soakMemoryBytes = 768 << 20 // of the process at its peak, the test's own share included
)

// TestSoak lets an edge take a day's captures in minutes, each of another address, while what a core would do goes on: the
// outbox is read and marked. Then it is closed and opened again.
func TestSoak(t *testing.T) {
	n := newEdge(t)
	m := watchMemory()
	var ended atomic.Bool
	var core sync.WaitGroup
	core.Go(func() { applyAll(t, n.store, &ended) })
	begin := time.Now()
	var shoppers sync.WaitGroup
	const clients = 200
	for c := range clients {
		shoppers.Go(func() { askMany(t, n, c, *soakCaptures/clients) })
	}
	shoppers.Wait()
	took := time.Since(begin)
	ended.Store(true)
	core.Wait()
	if left := n.store.Pending(); left != 0 {
		t.Fatalf("%d captures are still in the outbox", left)
	}
	entries := *soakCaptures / clients * clients
	t.Logf("%d captures in %s (%.0f /s), marked %s later", entries, took.Round(time.Millisecond), float64(entries)/took.Seconds(), (time.Since(begin) - took).Round(time.Millisecond))
	reopen(t, n, entries, m)
}

// reopen closes and opens the edge's disk, and judges what it holds.
func reopen(t *testing.T, n *Node, entries int, m *memory) {
	t.Helper()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	size := folderBytes(t, n.config.Data)
	begin := time.Now()
	s, err := waitlist.Open(n.config.Data, nil, n.config.Log)
	if err != nil {
		t.Fatal(err)
	}
	restart := time.Since(begin)
	defer func() { _ = s.Close() }()
	memory := m.most()
	t.Logf("%.0f bytes on disk for each of %d entries; restart in %s; %d MiB of memory at the peak", float64(size)/float64(entries), entries, restart.Round(time.Millisecond), memory>>20)
	if entries < 1_000_000 {
		return
	}
	if size > int64(entries)*soakEntryBytes {
		t.Errorf("an entry takes %d bytes on disk, at most %d are allowed", size/int64(entries), soakEntryBytes)
	}
	if memory > soakMemoryBytes {
		t.Errorf("%d MiB of memory were in use, at most %d are allowed", memory>>20, soakMemoryBytes>>20)
	}
}

// applyAll does what uplink and core do to the store: reads what is there, and marks it.
func applyAll(t *testing.T, s *waitlist.Store, ended *atomic.Bool) {
	for after := uint64(0); ; {
		last := ended.Load()
		raws, first, err := s.Next("default", after)
		if err == nil && len(raws) > 0 {
			after = first + uint64(len(raws)) - 1
			err = s.Mark("default", after)
		}
		if err != nil {
			t.Error(err)
			return
		}
		if len(raws) == 0 && last {
			return
		}
		if len(raws) == 0 {
			<-s.Wake("default")
		}
	}
}

// askMany posts captures straight to the handler, each of another address.
func askMany(t *testing.T, n *Node, client, captures int) {
	random := rand.New(rand.NewPCG(uint64(client), 3))
	handle := n.guard(n.route)
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, nil)
	for i := range captures {
		ctx.Request.Reset()
		ctx.Response.Reset()
		ctx.Request.Header.SetMethod("POST")
		ctx.Request.SetRequestURI("/v1/captures")
		ctx.Request.Header.SetContentType("text/plain")
		ctx.Request.SetBodyString(fmt.Sprintf(`{"source":"shop","variant":"%d","email":"shopper.%d.%d@example.com","locale":"de-DE","market":"eu",`+
			`"page":"https://shop.example/products/tee-%d","form":"2","elapsed_ms":4200,"consent":{"marketing":false,`+
			`"text":"Tell me once when this is back. I can unsubscribe at any time. See our privacy policy."}}`,
			40_000_000_000_000+random.IntN(5000), client, i, random.IntN(800)))
		handle(&ctx)
		if ctx.Response.StatusCode() != fasthttp.StatusAccepted {
			t.Errorf("answered %d %s", ctx.Response.StatusCode(), ctx.Response.Body())
			return
		}
	}
}

func folderBytes(t *testing.T, dir string) (size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

var anonymousLine = regexp.MustCompile(`(?m)^RssAnon:\s+(\d+) kB`)

// memory watches what a process takes of its own (RssAnon), without the files that it has mapped: those pages are the
// kernel's to take back (proc_pid_status(5)).
type memory struct {
	peak int64 // bytes; 0 where nobody tells
	stop chan struct{}
	done sync.WaitGroup
}

func watchMemory() *memory {
	m := &memory{stop: make(chan struct{})}
	m.done.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			m.look()
			select {
			case <-tick.C:
			case <-m.stop:
				return
			}
		}
	})
	return m
}

func (m *memory) look() {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	if found := anonymousLine.FindSubmatch(b); found != nil {
		kb, _ := strconv.ParseInt(string(found[1]), 10, 64) // digits
		m.peak = max(m.peak, kb<<10)
	}
}

// most ends the watch and is the most that there was, in bytes.
func (m *memory) most() int64 {
	close(m.stop)
	m.done.Wait()
	return m.peak
}
