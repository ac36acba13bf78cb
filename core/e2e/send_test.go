package e2e

import (
	"context"
	"flag"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"restock/core"
	"restock/core/sender/smtp"
)

var (
	sendContacts = flag.Int("send.contacts", 300, "how many mails TestSending sends through the node, and by the bare loop")
	sendLanes    = flag.String("send.lanes", "4:0s,32:20ms", "over how many connections, and how long the server takes for each mail")
)

// lane is how TestSending sends.
type lane struct {
	connections int
	delay       time.Duration
}

func sendingLanes(t *testing.T) (all []lane) {
	t.Helper()
	for _, text := range strings.Split(*sendLanes, ",") {
		var l lane
		connections, delay, _ := strings.Cut(text, ":")
		var err, err2 error
		l.connections, err = strconv.Atoi(connections)
		l.delay, err2 = time.ParseDuration(delay)
		if err != nil || err2 != nil {
			t.Fatalf("-send.lanes %q: want connections:delay, as 32:20ms", text)
		}
		all = append(all, l)
	}
	return all
}

// sendFiles are a shop that tells who waits by SMTP, and nothing else.
const sendFiles = `
kind: Source
name: my-shop
spec: {title: My shop, platform: shopify, url: "https://shop.example", secrets: [env:SHOP_SECRET], currency: EUR, region: DE}
---
kind: Journey
name: told
state: on
spec:
  title: Notification
  enter: {occurs: back_in_stock}
  shapes:
    - name: mail
      email: {sender: post, subject: "{{ product.title }} is back", html: "<p>Hi {{ contact.first_name | default: 'there' }}</p>{% back_in_stock button: 'Buy now' %}"}
`

// TestSending prints how many mails a second go through the node to an SMTP server on this machine (claims in the journal, gates,
// rendering, the call, outcomes), beside a bare loop of the same library over as many connections with a mail of the same size.
func TestSending(t *testing.T) {
	for _, l := range sendingLanes(t) {
		t.Run(fmt.Sprintf("%d connections %s", l.connections, l.delay), func(t *testing.T) { sending(t, l) })
	}
}

func sending(t *testing.T, l lane) {
	box := &mailServer{delay: l.delay}
	i := newInstallation(t)
	document := strings.Replace(box.listen(t), "{type: smtp", fmt.Sprintf("{type: smtp, concurrency: %d", l.connections), 1)
	i.applyFiles(sendFiles, document)
	var clients sync.WaitGroup
	var next atomic.Int64
	for range 16 {
		clients.Go(func() {
			for n := next.Add(1); n <= int64(*sendContacts); n = next.Add(1) {
				eventually(t, "a capture is taken", func() bool { return i.ask("my-shop", "71", fmt.Sprintf("c%d@example.com", n)) })
			}
		})
	}
	clients.Wait()
	i.stock(0, "out")
	eventually(t, "all captures are applied", func() bool { return i.waiting() == *sendContacts })
	begin := time.Now()
	i.stock(5, "in")
	eventually(t, "everybody has a mail", func() bool { return box.count() >= *sendContacts })
	through := rate(*sendContacts, time.Since(begin))
	if got := recipients(box.all()); len(got) != *sendContacts || box.count() != *sendContacts {
		t.Errorf("%d contacts have %d mails, want %d", len(got), box.count(), *sendContacts)
	}
	bare := bareLoop(t, l, *sendContacts, len(box.all()[0]))
	t.Logf("%d mails over %d connections to a server that takes %s: %.0f /s through the node, %.0f /s by the bare loop: %.0f %%", *sendContacts, l.connections, l.delay, through, bare, 100*through/bare)
}

// waiting is how many stand in line.
func (i *installation) waiting() (n int) {
	var status []struct{ Waitlists []struct{ Waiting int } }
	i.api("GET", "/api/v1/status", &status)
	for _, s := range status {
		for _, w := range s.Waitlists {
			n += w.Waiting
		}
	}
	return n
}

func (m *mailServer) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.mails)
}

func rate(n int, d time.Duration) float64 { return float64(n) / d.Seconds() }

// bareLoop sends n mails by the sender alone, over all of its connections.
func bareLoop(t *testing.T, l lane, n, size int) float64 {
	t.Helper()
	box := &mailServer{delay: l.delay}
	var port string
	for _, field := range strings.Fields(box.listen(t)) {
		if _, p, err := net.SplitHostPort("h:" + strings.TrimRight(field, ",")); err == nil && p != "" && p[0] >= '0' && p[0] <= '9' {
			port = p
		}
	}
	s, err := smtp.Open(core.Sender{Name: "bare", Kind: "smtp", Concurrency: int64(l.connections), From: "My shop <news@shop.example>", Settings: map[string]string{"host": "127.0.0.1", "port": port, "tls": "none"}}, smtp.Secrets{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	body := "<html><body>" + strings.Repeat("<p>what a mail says, in so many words</p>\n", max(1, size/2/42)) + "</body></html>"
	text := strings.Repeat("what a mail says, in so many words\n", 5)
	var workers sync.WaitGroup
	var next atomic.Int64
	begin := time.Now()
	for range l.connections {
		workers.Go(func() {
			for k := next.Add(1); k <= int64(n); k = next.Add(1) {
				o := s.Send(context.Background(), core.Message{
					Key: core.LedgerKey{byte(k), byte(k >> 8), byte(k >> 16), 1}, Channel: core.Email, From: "My shop <news@shop.example>", At: core.TimeOf(time.Now()),
					To: core.Address{Channel: core.Email, Value: fmt.Sprintf("c%d@example.com", k)}, Subject: "Tee is back", HTML: body, Text: text,
				})
				if o.Kind != core.OutcomeAccepted {
					t.Errorf("mail %d: %+v", k, o)
				}
			}
		})
	}
	workers.Wait()
	return rate(n, time.Since(begin))
}
