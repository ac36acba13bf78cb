package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core/console"
)

const broadcastFiles = `
kind: Source
name: my-shop
spec: {title: My shop, platform: shopify, url: "https://shop.example", secrets: [env:SHOP_SECRET], currency: EUR, region: DE}
---
kind: Broadcast
name: news
spec:
  where: {waiting_on_stock: {has occurred: {in the last: 2 days}}}
  purpose: stock_alert
  rate: {contacts: 100, every: 30s}
  email: {sender: inbox, subject: News, html: "<html><body>News</body></html>", text: News}
`

// TestBroadcastSurvivesKills: a core that is killed in the middle of a broadcast goes on where it was, and each contact gets it
// once. The rate leaves a stretch of time in which it is certain to be in the middle.
func TestBroadcastSurvivesKills(t *testing.T) {
	const contacts = 150
	i := newInstallation(t)
	file := filepath.Join(t.TempDir(), "broadcast.yaml")
	if err := os.WriteFile(file, []byte(broadcastFiles), 0o600); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) string {
		t.Helper()
		out, code := run(t, []string{"RESTOCK_TOKEN=" + i.token}, append(args, "--core", "http://"+i.core)...)
		if code != 0 {
			t.Fatalf("%q ended with %d:\n%s", args, code, out)
		}
		return out
	}
	command("apply", "-f", file)
	eventually(t, "the edge knows the shop", func() bool { return i.ask("my-shop", "71", "c000@example.com") })
	for n := 1; n < contacts; n++ {
		email := fmt.Sprintf("c%03d@example.com", n)
		eventually(t, "a capture is taken", func() bool { return i.ask("my-shop", "71", email) })
	}
	eventually(t, "everybody is in the audience", func() bool {
		return strings.HasPrefix(command("broadcast", "try", "news"), fmt.Sprintf("%d contacts, %d messages", contacts, contacts))
	})
	command("broadcast", "on", "news")
	i.crash(1)
	i.ready()
	reports := func() (r console.BroadcastReport) {
		var all []console.BroadcastReport
		out := command("broadcast", "status", "news", "--json")
		if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 1 {
			t.Fatalf("status printed %s (%v)", out, err)
		}
		return all[0]
	}
	if r := reports(); r.Phase != "going" {
		t.Fatalf("after the first kill the broadcast is %+v; it was to be in the middle", r)
	}
	i.crash(1)
	i.ready()
	eventually(t, "the broadcast has gone out", func() bool { r := reports(); return r.Phase == "done" && r.Sent == contacts })
	if r := reports(); r.Made != contacts || len(r.Dropped)+len(r.Passed) > 0 {
		t.Errorf("it ended as %+v", r)
	}
	seen := map[string]int{}
	for _, m := range i.inbox() {
		if m.Subject == "News" {
			seen[m.To]++
		}
	}
	for to, n := range seen {
		if n != 1 {
			t.Errorf("%s got it %d times", to, n)
		}
	}
	if len(seen) != contacts {
		t.Errorf("%d contacts got it, want %d", len(seen), contacts)
	}
}
