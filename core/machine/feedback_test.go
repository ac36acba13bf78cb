package machine_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

const annsPhone = "+4915123456789"

// textWorld is a world whose confirmation goes by SMS, sent by Twilio, and where e-mails' feedback comes from Postmark ("post")
// and a bounce mailbox ("box"). Ann waits, with e-mail and phone.
func textWorld(t *testing.T) *shopWorld {
	w := newWorld(t)
	w.declare(core.Declaration{
		Senders: []core.Sender{
			{Name: "text", Kind: "twilio"}, {Name: "push", Kind: "webpush"},
			{Name: "post", Kind: "smtp", Settings: map[string]string{"events": "postmark"}},
			{Name: "box", Kind: "smtp", Settings: map[string]string{"events": "mailbox"}},
		},
		Journeys: []core.DeclaredJourney{
			journeyOn("shop-waiting", core.WaitingOnStock, sends("text", core.ShapeSMS, "text"), mailBy("post"), mailBy("box"), sends("push", core.ShapePush, "push")),
		},
	})
	return w
}

// sends is a shape, and leads to the next of textWorld's.
func sends(name string, kind core.ShapeKind, sender core.Name) core.Shape {
	next := map[string]string{"text": "mail-post"}[name]
	if next == "" {
		next = core.Exit
	}
	return core.Shape{Name: name, Kind: kind, Next: next, Send: &core.SendShape{Sender: sender}}
}

func mailBy(sender core.Name) core.Shape {
	m := mail("mail-"+string(sender), waiting)
	m.Email.Sender = sender
	m.Next = map[core.Name]string{"post": "mail-box", "box": "push"}[sender]
	return m
}

func (w *shopWorld) askEverywhere() {
	w.t.Helper()
	c := captureOf("ann@example.com", core.Target{Source: "shop", Variant: "71"}, w.now)
	c.Capture.Phone = annsPhone
	for n := range 2 {
		c.Capture.Push = core.PushSubscription{Endpoint: fmt.Sprint("https://push.example/", n), P256DH: "p", Auth: "a"}
		c.Capture.CapturedAt = w.now
		w.fromEdge(homeEdge, c)
		w.pass(core.Second)
	}
	w.drive()
}

// by is the one intent of a sender.
func (w *shopWorld) by(sender core.Name) (i core.Intent) {
	w.t.Helper()
	w.view(func(tx *db.Tx) {
		db.Intents.All(tx, func(other core.Intent) bool {
			if other.Sender == sender {
				i = other
			}
			return true
		})
	})
	if i.Key == (core.LedgerKey{}) {
		w.t.Fatalf("there is no message by %s", sender)
	}
	return i
}

func (w *shopWorld) suppressed(a core.Address) (why core.Reason) {
	w.view(func(tx *db.Tx) { why = db.SuppressedFor(tx, a) })
	return why
}

func (w *shopWorld) status(i core.Intent, word, code string) {
	w.t.Helper()
	body := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {word}, "ErrorCode": {code}, "To": {annsPhone}}.Encode()
	w.fromEdge(homeEdge, wire.Posting{Sender: "text", Query: "key=" + i.Key.String(), Body: []byte(body)})
}

func (w *shopWorld) reply(from, text string) {
	w.t.Helper()
	body := url.Values{"MessageSid": {"SM2"}, "SmsStatus": {"received"}, "From": {from}, "Body": {text}}.Encode()
	w.fromEdge(homeEdge, wire.Posting{Sender: "text", Body: []byte(body)})
}

func (w *shopWorld) postmark(key, kind string) {
	w.t.Helper()
	body := fmt.Sprintf(`{"RecordType":"Bounce","Type":%q,"Email":"ann@example.com","Metadata":{"restock":%q}}`, kind, key)
	w.fromEdge(homeEdge, wire.Posting{Sender: "post", Body: []byte(body)})
}

// bounce is a message to the bounce mailbox, as anybody can write one.
func (w *shopWorld) bounce(key, recipient string) {
	w.t.Helper()
	body := "From: MAILER-DAEMON@example.com\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; " + recipient + "\nAction: failed\nStatus: 5.1.1\n\n" +
		"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <" + key + "@shop.example>\n\n--b--\n"
	w.fromEdge(homeEdge, wire.Posting{Sender: "box", Body: []byte(body)})
}

