package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
)

// tee is product 7 as of at; fields replaces or adds to its own, and its variants are 71 and 72 unless others are given.
func tee(at core.Time, fields string, variants ...string) string {
	if len(variants) == 0 {
		variants = []string{size(71, 0, ""), size(72, 0, "")}
	}
	return fmt.Sprintf(`{"id":7,"title":"Tee","handle":"tee","status":"active","published_at":"2026-01-01T00:00:00Z","updated_at":%q,
		"images":[],"variants":[%s]%s}`, at, strings.Join(variants, ","), fields)
}

func size(id, quantity int, fields string) string {
	return fmt.Sprintf(`{"id":%d,"title":"M","price":"19.90","inventory_policy":"deny","inventory_item_id":%d0,"inventory_quantity":%d%s}`,
		id, id, quantity, fields)
}

func (w *shopWorld) phase(variant core.VariantID) (p core.StockPhase) {
	w.view(func(tx *db.Tx) {
		st, _ := db.Stocks.Get(tx, db.StockKey{Variant: core.VariantKey{Source: "shop", Variant: variant}})
		p = st.Phase
	})
	return p
}

func (w *shopWorld) wantPhase(variant core.VariantID, want core.StockPhase) {
	w.t.Helper()
	if got := w.phase(variant); got != want {
		w.t.Errorf("variant %s is %q, want %q", variant, got, want)
	}
}

// TestWhatIsNotOfferedIsNotInStock, whatever its levels say, and is back in stock when it is offered again.
func TestWhatIsNotOfferedIsNotInStock(t *testing.T) {
	for _, c := range []struct {
		name string
		away func(w *shopWorld)
	}{
		{"a draft", func(w *shopWorld) { w.webhook("products/update", "", tee(w.now, `,"status":"draft"`)) }},
		{"not published", func(w *shopWorld) { w.webhook("products/update", "", tee(w.now, `,"published_at":null`)) }},
		{"deleted", func(w *shopWorld) { w.webhook("products/delete", "", `{"id":7}`) }},
		{"no longer listed", func(w *shopWorld) { w.webhook("products/update", "", tee(w.now, "", size(72, 0, ""))) }},
		{"stocked nowhere", func(w *shopWorld) {
			w.webhook("inventory_levels/disconnect", "", `{"inventory_item_id":710,"location_id":1}`)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.level(710, 5)
			w.wantPhase("71", core.InStock)
			w.pass(core.Minute)
			c.away(w)
			w.wantPhase("71", core.SoldOut)
			w.levelAt(710, 9, w.now.Add(-core.Second)) // from before, late
			w.wantPhase("71", core.SoldOut)
			w.capture("ann@example.com", "71")
			w.drive()
			w.sent = nil
			w.pass(core.Hour)
			w.drive()
			w.webhook("products/update", "", tee(w.now, ""))
			w.level(710, 5)
			w.drive()
			w.wantSent("ann@example.com back")
		})
	}
}

// TestLateReportsOfWhatWasDeleted do not bring it back; its title stays for messages that speak of it.
func TestLateReportsOfWhatWasDeleted(t *testing.T) {
	w := newWorld(t)
	w.pass(core.Minute)
	before := w.now
	w.pass(core.Minute)
	w.webhook("products/delete", "", `{"id":7}`)
	w.webhook("products/delete", "", `{"id":8}`) // never heard of
	w.webhook("products/update", "", tee(before, "", size(71, 5, "")))
	w.webhook("products/update", "", strings.Replace(tee(before, "", size(81, 5, "")), `"id":7`, `"id":8`, 1))
	w.wantPhase("71", core.SoldOut)
	w.wantPhase("81", core.StockUnknown)
	w.view(func(tx *db.Tx) {
		if p, _ := db.Products.Get(tx, core.ProductKey{Source: "shop", Product: "7"}); !p.Removed || p.Title != "Tee" {
			t.Errorf("the deleted product is %+v, want it removed and with its title", p)
		}
	})
}

