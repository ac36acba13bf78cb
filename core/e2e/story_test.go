package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// startDemo runs `restock demo` on free ports.
func startDemo(t testing.TB, more ...string) place {
	t.Helper()
	p := place{t: t, edge: freePort(t), core: freePort(t), metrics: freePort(t), secret: "demo-secret"}
	args := append([]string{"demo", "--edge-listen", p.edge, "--core-listen", p.core, "--metrics-listen", p.metrics}, more...)
	demo := start(t, nil, args...)
	eventually(t, "the demo is running", func() bool { return strings.Contains(demo.output.String(), "What to do next") })
	return p
}

// TestStory is the main job by HTTP, as a shopper and a shop live it.
func TestStory(t *testing.T) {
	p := startDemo(t)
	if !p.ask("demo", "1001", "ann@example.com") {
		t.Fatal("the capture was not taken")
	}
	if got := p.awaitMails("ann@example.com", 1); !strings.Contains(got[0], "Heavyweight Tee") {
		t.Errorf("the confirmation is %q", got)
	}
	p.ask("demo", "1001", "spy@competitor.example")
	p.awaitMails("spy@competitor.example", 1)
	if code := p.level("demo", 5001, 5, "first"); code != http.StatusOK {
		t.Fatalf("the webhook was answered %d", code)
	}
	got := p.awaitMails("ann@example.com", 2)
	if !strings.Contains(got[1], "back in stock") {
		t.Errorf("the message is %q", got)
	}
	m := p.inbox()[0]
	link := linkIn(m.HTML, "/r/")
	if code, header := hop("GET", link); m.Channel != "email" || !strings.Contains(m.Text, link) || code != http.StatusFound || !strings.Contains(header.Get("Location"), "variant=1001") {
		t.Errorf("the message does not lead to the variant: %d %v from %q in %+v", code, header, link, m)
	}
	eventually(t, "why shows the click", func() bool {
		out, _ := run(t, nil, "why", "--core", "http://"+p.core, "--contact", "ann@example.com")
		return strings.Contains(out, "clicked")
	})
	if m.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" || !strings.HasPrefix(m.Headers["List-Unsubscribe"], "<http") {
		t.Errorf("the message's headers are %v", m.Headers)
	}
	out, code := run(t, nil, "why", "--core", "http://"+p.core, "--contact", "spy@competitor.example")
	if code != 0 || !strings.Contains(out, "condition_no") || !strings.Contains(out, "competitor.example") {
		t.Errorf("why answers %d:\n%s", code, out)
	}
	if out, _ := run(t, nil, "why", "--core", "http://"+p.core, "--contact", "ann@example.com"); !strings.Contains(out, "back-with-gate/region") || !strings.Contains(out, "back-with-gate/tier") {
		t.Errorf("why shows no other plugins:\n%s", out)
	}
	if n := len(p.mailsTo("spy@competitor.example")); n != 1 {
		t.Errorf("the plugin said no, and %d mails went out", n)
	}
}

func TestTheSameWebhookAgainSendsNothing(t *testing.T) {
	p := startDemo(t)
	p.ask("demo", "1001", "ann@example.com")
	p.awaitMails("ann@example.com", 1)
	body := `{"inventory_item_id":5001,"location_id":1,"available":5,"updated_at":"2026-01-01T00:00:00Z"}`
	for range 3 {
		if code, answer := p.webhook("demo", "inventory_levels/update", "w1", body); code != http.StatusOK {
			t.Fatalf("answered %d %s", code, answer)
		}
	}
	p.awaitMails("ann@example.com", 2)
	p.settled("after@example.com")
	if got := p.mailsTo("ann@example.com"); len(got) != 2 {
		t.Errorf("got %q, want two mails", got)
	}
}

// settled waits until everything that was acknowledged so far has had its effect: what is asked now comes behind it.
func (p place) settled(email string) {
	p.t.Helper()
	p.ask("demo", "1001", email)
	p.awaitMails(email, 1)
}

