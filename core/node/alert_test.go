package node

import (
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/machine"
	"restock/core/notify"
)

type uncounted struct{}

func (uncounted) Count(string, core.Reason) {}

// TestAlertsGates: a merchant's message is stopped by what stops messages as such, and by nothing that is about contacts.
func TestAlertsGates(t *testing.T) {
	line := core.Waitlist{Source: "shop", ID: "71", Market: "DE"}
	intent := core.Intent{Key: core.LedgerKey{1}, Channel: core.Email, Journey: "shop-alert", Sender: "inbox", At: core.IntentClaimed, Activity: core.Activity{
		Kind: core.WaitlistReached, Source: "shop", Variant: "71", Product: "7", Market: "DE", Asked: line.Target(), AskedAt: 5, Units: 50,
	}}
	suppressed := func(why core.Reason) func(*db.Tx) {
		return func(tx *db.Tx) {
			a := core.Address{Channel: core.Email, Value: "Buyer@shop.example"}
			db.Suppressions.Set(tx, a, db.Suppression{Address: a, Reason: why})
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*db.Tx)
		want   core.Reason
	}{
		{"nothing", func(*db.Tx) {}, ""},
		{"the playbook is off", func(tx *db.Tx) { db.Journeys.Set(tx, "shop-alert", core.Journey{Name: "shop-alert"}) }, core.ReasonJourneyOff},
		{"the sender is gone", func(tx *db.Tx) { db.Senders.Delete(tx, "inbox") }, core.ReasonSenderGone},
		{"nobody is to be told any more", func(tx *db.Tx) { db.Sources.Set(tx, "shop", core.Source{Name: "shop"}) }, core.ReasonNoAddress},
		{"the provider refused the address", suppressed(core.ReasonRefused), core.ReasonSuppressed},
		{"the merchant unsubscribed as a shopper", suppressed(core.ReasonUnsubscribed), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t)
			w.write(t, func(tx *db.Tx) {
				db.Sources.Set(tx, "shop", core.Source{Name: "shop", URL: "https://shop.example", Alert: core.Alert{Email: "Buyer@shop.EXAMPLE"},
					Markets: []core.ServedMarket{{Name: "DE", URL: "https://shop.example/de"}}})
				db.Senders.Set(tx, "inbox", core.Sender{Name: "inbox", Kind: core.InboxKind})
				db.Journeys.Set(tx, "shop-alert", core.Journey{Name: "shop-alert", On: true})
				db.Products.Set(tx, core.ProductKey{Source: "shop", Product: "7"}, core.Product{Source: "shop", ID: "7", Title: "Tee", URL: "https://shop.example/tee"})
				db.Variants.Set(tx, core.VariantKey{Source: "shop", Variant: "71"}, core.Variant{Source: "shop", ID: "71", Product: "7"})
				db.Waiting.Set(tx, line, 53)
				db.Surplus.Set(tx, line, 4)
				tt.change(tx)
			})
			tx := w.db.View()
			defer tx.Discard()
			var err error
			if w.machine, err = machine.New(tx, uncounted{}); err != nil {
				t.Fatal(err)
			}
			a, err := w.about(intent)
			if d := notify.Decide(&a.subject); err != nil || d.Reason != tt.want {
				t.Errorf("the gates say %q, want %q; %v", d.Reason, tt.want, err)
			}
			if got := a.data.Waitlist; got.Reached != 50 || got.Waiting != 53 || got.Wanted != 57 {
				t.Errorf("the mail says %+v", got)
			}
			if !strings.HasPrefix(a.data.Variant.URL, "https://shop.example") || tt.want == "" && a.data.Variant.URL != "https://shop.example/de/tee" {
				t.Errorf("it leads to %s", a.data.Variant.URL)
			}
		})
	}
}