// TestItems: of an item that nobody counts no number means anything.
func TestItems(t *testing.T) {
	item := func(w *shopWorld, tracked bool, sku string) {
		w.webhook("inventory_items/update", "", fmt.Sprintf(`{"id":710,"sku":%q,"tracked":%t,"updated_at":%q}`, sku, tracked, w.now))
	}
	w := newWorld(t)
	w.level(710, 0)
	w.pass(core.Minute)
	item(w, false, "NEW")
	w.wantPhase("71", core.InStock)
	w.levelAt(710, 0, w.now.Add(-core.Second)) // late
	w.wantPhase("71", core.InStock)
	w.view(func(tx *db.Tx) {
		if v, _ := db.Variants.Get(tx, core.VariantKey{Source: "shop", Variant: "71"}); v.SKU != "NEW" {
			t.Errorf("the SKU is %q, want the item's", v.SKU)
		}
	})
	w.pass(core.Minute)
	item(w, true, "NEW")
	w.wantPhase("71", core.InStock) // until a level says otherwise
	w.pass(core.Minute)
	w.level(710, 0)
	w.wantPhase("71", core.SoldOut)
}

// TestNumbersOfWhatNobodyCounts: product payloads do not say since 2024-07 whether anybody counts, and state 0 of what nobody
// does. That is no stock, until the item is counted.
func TestNumbersOfWhatNobodyCounts(t *testing.T) {
	item := func(w *shopWorld, tracked bool) {
		w.pass(core.Minute)
		w.webhook("inventory_items/update", "", fmt.Sprintf(`{"id":710,"tracked":%t,"updated_at":%q}`, tracked, w.now))
	}
	w := newWorld(t)
	w.wantPhase("71", core.SoldOut)
	item(w, false)
	w.wantPhase("71", core.InStock)
	w.pass(core.Minute)
	w.webhook("products/update", "", tee(w.now, ""))
	w.wantPhase("71", core.InStock)
	w.wantPhase("72", core.SoldOut)
	w.webhook("variants/out_of_stock", "", fmt.Sprintf(`{"id":71,"product_id":7,"inventory_quantity":0,"updated_at":%q}`, w.now))
	w.wantPhase("71", core.InStock)
	item(w, true)
	w.pass(core.Minute)
	w.webhook("products/update", "", tee(w.now, ""))
	w.wantPhase("71", core.SoldOut)
	w.pass(core.Minute)
	w.webhook("products/update", "", tee(w.now, "", size(71, 4, `,"inventory_management":null`), size(72, 0, "")))
	w.wantPhase("71", core.InStock)
	w.pass(core.Minute)
	w.webhook("products/update", "", tee(w.now, "", size(71, 0, `,"inventory_management":"shopify"`), size(72, 0, "")))
	w.wantPhase("71", core.SoldOut) // of older versions, which do say
}

// TestLateAndEarlyItems: an item's word that is older than its variant's leaves the SKU alone, and one of a clock that is ahead
// silences nothing that comes after it.
func TestLateAndEarlyItems(t *testing.T) {
	item := func(w *shopWorld, tracked bool, at core.Time) {
		w.webhook("inventory_items/update", "", fmt.Sprintf(`{"id":710,"sku":"OLD","tracked":%t,"updated_at":%q}`, tracked, at))
	}
	w := newWorld(t)
	w.pass(core.Minute)
	before := w.now
	w.pass(core.Minute)
	w.webhook("products/update", "", tee(w.now, "", size(71, 0, `,"sku":"NEW"`)))
	item(w, true, before)
	w.view(func(tx *db.Tx) {
		if v, _ := db.Variants.Get(tx, core.VariantKey{Source: "shop", Variant: "71"}); v.SKU != "NEW" {
			t.Errorf("the SKU is %q, want the variant's, which is newer", v.SKU)
		}
	})
	w.level(710, 0)
	item(w, false, w.now.Add(core.Day))
	w.wantPhase("71", core.InStock)
	w.pass(core.Minute)
	w.level(710, 0)
	w.wantPhase("71", core.SoldOut)
}

// TestTotals count until a level was seen, and say nothing of a variant that nobody has described.
func TestTotals(t *testing.T) {
	total := func(w *shopWorld, id, units int) {
		w.webhook("variants/in_stock", "", fmt.Sprintf(`{"id":%d,"product_id":7,"inventory_quantity":%d,"updated_at":%q}`, id, units, w.now))
	}
	w := newWorld(t)
	total(w, 71, 5)
	total(w, 79, 5)
	w.wantPhase("71", core.InStock)
	w.wantPhase("79", core.StockUnknown)
	w.pass(core.Minute)
	w.level(710, 0)
	w.wantPhase("71", core.SoldOut)
	w.pass(core.Minute)
	total(w, 71, 5)
	w.wantPhase("71", core.SoldOut)
}