func phone(value string) core.Address { return core.Address{Channel: core.SMS, Value: value} }

// claim begins a call of what a sender has due.
func (w *shopWorld) claimBy(sender core.Name) core.Intent {
	w.t.Helper()
	w.fromLeader(wire.Claim{Keys: []core.LedgerKey{w.by(sender).Key}})
	return w.by(sender)
}

func (w *shopWorld) settle(o core.Outcome) {
	w.t.Helper()
	w.fromLeader(wire.Settle{Outcomes: []core.Outcome{o}})
}

// TestEveryChannelHasItsMessage: shapes of all channels write their intents, for who can be reached by them.
func TestEveryChannelHasItsMessage(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	for sender, ch := range map[core.Name]core.Channel{"text": core.SMS, "post": core.Email, "push": core.Push} {
		if i := w.by(sender); i.Channel != ch || i.At != core.IntentDue {
			t.Errorf("by %s: %+v", sender, i)
		}
	}
	w.capture("bob@example.com", "72") // has no phone
	w.drive()
	n := 0
	w.view(func(tx *db.Tx) { db.Intents.All(tx, func(core.Intent) bool { n++; return true }) })
	if n != 6 {
		t.Errorf("%d messages, want 4 for ann and 2 for bob", n)
	}
}

// TestAnUnknownOutcomeIsSettledByTheProvider, whatever comes first.
func TestAnUnknownOutcomeIsSettledByTheProvider(t *testing.T) {
	unknown := func(i core.Intent) core.Outcome {
		return core.Outcome{Key: i.Key, Kind: core.OutcomeUnknown, Reason: core.ReasonUnanswered}
	}
	for _, tt := range []struct {
		word, code string
		at         core.IntentAt
		reason     core.Reason
	}{
		{"queued", "", core.IntentSent, core.ReasonAccepted}, {"delivered", "", core.IntentSent, core.ReasonAccepted},
		{"undelivered", "30007", core.IntentDropped, core.ReasonRefused}, {"failed", "30005", core.IntentDropped, core.ReasonBounced},
	} {
		for _, first := range []string{"outcome", "posting"} {
			t.Run(tt.word+" "+first, func(t *testing.T) {
				w := textWorld(t)
				w.askEverywhere()
				i := w.claimBy("text")
				if first == "outcome" {
					w.settle(unknown(i))
					w.status(i, tt.word, tt.code)
				} else {
					w.status(i, tt.word, tt.code)
					w.settle(unknown(i))
				}
				if got := w.by("text"); got.At != tt.at || got.Reason != tt.reason {
					t.Errorf("%+v, want it %s for %s", got, tt.at, tt.reason)
				}
				w.view(func(tx *db.Tx) {
					if n := db.CountUnknown(tx); n != 0 {
						t.Errorf("%d are still unknown", n)
					}
				})
				if bounced := w.suppressed(phone(annsPhone)) == core.ReasonBounced; bounced != (tt.reason == core.ReasonBounced) {
					t.Errorf("the number is suppressed: %t", bounced)
				}
			})
		}
	}
}

// TestStatusOnlyMovesForward: postings come twice, late and out of order.
func TestStatusOnlyMovesForward(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	i := w.claimBy("text")
	w.settle(core.Outcome{Key: i.Key, Kind: core.OutcomeAccepted, Reason: core.ReasonAccepted, Receipt: "SM1"})
	for _, word := range []string{"delivered", "sent", "queued", "delivered"} {
		w.status(i, word, "")
	}
	if got := w.by("text"); got.At != core.IntentSent || got.Became != core.FeedbackDelivered || got.Receipt != "SM1" || got.Said != "delivered" {
		t.Errorf("%+v", got)
	}
	w.settle(core.Outcome{Key: i.Key, Kind: core.OutcomeUnknown}) // of a call that is long settled
	if got := w.by("text"); got.At != core.IntentSent {
		t.Errorf("%+v", got)
	}
}

