package machine_test

import (
	"fmt"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

var asking = core.Template{Subject: "was it you?"}

// newConfirming is a world whose source wants e-mail addresses confirmed, within seven days.
func newConfirming(t *testing.T) *shopWorld {
	w := newWorld(t)
	src := w.source()
	src.DoubleOptIn = core.DoubleOptIn{Channels: []core.Channel{core.Email}}
	w.declare(core.Declaration{
		Sources: []core.Source{src}, Templates: []core.Template{asking},
		Journeys: []core.DeclaredJourney{journeyOn("shop-confirm", core.ConfirmationAsked, mail("mail", asking))},
	})
	w.outcome = w.gates
	return w
}

// confirm follows the link in the message to an address.
func (w *shopWorld) confirm(email string) {
	w.t.Helper()
	a := core.Address{Channel: core.Email, Value: email}
	w.fromEdge(homeEdge, wire.Confirm{Contact: w.contactOf(email).ID, Channel: core.Email, Tag: a.Tag(), At: w.now})
}

func (w *shopWorld) contactOf(email string) (c core.Contact) {
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: email})
		c, _ = db.Contacts.Get(tx, id)
	})
	return c
}

func (w *shopWorld) pendings() (n int) {
	w.view(func(tx *db.Tx) { db.Pendings.All(tx, func(core.Pending) bool { n++; return true }) })
	return n
}

// TestWaitingOccursAtTheConfirmation: nobody stands in line before, and then at the place of the capture.
func TestWaitingOccursAtTheConfirmation(t *testing.T) {
	w := newConfirming(t)
	w.capture("ann@example.com", "71")
	w.pass(core.Hour)
	w.capture("bob@example.com", "71")
	w.drive()
	w.wantSent("ann@example.com was it you?", "bob@example.com was it you?")
	w.wantLine("71")
	w.confirm("bob@example.com")
	w.pass(core.Hour)
	w.confirm("ann@example.com")
	w.confirm("ann@example.com") // a second click
	w.drive()
	w.wantSent("bob@example.com waiting", "ann@example.com waiting")
	w.wantLine("71", "ann@example.com", "bob@example.com")
	w.level(710, 5)
	w.drive()
	w.wantSent("ann@example.com back", "bob@example.com back")
	w.capture("ann@example.com", "72") // who has confirmed need not do it again
	w.drive()
	w.wantSent("ann@example.com waiting")
}

// TestNobodyIsToldWithoutConfirming, and who confirms while it is back joins the tail.
func TestNobodyIsToldWithoutConfirming(t *testing.T) {
	w := newConfirming(t)
	w.capture("late@example.com", "71")
	w.capture("never@example.com", "71")
	w.level(710, 5)
	w.drive()
	w.wantSent("late@example.com was it you?", "never@example.com was it you?")
	w.capture("here@example.com", "71")
	w.confirm("late@example.com")
	w.drive()
	w.wantSent("here@example.com was it you?", "late@example.com waiting", "late@example.com back")
}

// TestAConfirmationIsAskedForSeldom: whoever types somebody else's address cannot fill its mailbox.
func TestAConfirmationIsAskedForSeldom(t *testing.T) {
	w := newConfirming(t)
	for n := range 30 {
		w.captureAt(homeEdge, "ann@example.com", core.Target{Source: "shop", Variant: core.VariantID(fmt.Sprint(100 + n))}, w.now)
		w.pass(core.Hour / 2)
	}
	w.drive()
	w.wantSent("ann@example.com was it you?", "ann@example.com was it you?", "ann@example.com was it you?")
	if n := w.pendings(); n != core.MaxPending {
		t.Errorf("%d captures are pending, want %d", n, core.MaxPending)
	}
}

