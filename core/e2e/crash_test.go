package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/journal"
	"restock/core/machine"
)

var crashRounds = flag.Int("crash.rounds", 3, "how often TestCrash kills nodes")

var quiet = slog.New(slog.DiscardHandler)

// installation is an edge and a core as processes that can be killed and started again.
type installation struct {
	place
	data    string
	nats    string
	journal string // where the edge finds nats
	edgeEnv []string
	c, e    *process
}

func newInstallation(t testing.TB) *installation {
	t.Helper()
	i := &installation{place: place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}, data: t.TempDir(), nats: freePort(t)}
	i.journal = i.nats
	i.startCore()
	i.startEdge()
	i.token = tokenOf(t, i.c)
	i.ready()
	return i
}

func (i *installation) startCore() {
	i.c = start(i.t, []string{"SHOP_SECRET=" + i.secret}, "core", "--data", i.data, "--core-listen", i.core,
		"--metrics-listen", freePort(i.t), "--nats-listen", i.nats)
}

func (i *installation) startEdge() {
	i.e = start(i.t, i.edgeEnv, "edge", "--data", i.data, "--edge-listen", i.edge, "--metrics-listen", freePort(i.t), "--nats", "nats://"+i.journal)
}

// crash kills the edge, the core with its journal, or both, and starts them again.
func (i *installation) crash(which int) {
	if which != 1 {
		i.e.kill()
	}
	if which != 0 {
		i.c.kill()
		i.startCore()
	}
	if which != 1 {
		i.startEdge()
	}
}

// load asks for variant 71 with ever new addresses until stopped, and keeps those that were acknowledged.
type load struct {
	mu           sync.Mutex
	acknowledged []string
	asked        int
}

func (l *load) run(ctx context.Context, i *installation) {
	for ctx.Err() == nil {
		l.mu.Lock()
		l.asked++
		email := fmt.Sprintf("c%06d@example.com", l.asked)
		l.mu.Unlock()
		if !i.ask("my-shop", "71", email) {
			select { // nobody listens: the edge is being started again
			case <-time.After(5 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		l.mu.Lock()
		l.acknowledged = append(l.acknowledged, email)
		l.mu.Unlock()
	}
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acknowledged)
}

// stock tells a level until it is acknowledged.
func (i *installation) stock(available int, id string) {
	i.t.Helper()
	eventually(i.t, "a level is taken", func() bool { return i.level("my-shop", 710, available, id) == http.StatusOK })
}

// crashFiles are a shop whose mails are small: the inbox keeps the last 64 MiB and more, and the test counts them all.
const crashFiles = `
kind: Source
name: my-shop
spec: {title: My shop, platform: shopify, url: "https://shop.example", secrets: [env:SHOP_SECRET], currency: EUR, region: DE}
---
kind: Journey
name: confirm
state: on
spec:
  title: Confirmation
  enter: {occurs: waiting_on_stock}
  shapes:
    - name: mail
      email: {sender: inbox, subject: "Noted", html: "<html><body>{{ product.title }}</body></html>", text: "{{ product.title }}"}
---
kind: Journey
name: told
state: on
spec:
  title: Notification
  enter: {occurs: back_in_stock}
  shapes:
    - name: mail
      email: {sender: inbox, subject: "It is back", html: "<html><body>{{ product.title }}</body></html>", text: "{{ product.title }}"}
`

// TestCrash kills edge, core or both at random points under load, again and again. Nothing that was acknowledged may be
// lost, and nobody may be told twice.
func TestCrash(t *testing.T) {
	i := newInstallation(t)
	i.applyFiles(crashFiles, "")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var l load
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() { l.run(ctx, i) })
	}
	for round := range *crashRounds {
		wanted := l.count() + 20 + rand.N(200)
		eventually(t, "captures are taken", func() bool { return l.count() >= wanted })
		i.stock(round%2*5, fmt.Sprint("round", round)) // sold out and back by turns
		i.crash(rand.N(3))
		if round%20 == 19 {
			t.Logf("round %d: %d captures acknowledged", round+1, l.count())
		}
	}
	stop()
	clients.Wait()
	i.tellEverybody()
	i.e.stop()
	i.c.stop()
	verify(t, i, &l)
}

// tellEverybody sells out, outlasts nothing, restocks, and waits until nobody waits any more.
func (i *installation) tellEverybody() {
	i.t.Helper()
	i.ready()
	i.stock(0, "last-out")
	i.stock(9, "last-in")
	eventually(i.t, "nobody waits", func() bool {
		var status []struct {
			Behind    int
			Works     int
			Waitlists []struct{ Waiting int }
			Intents   map[string]int
		}
		if i.api("GET", "/api/v1/status", &status) != http.StatusOK {
			return false
		}
		s := status[0]
		return s.Behind == 0 && s.Works == 0 && len(s.Waitlists) == 0 && s.Intents["due"]+s.Intents["claimed"]+s.Intents["held"]+s.Intents["to_be_made"] == 0
	})
}