func TestStopAndStart(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	w.reply(annsPhone, "Hello?")
	w.reply(annsPhone, "HELP")
	if why := w.suppressed(phone(annsPhone)); why != "" {
		t.Fatalf("a question stopped messages: %s", why)
	}
	w.reply(annsPhone, "stop!")
	w.reply(annsPhone, "STOP")
	if why := w.suppressed(phone(annsPhone)); why != core.ReasonUnsubscribed {
		t.Errorf("stopped, and the number is suppressed for %q", why)
	}
	if why := w.suppressed(email("ann@example.com")); why != "" {
		t.Errorf("the e-mail address is suppressed as well: %s", why)
	}
	w.reply(annsPhone, "START")
	if why := w.suppressed(phone(annsPhone)); why != "" {
		t.Errorf("started, and it is suppressed for %s", why)
	}
	w.status(w.by("text"), "undelivered", "30005")
	w.reply(annsPhone, "START")
	if why := w.suppressed(phone(annsPhone)); why != core.ReasonBounced {
		t.Errorf("nobody has the number, and START lifted it: %q", why)
	}
	w.reply("+4915187654321", "STOP") // nobody's, so far
	if why := w.suppressed(phone("+4915187654321")); why != core.ReasonUnsubscribed {
		t.Errorf("a number that is nobody's: %q", why)
	}
}

// TestStopOfWhoWasErased leaves no number behind, and holds when it comes back.
func TestStopOfWhoWasErased(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	w.erase(phone(annsPhone))
	w.drive()
	w.reply(annsPhone, "STOP")
	w.wantNothingOf("ann@example.com", annsPhone)
	if why := w.suppressed(phone(annsPhone)); why != core.ReasonUnsubscribed {
		t.Errorf("it is suppressed for %q", why)
	}
	w.reply(annsPhone, "START")
	if why := w.suppressed(phone(annsPhone)); why != "" {
		t.Errorf("started, and it is suppressed for %s", why)
	}
}

func TestPostmarksBounces(t *testing.T) {
	for kind, want := range map[string]core.Reason{"HardBounce": core.ReasonBounced, "SoftBounce": "", "SpamComplaint": core.ReasonComplained, "Unsubscribe": core.ReasonUnsubscribed} {
		for _, known := range []bool{true, false} { // Postmark is believed of an address also where it names no message
			w := textWorld(t)
			w.askEverywhere()
			key := strings.Repeat("0", 32)
			if known {
				key = w.by("post").Key.String()
			}
			w.postmark(key, kind)
			if why := w.suppressed(email("ann@example.com")); why != want {
				t.Errorf("%s (message known: %t): suppressed for %q, want %q", kind, known, why, want)
			}
			if why := w.suppressed(phone(annsPhone)); why != "" {
				t.Errorf("%s: the phone is suppressed as well: %s", kind, why)
			}
		}
	}
}

// TestHearsay: of a bounce mailbox, only a bounce that names one of its sender's messages counts, and only for that message's
// contact: anybody can write one.
func TestHearsay(t *testing.T) {
	for _, tt := range []struct {
		name      string
		key       func(w *shopWorld) string
		recipient string
		want      map[string]core.Reason
	}{
		{"its message", func(w *shopWorld) string { return w.annsBy("box").Key.String() }, "ann@example.com", map[string]core.Reason{"ann@example.com": core.ReasonBounced}},
		{"forwarded on", func(w *shopWorld) string { return w.annsBy("box").Key.String() }, "ann@elsewhere.example", map[string]core.Reason{"ann@example.com": core.ReasonBounced}},
		{"somebody else's address", func(w *shopWorld) string { return w.annsBy("box").Key.String() }, "bob@example.com", map[string]core.Reason{"ann@example.com": core.ReasonBounced}},
		{"no message", func(*shopWorld) string { return strings.Repeat("0", 32) }, "ann@example.com", nil},
		{"another sender's message", func(w *shopWorld) string { return w.annsBy("post").Key.String() }, "ann@example.com", nil},
	} {
		w := textWorld(t)
		w.askEverywhere()
		w.capture("bob@example.com", "72")
		w.drive()
		w.bounce(tt.key(w), tt.recipient)
		for _, a := range []string{"ann@example.com", "bob@example.com", "ann@elsewhere.example"} {
			if why := w.suppressed(email(a)); why != tt.want[a] {
				t.Errorf("%s: %s is suppressed for %q, want %q", tt.name, a, why, tt.want[a])
			}
		}
	}
}

