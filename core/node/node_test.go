package node

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// patience bounds every wait for something that must happen.
const patience = 40 * time.Second

// eventually waits until ok is true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %s still not: %s", patience, what)
		}
	}
}

// running is a whole node that runs, and leads.
type running struct {
	*Node
	t    testing.TB
	stop func()
}

// start runs a node until stop is called or the test ends.
func start(t testing.TB, c Config) *running {
	t.Helper()
	n, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the node ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("the node does not end")
			return
		}
		if err := n.Close(); err != nil {
			t.Errorf("closing the node: %v", err)
		}
	}
	t.Cleanup(stop)
	eventually(t, "the node leads", func() bool { return n.Ready() == nil })
	return &running{n, t, stop}
}

// declare changes what the workspace is made of, unchecked.
func (r *running) declare(d core.Declaration) {
	r.t.Helper()
	if err := r.workspaces[0].append(r.t.Context(), 0, wire.Declare{Declaration: d}); err != nil {
		r.t.Fatal(err)
	}
}

// capture appends what an edge took, from a number on.
func (r *running) capture(first uint64, emails ...string) {
	r.t.Helper()
	b := wire.Batch{Origin: wire.Origin{Edge: core.EdgeID{7}, First: first}}
	for _, email := range emails {
		raw, err := wire.Encode(wire.Capture{Capture: core.Capture{
			Target: core.Target{Source: "shop", Variant: "71"}, Email: email, CapturedAt: core.TimeOf(time.Now()),
		}})
		if err != nil {
			r.t.Fatal(err)
		}
		b.Entries = append(b.Entries, raw)
	}
	seq, err := r.workspaces[0].journal.Append(r.t.Context(), b)
	if err == nil {
		err = r.workspaces[0].await(r.t.Context(), seq)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// mails are what the inbox got, as "to subject", in order of addresses.
func (r *running) mails() (mails []string) {
	sent, err := r.Inbox(0)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, m := range sent {
		mails = append(mails, m.To+" "+m.Subject)
	}
	slices.Sort(mails)
	return mails
}

func (r *running) awaitMails(want ...string) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("%d mails", len(want)), func() bool { return len(r.mails()) >= len(want) })
	if got := r.mails(); !slices.Equal(got, want) {
		r.t.Errorf("the inbox got %q, want %q", got, want)
	}
}

// intents are all intents of a journey.
func (r *running) intents(journey core.Name) (all []core.Intent) {
	r.t.Helper()
	err := r.workspaces[0].view(func(tx *db.Tx) {
		db.Intents.All(tx, func(i core.Intent) bool {
			if i.Journey == journey {
				all = append(all, i)
			}
			return true
		})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

// awaitIntents waits until a journey has so many intents and all of them stand there, after one attempt each.
func (r *running) awaitIntents(journey core.Name, n int, at core.IntentAt) (all []core.Intent) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("%d messages of %s are %s", n, journey, at), func() bool {
		all = r.intents(journey)
		return len(all) == n && !slices.ContainsFunc(all, func(i core.Intent) bool { return i.At != at || i.Attempts != 1 })
	})
	return all
}

// shop is a source whose shoppers are written to by these journeys when they ask.
func shop(journeys ...core.DeclaredJourney) core.Declaration {
	return core.Declaration{
		Sources: []core.Source{{
			Name: "shop", Workspace: "default", Title: "Shop", Platform: core.Shopify, URL: "https://shop.example",
			Currency: "EUR", Stock: core.DefaultStockPolicy,
		}},
		Journeys: journeys,
	}
}

// writes is a journey that is on and sends one mail; its template is to be declared as well.
func writes(name, sender core.Name, t core.Template) core.DeclaredJourney {
	on := true
	mail := core.Shape{Name: "mail", Kind: core.ShapeEmail, Next: core.Exit, Email: &core.EmailShape{Sender: sender, Template: core.HashTemplate(t)}}
	return core.DeclaredJourney{State: &on, Journey: core.Journey{
		Name: name, Enter: core.Enter{Occurs: core.WaitingOnStock}, Shapes: []core.Shape{mail},
	}}
}

var hello = core.Template{Subject: "You wait", HTML: "<p>You wait.</p>"}

// TestANodeGoesOnWhereItEnded: on the same data it leads with the next epoch, and nothing happens twice.
func TestANodeGoesOnWhereItEnded(t *testing.T) {
	c := settings(t.TempDir())
	c.Open = false
	first := start(t, c)
	if first.FirstToken() == "" {
		t.Error("the very first start has no token to show")
	}
	d := shop(writes("hello", core.InboxName, hello))
	d.Templates = []core.Template{hello}
	first.declare(d)
	first.capture(1, "ann@example.com")
	first.awaitMails("ann@example.com You wait")
	expectLeader(t, first, 1)
	first.stop()

	second := start(t, c)
	if second.FirstToken() != "" {
		t.Error("a token is shown again")
	}
	expectLeader(t, second, 2)
	second.capture(1, "ann@example.com", "ben@example.com") // the edge had no answer to the first, and sends it again
	second.awaitMails("ann@example.com You wait", "ben@example.com You wait")
	second.awaitIntents("hello", 2, core.IntentSent)
}

func expectLeader(t *testing.T, r *running, epoch core.Epoch) {
	t.Helper()
	reports, err := r.Status()
	if err != nil || len(reports) != 1 || reports[0].Leader != epoch || reports[0].Workspace != "default" {
		t.Errorf("the status is %+v (%v), want epoch %d", reports, err, epoch)
	}
	if got := r.workspaces[0].position(); got.Leader != epoch || got.Node != "n1" {
		t.Errorf("epoch %d of node %s leads, want %d of n1", got.Leader, got.Node, epoch)
	}
}

// TestAStateWithoutItsJournal is refused: going on would tell people twice, or never.
func TestAStateWithoutItsJournal(t *testing.T) {
	old, fresh := settings(t.TempDir()), settings(t.TempDir())
	r := start(t, old)
	r.declare(shop())
	r.stop()
	if err := os.Rename(filepath.Join(old.Data, "state"), filepath.Join(fresh.Data, "state")); err != nil {
		t.Fatal(err)
	}
	n, err := New(t.Context(), fresh)
	if err == nil {
		_ = n.Close()
		t.Fatal("it was opened")
	}
	if !strings.Contains(err.Error(), "journal_shorter") {
		t.Errorf("the error is %v", err)
	}
}

// silent is a mail server that takes connections and never says a word.
func silent(t *testing.T) (settings map[string]string, connected <-chan struct{}, closeAll func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came, conns, ended := make(chan struct{}, 16), make(chan net.Conn, 16), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns <- c
			came <- struct{}{}
		}
	}()
	host, port, _ := net.SplitHostPort(l.Addr().String())
	return map[string]string{"host": host, "port": port, "tls": "none"}, came, func() {
		_ = l.Close()
		<-ended
		for len(conns) > 0 {
			_ = (<-conns).Close()
		}
	}
}