func TestBadInputIsAProblemAndChangesNothing(t *testing.T) {
	p := startDemo(t)
	before := len(p.inbox())
	for _, c := range []struct {
		name   string
		send   func() (int, http.Header, string)
		status int
		field  string
	}{
		{"a bad e-mail address", func() (int, http.Header, string) {
			return p.capture(`{"source":"demo","variant":"1001","email":"ann@example"}`)
		}, 422, "email"},
		{"malformed", func() (int, http.Header, string) { return p.capture(`{"source":`) }, 400, ""},
		{"an unknown source", func() (int, http.Header, string) {
			return p.capture(`{"source":"nope","variant":"1001","email":"ann@example.com"}`)
		}, 404, ""},
		{"another media type", func() (int, http.Header, string) {
			return call("POST", "http://"+p.edge+"/v1/captures", map[string]string{"Content-Type": "text/xml"}, "<a/>")
		}, 415, ""},
		{"too large", func() (int, http.Header, string) {
			return p.capture(`{"source":"demo","page":"` + strings.Repeat("x", 9000) + `"}`)
		}, 413, ""},
		{"a webhook signed with another secret", func() (int, http.Header, string) {
			return call("POST", "http://"+p.edge+"/v1/sources/demo/webhooks", map[string]string{
				"X-Shopify-Topic": "inventory_levels/update", "X-Shopify-Hmac-Sha256": "bm8=",
			}, `{"inventory_item_id":5001,"location_id":1,"available":5}`)
		}, 401, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, header, body := c.send()
			var problem struct {
				Title, Detail string
				Status        int
				Errors        []struct{ Field, Message string }
			}
			if err := json.Unmarshal([]byte(body), &problem); err != nil || header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("answered %d %s", status, body)
			}
			if status != c.status || problem.Status != c.status || problem.Title == "" {
				t.Errorf("answered %d %+v, want %d", status, problem, c.status)
			}
			if c.field != "" && (len(problem.Errors) == 0 || problem.Errors[0].Field != c.field) {
				t.Errorf("names %+v, want the field %s", problem.Errors, c.field)
			}
		})
	}
	p.settled("after@example.com")
	if n := len(p.inbox()); n != before+1 {
		t.Errorf("%d mails more, want 1", n-before)
	}
}

func TestUnsubscribeLinkInAMessage(t *testing.T) {
	p := startDemo(t)
	p.ask("demo", "1001", "ann@example.com")
	p.awaitMails("ann@example.com", 1)
	link := strings.Trim(p.inbox()[0].Headers["List-Unsubscribe"], "<>")
	if code, _, page := call("GET", link, nil, ""); code != http.StatusOK || !strings.Contains(page, "<form") {
		t.Fatalf("GET answered %d %s", code, page)
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	if code, _, _ := call("POST", link, form, "List-Unsubscribe=One-Click"); code != http.StatusOK {
		t.Fatalf("POST answered %d", code)
	}
	p.ask("demo", "1001", "bob@example.com")
	p.awaitMails("bob@example.com", 1)
	p.level("demo", 5001, 5, "w1")
	p.awaitMails("bob@example.com", 2)
	eventually(t, "why names the gate", func() bool {
		out, _ := run(t, nil, "why", "--core", "http://"+p.core, "--contact", "ann@example.com")
		return strings.Contains(out, "unsubscribed")
	})
	if got := p.mailsTo("ann@example.com"); len(got) != 1 {
		t.Errorf("unsubscribed, and got %q", got)
	}
}

// TestDemoAgain runs the demo twice on the same data: its shop forgets, the core does not.
func TestDemoAgain(t *testing.T) {
	dir := t.TempDir()
	begin := func() (place, *process) {
		p := place{t: t, edge: freePort(t), core: freePort(t), secret: "demo-secret"}
		demo := start(t, nil, "demo", "--data", dir, "--edge-listen", p.edge, "--core-listen", p.core, "--metrics-listen", freePort(t))
		eventually(t, "the demo is running", func() bool { return strings.Contains(demo.output.String(), "What to do next") })
		return p, demo
	}
	restock := func(p place) {
		code, _, body := call("POST", "http://"+p.edge+"/shop/restock", map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
		}, "variant=1001&quantity=5")
		if code != http.StatusOK {
			t.Fatalf("the button answered %d %s", code, body)
		}
	}
	p, demo := begin()
	p.ask("demo", "1001", "ann@example.com")
	restock(p)
	p.awaitMails("ann@example.com", 2)
	demo.stop()
	p, _ = begin()
	p.ask("demo", "1001", "bob@example.com")
	p.awaitMails("bob@example.com", 1)
	restock(p)
	p.awaitMails("bob@example.com", 2)
}

// TestLatency prints how long it takes from a webhook's arrival to the message in the inbox.
func TestLatency(t *testing.T) {
	p := startDemo(t)
	const rounds = 40
	var waits []time.Duration
	for i := range rounds {
		address := fmt.Sprintf("c%d@example.com", i)
		p.ask("demo", "1001", address)
		p.awaitMails(address, 1)
		p.level("demo", 5001, 0, fmt.Sprint("out", i))
		begin := time.Now()
		if code := p.level("demo", 5001, 3, fmt.Sprint("in", i)); code != http.StatusOK {
			t.Fatalf("answered %d", code)
		}
		p.awaitMails(address, 2)
		waits = append(waits, time.Since(begin))
	}
	slices.Sort(waits)
	t.Logf("from the webhook to the message in the inbox, %d times: median %s, 90 %% within %s, longest %s",
		rounds, waits[rounds/2].Round(time.Millisecond/10), waits[rounds*9/10].Round(time.Millisecond/10), waits[rounds-1].Round(time.Millisecond/10))
}

