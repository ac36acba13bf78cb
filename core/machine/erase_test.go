package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

var workspaceKey = []byte("0123456789abcdef0123456789abcdef")

func email(value string) core.Address { return core.Address{Channel: core.Email, Value: value} }

// erase does what a core node does when it is asked to: it looks up whose the address is, and names nobody.
func (w *shopWorld) erase(a core.Address) wire.Erase {
	w.t.Helper()
	e := wire.Erase{Address: core.NewContactID(workspaceKey, a), Channel: a.Channel, Tag: a.Tag(), Asked: w.now}
	w.view(func(tx *db.Tx) { e.Contact, _ = db.Addresses.Get(tx, a) })
	w.append(wire.Origin{}, e)
	return e
}

// wantNothingOf looks for texts in the whole state, and for rows that belong to nobody.
func (w *shopWorld) wantNothingOf(texts ...string) {
	w.t.Helper()
	state := dump(w.t, w.db)
	for _, text := range texts {
		if strings.Contains(state, text) || strings.Contains(state, fmt.Sprintf("%x", text)) {
			w.t.Errorf("the state still holds %q", text)
		}
	}
}

// rows counts what may belong to a contact.
func (w *shopWorld) rows() string {
	count := map[string]int{}
	w.view(func(tx *db.Tx) {
		db.Contacts.All(tx, func(core.Contact) bool { count["contacts"]++; return true })
		db.Entries.All(tx, func(core.Entry) bool { count["entries"]++; return true })
		db.Activities.All(tx, func(core.Activity) bool { count["activities"]++; return true })
		db.Runs.All(tx, func(core.Run) bool { count["runs"]++; return true })
		db.Intents.All(tx, func(core.Intent) bool { count["intents"]++; return true })
		db.Timers.All(tx, func(db.Timer) bool { count["timers"]++; return true })
		db.Delays.All(tx, func(db.Delay) bool { count["timers"]++; return true })
		db.Asks.All(tx, func(db.Asking) bool { count["asks"]++; return true })
		db.Works.All(tx, func(core.Work) bool { count["works"]++; return true })
		count["due"] = db.CountDue(tx)
		db.Claimed.Scan(tx, struct{}{}, func(core.LedgerKey) bool { count["claimed"]++; return true })
	})
	return fmt.Sprint(count)
}

// full is a capture with everything that a person leaves behind.
func (w *shopWorld) full(address string, variant core.VariantID) wire.Capture {
	c := captureOf(address, core.Target{Source: "shop", Variant: variant}, w.now)
	c.Capture.Phone, c.Capture.Locale = "+4915112345678", "de-x-annika"
	c.Capture.Push = core.PushSubscription{Endpoint: "https://push.example/annika", P256DH: "p256-annika", Auth: "auth-annika"}
	c.Capture.Consent = core.Proof{Marketing: true, Text: "yes, says annika", IP: "192.0.2.77", Page: "https://shop.example/annika", Form: "form-annika"}
	return c
}

var leftBehind = []string{"ann@example.com", "+4915112345678", "annika", "192.0.2.77"}

func TestEraseWhileWaiting(t *testing.T) {
	w := newWorld(t)
	empty := w.rows()
	w.fromEdge(homeEdge, w.full("ann@example.com", "71"))
	w.drive()
	w.erase(email("ann@example.com"))
	w.wantNothingOf(leftBehind...)
	if got := w.rows(); got != empty {
		t.Errorf("left are %s, before anybody came there were %s", got, empty)
	}
	w.capture("bob@example.com", "71")
	w.drive()
	w.sent = nil
	w.level(710, 5)
	w.drive()
	w.wantSent("bob@example.com back")
	w.wantNothingOf(leftBehind...)
}

