package e2e

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

var ledgerContacts = flag.Int("ledger.contacts", 30, "how many contacts TestCrashMatrix sends to at each stage")

// stage is how far a call of the provider has come.
type stage string

const (
	beforeCall stage = "connected, nothing handed over"
	duringCall stage = "sender and recipient named"
	handedOver stage = "message handed over, not answered"
	answered   stage = "answered, not written down"
)

// staged is a mail server that says when a call comes to a stage, and waits there until it may go on.
type staged struct {
	mailServer
	at   stage
	skip int // calls that pass

	lock    sync.Mutex
	reached chan struct{} // closed when a call has
	resume  chan struct{}
}

func (m *staged) reach(at stage) {
	m.lock.Lock()
	if at != m.at || m.skip < 0 {
		m.lock.Unlock()
		return
	}
	m.skip--
	now := m.skip < 0
	m.lock.Unlock()
	if now {
		close(m.reached)
		<-m.resume
	}
}

func (m *staged) NewSession(*smtp.Conn) (smtp.Session, error) {
	m.reach(beforeCall)
	return &stagedSession{mailSession{&m.mailServer}, m}, nil
}

type stagedSession struct {
	mailSession
	server *staged
}

func (s *stagedSession) Rcpt(string, *smtp.RcptOptions) error {
	s.server.reach(duringCall)
	return nil
}

func (s *stagedSession) Data(r io.Reader) error {
	err := s.mailSession.Data(r)
	s.server.reach(handedOver)
	if s.server.at == answered { // the node hears the answer while it is being killed
		go s.server.reach(answered)
	}
	return err
}

// TestCrashMatrix kills the core while a call of the provider is at each stage. Nobody may get two mails by that; who got none is shown as
// unknown, and gets one by the operator's word. Then alone somebody may get a second one: whose first had arrived.
func TestCrashMatrix(t *testing.T) {
	t.Logf("%-34s %8s %6s %6s %8s %16s %18s", "killed when a call was", "contacts", "mails", "twice", "unknown", "of them arrived", "after resend: none")
	for _, c := range []struct {
		at   stage
		skip int
	}{{beforeCall, 1}, {duringCall, 8}, {handedOver, 8}, {answered, 8}} {
		box := &staged{at: c.at, skip: c.skip, reached: make(chan struct{}), resume: make(chan struct{})}
		i := newInstallation(t)
		i.applyFiles(smtpFiles, listenWith(t, box))
		for n := range *ledgerContacts {
			if !i.ask("my-shop", "71", fmt.Sprintf("c%d@example.com", n)) {
				t.Fatal("not taken")
			}
		}
		<-box.reached
		i.c.kill()
		close(box.resume)
		i.startCore()
		i.ready()
		eventually(t, "all captures are applied", func() bool { return i.waiting() == *ledgerContacts })
		unknown := i.quietLedger()
		got := recipients(box.all())
		twice, none := 0, 0
		for n := range *ledgerContacts {
			switch got[fmt.Sprintf("c%d@example.com", n)] {
			case 0:
				none++
			case 1:
			default:
				twice++
			}
		}
		if twice > 0 || none > unknown || unknown > mayBeUnknown {
			t.Errorf("%s: %d got two mails, %d none, and %d are unknown", c.at, twice, none, unknown)
		}
		env := []string{"RESTOCK_TOKEN=" + i.token}
		if out, code := run(t, env, "message", "list", "--core", "http://"+i.core, "--at", "unknown"); code != 0 || unknown > 0 && strings.Count(out, "interrupted") != unknown {
			t.Errorf("%s: %d are unknown, and their list is %d:\n%s", c.at, unknown, code, out)
		}
		if out, code := run(t, env, "message", "resend", "--core", "http://"+i.core, "--at", "unknown"); code != 0 || !strings.Contains(out, fmt.Sprint(unknown, " messages")) {
			t.Errorf("%s: resending ended with %d: %s", c.at, code, out)
		}
		i.quietLedger()
		after := recipients(box.all())
		if len(after) != *ledgerContacts || len(box.all()) > *ledgerContacts+unknown {
			t.Errorf("%s: after the resend %d contacts have %d mails, before it %d had one; %d were unknown", c.at, len(after), len(box.all()), len(got), unknown)
		}
		t.Logf("%-34s %8d %6d %6d %8d %16d %18d", c.at, *ledgerContacts, len(got), twice, unknown, unknown-none, *ledgerContacts-len(after))
		i.e.stop()
		i.c.stop()
	}
}

// quietLedger waits until every message has an end, or is unknown; it says how many are.
func (i *installation) quietLedger() (unknown int) {
	i.t.Helper()
	eventually(i.t, "every message has an end", func() bool {
		var status []struct {
			Behind, Works int
			Intents       map[string]int
		}
		if i.api("GET", "/api/v1/status", &status) != http.StatusOK {
			return false
		}
		s := status[0]
		unknown = s.Intents["unknown"]
		return s.Behind == 0 && s.Works == 0 && s.Intents["due"]+s.Intents["claimed"]+s.Intents["held"] == 0
	})
	var again []struct{ Key string }
	if i.api("GET", "/api/v1/messages?at=unknown", &again) == http.StatusOK {
		unknown = len(again) // without those that were sent again
	}
	return unknown
}

func recipients(mails []string) map[string]int {
	got := map[string]int{}
	for _, m := range mails {
		if to := toLine.FindStringSubmatch(m); to != nil {
			got[to[1]]++
		}
	}
	return got
}
