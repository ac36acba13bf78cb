package machine_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// bought is a Shopify order as tests change it.
type bought struct {
	id              int
	email, phone    string
	lines           string // "variant×quantity@price", joined by blanks
	currency        string
	placed, updated core.Time
	more            string // fields behind
}

func (b bought) body() string {
	var lines []string
	for _, l := range strings.Fields(b.lines) {
		var variant, quantity int
		var price string
		if _, err := fmt.Sscanf(strings.NewReplacer("×", " ", "@", " ").Replace(l), "%d %d %s", &variant, &quantity, &price); err != nil {
			panic(err)
		}
		lines = append(lines, fmt.Sprintf(`{"variant_id":%d,"product_id":7,"quantity":%d,"current_quantity":%d,"price":%q}`, variant, quantity, quantity, price))
	}
	return fmt.Sprintf(`{"id":%d,"name":"#%d","currency":%q,"total_price":"1.00","email":%q,"phone":%q,"processed_at":%q,"updated_at":%q,"line_items":[%s]%s}`,
		b.id, b.id, b.currency, b.email, b.phone, b.placed, b.updated, strings.Join(lines, ","), b.more)
}

// order is an order of one M by ann, placed and told now.
func (w *shopWorld) order(change func(*bought)) bought {
	b := bought{id: 1001, email: "ann@example.com", lines: "71×1@19.90", currency: "EUR", placed: w.now, updated: w.now}
	if change != nil {
		change(&b)
	}
	return b
}

func (w *shopWorld) ordered(topic string, b bought) {
	w.t.Helper()
	w.webhook(topic, "", b.body())
}

// told is a world in which people were told that M is back, an hour ago.
func told(t *testing.T, emails ...string) *shopWorld {
	w := newWorld(t)
	for _, e := range emails {
		w.capture(e, "71")
	}
	w.pass(core.Minute)
	w.level(710, 50)
	w.drive()
	w.sent = nil
	w.pass(core.Hour)
	return w
}

// wantSold compares what restocks sold, the newest first: "orders units revenue, …" each.
func (w *shopWorld) wantSold(want ...string) {
	w.t.Helper()
	var got []string
	for _, r := range w.restocks() {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%d %d %s", r.Sales.Orders, r.Sales.Units, strings.Trim(fmt.Sprint(r.Sales.Revenue), "[]"))))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("sold %q, want %q", got, want)
	}
}

// notes are what is noted beside the messages to somebody.
func (w *shopWorld) notes(address string) (all []core.Purchase) {
	w.view(func(tx *db.Tx) {
		id, _ := db.Addresses.Get(tx, email(address))
		db.IntentsOf.Scan(tx, id, func(k core.LedgerKey) bool {
			i, _ := db.Intents.Get(tx, k)
			all = append(all, i.Bought...)
			return true
		})
	})
	return all
}

// TestAnOrderIsAttributedOnce, however often it comes, in whatever order and edited: what was updated last holds.
func TestAnOrderIsAttributedOnce(t *testing.T) {
	w := told(t, "ann@example.com", "bob@example.com")
	first := w.order(nil)
	w.ordered("orders/create", first)
	w.wantSold("1 1 19.90 EUR")
	paid := first
	paid.updated, paid.more = first.updated.Add(core.Second), `,"financial_status":"paid"`
	for range 2 {
		w.ordered("orders/paid", paid)
		w.ordered("orders/create", first) // late, and once more
		w.wantSold("1 1 19.90 EUR")
	}
	edited := paid
	edited.updated, edited.lines = first.updated.Add(core.Minute), "71×3@19.90 72×1@5.00"
	w.pass(core.Hour)
	w.ordered("orders/updated", edited)
	w.wantSold("1 3 59.70 EUR") // nobody was told of L
	w.ordered("orders/paid", paid)
	w.wantSold("1 3 59.70 EUR")
	second := w.order(func(b *bought) { b.id, b.lines = 1002, "71×1@19.90 71×1@10.00" })
	w.ordered("orders/create", second) // the same buyer again, and the same variant twice
	w.wantSold("2 5 89.60 EUR")
	cancelled := edited
	cancelled.updated, cancelled.more = w.now, fmt.Sprintf(`,"cancelled_at":%q`, w.now)
	w.ordered("orders/cancelled", cancelled)
	w.wantSold("1 2 29.90 EUR")
	w.ordered("orders/updated", edited)
	w.wantSold("1 2 29.90 EUR")
	if got := fmt.Sprint(w.notes("ann@example.com")); strings.Count(got, "#") != 2 {
		t.Errorf("beside ann's message is noted %s", got)
	}
	refunded := second
	refunded.updated, refunded.more = w.now, `,"financial_status":"refunded"`
	w.ordered("orders/updated", refunded)
	w.wantSold("0 0")
}