// TestEraseByAnyOfTheAddresses: each of a contact's addresses leads to all of it, also one that another has replaced.
func TestEraseByAnyOfTheAddresses(t *testing.T) {
	for _, a := range []core.Address{
		email("ann@example.com"), {Channel: core.SMS, Value: "+4915112345678"}, {Channel: core.SMS, Value: "+4915187654321"},
		{Channel: core.Push, Value: "https://push.example/annika"}, {Channel: core.Push, Value: "https://push.example/annika-3"},
	} {
		t.Run(a.Value, func(t *testing.T) {
			w := newWorld(t)
			empty := w.rows()
			w.fromEdge(homeEdge, w.full("ann@example.com", "71"))
			for i := range 2 * core.MaxPushes {
				c := w.full("ann@example.com", "72")
				c.Capture.Phone, c.Capture.Push.Endpoint = "+4915187654321", fmt.Sprint("https://push.example/annika-", i)
				w.fromEdge(homeEdge, c)
			}
			w.erase(a)
			w.wantNothingOf(append(leftBehind, "+4915187654321")...)
			if got := w.rows(); got != empty {
				t.Errorf("left are %s, want %s", got, empty)
			}
			orders := 0
			w.view(func(tx *db.Tx) {
				db.ForgetsAfter(tx, core.WorkID{}, func(core.WorkID, core.Forget) bool { orders++; return true })
			})
			if want := 3 + 1 + 2*core.MaxPushes; orders != want {
				t.Errorf("%d forget orders, want one for each of %d addresses", orders, want)
			}
		})
	}
}

func TestEraseWhileARunStands(t *testing.T) {
	w := newWorld(t)
	delay := core.Shape{Name: "later", Kind: core.ShapeDelay, Next: "mail", Delay: core.Hour}
	w.declare(core.Declaration{Journeys: []core.DeclaredJourney{journeyOn("shop-back", core.BackInStock, delay, mail("mail", back))}})
	w.capture("bob@example.com", "71")
	w.level(710, 5)
	w.drive()
	before := w.rows()
	w.fromEdge(homeEdge, captureOf("ann@example.com", core.Target{Source: "shop", Variant: "71"}, w.restocks()[0].OpenedAt)) // joins the tail
	w.drive()
	w.sent = nil
	w.erase(email("ann@example.com"))
	if got := w.rows(); got != before {
		t.Errorf("left are %s, want %s", got, before)
	}
	w.pass(2 * core.Hour)
	w.drive()
	w.wantSent("bob@example.com back")
}

// TestEraseWhileARunAsks takes it out of those that wait for a plugin.
func TestEraseWhileARunAsks(t *testing.T) {
	w := newWorld(t)
	withGate(w, core.FailHold)
	w.capture("ann@example.com", "71")
	w.level(710, 5)
	for _, k := range w.works() {
		w.fromLeader(wire.Continue{Work: k.ID, From: k.Cursor}) // without a verdict: the run parks
	}
	if got := w.rows(); !strings.Contains(got, "asks:1") {
		t.Fatalf("nobody asks: %s", got)
	}
	w.erase(email("ann@example.com"))
	if got := w.rows(); strings.Contains(got, "asks") || strings.Contains(got, "runs") {
		t.Errorf("left are %s", got)
	}
	w.drive() // with nobody to ask
	w.wantSent()
}

// TestEraseBetweenClaimAndSettle: the call's outcome, whatever it is, settles nothing and revives nobody, also when the
// person came back meanwhile.
func TestEraseBetweenClaimAndSettle(t *testing.T) {
	for _, kind := range []core.OutcomeKind{core.OutcomeAccepted, core.OutcomeTemporary, core.OutcomeHeld, core.OutcomeUnknown, core.OutcomePermanent} {
		for _, returns := range []bool{false, true} {
			t.Run(fmt.Sprint(kind, " returns=", returns), func(t *testing.T) {
				w := newWorld(t)
				empty := w.rows()
				w.capture("ann@example.com", "71")
				keys := w.dueIntents()
				w.fromLeader(wire.Claim{Keys: keys})
				w.erase(email("ann@example.com"))
				if returns {
					w.pass(1)
					w.capture("ann@example.com", "71")
				}
				before := w.rows()
				w.fromLeader(wire.Settle{Outcomes: []core.Outcome{{Key: keys[0], Kind: kind, Reason: core.ReasonAccepted, Detail: "ann@example.com is fine", Receipt: "r-ann"}}})
				w.lead()
				if got := w.rows(); got != before || !returns && got != empty {
					t.Errorf("the outcome left %s, want %s", got, before)
				}
				w.wantNothingOf("is fine", "r-ann")
				w.drive()
				if want := map[bool][]string{true: {"ann@example.com waiting"}}[returns]; fmt.Sprint(w.sent) != fmt.Sprint(want) {
					t.Errorf("sent %q, want %q", w.sent, want)
				}
			})
		}
	}
}