// TestUnconfirmedExpires: what nobody confirms goes, and with it all that is known of the address; a resync does not bring it back.
func TestUnconfirmedExpires(t *testing.T) {
	w := newConfirming(t)
	asked := w.now
	w.capture("ann@example.com", "71")
	w.drive()
	w.wantSent("ann@example.com was it you?")
	w.pass(6 * core.Day)
	w.drive()
	if w.contactOf("ann@example.com").ID == (core.ContactID{}) {
		t.Fatal("it went before it had expired")
	}
	w.pass(2*core.Day + core.Hour)
	id := w.contactOf("ann@example.com").ID
	w.confirm("ann@example.com") // too late
	w.drive()
	w.wantLine("71")
	w.captureAt(otherEdge, "eve@example.com", core.Target{Source: "shop", Variant: "71"}, w.now.Add(-core.Day))
	w.captureAt(otherEdge, "old@example.com", core.Target{Source: "shop", Variant: "71"}, asked)
	w.drive()
	w.wantSent("eve@example.com was it you?")
	if w.contactOf("old@example.com").ID != (core.ContactID{}) {
		t.Error("a capture that is too old to be confirmed made a contact")
	}
	w.pass(2 * core.Day)
	w.drive()
	w.view(func(tx *db.Tx) {
		db.IntentsOf.Scan(tx, id, func(core.LedgerKey) bool { return true })
	})
	if n := w.pendings(); n != 1 {
		t.Errorf("%d captures are pending, want eve's alone", n)
	}
}

// TestForgottenUnconfirmed: of who never confirmed nothing is left.
func TestForgottenUnconfirmed(t *testing.T) {
	w := newConfirming(t)
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	id := w.contactOf("ann@example.com").ID
	w.pass(8*core.Day + core.Hour)
	w.drive()
	w.view(func(tx *db.Tx) {
		left := db.Contacts.Has(tx, id) || db.Addresses.Has(tx, core.Address{Channel: core.Email, Value: "ann@example.com"})
		db.IntentsOf.Scan(tx, id, func(core.LedgerKey) bool { left = true; return false })
		db.RunsOf.Scan(tx, id, func(core.RunID) bool { left = true; return false })
		db.ActivitiesOf(tx, id, func(core.Activity) bool { left = true; return false })
		if left || w.pendings() != 0 {
			t.Error("something is left of who never confirmed")
		}
	})
	w.captureAt(homeEdge, "ann@example.com", core.Target{Source: "shop", Variant: "71"}, w.now)
	w.drive()
	w.wantSent("ann@example.com was it you?")
}

// unsubscribe follows the link in a message about stock.
func (w *shopWorld) unsubscribe(email string, purpose core.Purpose) {
	w.t.Helper()
	w.fromEdge(homeEdge, wire.OptOut{Contact: w.contactOf(email).ID, Channel: core.Email, Purpose: purpose, At: w.now})
}

// TestUnsubscribeByPurpose: who wants no more stock alerts leaves the lines; asking again is a new consent, to what is asked for then.
func TestUnsubscribeByPurpose(t *testing.T) {
	w := newWorld(t)
	w.outcome = w.gates
	w.capture("ann@example.com", "71")
	w.capture("ann@example.com", "72")
	w.capture("bob@example.com", "71")
	w.drive()
	w.sent = nil
	w.unsubscribe("ann@example.com", core.StockAlert)
	w.unsubscribe("ann@example.com", core.StockAlert)
	w.wantLine("71", "bob@example.com")
	w.wantLine("72")
	w.level(710, 3)
	w.drive()
	w.wantSent("bob@example.com back")
	w.captureAt(otherEdge, "ann@example.com", core.Target{Source: "shop", Variant: "72"}, w.now.Add(-core.Hour)) // sent again
	w.wantLine("72")
	w.pass(core.Minute)
	w.capture("ann@example.com", "72")
	w.level(720, 3)
	w.drive()
	w.wantSent("ann@example.com waiting", "ann@example.com back")
	if n := len(w.contactOf("ann@example.com").Consents); n != 2 {
		t.Errorf("%d proofs are kept, want that from before and that from after", n)
	}
	w.unsubscribe("bob@example.com", "") // all messages
	w.capture("bob@example.com", "72")
	w.drive()
	w.wantSent()
}

// TestWithdrawalWhileAMessageIsDue: the gate sees it at the moment of the call.
func TestWithdrawalWhileAMessageIsDue(t *testing.T) {
	w := newWorld(t)
	w.outcome = w.gates
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 3)
	for w.stepWorks() || w.stepCohorts() {
	}
	w.unsubscribe("ann@example.com", core.StockAlert)
	w.drive()
	w.wantSent()
}

