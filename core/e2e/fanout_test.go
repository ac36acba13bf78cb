package e2e

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
)

var fanOutContacts = flag.String("fanout.contacts", "10000", "how many contacts TestFanOut lets wait, with commas between several sizes")

// fanOutFiles are a shop whose one journey asks a condition plugin in C about everybody and hands their mails to a server
// that is away, and whose other one is for another variant.
const fanOutFiles = `
kind: Source
name: my-shop
spec: {title: My shop, platform: shopify, url: "https://shop.example", secrets: [env:SHOP_SECRET], currency: EUR, region: DE}
---
kind: Plugin
name: domain-gate
spec: {file: domain-gate.wasm}
---
kind: Sender
name: away
spec: {type: smtp, from: "My shop <news@shop.example>", host: 127.0.0.1, port: 1, tls: none}
---
kind: Journey
name: crowd
state: on
spec:
  title: Crowd
  enter: {occurs: back_in_stock, where: {variant: "71"}}
  shapes:
    - name: gate
      condition: {plugin: domain-gate, config: {deny: [competitor.example]}, on_failure: hold}
    - name: mail
      email: {sender: away, subject: "It is back", text: "{{ product.title }}", html: "<p>{{ product.title }}</p>"}
---
kind: Journey
name: other
state: on
spec:
  title: Other
  enter: {occurs: back_in_stock, where: {variant: "72"}}
  shapes:
    - name: mail
      email: {sender: inbox, subject: "The other is back", text: "{{ product.title }}", html: "<p>{{ product.title }}</p>"}
`

// TestFanOut is one restock that a crowd waits for, with a condition plugin asked about each, from the webhook until the last
// of them is decided: in the journal and in the state, both synced, stands that Back in stock occurred to it and what the
// plugin answered. Meanwhile another restock tells its one contact, and captures go on. It prints what it measured.
func TestFanOut(t *testing.T) {
	table := "\n| contacts | decided in | contacts/s | another restock's message after | captures meanwhile, the slowest | core's memory |\n|---:|---:|---:|---:|---:|---:|\n"
	for _, size := range strings.Split(*fanOutContacts, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(size, func(t *testing.T) { table += fanOut(t, n).row() })
	}
	t.Log(table)
}

// fannedOut is what was measured of one restock.
type fannedOut struct {
	contacts   int
	all, other time.Duration // until the last of the crowd was decided, and until the other restock's contact was told
	captures   captured      // meanwhile
	memory     peak
}

func (f fannedOut) row() string {
	return fmt.Sprintf("| %d | %s | %.0f | %s | %d, %s | %s |\n", f.contacts, f.all.Round(time.Millisecond), float64(f.contacts)/f.all.Seconds(),
		f.other.Round(time.Millisecond), f.captures.taken, f.captures.slowest.Round(time.Millisecond), f.memory)
}

func fanOut(t *testing.T, n int) fannedOut {
	i := newInstallation(t)
	i.applyPlugin(fanOutFiles)
	i.webhook("my-shop", "products/update", "p2", twoVariants)
	eventually(t, "the other waits", func() bool { return i.ask("my-shop", "72", "other@example.com") && i.applied() == 1 })
	i.c.stop()
	crowd(t, i, n-1)
	i.startCore()
	i.ready()
	i.stock(0, "out")
	eventually(t, "the edge has found the core again", func() bool { return i.ask("my-shop", "71", "last@example.com") && i.applied() == n+1 })

	f := fannedOut{contacts: n, memory: peak{process: i.c}}
	ctx, stop := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	clients.Go(func() { f.captures.run(ctx, i) })
	begin := time.Now()
	i.stock(9, "in")
	i.level("my-shop", 720, 3, "other-in")
	clients.Go(func() { i.awaitMails("other@example.com", 1); f.other = time.Since(begin) })
	i.awaitMatched(n, &f.memory)
	f.all = time.Since(begin)
	stop()
	clients.Wait()
	if f.captures.refused > 0 {
		t.Errorf("%d captures of %d were refused", f.captures.refused, f.captures.refused+f.captures.taken)
	}
	return f
}

// awaitMatched waits until a restock has matched so many contacts and goes on no more, and looks at the memory meanwhile. It
// asks the less often the longer it takes: that costs the core something as well.
func (i *installation) awaitMatched(n int, memory *peak) {
	i.t.Helper()
	wait := min(max(time.Millisecond, time.Duration(n/10_000)*time.Millisecond), 250*time.Millisecond)
	longest := patience + time.Duration(n/10_000)*time.Second
	for end := time.Now().Add(longest); i.matched() < n; time.Sleep(wait) {
		memory.look()
		if time.Now().After(end) {
			i.t.Fatalf("after %s not all of %d are matched", longest, n)
		}
	}
}

// twoVariants is the shop's product with another variant.
const twoVariants = `{"id":7,"title":"Tee","handle":"tee","status":"active","published_at":"2026-01-01T00:00:00Z",
	"updated_at":"2026-01-02T00:00:00Z","images":[],"variants":[{"id":71,"title":"M","sku":"TEE-M","price":"19.90",
	"inventory_policy":"deny","inventory_item_id":710,"inventory_quantity":0,"updated_at":"2026-01-02T00:00:00Z"},
	{"id":72,"title":"L","sku":"TEE-L","price":"19.90","inventory_policy":"deny","inventory_item_id":720,"inventory_quantity":0,
	"updated_at":"2026-01-02T00:00:00Z"}]}`