// TestCapturedBeforeAndAfterTheErasure: a whole waitlist that is sent again brings nobody back; who asks again is a contact
// like any other.
func TestCapturedBeforeAndAfterTheErasure(t *testing.T) {
	w := newWorld(t)
	old := w.full("ann@example.com", "71")
	w.fromEdge(homeEdge, old)
	w.pass(core.Hour)
	late := w.full("ann@example.com", "72") // of an edge that is cut off
	w.pass(core.Second)
	e := w.erase(email("ann@example.com"))
	erased := w.rows()
	w.pass(core.Hour)
	w.fromEdge(homeEdge, old, late)
	w.fromEdge(otherEdge, late, old)
	if got := w.rows(); got != erased {
		t.Errorf("captures from before left %s, want %s", got, erased)
	}
	w.wantNothingOf(leftBehind...)
	w.capture("ann@example.com", "71")
	w.drive()
	w.wantSent("ann@example.com waiting")
	w.fromEdge(otherEdge, late, old) // still of the one who is gone
	w.wantLine("71", "ann@example.com")
	w.wantLine("72")
	w.wantNothingOf("annika")
	w.view(func(tx *db.Tx) {
		if id, _ := db.Addresses.Get(tx, email("ann@example.com")); id == e.Contact {
			t.Error("the new contact has the old one's id")
		}
	})
	w.level(710, 5)
	w.drive()
	w.wantSent("ann@example.com back")
	w.erase(email("ann@example.com")) // and again
	w.wantNothingOf(leftBehind...)
	w.pass(core.Second)
	w.capture("ann@example.com", "72")
	w.drive()
	w.wantSent("ann@example.com waiting")
}

// TestAnErasedPhoneInAnothersCapture: the capture is theirs, but gives them no number that was erased since.
func TestAnErasedPhoneInAnothersCapture(t *testing.T) {
	w := newWorld(t)
	w.fromEdge(homeEdge, w.full("ann@example.com", "71"))
	both := w.full("bob@example.com", "71")
	w.pass(core.Second)
	w.erase(email("ann@example.com"))
	w.fromEdge(homeEdge, both)
	w.wantLine("71", "bob@example.com")
	w.wantNothingOf("+4915112345678", "push.example")
}

// TestEraseOfAnUnknownAddress: edges may hold what has not come up yet.
func TestEraseOfAnUnknownAddress(t *testing.T) {
	w := newWorld(t)
	late := captureOf("ann@example.com", core.Target{Source: "shop", Variant: "71"}, w.now)
	w.capture("bob@example.com", "71")
	before := w.rows()
	w.erase(email("ann@example.com"))
	w.view(func(tx *db.Tx) {
		orders := 0
		db.ForgetsAfter(tx, core.WorkID{}, func(_ core.WorkID, f core.Forget) bool {
			orders++
			if f.Tag != email("ann@example.com").Tag() || f.Before != w.now {
				t.Errorf("the order is %+v", f)
			}
			return true
		})
		if orders != 1 {
			t.Errorf("%d orders, want 1", orders)
		}
	})
	w.fromEdge(otherEdge, late)
	if got := w.rows(); got != before {
		t.Errorf("left are %s, want %s", got, before)
	}
}

