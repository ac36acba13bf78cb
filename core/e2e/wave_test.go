package e2e

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"restock/core/console"
)

const waveShop = `
kind: Source
name: my-shop
spec:
  title: My shop
  platform: shopify
  url: https://shop.example
  secrets: [env:SHOP_SECRET]
  currency: EUR
  waves: {per_unit: 1, every: 1h, order: newest, approve: true}
---
kind: Playbook
name: my-shop-back
state: on
`

// TestWavesByTheOperator: nobody is told before the operator says so, then as many as there are units, the newest first, and
// more when the operator says so.
func TestWavesByTheOperator(t *testing.T) {
	p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	serve := start(t, []string{"SHOP_SECRET=" + p.secret}, "serve", "--data", t.TempDir(), "--edge-listen", p.edge,
		"--core-listen", p.core, "--metrics-listen", freePort(t))
	p.token = tokenOf(t, serve)
	p.ready()
	p.applyFiles(waveShop, "")
	wave := func(args ...string) (string, int) {
		return run(t, []string{"RESTOCK_TOKEN=" + p.token}, append(append([]string{"wave"}, args...), "--core", "http://"+p.core)...)
	}
	for _, who := range []string{"ann", "bob", "cid", "dan"} {
		p.ask("my-shop", "71", who+"@example.com")
		for asked := time.Now().UnixMilli(); time.Now().UnixMilli() == asked; { // places in line are told apart by it
			runtime.Gosched()
		}
	}
	p.level("my-shop", 710, 2, "l1")
	var list []console.RestockReport
	eventually(t, "the restock waits for approval", func() bool {
		out, code := wave("list", "--json")
		return code == 0 && json.Unmarshal([]byte(out), &list) == nil && len(list) == 1 && list[0].Waves.Word == "paused" && list[0].Waves.Ranked
	})
	id := list[0].ID
	out, code := wave("show", id[:8], "--next", "2")
	if code != 0 || !strings.Contains(out, "next 1  d***@example.com") || !strings.Contains(out, "next 2  c***@example.com") || strings.Contains(out, "next 3") {
		t.Fatalf("show ended with %d:\n%s", code, out)
	}
	if out, code := wave("now", id); code == 0 || !strings.Contains(out, "resume it first") {
		t.Errorf("a wave of a paused restock: %d\n%s", code, out)
	}
	if out, code := wave("resume", id); code != 0 {
		t.Fatalf("resume ended with %d:\n%s", code, out)
	}
	p.awaitMails("dan@example.com", 1)
	p.awaitMails("cid@example.com", 1)
	if out, code := wave("now", id); code == 0 || !strings.Contains(out, "2 contacts may be about to buy the 2 units") {
		t.Errorf("a wave that units do not let: %d\n%s", code, out)
	}
	if out, code := wave("now", id, "--size", "1"); code != 0 || !strings.Contains(out, "wave 2") {
		t.Errorf("a wave of a size: %d\n%s", code, out)
	}
	p.awaitMails("bob@example.com", 1)
	why := func(who string) string {
		out, _ := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "why", "--core", "http://"+p.core, "--contact", who+"@example.com")
		return out
	}
	if out := why("bob"); !strings.Contains(out, "in wave 2") {
		t.Errorf("why says of bob:\n%s", out)
	}
	if out := why("ann"); !strings.Contains(out, "the next, number 3, begins no earlier than") {
		t.Errorf("why says of ann:\n%s", out)
	}
	if out, code := wave("stop", id); code != 0 || !strings.Contains(out, "stopped by an operator") {
		t.Errorf("stop ended with %d:\n%s", code, out)
	}
	if out, code := wave("resume", id); code == 0 || !strings.Contains(out, "for good") {
		t.Errorf("what was stopped was resumed: %d\n%s", code, out)
	}
	if got := p.mailsTo("ann@example.com"); len(got) != 0 {
		t.Errorf("ann got %q", got)
	}
	if out, code := wave("pause", fmt.Sprintf("%032d", 0)); code == 0 || !strings.Contains(out, "There is no restock") {
		t.Errorf("an unknown restock: %d\n%s", code, out)
	}
}