// annsBy is Ann's message by a sender.
func (w *shopWorld) annsBy(sender core.Name) (i core.Intent) {
	w.view(func(tx *db.Tx) {
		ann, _ := db.Addresses.Get(tx, email("ann@example.com"))
		db.Intents.All(tx, func(other core.Intent) bool {
			if other.Sender == sender && other.Contact == ann {
				i = other
			}
			return true
		})
	})
	return i
}

// TestABrowserThatIsGone is deleted, and the message goes to the contact's other one; without any it ends.
func TestABrowserThatIsGone(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	for n, want := range []core.IntentAt{core.IntentDue, core.IntentDropped} {
		i := w.claimBy("push")
		endpoint := core.Address{Channel: core.Push, Value: fmt.Sprint("https://push.example/", 1-n)} // the newest first
		tag := endpoint.Tag()
		w.settle(core.Outcome{Key: i.Key, Kind: core.OutcomePermanent, Reason: core.ReasonGone, About: &tag})
		if got := w.by("push"); got.At != want || got.Reason != core.ReasonGone {
			t.Errorf("%+v, want it %s", got, want)
		}
		w.view(func(tx *db.Tx) {
			contact, _ := db.Contacts.Get(tx, i.Contact)
			for _, p := range contact.Pushes {
				if p.Endpoint == endpoint.Value {
					t.Errorf("%s is still there", p.Endpoint)
				}
			}
			if len(contact.Pushes) != 1-n {
				t.Errorf("%d browsers are left", len(contact.Pushes))
			}
		})
	}
	w.erase(email("ann@example.com"))
	w.drive()
	w.wantNothingOf("push.example")
}

// TestBrowsersThatAreGone are deleted, each by what its own service said; a message that none took goes to the one that was told of meanwhile.
func TestBrowsersThatAreGone(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	gone := func(n int) core.BrowserOutcome {
		a := core.Address{Channel: core.Push, Value: fmt.Sprint("https://push.example/", n)}
		return core.BrowserOutcome{Tag: a.Tag(), Kind: core.OutcomePermanent, Gone: true}
	}
	left := func() (n int) {
		w.view(func(tx *db.Tx) { c, _ := db.Contacts.Get(tx, w.by("push").Contact); n = len(c.Pushes) })
		return n
	}
	i := w.claimBy("push")
	took := gone(1)
	took.Kind, took.Gone = core.OutcomeAccepted, false
	w.settle(core.Outcome{Key: i.Key, Kind: core.OutcomeAccepted, Reason: core.ReasonAccepted, Browsers: []core.BrowserOutcome{gone(0), took}})
	if got := w.by("push"); got.At != core.IntentSent || left() != 1 {
		t.Errorf("%+v, and %d browsers are left", got, left())
	}

	w = textWorld(t)
	w.askEverywhere()
	i = w.claimBy("push")
	w.settle(core.Outcome{Key: i.Key, Kind: core.OutcomePermanent, Reason: core.ReasonGone, Browsers: []core.BrowserOutcome{gone(0)}})
	if got := w.by("push"); got.At != core.IntentDue || left() != 1 {
		t.Errorf("another was told of meanwhile: %+v, and %d browsers are left", got, left())
	}
	i = w.claimBy("push")
	w.settle(core.Outcome{Key: i.Key, Kind: core.OutcomePermanent, Reason: core.ReasonGone, Browsers: []core.BrowserOutcome{gone(1)}})
	if got := w.by("push"); got.At != core.IntentDropped || got.Reason != core.ReasonGone || left() != 0 {
		t.Errorf("none is left: %+v, and %d browsers are left", got, left())
	}
}

// TestOptOutOfPushes ends them on all of a contact's browsers.
func TestOptOutOfPushes(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	w.fromEdge(homeEdge, wire.OptOut{Contact: w.by("push").Contact, Channel: core.Push, At: w.now})
	for n := range 2 {
		a := core.Address{Channel: core.Push, Value: fmt.Sprint("https://push.example/", n)}
		if why := w.suppressed(a); why != core.ReasonUnsubscribed {
			t.Errorf("browser %d is suppressed for %q", n, why)
		}
	}
	if why := w.suppressed(email("ann@example.com")); why != "" {
		t.Errorf("and the e-mail address for %s", why)
	}
}