// TestACancellationThatOvertakesItsOrder leaves nothing to count.
func TestACancellationThatOvertakesItsOrder(t *testing.T) {
	w := told(t, "ann@example.com")
	first := w.order(nil)
	cancelled := first
	cancelled.updated, cancelled.lines, cancelled.more = first.updated.Add(core.Second), "", fmt.Sprintf(`,"cancelled_at":%q`, w.now)
	w.pass(core.Minute)
	w.ordered("orders/cancelled", cancelled)
	w.ordered("orders/create", first)
	w.wantSold("0 0")
}

// TestWhatIsNotAttributed, each beside the order that it differs from.
func TestWhatIsNotAttributed(t *testing.T) {
	window := func(d core.Milliseconds) func(*shopWorld) {
		return func(w *shopWorld) {
			s := w.source()
			s.Attribution = d
			w.declare(core.Declaration{Sources: []core.Source{s}})
		}
	}
	for _, c := range []struct {
		name   string
		before func(*shopWorld)
		change func(*bought)
		want   string
	}{
		{"the order itself", nil, nil, "1 1 19.90 EUR"},
		{"somebody else's", nil, func(b *bought) { b.email = "eve@example.com" }, "0 0"},
		{"without an address", nil, func(b *bought) { b.email = "" }, "0 0"},
		{"of another variant", nil, func(b *bought) { b.lines = "72×1@19.90" }, "0 0"},
		{"from before the message", nil, func(b *bought) { b.placed = b.placed.Add(-2 * core.Hour) }, "0 0"},
		{"by a clock that is a little behind", nil, func(b *bought) { b.placed = b.placed.Add(-core.Hour - 4*core.Minute) }, "1 1 19.90 EUR"},
		{"by a clock that is ahead", nil, func(b *bought) { b.placed, b.updated = b.placed.Add(20*core.Day), b.updated.Add(20*core.Day) }, "1 1 19.90 EUR"},
		{"not paid yet, and not to be", nil, func(b *bought) { b.more = `,"financial_status":"voided"` }, "0 0"},
		{"within the usual window", func(w *shopWorld) { w.pass(10*core.Day - 2*core.Hour) }, nil, "1 1 19.90 EUR"},
		{"after the usual window", func(w *shopWorld) { w.pass(10 * core.Day) }, nil, "0 0"},
		{"within a longer window", func(w *shopWorld) { window(30 * core.Day)(w); w.pass(20 * core.Day) }, nil, "1 1 19.90 EUR"},
		{"after a shorter window", window(core.Minute), nil, "0 0"},
		{"when it is turned off", window(core.AttributionOff), nil, "0 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := told(t, "ann@example.com")
			if c.before != nil {
				c.before(w)
			}
			w.ordered("orders/create", w.order(c.change))
			w.wantSold(c.want)
		})
	}
}

// TestTheLastMessageCounts: of two restocks the one of which the buyer was told last, and of an order from between them the
// first, also when it comes once more after the second.
func TestTheLastMessageCounts(t *testing.T) {
	w := told(t, "ann@example.com")
	between := w.order(func(b *bought) { b.id = 1 })
	w.pass(core.Hour)
	w.level(710, 0)
	w.pass(core.Hour)
	w.capture("ann@example.com", "71")
	w.level(710, 9)
	w.drive()
	w.pass(core.Minute)
	w.ordered("orders/create", between)
	w.wantSold("0 0", "1 1 19.90 EUR")
	w.ordered("orders/create", w.order(func(b *bought) { b.id = 2 }))
	w.wantSold("1 1 19.90 EUR", "1 1 19.90 EUR")
	between.updated = w.now
	w.ordered("orders/updated", between)
	w.wantSold("1 1 19.90 EUR", "1 1 19.90 EUR")
}

// TestAnyVariantIsAttributed: who asked for any variant, was told of M and bought L, was led to it.
func TestAnyVariantIsAttributed(t *testing.T) {
	w := newWorld(t)
	w.captureAt(homeEdge, "ann@example.com", core.Target{Source: "shop", Product: "7"}, w.now)
	w.level(710, 1)
	w.drive()
	w.pass(core.Minute)
	w.ordered("orders/create", w.order(func(b *bought) { b.lines = "72×2@19.90 9991×1@5.00" })) // 9991 says that it is of product 7 as well
	w.wantSold("1 3 44.80 EUR")
}

