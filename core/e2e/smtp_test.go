package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// mailServer is a real SMTP server that keeps what it is given, and may take its time.
type mailServer struct {
	delay time.Duration
	mu    sync.Mutex
	mails []string
}

func (m *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) { return &mailSession{m}, nil }

type mailSession struct{ server *mailServer }

func (*mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (*mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (*mailSession) Reset()                               {}
func (*mailSession) Logout() error                        { return nil }

// Data takes a mail, and answers after the server's delay: until then nobody can know that it was taken. One that breaks off is
// none (RFC 5321 4.1.1.4).
func (s *mailSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, string(b))
	s.server.mu.Unlock()
	time.Sleep(s.server.delay)
	return nil
}

func (m *mailServer) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mails
}

// listen runs the server and returns the sender document that leads to it.
func (m *mailServer) listen(t *testing.T) (manifest string) { t.Helper(); return listenWith(t, m) }

// listenWith runs a server of any kind.
func listenWith(t *testing.T, b smtp.Backend) (manifest string) {
	t.Helper()
	server := smtp.NewServer(b)
	server.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "kind: Sender\nname: post\nspec: {type: smtp, from: 'My shop <news@shop.example>', host: 127.0.0.1, port: " + port + ", tls: none}\n"
}

func TestNotificationBySMTP(t *testing.T) {
	box := &mailServer{}
	p := place{t: t, edge: freePort(t), core: freePort(t), secret: "shop-secret-1"}
	serve := start(t, []string{"SHOP_SECRET=" + p.secret}, "serve", "--data", t.TempDir(), "--edge-listen", p.edge,
		"--core-listen", p.core, "--metrics-listen", freePort(t), "--public-url", "https://alerts.shop.example")
	p.token = tokenOf(t, serve)
	p.ready()
	p.applyShop("post", box.listen(t))
	p.tellsShop(func() bool { return len(box.all()) == 1 })
	for _, want := range []string{
		"From: \"My shop\" <news@shop.example>", "To: <ann@example.com>", "Subject: Tee is here, friend", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
		"https://alerts.shop.example/u/", "multipart/alternative", "text/plain", "text/html",
	} {
		if !strings.Contains(box.all()[0], want) {
			t.Errorf("the mail lacks %q:\n%s", want, box.all()[0])
		}
	}
}

// smtpFiles are a shop whose confirmations go by SMTP.
const smtpFiles = `
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
      email: {sender: post, subject: "Noted", html: "<html><body>{{ product.title }}</body></html>", text: "{{ product.title }}"}
`

var toLine = regexp.MustCompile(`(?m)^To: <([^>]+)>`)

// mayBeUnknown is how many messages nobody knows of, at most, when a core is killed: four calls at once, and as many that are next.
const mayBeUnknown = 8

// TestStoppingWhileMailsAreOnTheirWay: of those that the server was being handed when the node was killed nobody knows,
// they are shown as unknown and not sent again; all others go out, once. A node that is stopped in good order loses none.
func TestStoppingWhileMailsAreOnTheirWay(t *testing.T) {
	for _, c := range []struct {
		name       string
		stop       func(*process)
		maxUnknown int
	}{
		{"killed", (*process).kill, mayBeUnknown},
		{"stopped", (*process).stop, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			const contacts = 40
			box := &mailServer{delay: 100 * time.Millisecond}
			i := newInstallation(t)
			i.applyFiles(smtpFiles, box.listen(t))
			for n := range contacts {
				if !i.ask("my-shop", "71", fmt.Sprintf("c%d@example.com", n)) {
					t.Fatal("not taken")
				}
			}
			eventually(t, "mails are on their way", func() bool { return len(box.all()) > 6 })
			c.stop(i.c)
			i.startCore()
			i.ready()
			unknown := 0
			eventually(t, "everything else was sent", func() bool {
				var status []struct{ Intents map[string]int }
				if i.api("GET", "/api/v1/status", &status) != http.StatusOK {
					return false
				}
				intents := status[0].Intents
				unknown = intents["unknown"]
				return intents["due"]+intents["claimed"] == 0 && len(box.all())+unknown >= contacts
			})
			got := map[string]int{}
			for _, m := range box.all() {
				got[toLine.FindStringSubmatch(m)[1]]++
			}
			for to, n := range got {
				if n != 1 {
					t.Errorf("%s got %d mails", to, n)
				}
			}
			if unknown > c.maxUnknown || len(got)+unknown < contacts {
				t.Errorf("%d contacts got a mail and %d are unknown, of %d", len(got), unknown, contacts)
			}
		})
	}
}
