package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
)

// orderBody is a placed order of one line, with more fields behind.
func orderBody(email, variant string, placed core.Time, more string) string {
	return fmt.Sprintf(`{"id":1,"name":"#1","currency":"EUR","total_price":"19.90","email":%q,"processed_at":%q,"updated_at":%q,
		"line_items":[{"variant_id":%s,"product_id":7,"quantity":1,"price":"19.90"}]%s}`, email, placed, placed, variant, more)
}

func (w *shopWorld) entry(email string, target core.Target) (e core.Entry) {
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, core.Address{Channel: core.Email, Value: email})
		e, _ = db.Entries.Get(tx, db.EntryKey{Contact: id, Target: target})
	})
	return e
}

// TestAnOrderTakesItsBuyerOffTheLine, for the variant and for "any variant" of its product, and nobody else.
func TestAnOrderTakesItsBuyerOffTheLine(t *testing.T) {
	w := newWorld(t)
	anyTee := core.Target{Source: "shop", Product: "7"}
	w.capture("ann@example.com", "71")
	w.capture("ann@example.com", "72")
	w.captureAt(homeEdge, "ann@example.com", anyTee, w.now)
	w.capture("bob@example.com", "71")
	w.pass(core.Minute)
	placed := w.now
	w.pass(core.Minute)
	w.webhook("orders/create", "", orderBody("Ann@example.com", "71", placed, ""))
	w.wantLine("71", "ann@example.com", "bob@example.com") // the case of a local part is its domain's affair
	w.webhook("orders/create", "", orderBody("ann@EXAMPLE.com", "71", placed, ""))
	w.wantLine("71", "bob@example.com")
	w.wantLine("72", "ann@example.com")
	for _, target := range []core.Target{{Source: "shop", Variant: "71"}, anyTee} {
		if e := w.entry("ann@example.com", target); e.Waiting() || e.Closed != core.ClosedBought || e.ClosedAt != placed {
			t.Errorf("the entry for %+v is %+v, want it closed as bought at %s", target, e, placed)
		}
	}
	w.drive()
	w.sent = nil
	w.level(710, 5)
	w.drive()
	w.wantSent("bob@example.com back")
}

// TestOrdersThatTakeNobodyOff the line, each with what follows from the same order in another form.
func TestOrdersThatTakeNobodyOff(t *testing.T) {
	for _, c := range []struct {
		name, topic string
		body        func(w *shopWorld) string
	}{
		{"cancelled", "orders/cancelled", func(w *shopWorld) string {
			return orderBody("ann@example.com", "71", w.now, `,"cancelled_at":"2027-01-15T08:00:00Z"`)
		}},
		{"somebody else's", "orders/create", func(w *shopWorld) string { return orderBody("eve@example.com", "71", w.now, "") }},
		{"another product's", "orders/create", func(w *shopWorld) string {
			return strings.Replace(orderBody("ann@example.com", "91", w.now, ""), `"product_id":7`, `"product_id":9`, 1)
		}},
		{"from before asking", "orders/create", func(w *shopWorld) string {
			return orderBody("ann@example.com", "71", w.now.Add(-core.Hour), "")
		}},
		{"without an address", "orders/create", func(w *shopWorld) string { return orderBody("nobody", "71", w.now, "") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.capture("ann@example.com", "71")
			w.pass(core.Minute)
			w.webhook(c.topic, "", c.body(w))
			w.wantLine("71", "ann@example.com")
		})
	}
}

// TestAskingAgainAfterBuying is a new wish: neither a late order nor the same one once more takes it away.
func TestAskingAgainAfterBuying(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.pass(core.Minute)
	placed := w.now
	w.webhook("orders/create", "", orderBody("ann@example.com", "71", placed, ""))
	w.wantLine("71")
	w.captureAt(otherEdge, "ann@example.com", core.Target{Source: "shop", Variant: "71"}, placed.Add(-core.Second)) // was on its way
	w.wantLine("71")
	w.pass(core.Minute)
	w.capture("ann@example.com", "71")
	w.webhook("orders/paid", "", orderBody("ann@example.com", "71", placed, `,"financial_status":"paid"`))
	w.wantLine("71", "ann@example.com")

	w.capture("bob@example.com", "71")
	w.pass(core.Minute)
	placed = w.now
	w.pass(core.Minute)
	w.capture("bob@example.com", "71") // again, before the order's webhook comes
	w.webhook("orders/create", "", orderBody("bob@example.com", "71", placed, ""))
	w.wantLine("71", "ann@example.com", "bob@example.com")
}

// TestBuyingBeforeTheMessage: who bought between the restock and the message is not told.
func TestBuyingBeforeTheMessage(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.drive()
	w.pass(core.Minute)
	w.level(710, 5)
	w.stepWorks()
	w.webhook("orders/create", "", orderBody("ann@example.com", "71", w.now, ""))
	e := w.entry("ann@example.com", core.Target{Source: "shop", Variant: "71"})
	i := w.intent(w.dueIntents()[0])
	if e.Closed != core.ClosedBought || e.ClosedAt < i.Activity.AskedAt {
		t.Errorf("the entry is %+v, which does not stop the message of one who asked at %s", e, i.Activity.AskedAt)
	}
}

func TestAnOrderByPhone(t *testing.T) {
	w := newWorld(t)
	c := captureOf("", core.Target{Source: "shop", Variant: "71"}, w.now)
	c.Capture.Phone = "+491701234567"
	w.fromEdge(homeEdge, c)
	w.pass(core.Minute)
	w.webhook("orders/create", "", orderBody("new@example.com", "71", w.now, `,"billing_address":{"country_code":"DE","phone":"0170 1234567"}`))
	w.wantLine("71")
}

// TestAnOrderOfAClockThatIsAhead takes its buyer off the line as of now: who asks again a minute later waits.
func TestAnOrderOfAClockThatIsAhead(t *testing.T) {
	w := newWorld(t)
	w.capture("ann@example.com", "71")
	w.webhook("orders/create", "", orderBody("ann@example.com", "71", w.now.Add(core.Day), ""))
	w.wantLine("71")
	w.pass(core.Minute)
	w.capture("ann@example.com", "71")
	w.wantLine("71", "ann@example.com")
}

// TestAnOrderWhoseLineNamesNoProduct fulfils "any variant" as well: the catalogue knows whose variant it is.
func TestAnOrderWhoseLineNamesNoProduct(t *testing.T) {
	w := newWorld(t)
	w.captureAt(homeEdge, "ann@example.com", core.Target{Source: "shop", Product: "7"}, w.now)
	w.pass(core.Minute)
	w.webhook("orders/create", "", strings.Replace(orderBody("ann@example.com", "71", w.now, ""), `"product_id":7,`, "", 1))
	if e := w.entry("ann@example.com", core.Target{Source: "shop", Product: "7"}); e.Closed != core.ClosedBought {
		t.Errorf("the entry is %+v", e)
	}
}
