package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core/console"
)

const playbookShop = `
kind: Source
name: my-shop
spec:
  title: My shop
  platform: shopify
  url: https://shop.example
  secrets: [env:SHOP_SECRET]
  currency: EUR
  stock: {low: {units: 3, after: 1s}}
---
kind: Journey
name: tag
state: on
spec:
  enter: {occurs: waiting_on_stock, where: {contact.email: {starts with: vic}}}
  shapes: [{name: tag, action: {add_tags: [vip]}}]
`

// playbookNode is a node with a shop of its own, and its command line.
func playbookNode(t *testing.T, files string) (p place, command func(args ...string) string) {
	t.Helper()
	p = place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	p.token = tokenOf(t, start(t, []string{"SHOP_SECRET=" + p.secret}, "serve", "--data", t.TempDir(), "--edge-listen", p.edge,
		"--core-listen", p.core, "--metrics-listen", freePort(t)))
	p.ready()
	p.applyFiles(files, "")
	return p, func(args ...string) string {
		t.Helper()
		out, code := run(t, []string{"RESTOCK_TOKEN=" + p.token}, append(args, "--core", "http://"+p.core)...)
		if code != 0 {
			t.Fatalf("%q ended with %d:\n%s", args, code, out)
		}
		return out
	}
}

// TestEarlyAccessAndLastCall: turned on by one command each, one playbook tells a VIP before the others, another tells both that few
// are left; why says so.
func TestEarlyAccessAndLastCall(t *testing.T) {
	p, command := playbookNode(t, playbookShop)
	list := command("playbook", "status")
	for _, name := range []string{"waiting", "back", "reminder", "last-call", "vip", "alert", "confirm"} {
		if !strings.Contains(list, "my-shop-"+name+" ") {
			t.Errorf("status does not list %s:\n%s", name, list)
		}
	}
	if !strings.Contains(list, "Needs alert in the spec of Source my-shop") {
		t.Errorf("status does not say what the alert needs:\n%s", list)
	}
	for _, name := range []string{"vip", "back", "last-call"} {
		command("playbook", "on", "my-shop-"+name)
	}
	why := func(who string) string { return command("why", "--contact", who+"@example.com") }
	for _, who := range []string{"ann", "vic"} {
		p.ask("my-shop", "71", who+"@example.com")
	}
	eventually(t, "vic is tagged", func() bool { return strings.Contains(why("vic"), "gave the tag vip") })
	p.level("my-shop", 710, 10, "l1")
	if got := p.awaitMails("vic@example.com", 1); !strings.HasPrefix(got[0], "You hear first") {
		t.Errorf("vic got %q", got)
	}
	var restocks []console.RestockReport
	eventually(t, "the others wait", func() bool {
		err := json.Unmarshal([]byte(command("wave", "list", "--json")), &restocks)
		return err == nil && len(restocks) == 1 && restocks[0].Told == 1 && restocks[0].Waves.Lead != ""
	})
	if out := command("wave", "show", restocks[0].ID); !strings.Contains(out, "only those are told who have a head start") {
		t.Errorf("wave show says:\n%s", out)
	}
	if got := p.mailsTo("ann@example.com"); len(got) > 0 {
		t.Errorf("ann got %q", got)
	}
	command("wave", "now", restocks[0].ID)
	if got := p.awaitMails("ann@example.com", 1); !strings.HasSuffix(got[0], "is back in stock") {
		t.Errorf("ann got %q", got)
	}
	if out := why("vic"); !strings.Contains(out, "told_early") {
		t.Errorf("why does not say that the other journey was not entered:\n%s", out)
	}
	p.level("my-shop", 710, 2, "l2")
	for _, who := range []string{"ann", "vic"} {
		if got := p.awaitMails(who+"@example.com", 2); !strings.HasPrefix(got[1], "Almost gone") {
			t.Errorf("%s got %q", who, got)
		}
		if out := why(who); !strings.Contains(out, "running_low") {
			t.Errorf("why says of %s:\n%s", who, out)
		}
	}
	if m := p.inbox()[0]; !strings.Contains(m.Text, "there are only 2 left") {
		t.Errorf("the last call is %s", m.Text)
	}
}

// TestReadmePlaybooksAndBroadcasts applies the files of these two sections of README.md, and says the words that the second has.
func TestReadmePlaybooksAndBroadcasts(t *testing.T) {
	p, command := playbookNode(t, playbookShop)
	apply := func(yaml string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "readme.yaml")
		if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		command("apply", "-f", file)
	}
	playbook, _ := readme(t, "### Playbooks")
	apply(strings.Replace(playbook, "after: 10m", "after: 1s", 1))
	if out := command("playbook", "status", "told-by-what-fits"); !strings.Contains(out, "contact's tags has vip") || !strings.Contains(out, "text-fits") {
		t.Errorf("the playbook is:\n%s", out)
	}
	p.ask("my-shop", "71", "ann@example.com")
	eventually(t, "ann waits", func() bool { return strings.Contains(command("status"), "1 waiting") })
	p.level("my-shop", 710, 5, "l1")
	p.awaitMails("ann@example.com", 1)

	audience := "kind: Audience\nname: missed\nspec: {where: {back_in_stock: {has occurred: {in the last: 7 days}}}}\n---\n"
	broadcast, _ := readme(t, "### Broadcasts")
	at := "at: 2026-12-01T09:00"
	if !strings.Contains(broadcast, at) {
		t.Fatalf("the broadcast has no %s:\n%s", at, broadcast)
	}
	now := strings.NewReplacer(at, "at: now", "purpose: marketing", "purpose: stock_alert", "told: exclude", "told: include").Replace(broadcast)
	apply(audience + broadcast)
	if out := command("broadcast", "try", "back-this-week"); !strings.Contains(out, "1 contacts, 0 messages") || !strings.Contains(out, "1 get none: no_consent") || !strings.Contains(out, "0 can be reached by email") {
		t.Errorf("try says, of marketing:\n%s", out)
	}
	apply(audience + now)
	if out := command("broadcast", "try", "back-this-week"); !strings.Contains(out, "1 contacts, 1 messages") || !strings.Contains(out, "1 can be reached by email") || !strings.Contains(out, "0 can be reached by sms") || !strings.Contains(out, "a***@example.com") {
		t.Errorf("try says:\n%s", out)
	}
	command("broadcast", "on", "back-this-week")
	p.awaitMails("ann@example.com", 2)
	eventually(t, "it is done", func() bool { return strings.Contains(command("broadcast", "status", "back-this-week"), "done") })
	if out := command("broadcast", "pause", "back-this-week"); !strings.Contains(out, "paused") {
		t.Errorf("pause says:\n%s", out)
	}
	command("broadcast", "resume", "back-this-week")
	if out, code := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "broadcast", "on", "back-this-week", "--core", "http://"+p.core); code == 0 || !strings.Contains(out, "write one of another name") {
		t.Errorf("a broadcast that is done was turned on: %d\n%s", code, out)
	}
	apply(strings.Replace(audience+now, "name: back-this-week", "name: later", 1))
	command("broadcast", "on", "later")
	eventually(t, "the second is done", func() bool { return strings.Contains(command("broadcast", "status", "later"), "done") })
}