const shopFiles = `
kind: Source
name: my-shop
spec:
  title: My shop
  platform: shopify
  url: https://shop.example
  secrets: [env:SHOP_SECRET]
  currency: EUR
  region: DE
---
kind: Playbook
name: my-shop-waiting
state: on
---
kind: Journey
name: told-later
state: on
spec:
  title: Back, after a moment
  enter:
    occurs: back_in_stock
    where: {source: my-shop, sku: TEE-M}
  shapes:
    - name: moment
      delay: {for: 1s}
    - name: mail
      email:
        sender: %s
        subject: "{{ product.title }} is here, {{ contact.first_name | default: 'friend' }}"
        html: "<p>Look:</p>{%% back_in_stock button: 'Get it' %%}"
`

const teeProduct = `{"id":7,"title":"Tee","handle":"tee","status":"active","published_at":"2026-01-01T00:00:00Z",
	"updated_at":"2026-01-01T00:00:00Z","images":[],"variants":[{"id":71,"title":"M","sku":"TEE-M","price":"19.90",
	"inventory_policy":"deny","inventory_item_id":710,"inventory_quantity":0,"updated_at":"2026-01-01T00:00:00Z"}]}`

// applyShop applies a shop whose notifications go by the sender.
func (p place) applyShop(sender, more string) {
	p.t.Helper()
	p.applyFiles(fmt.Sprintf(shopFiles, sender), more)
}

// applyFiles writes the files of my-shop into a folder, applies it, and tells the catalogue.
func (p place) applyFiles(shop, more string) {
	p.t.Helper()
	dir := p.t.TempDir()
	for name, content := range map[string]string{"shop.yaml": shop, "more.yml": more} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	out, code := run(p.t, []string{"RESTOCK_TOKEN=" + p.token}, "apply", "--core", "http://"+p.core, "-f", dir)
	if code != 0 || !strings.Contains(out, "source my-shop applied") {
		p.t.Fatalf("apply ended with %d:\n%s", code, out)
	}
	eventually(p.t, "the edge has heard of the source", func() bool {
		code, _ := p.webhook("my-shop", "products/update", "p1", teeProduct)
		return code == http.StatusOK
	})
}

// tellsShop lives the story of my-shop, whose notifications arrive where arrived says.
func (p place) tellsShop(arrived func() bool) {
	p.t.Helper()
	p.ask("my-shop", "71", "ann@example.com")
	p.awaitMails("ann@example.com", 1)
	if code := p.level("my-shop", 710, 4, "l1"); code != http.StatusOK {
		p.t.Fatalf("answered %d", code)
	}
	eventually(p.t, "the notification arrives", arrived)
}

func TestServeByFiles(t *testing.T) {
	p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	serve := start(t, []string{"SHOP_SECRET=" + p.secret}, "serve", "--data", t.TempDir(), "--edge-listen", p.edge,
		"--core-listen", p.core, "--metrics-listen", freePort(t))
	p.token = tokenOf(t, serve)
	p.ready()
	if code := (place{t: t, core: p.core}).api("GET", "/api/v1/status", nil); code != http.StatusUnauthorized {
		t.Errorf("without a token the API answered %d", code)
	}
	p.applyShop("inbox", "")
	p.tellsShop(func() bool { return len(p.mailsTo("ann@example.com")) == 2 })
	if got := p.mailsTo("ann@example.com")[1]; got != "Tee is here, friend" {
		t.Errorf("the subject is %q", got)
	}
	out, code := run(t, []string{"RESTOCK_TOKEN=" + p.token}, "playbook", "status", "--core", "http://"+p.core, "my-shop-back")
	if code != 0 || !strings.Contains(out, "off") {
		t.Errorf("a playbook that nobody turned on: %d\n%s", code, out)
	}
}

func TestApplyRefusesWithFileAndLine(t *testing.T) {
	p := startDemo(t)
	file := filepath.Join(t.TempDir(), "bad.yaml")
	content := "kind: Journey\nname: x\nspec:\n  enter: {occurs: back_in_stock}\n  shapes:\n    - name: a\n      email: {sender: nobody, subject: 'Hi {{ contact.nme }}', html: x}\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	out, code := run(t, nil, "apply", "--core", "http://"+p.core, "-f", file)
	if code != 1 || !strings.Contains(out, "bad.yaml:7") || !strings.Contains(out, "nme") {
		t.Errorf("apply ended with %d:\n%s", code, out)
	}
}

func TestWrongSettingsEndWith2(t *testing.T) {
	settings := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(settings, []byte("edge-lisen: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"serve", "--core-listen", "nowhere"},
		{"serve", "--mood", "good"},
		{"edge"},
		{"core", "--nats", "nats://127.0.0.1:1", "--nats-listen", "127.0.0.1:2"},
		{"core", "--replicas", "2"},
		{"serve", "--config", settings},
		{"apply"},
	} {
		if out, code := run(t, nil, append(args, dataFlag(t, args)...)...); code != 2 {
			t.Errorf("%v ended with %d:\n%s", args, code, out)
		}
	}
}

func dataFlag(t *testing.T, args []string) []string {
	if args[0] == "apply" {
		return nil
	}
	return []string{"--data", t.TempDir()}
}