// TestWithdrawnAndConfirmedAgain: where addresses have to be confirmed, who unsubscribed has to confirm once more.
func TestWithdrawnAndConfirmedAgain(t *testing.T) {
	w := newConfirming(t)
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.confirm("ann@example.com")
	w.unsubscribe("ann@example.com", core.StockAlert)
	w.pass(2 * core.Hour)
	w.capture("ann@example.com", "71")
	w.wantLine("71")
	w.drive()
	w.wantSent("ann@example.com was it you?")
	w.confirm("ann@example.com")
	w.wantLine("71", "ann@example.com")
}

// TestResendAndAlreadySent: an operator's word makes a line of its own, and the first one's arrival stops it.
func TestResendAndAlreadySent(t *testing.T) {
	w := newWorld(t)
	w.outcome = func(core.Intent) core.Outcome {
		return core.Outcome{Kind: core.OutcomeUnknown, Reason: core.ReasonUnanswered}
	}
	w.capture("ann@example.com", "71")
	w.capture("bob@example.com", "71")
	w.drive()
	var unknown []core.LedgerKey
	w.view(func(tx *db.Tx) {
		db.Unknown.Scan(tx, struct{}{}, func(k core.LedgerKey) bool { unknown = append(unknown, k); return true })
	})
	if len(unknown) != 2 {
		t.Fatalf("%d messages are unknown, want 2", len(unknown))
	}
	w.outcome = w.gates
	w.append(wire.Origin{}, wire.Resend{Keys: append(unknown, unknown[0], core.LedgerKey{9})})
	w.append(wire.Origin{}, wire.Resend{Keys: unknown})
	first := w.intent(unknown[0])
	again := w.intent(first.Resent)
	if first.At != core.IntentUnknown || again.At != core.IntentDue || again.Again != first.Key || again.Key == first.Key || again.Attempts != 0 {
		t.Fatalf("%+v is sent again by %+v", first, again)
	}
	w.settleUnknown(unknown[0])
	w.drive()
	if len(w.sent) != 1 {
		t.Errorf("sent %q, want one: the first of the other had arrived", w.sent)
	}
	if got := w.intent(first.Resent); got.At != core.IntentDropped || got.Reason != core.ReasonAlreadySent {
		t.Errorf("the second is %s (%s)", got.At, got.Reason)
	}
	w.view(func(tx *db.Tx) {
		if n := db.CountDropped(tx)[core.ReasonAlreadySent]; n != 1 {
			t.Errorf("%d are listed as already sent", n)
		}
	})
}

// settleUnknown is what a provider's word would come to.
func (w *shopWorld) settleUnknown(k core.LedgerKey) {
	w.t.Helper()
	w.declare(core.Declaration{Senders: []core.Sender{{Name: "inbox", Kind: "twilio", Secrets: map[string]core.Secret{"token": "env:T"}}}})
	w.fromEdge(homeEdge, wire.Posting{
		Sender: "inbox", Query: "key=" + k.String(), Headers: []core.Header{{Name: "content-type", Value: "application/x-www-form-urlencoded"}},
		Body: []byte("MessageSid=SM1&MessageStatus=delivered&To=%2B12125550100"), ReceivedAt: w.now,
	})
	w.declare(core.Declaration{Senders: []core.Sender{{Name: "inbox", Kind: "inbox"}}})
}

// TestClicks are counted by the message's tag; the first moment stays.
func TestClicks(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.drive()
	var key core.LedgerKey
	w.view(func(tx *db.Tx) {
		db.IntentsOf.Scan(tx, w.contactOf("ann@example.com").ID, func(k core.LedgerKey) bool { key = k; return false })
	})
	first := w.now
	w.fromEdge(homeEdge, wire.Click{Message: key.Tag(), At: first})
	w.pass(core.Hour)
	w.fromEdge(homeEdge, wire.Click{Message: core.MessageTag(append(append([]byte{}, key[:wire.BriefTag]...), 0, 0)), Known: wire.BriefTag, At: w.now}, wire.Click{Message: core.MessageTag{7}, At: w.now})
	if i := w.intent(key); i.Clicks != 2 || i.ClickedAt != first || i.LastClickAt <= first || i.At != core.IntentSent {
		t.Errorf("%+v", i)
	}
}