// TestAnErasureThatWasAppendedTwice is done once: what came in between stays.
func TestAnErasureThatWasAppendedTwice(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	e := w.erase(email("ann@example.com"))
	state := dump(t, w.db)
	w.append(wire.Origin{}, e)
	again := dump(t, w.db)
	if _, rest, _ := strings.Cut(again, "\n"); !strings.HasSuffix(state, rest) { // but for the position, which comes first
		t.Error("the second time changed the state")
	}
	w.capture("ann@example.com", "71")
	w.append(wire.Origin{}, e)
	w.wantLine("71", "ann@example.com")
}

// TestOnlyACoreNodeErases: an edge has no say in it.
func TestOnlyACoreNodeErases(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	e := wire.Erase{Address: core.NewContactID(workspaceKey, email("ann@example.com")), Channel: core.Email, Asked: w.now}
	e.Contact = e.Address
	w.fromEdge(homeEdge, e)
	w.wantLine("71", "ann@example.com")
}

// TestWhoUnsubscribedStaysSo when the address comes back, whether that was before the erasure or by a link in an old
// message after it, whichever of the addresses the contact was made by.
func TestWhoUnsubscribedStaysSo(t *testing.T) {
	suppressed := func(w *shopWorld, a core.Address) (r core.Reason) {
		w.view(func(tx *db.Tx) { r = db.SuppressedFor(tx, a) })
		return r
	}
	phone := core.Address{Channel: core.SMS, Value: "+4915112345678"}
	for _, late := range []bool{false, true} {
		for _, byPhone := range []bool{false, true} {
			t.Run(fmt.Sprint("late=", late, " byPhone=", byPhone), func(t *testing.T) {
				w := newWorld(t)
				if byPhone {
					c := w.full("", "72")
					c.Capture.Push = core.PushSubscription{}
					w.fromEdge(homeEdge, c)
				}
				w.fromEdge(homeEdge, w.full("ann@example.com", "71"))
				var id core.ContactID
				w.view(func(tx *db.Tx) { id, _ = db.Addresses.Get(tx, email("ann@example.com")) })
				out := wire.OptOut{Contact: id, Channel: core.Email, At: w.now}
				if !late {
					w.fromEdge(homeEdge, out)
				}
				w.erase(email("ann@example.com"))
				w.wantNothingOf(leftBehind...)
				w.capture("ann@example.com", "71")
				if late {
					w.fromEdge(homeEdge, out)
				}
				if got := suppressed(w, email("ann@example.com")); got != core.ReasonUnsubscribed {
					t.Errorf("the address is suppressed for %q", got)
				}
				if got := suppressed(w, phone); got != "" {
					t.Errorf("the phone is suppressed for %q", got)
				}
				w.erase(email("ann@example.com"))
				if got := suppressed(w, email("ann@example.com")); got != core.ReasonUnsubscribed {
					t.Errorf("erased again, the address is suppressed for %q", got)
				}
			})
		}
	}
}

// TestEraseOfAContactLargerThanAnEntry goes page by page, and uses nothing from the first on. Who asks again meanwhile loses
// nothing.
func TestEraseOfAContactLargerThanAnEntry(t *testing.T) {
	w := newWorld(t)
	empty := w.rows()
	for page := range 3 {
		var entries []wire.Entry
		for i := range 400 {
			entries = append(entries, captureOf("ann@example.com", core.Target{Source: "shop", Variant: core.VariantID(fmt.Sprint(1000*page+i, "x"))}, w.now))
		}
		w.fromEdge(homeEdge, entries...)
	}
	w.capture("ann@example.com", "71")
	w.erase(email("ann@example.com"))
	w.wantNothingOf("ann@example.com")
	if len(w.works()) != 1 {
		t.Fatalf("%d works are left, want one", len(w.works()))
	}
	w.pass(core.Second)
	w.capture("ann@example.com", "71")
	w.fromLeader(wire.Continue{Work: w.works()[0].ID})
	w.drive()
	w.wantSent("ann@example.com waiting")
	w.wantLine("71", "ann@example.com")
	w.erase(email("ann@example.com"))
	if got := w.rows(); got != empty {
		t.Errorf("left are %s, want %s", got, empty)
	}
}
