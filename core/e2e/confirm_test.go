package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// linkIn is the first link in a message whose path begins so.
func linkIn(html, path string) string {
	return regexp.MustCompile(`https?://[^"\s<>]*` + regexp.QuoteMeta(path) + `[A-Za-z0-9_-]+`).FindString(html)
}

// hop asks for a page without following where it leads.
func hop(method, url string) (int, http.Header) {
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		return 0, nil
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return 0, nil
	}
	_ = answer.Body.Close()
	return answer.StatusCode, answer.Header
}

// confirmFiles are a shop that wants addresses confirmed.
const confirmFiles = `
kind: Source
name: my-shop
spec:
  title: My shop
  platform: shopify
  url: "https://shop.example"
  secrets: [env:SHOP_SECRET]
  currency: EUR
  region: DE
  double_opt_in: true
---
{kind: Playbook, name: my-shop-waiting, state: on}
---
{kind: Playbook, name: my-shop-back, state: on}
`

// TestDoubleOptIn is told by the inbox: the link in the first message shows a page, its button confirms while the core is away, and the
// place in line is the one from the capture.
func TestDoubleOptIn(t *testing.T) {
	i := newInstallation(t)
	i.applyFiles(confirmFiles, "")
	i.ask("my-shop", "71", "ann@example.com")
	i.ask("my-shop", "71", "bob@example.com")
	got := i.awaitMails("ann@example.com", 1)
	i.awaitMails("bob@example.com", 1)
	if !strings.Contains(got[0], "Shall we tell you") {
		t.Fatalf("the first message is %q", got)
	}
	links := map[string]string{}
	for _, m := range i.inbox() {
		links[m.To] = strings.Replace(linkIn(m.HTML, "/c/"), "127.0.0.1:8080", i.edge, 1)
	}
	i.c.stop() // confirming needs the edge alone
	if code, _, page := call("GET", links["ann@example.com"], nil, ""); code != http.StatusOK || !strings.Contains(page, "<form") {
		t.Fatalf("GET %s answered %d %s", links["ann@example.com"], code, page)
	}
	if code, _, page := call("GET", links["ann@example.com"]+"A", nil, ""); code != http.StatusGone || strings.Contains(page, "<form") {
		t.Errorf("a link that is none answered %d %s", code, page)
	}
	for range 2 {
		if code, _, page := call("POST", links["ann@example.com"], nil, ""); code != http.StatusOK || strings.Contains(page, "<form") {
			t.Fatalf("POST answered %d %s", code, page)
		}
	}
	i.startCore()
	i.ready()
	i.awaitMails("ann@example.com", 2)
	i.stock(0, "out")
	i.stock(5, "in")
	got = i.awaitMails("ann@example.com", 3)
	if !strings.Contains(got[2], "back in stock") {
		t.Errorf("the third message is %q", got[2])
	}
	if got := i.mailsTo("bob@example.com"); len(got) != 1 {
		t.Errorf("bob has not confirmed, and got %q", got)
	}
	out, _ := run(t, []string{"RESTOCK_TOKEN=" + i.token}, "status", "--core", "http://"+i.core)
	if !strings.Contains(out, "to be confirmed") {
		t.Errorf("status does not say that somebody is to confirm:\n%s", out)
	}
}