// TestAnAddressThatTheProviderRefuses is suppressed, if the contact has it still.
func TestAnAddressThatTheProviderRefuses(t *testing.T) {
	for _, why := range []core.Reason{core.ReasonBounced, core.ReasonUnsubscribed} {
		for _, mine := range []bool{true, false} {
			w := textWorld(t)
			w.askEverywhere()
			i := w.claimBy("text")
			tag := phone(annsPhone).Tag()
			if !mine {
				tag = phone("+4915187654321").Tag()
			}
			w.settle(core.Outcome{Key: i.Key, Kind: core.OutcomePermanent, Reason: why, About: &tag})
			got := w.suppressed(phone(annsPhone))
			if (got == why) != mine || w.by("text").At != core.IntentDropped {
				t.Errorf("%s of the contact's number %t: suppressed for %q, %+v", why, mine, got, w.by("text"))
			}
		}
	}
}

// TestPostingsThatSayNothing change nothing, whoever they are for.
func TestPostingsThatSayNothing(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	before := dump(t, w.db)
	for _, sender := range []core.Name{"text", "post", "box", "inbox", "nobody"} {
		for _, body := range []string{"", "{", "%zz", `{"RecordType":"Open"}`, "MessageSid=SM1&MessageStatus=new"} {
			w.fromEdge(homeEdge, wire.Posting{Sender: sender, Body: []byte(body)})
		}
	}
	w.fromLeader(wire.Posting{Sender: "text", Body: []byte("MessageSid=SM2&SmsStatus=received&From=%2B4915123456789&Body=STOP")}) // only edges verify
	without := func(state string) (kept []string) {
		for _, line := range strings.Split(state, "\n") {
			if !strings.HasPrefix(line, `"!"`) && !strings.HasPrefix(line, `"e\x01`) { // position, and the edge's number
				kept = append(kept, line)
			}
		}
		return kept
	}
	if got, want := strings.Join(without(dump(t, w.db)), "\n"), strings.Join(without(before), "\n"); got != want {
		t.Errorf("the state is another:\n%s\nwant\n%s", got, want)
	}
}

// TestAPostingThatComesAgain is no news: a START that is repeated after a STOP, by whoever kept it, lifts nothing; and who says
// it anew is heard.
func TestAPostingThatComesAgain(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	say := func(id, text string) core.Reason {
		body := url.Values{"MessageSid": {id}, "SmsStatus": {"received"}, "From": {annsPhone}, "Body": {text}}.Encode()
		w.fromEdge(homeEdge, wire.Posting{Sender: "text", Body: []byte(body)})
		return w.suppressed(phone(annsPhone))
	}
	for _, tt := range []struct {
		id, text string
		want     core.Reason
	}{
		{"SM1", "STOP", core.ReasonUnsubscribed}, {"SM2", "START", ""}, {"SM1", "STOP", ""},
		{"SM3", "STOP", core.ReasonUnsubscribed}, {"SM2", "START", core.ReasonUnsubscribed}, {"SM4", "START", ""},
	} {
		if why := say(tt.id, tt.text); why != tt.want {
			t.Errorf("%s %s: suppressed for %q, want %q", tt.id, tt.text, why, tt.want)
		}
	}
}

// TestTurns: claims know the order in which they were made, however the messages were planned, for as long as they last.
func TestTurns(t *testing.T) {
	w := textWorld(t)
	w.askEverywhere()
	first, second := w.claimBy("push"), w.claimBy("text")
	if !first.Turn.Before(second.Turn) || second.Turn.Before(first.Turn) {
		t.Errorf("claimed at %+v, then at %+v", first.Turn, second.Turn)
	}
	w.settle(core.Outcome{Key: first.Key, Kind: core.OutcomeAccepted, Reason: core.ReasonAccepted})
	if got := w.by("push"); got.Turn != (core.WorkID{}) {
		t.Errorf("it is settled, and has a turn: %+v", got.Turn)
	}
}