// TestTwoContactsOfOneOrder: somebody was told by one contact and somebody by another; the order counts once, for the last message.
func TestTwoContactsOfOneOrder(t *testing.T) {
	w := told(t, "ann@example.com")
	c := captureOf("work@example.com", core.Target{Source: "shop", Variant: "72"}, w.now)
	c.Capture.Phone = "+491701234567"
	w.fromEdge(homeEdge, c)
	again := captureOf("work@example.com", core.Target{Source: "shop", Variant: "71"}, w.now.Add(-2*core.Hour)) // was on its way: joins the tail
	w.fromEdge(otherEdge, again)
	w.drive()
	w.pass(core.Minute)
	w.level(720, 4)
	w.drive()
	w.pass(core.Minute)
	b := w.order(func(b *bought) { b.phone, b.lines = "+491701234567", "71×1@19.90 72×1@10.00" })
	w.ordered("orders/create", b)
	w.ordered("orders/updated", b)
	w.wantSold("1 1 10.00 EUR", "1 1 19.90 EUR")
	if a, o := w.notes("ann@example.com"), w.notes("work@example.com"); len(a) != 0 || len(o) != 2 {
		t.Errorf("noted beside ann's messages %+v, and beside the others %+v", a, o)
	}
	w.erase(email("work@example.com")) // the last messages are gone, and the other one must not take over what they led to
	b.updated = w.now
	w.ordered("orders/updated", b)
	w.wantSold("1 1 10.00 EUR", "1 1 19.90 EUR")
}

// TestCurrencyChange: what was counted in one is taken back, and counted in the other.
func TestCurrencyChange(t *testing.T) {
	w := told(t, "ann@example.com", "bob@example.com")
	b := w.order(nil)
	w.ordered("orders/create", b)
	w.ordered("orders/create", w.order(func(o *bought) { o.id, o.email, o.currency, o.lines = 2, "bob@example.com", "JPY", "71×2@3000" }))
	w.wantSold("2 3 19.90 EUR 6000 JPY")
	b.updated, b.currency, b.lines = w.now, "CHF", "71×1@21.00"
	w.ordered("orders/updated", b)
	w.wantSold("2 3 21.00 CHF 6000 JPY")
}

// TestAnOrderBeforeTheReceipt: nobody knows yet whether the provider took the message. The order counts when that is known,
// from the moment of the call on; if it was not taken, never.
func TestAnOrderBeforeTheReceipt(t *testing.T) {
	for _, c := range []struct {
		name    string
		outcome core.Outcome
		want    string
	}{
		{"taken", core.Outcome{Kind: core.OutcomeAccepted, Reason: core.ReasonAccepted}, "1 1 19.90 EUR"},
		{"refused", core.Outcome{Kind: core.OutcomePermanent, Reason: core.ReasonRefused}, "0 0"},
		{"unanswered", core.Outcome{Kind: core.OutcomeUnknown, Reason: core.ReasonUnanswered}, "0 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.capture("ann@example.com", "71")
			w.drive()
			w.level(710, 5)
			w.stepWorks()
			key := w.dueIntents()[0]
			w.fromLeader(wire.Claim{Keys: []core.LedgerKey{key}})
			w.pass(core.Minute)
			b := w.order(nil)
			w.ordered("orders/create", b)
			w.wantSold("0 0")
			w.pass(core.Hour)
			c.outcome.Key = key
			w.fromLeader(wire.Settle{Outcomes: []core.Outcome{c.outcome}})
			w.wantSold(c.want)
			w.ordered("orders/paid", b)
			w.wantSold(c.want)
			told := int64(1)
			if c.want == "0 0" {
				told = 0
			}
			if r := w.restocks()[0]; r.Told != told {
				t.Errorf("%d were told, want %d", r.Told, told)
			}
			b.updated, b.more = w.now, fmt.Sprintf(`,"cancelled_at":%q`, w.now)
			w.ordered("orders/cancelled", b)
			w.wantSold("0 0")
		})
	}
}

// TestToldOnce: who bought while messages of two journeys were on their way was told once.
func TestToldOnce(t *testing.T) {
	w := newWorld(t)
	w.declare(core.Declaration{Journeys: []core.DeclaredJourney{journeyOn("also-back", core.BackInStock, mail("mail", back))}})
	w.capture("ann@example.com", "71")
	w.drive()
	w.level(710, 5)
	w.stepWorks()
	keys := w.dueIntents()
	if len(keys) != 2 {
		t.Fatalf("%d messages are due, want two", len(keys))
	}
	w.fromLeader(wire.Claim{Keys: keys})
	w.pass(core.Minute)
	w.ordered("orders/create", w.order(nil))
	for n, key := range keys {
		w.fromLeader(wire.Settle{Outcomes: []core.Outcome{{Key: key, Kind: core.OutcomeAccepted}}})
		if r := w.restocks()[0]; r.Told != 1 {
			t.Errorf("after %d messages %d were told", n+1, r.Told)
		}
	}
	w.wantSold("1 1 19.90 EUR")
}