// captured are captures that go on beside what is measured, a hundred a second.
type captured struct {
	taken, refused int
	slowest        time.Duration
}

func (c *captured) run(ctx context.Context, i *installation) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		begin := time.Now()
		if i.ask("my-shop", "71", fmt.Sprintf("meanwhile%d@example.com", n)) {
			c.taken++
		} else {
			c.refused++
		}
		c.slowest = max(c.slowest, time.Since(begin))
	}
}

// applyPlugin applies files that name the example plugin.
func (i *installation) applyPlugin(files string) {
	i.t.Helper()
	dir := i.t.TempDir()
	module, err := os.ReadFile("../../plugins/examples/domain-gate/domain-gate.wasm")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "domain-gate.wasm"), module, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "shop.yaml"), []byte(files), 0o600)
	}
	if err != nil {
		i.t.Fatal(err)
	}
	if out, code := run(i.t, []string{"RESTOCK_TOKEN=" + i.token}, "apply", "--core", "http://"+i.core, "-f", dir); code != 0 {
		i.t.Fatalf("apply ended with %d:\n%s", code, out)
	}
	eventually(i.t, "the edge has heard of the source", func() bool {
		code, _ := i.webhook("my-shop", "products/update", "p1", teeProduct)
		return code == http.StatusOK
	})
}

// crowd puts contacts in line for variant 71 as captures would, straight into the state of a core that stands still: ten
// million captures would take longer than what is measured. Table by table in order of their keys it takes the database
// least.
func crowd(t *testing.T, i *installation, n int) {
	t.Helper()
	state := openState(t, i)
	defer func() {
		if err := state.Close(); err != nil {
			t.Error(err)
		}
	}()
	tx := state.View()
	w, _ := db.Workspaces.Get(tx, struct{}{})
	tx.Discard()
	all, now := make([]shopper, n), core.TimeOf(time.Now().Add(-time.Hour))
	for k := range all {
		all[k] = shopper{core.NewContactID(w.Key, addressOf(k)), now.Add(core.Milliseconds(k / 10)), k}
	}
	target := core.Target{Source: "my-shop", Variant: "71"}
	write(t, state, all, func(tx *db.Tx, s shopper) { db.Addresses.Set(tx, addressOf(s.n), s.id) })
	slices.SortFunc(all, func(a, b shopper) int { return bytes.Compare(a.id[:], b.id[:]) })
	write(t, state, all, func(tx *db.Tx, s shopper) { db.Contacts.Set(tx, s.id, s.contact()) })
	write(t, state, all, func(tx *db.Tx, s shopper) {
		db.Entries.Set(tx, db.EntryKey{Contact: s.id, Target: target}, core.Entry{Contact: s.id, Target: target, CapturedAt: s.at, FirstAt: s.at, LastAt: s.at})
	})
	slices.SortFunc(all, func(a, b shopper) int { return a.n - b.n })
	write(t, state, all, func(tx *db.Tx, s shopper) {
		db.Waitlists.Note(tx, target.Waitlist(""), db.Place{At: s.at, Contact: s.id}, db.AppendTraits(nil, s.contact().Traits()))
	})
	write(t, state, all[:1], func(tx *db.Tx, _ shopper) { db.Waiting.Set(tx, target.Waitlist(""), int64(n)) })
}

// shopper is number n of a crowd.
type shopper struct {
	id core.ContactID
	at core.Time
	n  int
}

func addressOf(n int) core.Address {
	return core.Address{Channel: core.Email, Value: fmt.Sprintf("shopper%08d@example.com", n)}
}

func (s shopper) contact() core.Contact {
	return core.Contact{ID: s.id, Email: addressOf(s.n).Value, Locale: "en", Region: "DE", CreatedAt: s.at}
}

// write writes a row of each shopper, some thousands in a transaction.
func write(t *testing.T, state *db.DB, all []shopper, row func(tx *db.Tx, s shopper)) {
	t.Helper()
	for some := range slices.Chunk(all, 5_000) {
		tx := state.Begin()
		for _, s := range some {
			row(tx, s)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

// matched is how many contacts all restocks have matched.
func (i *installation) matched() (n int) {
	var status []struct {
		Works    int
		Restocks []struct{ Matched int }
	}
	if i.api("GET", "/api/v1/status", &status) != http.StatusOK || status[0].Works > 0 {
		return 0
	}
	for _, r := range status[0].Restocks {
		n += r.Matched
	}
	return n
}

// peak is the most memory that a process had of its own, in bytes: without the files that it has mapped, whose pages are
// the kernel's to take back (proc_pid_status(5)).
type peak struct {
	process *process
	bytes   int64
}

func (p *peak) look() {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.process.command.Process.Pid))
	if err != nil {
		return // it was not asked of this system, or the process ended, which others notice
	}
	for line := range strings.Lines(string(b)) {
		if text, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(text)[0], 10, 64)
			p.bytes = max(p.bytes, kb<<10)
		}
	}
}

func (p peak) String() string { return fmt.Sprintf("%d MiB", p.bytes>>20) }