// TestNobodyHoldsUpOthers: neither a sender that never answers, nor a template that cannot be rendered, nor a sender that
// cannot be opened keeps another's message back; each ends, or waits, with its reason.
func TestNobodyHoldsUpOthers(t *testing.T) {
	server, connected, closeAll := silent(t)
	r := start(t, settings(t.TempDir()))
	t.Cleanup(closeAll) // before the node: its calls end with their connections
	broken := core.Template{Subject: "Never", HTML: "{% nonsense %}"}
	d := shop(writes("broken", core.InboxName, broken), writes("good", core.InboxName, hello), writes("locked", "locked", hello), writes("slow", "slow", hello))
	d.Templates = []core.Template{hello, broken}
	d.Senders = []core.Sender{
		{Name: "slow", Kind: "smtp", From: "a@shop.example", Settings: server},
		{Name: "locked", Kind: "smtp", From: "a@shop.example", Settings: server, Secrets: map[string]core.Secret{"password": "env:NODE_TEST_NOT_SET"}},
	}
	r.declare(d)
	r.capture(1, "ann@example.com")
	<-connected // the slow one is being called from here on
	r.capture(2, "ben@example.com", "cid@example.com")
	r.awaitMails("ann@example.com You wait", "ben@example.com You wait", "cid@example.com You wait")

	expect := func(journey core.Name, at core.IntentAt, reason core.Reason, detail string) {
		t.Helper()
		for _, i := range r.awaitIntents(journey, 3, at) {
			if i.Reason != reason || !strings.Contains(i.Detail, detail) {
				t.Errorf("a message of %s is %s: %s (%s)", journey, i.At, i.Reason, i.Detail)
			}
		}
	}
	expect("good", core.IntentSent, core.ReasonAccepted, "")
	expect("broken", core.IntentDropped, core.ReasonTemplate, "nonsense")
	expect("locked", core.IntentDue, core.ReasonTemporary, "NODE_TEST_NOT_SET")
	expect("slow", core.IntentClaimed, "", "")
}

// TestASenderThatIsMended is used as it is declared now.
func TestASenderThatIsMended(t *testing.T) {
	server, connected, closeAll := silent(t)
	r := start(t, settings(t.TempDir()))
	t.Cleanup(closeAll)
	d := shop(writes("hello", "mail", hello))
	d.Templates = []core.Template{hello}
	d.Senders = []core.Sender{{Name: "mail", Kind: "smtp", From: "a@shop.example", Settings: server}}
	r.declare(d)
	r.capture(1, "ann@example.com")
	<-connected
	r.declare(core.Declaration{Senders: []core.Sender{{Name: "mail", Kind: core.InboxKind}}})
	r.capture(2, "ben@example.com")
	r.awaitMails("ben@example.com You wait")
}
