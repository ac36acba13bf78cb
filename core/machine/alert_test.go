package machine_test

import (
	"fmt"
	"slices"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

var many = core.Template{Subject: "many wait"}

// alerting is a world whose merchant is told at so many.
func alerting(t *testing.T, at ...int64) *shopWorld {
	w := newWorld(t)
	w.declare(core.Declaration{Templates: []core.Template{many}, Journeys: []core.DeclaredJourney{
		{Journey: core.Journey{Name: "shop-alert", Enter: core.Enter{Occurs: core.WaitlistReached}, Shapes: []core.Shape{mail("mail", many)}}},
	}})
	w.alertAt(at...)
	return w
}

func (w *shopWorld) alertAt(at ...int64) {
	w.t.Helper()
	s := w.source()
	s.Alert = core.Alert{At: at, Email: "buyer@shop.example"}
	w.declare(core.Declaration{Sources: []core.Source{s}})
}

// asks lets so many people ask for a target, from number first on.
func (w *shopWorld) asks(first, n int, target core.Target) {
	w.t.Helper()
	var all []wire.Entry
	for i := range n {
		all = append(all, captureOf(fmt.Sprintf("p%d@example.com", first+i), target, w.now))
	}
	w.fromEdge(homeEdge, all...)
}

// buys takes so many of them off M's line.
func (w *shopWorld) buys(first, n int) {
	w.t.Helper()
	for i := range n {
		w.pass(core.Second)
		w.webhook("orders/create", "", orderBody(fmt.Sprintf("p%d@example.com", first+i), "71", w.now, ""))
	}
}

// alerts are the lengths of the lines that the merchant was told of, oldest first.
func (w *shopWorld) alerts() (reached []int64) {
	var all []core.Intent
	w.view(func(tx *db.Tx) {
		db.Intents.All(tx, func(i core.Intent) bool {
			if i.Activity.Kind == core.WaitlistReached {
				all = append(all, i)
			}
			return true
		})
	})
	slices.SortFunc(all, func(a, b core.Intent) int {
		if a.Order.Before(b.Order) {
			return -1
		}
		return 1
	})
	for _, i := range all {
		reached = append(reached, i.Activity.Units)
		if i.Contact != (core.ContactID{}) || i.Run != (core.RunID{}) {
			w.t.Errorf("the intent %+v is somebody's", i)
		}
	}
	return reached
}

func (w *shopWorld) wantAlerts(want ...int64) {
	w.t.Helper()
	if got := w.alerts(); !slices.Equal(got, want) {
		w.t.Errorf("the merchant was told of %d, want %d", got, want)
	}
}

var sizeM = core.Target{Source: "shop", Variant: "71"}

// TestAlert: once at each number, from below, and again when the line has fallen under half of it.
func TestAlert(t *testing.T) {
	w := alerting(t, 4, 6)
	w.asks(0, 3, sizeM)
	w.asks(0, 3, sizeM) // the same people
	w.wantAlerts()
	w.asks(3, 1, sizeM)
	w.wantAlerts(4)
	w.buys(0, 2) // 2 are left: half of 4
	w.asks(4, 3, sizeM)
	w.wantAlerts(4)
	w.asks(7, 2, sizeM) // 7
	w.wantAlerts(4, 6)
	w.buys(2, 5) // 2 are left, under half of 6
	w.asks(9, 4, sizeM)
	w.wantAlerts(4, 6, 6)
	w.buys(7, 5) // 1 is left, under half of both
	w.asks(20, 5, sizeM)
	w.wantAlerts(4, 6, 6, 4, 6)
	w.drive()
}

// TestAlertIsSent, once, by the sender that the source names.
func TestAlertIsSent(t *testing.T) {
	w := alerting(t, 2)
	s := w.source()
	s.Alert = core.Alert{At: []int64{2}, Email: "buyer@shop.example", Sender: "gone"}
	w.declare(core.Declaration{Sources: []core.Source{s}})
	w.asks(0, 2, sizeM)
	w.wantAlerts() // there is no such sender; the number is not spent
	w.alertAt(2)
	w.buys(0, 1)
	w.asks(2, 1, sizeM)
	w.wantAlerts(2)
	w.sent = nil
	w.drive()
	if got := slices.Index(w.sent, " many wait"); got < 0 {
		t.Errorf("sent %q", w.sent)
	}
	w.lead()
	w.drive()
	w.wantAlerts(2)
}

// TestAlertsAreOfALine: any variant, and each market, has its own.
func TestAlertsAreOfALine(t *testing.T) {
	w := alerting(t)
	s := w.source()
	s.Alert = core.Alert{At: []int64{2}, Email: "buyer@shop.example"}
	s.Markets = []core.ServedMarket{{Name: "DE", Locations: []core.LocationID{"1"}}}
	w.declare(core.Declaration{Sources: []core.Source{s}})
	inDE := captureOf("p9@example.com", sizeM, w.now)
	inDE.Capture.Market = "de"
	w.asks(0, 1, sizeM)
	w.fromEdge(homeEdge, inDE)
	w.asks(0, 1, core.Target{Source: "shop", Product: "7"})
	w.wantAlerts()
	w.asks(1, 1, core.Target{Source: "shop", Product: "7"})
	w.wantAlerts(2)
	w.asks(1, 1, sizeM)
	w.wantAlerts(2, 2)
}

// TestAlertsPlaybookIsTurnedOn when the address is said for the first time, and stays as it is turned afterwards.
func TestAlertsPlaybookIsTurnedOn(t *testing.T) {
	w := alerting(t, 1)
	w.declare(core.Declaration{States: []core.DeclaredState{{Journey: "shop-alert"}}})
	w.asks(0, 1, sizeM)
	w.alertAt(1, 2)
	w.asks(1, 1, sizeM)
	w.wantAlerts()
	w.declare(core.Declaration{States: []core.DeclaredState{{Journey: "shop-alert", On: true}}})
	w.buys(0, 1)
	w.asks(2, 1, sizeM)
	w.wantAlerts(2)
}

// TestOtherNumbers: a number that was taken out and comes back is armed; a line that was longer already is not told of.
func TestOtherNumbers(t *testing.T) {
	w := alerting(t, 2)
	w.asks(0, 3, sizeM)
	w.wantAlerts(2)
	w.alertAt(3)
	w.buys(0, 1)
	w.asks(3, 1, sizeM)
	w.wantAlerts(2, 3)
	w.alertAt(2)
	w.buys(1, 1)
	w.wantAlerts(2, 3)
	w.buys(2, 1) // 1
	w.asks(4, 1, sizeM)
	w.wantAlerts(2, 3, 2)
	rows := 0
	w.view(func(tx *db.Tx) {
		db.AlertedOf(tx, "shop", func(_ core.Waitlist, all []core.Alerted) bool { rows += len(all); return true })
	})
	if rows != 1 {
		t.Errorf("%d numbers are kept as told, want the last", rows)
	}
}

// TestSurplus: how many units a line wants, whatever becomes of its entries.
func TestSurplus(t *testing.T) {
	w := newWorld(t)
	wants := func(want int64) {
		t.Helper()
		w.view(func(tx *db.Tx) {
			n, _ := db.Waiting.Get(tx, sizeM.Waitlist(""))
			more, _ := db.Surplus.Get(tx, sizeM.Waitlist(""))
			if n+more != want {
				t.Errorf("%d wait and want %d, want %d", n, n+more, want)
			}
		})
	}
	ask := func(who string, quantity int64) {
		c := captureOf(who, sizeM, w.now)
		c.Capture.Quantity = quantity
		w.pass(core.Second)
		w.fromEdge(homeEdge, c)
	}
	ask("ann@example.com", 3)
	ask("bob@example.com", 0)
	ask("cid@example.com", 1_000_000)
	wants(3 + 1 + core.MaxWanted)
	ask("ann@example.com", 5)
	ask("bob@example.com", 2)
	wants(5 + 2 + core.MaxWanted)
	ask("ann@example.com", 0) // says nothing new
	wants(5 + 2 + core.MaxWanted)
	w.erase(email("cid@example.com"))
	wants(7)
	w.pass(core.Second)
	w.webhook("orders/create", "", orderBody("ann@example.com", "71", w.now, ""))
	wants(2)
	w.drive()
	w.level(710, 1)
	w.drive()
	wants(0)
	w.view(func(tx *db.Tx) {
		db.Surplus.All(tx, func(n int64) bool { t.Errorf("%d are left", n); return true })
	})
}
