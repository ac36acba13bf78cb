package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/source/pretend"
)

const readShop = `
kind: Source
name: my-shop
spec:
  title: My shop
  platform: shopify
  url: https://shop.example
  secrets: [env:SHOP_SECRET]
  currency: EUR
  api: {url: %s, token: env:SHOP_TOKEN, every: 10s}
---
kind: Playbook
name: my-shop-back
state: on
`

// heldShop is a pretend shop whose next answer that speaks of so many units waits until it is let go.
type heldShop struct {
	*pretend.Shop
	hold             atomic.Pointer[string]
	arrived, release chan struct{}
}

func (s *heldShop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	s.Shopify().ServeHTTP(answer, r) // what it says is settled here
	if text := s.hold.Load(); text != nil && strings.Contains(answer.Body.String(), *text) && s.hold.CompareAndSwap(text, nil) {
		close(s.arrived)
		<-s.release
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func shirt(units int64, at time.Time) pretend.Product {
	return pretend.Product{ID: 7, Title: "Tee", UpdatedAt: at, Variants: []pretend.Variant{
		{ID: 71, Item: 710, Title: "M", Stock: []pretend.Stock{{Location: 1, Units: units, UpdatedAt: at}}},
	}}
}

// TestAShopWhoseWebhooksAreLost tells the whole program of a shop by its API alone: the catalogue comes when the source is
// applied, a poll finds the restock and the one who waits is told once; and a poll that a webhook overtakes tells nobody
// of stock that is gone.
func TestAShopWhoseWebhooksAreLost(t *testing.T) {
	s := &heldShop{Shop: pretend.New(), arrived: make(chan struct{}), release: make(chan struct{})}
	s.Put(shirt(0, time.Now().Add(-time.Hour)))
	server := httptest.NewServer(s)
	defer server.Close()
	p := place{t: t, edge: freePort(t), core: freePort(t), metrics: freePort(t), secret: "shop-secret-1"}
	serve := start(t, []string{"SHOP_SECRET=" + p.secret, "SHOP_TOKEN=" + s.Token}, "serve", "--data", t.TempDir(), "--edge-listen", p.edge,
		"--core-listen", p.core, "--metrics-listen", p.metrics)
	p.token = tokenOf(t, serve)
	p.ready()
	file := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, readShop, server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"RESTOCK_TOKEN=" + p.token}
	if out, code := run(t, env, "apply", "--core", "http://"+p.core, "-f", file); code != 0 {
		t.Fatalf("apply ended with %d:\n%s", code, out)
	}
	says := func(text string) func() bool {
		return func() bool {
			out, _ := run(t, env, "status", "--core", "http://"+p.core)
			return strings.Contains(out, text)
		}
	}
	eventually(t, "the catalogue is imported", says("import: 1 of 1 read, ended"))
	eventually(t, "the edge has heard of the source", func() bool { return p.ask("my-shop", "71", "ann@example.com") })
	eventually(t, "ann waits", says("1 waiting"))
	s.Put(shirt(5, time.Now()))
	p.awaitMails("ann@example.com", 1)
	eventually(t, "the status says what was found", says("corrected 1 levels, 1 restocks found"))
	if out, _ := run(t, env, "why", "--core", "http://"+p.core, "--contact", "ann@example.com"); !strings.Contains(out, "no webhook had said so") {
		t.Errorf("why says:\n%s", out)
	}

	sold := time.Now()
	s.Put(shirt(0, sold))
	p.levelOf(t, 0, sold)
	p.ask("my-shop", "71", "ben@example.com")
	eventually(t, "ben waits", says("1 waiting"))
	seven := `"quantity":7`
	s.hold.Store(&seven)
	again := time.Now().Add(time.Second)
	s.Put(shirt(7, again))
	select {
	case <-s.arrived:
	case <-time.After(patience):
		t.Fatal("the shop is not polled")
	}
	s.Put(shirt(0, again))
	p.levelOf(t, 0, again) // in the same second, while the poll's answer is on its way
	eventually(t, "the webhooks are applied", func() bool {
		_, _, counts := call("GET", "http://"+p.metrics+"/metrics", nil, "")
		return strings.Contains(counts, `restock_core_reasons_total{kind="webhook",reason="applied"} 2`)
	})
	released := core.TimeOf(time.Now()).String()
	close(s.release)
	eventually(t, "the poll has ended", func() bool { return p.polled() > released })
	if got := p.mailsTo("ben@example.com"); len(got) != 0 {
		t.Errorf("ben was told of stock that is gone: %q", got)
	}
	if got := p.mailsTo("ann@example.com"); len(got) != 1 {
		t.Errorf("ann got %q, want one message", got)
	}
}

// polled is when the last poll ended, as RFC 3339 has it.
func (p place) polled() (at string) {
	p.t.Helper()
	var reports []console.WorkspaceReport
	p.api("GET", "/api/v1/status", &reports)
	for _, r := range reports[0].Sources[0].Readings {
		if r.Kind == core.ReadingPoll {
			at = r.EndedAt
		}
	}
	return at
}

// levelOf sends the webhook of a level that changed at a moment.
func (p place) levelOf(t *testing.T, units int, at time.Time) {
	t.Helper()
	body := fmt.Sprintf(`{"inventory_item_id":710,"location_id":1,"available":%d,"updated_at":%q}`, units, at.UTC().Format(time.RFC3339))
	if code, answer := p.webhook("my-shop", "inventory_levels/update", fmt.Sprint(units, at.UnixNano()), body); code != http.StatusOK {
		t.Fatalf("answered %d %s", code, answer)
	}
}

const feedShop = `
kind: Source
name: my-shop
spec:
  platform: generic
  url: https://shop.example
  secrets: [env:SHOP_SECRET]
  currency: EUR
  feed: {url: "%s/feed.csv", every: 30d}
---
kind: Playbook
name: my-shop-back
state: on
`

// TestReadingsByHand: an operator has a feed read at once, and drops or approves what it would bring back; a feed that is the
// same file is fetched again.
func TestReadingsByHand(t *testing.T) {
	var units atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag := fmt.Sprintf(`"%d"`, units.Load())
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = fmt.Fprintln(w, "id,title,link,price,available")
		for i := range 30 {
			_, _ = fmt.Fprintf(w, "v%d,Tee %d,https://shop.example/%d,19.90 EUR,%d\n", i, i, i, units.Load())
		}
	}))
	defer server.Close()
	p := place{t: t, edge: freePort(t), core: freePort(t), metrics: freePort(t)}
	serve := start(t, []string{"SHOP_SECRET=whsec_c2VjcmV0LW9mLXRoZS1zaG9w"}, "serve", "--data", t.TempDir(), "--edge-listen", p.edge,
		"--core-listen", p.core, "--metrics-listen", p.metrics)
	p.token = tokenOf(t, serve)
	p.ready()
	env := []string{"RESTOCK_TOKEN=" + p.token}
	does := func(want int, words ...string) string {
		t.Helper()
		out, code := run(t, env, append(words, "--core", "http://"+p.core)...)
		if code != want {
			t.Fatalf("%v ended with %d:\n%s", words, code, out)
		}
		return out
	}
	says := func(text string) func() bool {
		return func() bool { return strings.Contains(does(0, "status"), text) }
	}
	file := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, feedShop, server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	does(0, "apply", "-f", file)
	eventually(t, "the feed is imported", says("import: 30 of 30 read, ended"))
	eventually(t, "the edge has heard of the source", func() bool { return p.ask("my-shop", "v7", "ann@example.com") })
	eventually(t, "ann waits", says("1 waiting"))
	units.Store(5)
	does(0, "reading", "now", "my-shop")
	eventually(t, "what comes back is held", says("holds 30 of 30 variants"))
	does(0, "reading", "drop", "my-shop")
	eventually(t, "it is dropped", func() bool { return !says("holds 30")() })
	does(0, "reading", "now", "my-shop")
	eventually(t, "the same file is read again", says("holds 30 of 30 variants"))
	if got := p.mailsTo("ann@example.com"); len(got) != 0 {
		t.Errorf("ann was told before anybody approved: %q", got)
	}
	does(0, "reading", "approve", "my-shop")
	p.awaitMails("ann@example.com", 1)
	if out := does(1, "reading", "now", "no-shop"); !strings.Contains(out, "no source") {
		t.Errorf("of a source that there is not it says %s", out)
	}
}