// TestErasedBuyers: what an order was attributed to names nobody, and is taken back for somebody who is gone.
func TestErasedBuyers(t *testing.T) {
	w := told(t, "ann@example.com")
	var contact core.ContactID
	var keys []string
	w.view(func(tx *db.Tx) {
		contact, _ = db.Addresses.Get(tx, email("ann@example.com"))
		db.IntentsOf.Scan(tx, contact, func(k core.LedgerKey) bool { keys = append(keys, k.String()); return true })
	})
	b := w.order(func(b *bought) { b.id = 4_711_007 })
	w.ordered("orders/create", b)
	w.erase(email("ann@example.com"))
	w.drive()
	w.wantNothingOf(append(keys, "4711007")...)
	for key, value := range rowsOf(dump(t, w.db)) {
		if key[1] == '$' && (strings.Contains(value, contact.String()) || strings.Contains(value, hex.EncodeToString([]byte("ann")))) {
			t.Errorf("the order's row %s holds%s, which names the buyer", key, value)
		}
	}
	w.wantSold("1 1 19.90 EUR")
	b.updated, b.lines = w.now, "71×2@19.90"
	w.ordered("orders/updated", b)
	w.wantSold("1 2 39.80 EUR")
	b.updated, b.more = w.now, fmt.Sprintf(`,"cancelled_at":%q`, w.now)
	w.ordered("orders/cancelled", b)
	w.wantSold("0 0")
	w.wantNothingOf(append(keys, "4711007")...)
}

// TestOrdersOfStrangersWriteNothing beside what every webhook does; those of people who wait and were not told yet neither.
func TestOrdersOfStrangersWriteNothing(t *testing.T) {
	w := told(t, "ann@example.com")
	w.capture("bob@example.com", "72")
	w.drive()
	for _, address := range []string{"eve@example.com", "bob@example.com"} {
		b := w.order(func(b *bought) { b.email = address })
		if changed := w.changedRows(func() { w.ordered("orders/create", b) }); changed != "!def" {
			t.Errorf("an order of %s wrote rows of %q", address, changed)
		}
	}
	if changed := w.changedRows(func() { w.ordered("orders/create", w.order(nil)) }); changed != "!$Ldefow" {
		t.Errorf("an order of somebody who was told wrote rows of %q", changed)
	}
}

// TestOldAttributionsGo, and are not made anew by an order that comes once more.
func TestOldAttributionsGo(t *testing.T) {
	w := told(t, "ann@example.com")
	b := w.order(nil)
	w.ordered("orders/create", b)
	kept := func() (n int) {
		w.view(func(tx *db.Tx) { db.Attributions.All(tx, func(core.Attribution) bool { n++; return true }) })
		return n
	}
	w.pass(core.KeepAttributions)
	w.drive()
	if kept() != 1 {
		t.Fatal("it went too early")
	}
	w.pass(3 * core.Day)
	w.drive()
	if kept() != 0 {
		t.Error("it is still there")
	}
	b.updated, b.lines = w.now, "71×5@19.90"
	w.ordered("orders/updated", b)
	w.wantSold("1 1 19.90 EUR")
}

// TestWooCommerceOrders: one that waits for its payment counts when it was paid, and not any more when it was refunded.
func TestWooCommerceOrders(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, func(*core.Source) {})
	w.woo("product.created", sockParent(w, "91,92", `"manage_stock":false,"stock_quantity":null,"stock_status":"outofstock"`))
	w.woo("product.created", sock(w, 91, none))
	w.capture("ann@example.com", "91")
	w.pass(core.Minute)
	w.woo("product.updated", sock(w, 91, some))
	w.drive()
	w.pass(core.Minute)
	placed := strings.TrimSuffix(w.now.String(), "Z")
	order := func(status, quantity string, later core.Milliseconds) string {
		updated := strings.TrimSuffix(w.now.Add(later).String(), "Z")
		return fmt.Sprintf(`{"id":727,"number":"727","status":%q,"currency":"EUR","total":"18.00","date_created_gmt":%q,"date_modified_gmt":%q,
			"billing":{"email":"ann@example.com","phone":"","country":"DE"},
			"line_items":[{"id":1,"name":"Sock","product_id":90,"variation_id":91,"quantity":%s,"subtotal":"18.00","total":"18.00","price":9}]}`,
			status, placed, updated, quantity)
	}
	w.woo("order.created", order("pending", "2", 0))
	w.wantSold("0 0")
	w.woo("order.updated", order("processing", "2", 1))
	w.wantSold("1 2 18.00 EUR")
	w.woo("order.updated", order("completed", "1", 1)) // within the same second
	w.wantSold("1 1 9.00 EUR")
	w.woo("order.updated", order("refunded", "1", 1))
	w.wantSold("0 0")
}