// verify looks into what the stopped nodes left on disk.
func verify(t *testing.T, i *installation, l *load) {
	t.Helper()
	state := openState(t, i)
	defer func() { _ = state.Close() }()
	told := inboxCounts(t, filepath.Join(i.data, "core", "inbox"))
	tx := state.View()
	defer tx.Discard()
	lost, doubled, silent := 0, 0, 0
	for _, email := range l.acknowledged {
		id, ok := db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: email})
		if !ok {
			lost++
			continue
		}
		activities := map[core.ActivityKind]int{}
		db.ActivitiesOf(tx, id, func(a core.Activity) bool { activities[a.Kind]++; return true })
		if activities[core.WaitingOnStock] != 1 {
			doubled++
		}
		for _, n := range told[email] {
			if n > 1 {
				doubled++
			}
		}
		if len(told[email]) != 2 { // the confirmation and the notification
			silent++
		}
	}
	t.Logf("%d rounds, %d captures acknowledged: %d lost, %d doubled, %d not told", *crashRounds, len(l.acknowledged), lost, doubled, silent)
	if lost+doubled+silent > 0 || tx.Err() != nil {
		t.Errorf("promises broken (%v)", tx.Err())
	}
	if want, got := digest(t, state), replay(t, i); got != want {
		t.Error("replaying the journal from empty gives another state")
	}
}

func openState(t testing.TB, i *installation) *db.DB {
	t.Helper()
	d, err := db.Open(filepath.Join(i.data, "core", "state", "default"), nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// inboxCounts is how often each address got each subject.
func inboxCounts(t testing.TB, dir string) map[string]map[string]int {
	t.Helper()
	counts := map[string]map[string]int{}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(b))
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			var m struct{ To, Subject string }
			if json.Unmarshal(lines.Bytes(), &m) != nil || m.To == "" {
				continue
			}
			if counts[m.To] == nil {
				counts[m.To] = map[string]int{}
			}
			counts[m.To][m.Subject]++
		}
	}
	return counts
}

// digest is a hash of a state's ordered dump.
func digest(t testing.TB, d *db.DB) string {
	t.Helper()
	h := sha256.New()
	if err := d.Dump(h); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

type noCounter struct{}

func (noCounter) Count(string, core.Reason) {}

// replay applies the installation's journal to an empty state.
func replay(t testing.TB, i *installation) string {
	t.Helper()
	j, closeJournal := openJournal(t, filepath.Join(i.data, "core", "journal"))
	defer closeJournal()
	d, err := db.Open("", nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	view := d.View()
	m, err := machine.New(view, noCounter{})
	view.Discard()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	end, err := j.End(ctx)
	if err != nil {
		t.Fatal(err)
	}
	messages := make(chan journal.Message)
	go func() { _ = j.Read(ctx, 1, messages) }() // ends with ctx
	for applied := core.Sequence(0); applied < end; {
		msg := <-messages
		for done := false; !done; {
			tx := d.Begin()
			if done, err = m.Apply(tx, machine.Message{Sequence: msg.Sequence, Time: msg.Time, Hash: msg.Hash, Batch: msg.Batch}); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		applied = msg.Sequence
	}
	return digest(t, d)
}

func openJournal(t testing.TB, dir string) (*journal.Journal, func()) {
	t.Helper()
	server, err := journal.Serve(journal.ServerConfig{Dir: dir}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := journal.Connect(context.Background(), "", server, "", 1, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	j, err := conn.Open(context.Background(), "default")
	if err != nil {
		t.Fatal(err)
	}
	return j, func() { conn.Close(); server.Close() }
}

// TestAJournalThatDoesNotFitIsRefusedByName puts an older copy of the journal back, and then another one altogether.
func TestAJournalThatDoesNotFitIsRefusedByName(t *testing.T) {
	i := newInstallation(t)
	dir := filepath.Join(i.data, "core", "journal")
	older := filepath.Join(t.TempDir(), "older")
	i.c.stop()
	if err := os.CopyFS(older, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	i.startCore()
	i.ready()
	i.applyShop("inbox", "")
	i.ask("my-shop", "71", "ann@example.com")
	i.awaitMails("ann@example.com", 1)
	i.e.stop()
	i.c.stop()
	if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(older))); err != nil {
		t.Fatal(err)
	}
	i.wantRefused("journal_shorter")
	other := newInstallation(t)
	other.applyShop("inbox", "")
	for n := range 30 {
		other.ask("my-shop", "71", fmt.Sprintf("c%d@example.com", n))
		other.awaitMails(fmt.Sprintf("c%d@example.com", n), 1)
	}
	other.e.kill()
	other.c.stop()
	if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(filepath.Join(other.data, "core", "journal")))); err != nil {
		t.Fatal(err)
	}
	i.wantRefused("journal_differs")
}

func (i *installation) wantRefused(name string) {
	i.t.Helper()
	before := digestOf(i)
	out, code := run(i.t, nil, "core", "--data", i.data, "--core-listen", i.core, "--metrics-listen", freePort(i.t))
	if code != 1 || !strings.Contains(out, name) {
		i.t.Errorf("the core ended with %d, want it to refuse with %s:\n%s", code, name, out)
	}
	if digestOf(i) != before {
		i.t.Error("refusing changed the state")
	}
}

func digestOf(i *installation) string {
	d := openState(i.t, i)
	defer func() { _ = d.Close() }()
	return digest(i.t, d)
}
