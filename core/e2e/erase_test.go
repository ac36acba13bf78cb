package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// resynced is how many captures the edge sent again.
func (p place) resynced() (sent int) {
	p.t.Helper()
	out, code := run(p.t, nil, "edge", "resync", "--edge", "http://"+p.metrics)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if _, err := fmt.Sscanf(lines[len(lines)-1], "done: %d captures sent again", &sent); err != nil || code != 0 {
		p.t.Fatalf("resync ended with %d:\n%s", code, out)
	}
	return sent
}

// drained waits until the edge has heard that all of its outbox was applied.
func (p place) drained() {
	p.t.Helper()
	eventually(p.t, "the edge has heard that all was applied", func() bool {
		code, _, body := call("GET", "http://"+p.metrics+"/metrics", nil, "")
		return code == http.StatusOK && strings.Contains(body, "restock_edge_outbox_entries 0")
	})
}

// TestErase is a person's wish to be forgotten, as an operator carries it out: nothing is known, nothing is sent, no
// waitlist brings her back; and when she asks again she is a contact like any other.
func TestErase(t *testing.T) {
	p := startDemo(t)
	core := "http://" + p.core
	p.ask("demo", "1001", "ann@example.com")
	p.ask("demo", "1001", "bob@example.com")
	p.awaitMails("ann@example.com", 1)
	p.awaitMails("bob@example.com", 1)
	p.drained()
	if out, code := run(t, nil, "contact", "export", "--core", core, "ann@example.com"); code != 0 || !strings.Contains(out, `"variant": "1001"`) {
		t.Errorf("export ended with %d:\n%s", code, out)
	}
	out, code := run(t, nil, "contact", "erase", "--core", core, "ann@example.com")
	if code != 0 || !strings.Contains(out, "a***@example.com is erased") {
		t.Fatalf("erase ended with %d:\n%s", code, out)
	}
	for _, command := range [][]string{{"why", "--contact"}, {"contact", "export"}} {
		args := append(command, "ann@example.com", "--core", core)
		if out, code := run(t, nil, args...); code != 1 || !strings.Contains(out, "Nobody with this address is known") {
			t.Errorf("%v ended with %d:\n%s", args, code, out)
		}
	}
	eventually(t, "the inbox has forgotten", func() bool { return len(p.mailsTo("ann@example.com")) == 0 })
	eventually(t, "the edge has forgotten", func() bool { p.drained(); return p.resynced() == 1 })
	p.level("demo", 5001, 5, "in")
	p.awaitMails("bob@example.com", 2)
	p.level("demo", 5001, 0, "out")
	p.settled("after@example.com")
	if got := p.mailsTo("ann@example.com"); len(got) != 0 {
		t.Errorf("erased, and got %q", got)
	}
	p.ask("demo", "1001", "ann@example.com")
	p.awaitMails("ann@example.com", 1)
	p.level("demo", 5001, 5, "in again")
	p.awaitMails("ann@example.com", 2)
	if out, code := run(t, nil, "why", "--core", core, "--contact", "ann@example.com"); code != 0 || !strings.Contains(out, "asked") {
		t.Errorf("why ended with %d:\n%s", code, out)
	}
}

// TestEraseByCommand: what is wrong is said, and what nobody has is erased all the same.
func TestEraseByCommand(t *testing.T) {
	p := startDemo(t)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"erase", "ann@example"}, 2, "address: "},
		{[]string{"erase", "ann"}, 2, "want an e-mail address, a phone number or a push endpoint's URL"},
		{[]string{"erase"}, 2, "address"},
		{[]string{"erase", "ann@example.com", "--workspace", "other"}, 2, "does not run workspace other"},
		{[]string{"export", "ann@example"}, 2, "address: "},
		{[]string{"erase", "ann@example.com"}, 0, "nobody is known by a***@example.com"},
		{[]string{"erase", "ann@example.com", "--json"}, 0, `"known": false`},
	} {
		args := append([]string{"contact"}, c.args...)
		if len(c.args) > 1 {
			args = append(args, "--core", "http://"+p.core)
		}
		if out, code := run(t, nil, args...); code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%v ended with %d, want %d and %q:\n%s", args, code, c.code, c.want, out)
		}
	}
}

// TestEraseWhileAnEdgeIsAway: its waitlist and what it had not sent forget with the first that it hears.
func TestEraseWhileAnEdgeIsAway(t *testing.T) {
	p := place{t: t, edge: freePort(t), core: freePort(t), metrics: freePort(t), secret: "shop-secret-1"}
	nats, data := freePort(t), t.TempDir()
	c := start(t, []string{"SHOP_SECRET=" + p.secret}, "core", "--data", t.TempDir(), "--core-listen", p.core, "--metrics-listen", freePort(t),
		"--nats-listen", nats, "--nats-token", "edge-token")
	startEdge := func(port string) *process {
		return start(t, nil, "edge", "--data", data, "--edge-listen", p.edge, "--metrics-listen", p.metrics, "--nats", "nats://edge-token@"+port)
	}
	e := startEdge(nats)
	p.token = tokenOf(t, c)
	p.ready()
	p.applyShop("inbox", "")
	p.ask("my-shop", "71", "ann@example.com")
	p.awaitMails("ann@example.com", 1)
	p.drained()
	e.stop()
	e = startEdge(freePort(t)) // of a journal that is not there
	eventually(t, "the edge takes captures", func() bool { return p.ask("my-shop", "72", "ann@example.com") })
	e.kill()
	out, code := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "contact", "erase", "--core", "http://"+p.core, "ann@example.com")
	if code != 0 {
		t.Fatalf("erase ended with %d:\n%s", code, out)
	}
	startEdge(nats)
	eventually(t, "the edge takes captures", func() bool { return p.ask("my-shop", "71", "bob@example.com") })
	p.awaitMails("bob@example.com", 1)
	eventually(t, "the edge has forgotten", func() bool { p.drained(); return p.resynced() == 1 })
	if out, code := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "why", "--core", "http://"+p.core, "--contact", "ann@example.com"); code != 1 {
		t.Errorf("why ended with %d:\n%s", code, out)
	}
}
