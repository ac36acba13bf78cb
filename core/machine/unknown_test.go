package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

func (w *shopWorld) sought() (all []core.Unknown) {
	w.view(func(tx *db.Tx) { all, _ = db.Sought.Get(tx, "shop") })
	return all
}

func (w *shopWorld) wantSought(want ...core.Unknown) {
	w.t.Helper()
	if got := w.sought(); fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("to be looked up are %+v, want %+v", got, want)
	}
}

func withAPI(s *core.Source) {
	s.API = core.API{URL: "https://shop.myshopify.com", Poll: core.Hour, Full: core.Day}
}

// TestWhatNobodyKnowsIsNoted where the shop can be asked, once, and until it was looked up.
func TestWhatNobodyKnowsIsNoted(t *testing.T) {
	w := newWorld(t)
	w.level(990, 4)
	w.wantSought() // nobody could ask
	w.connect(core.Shopify, withAPI)
	w.level(710, 4)
	w.level(990, 4)
	w.level(990, 5)
	w.webhook("inventory_items/update", "", fmt.Sprintf(`{"id":991,"tracked":true,"updated_at":%q}`, w.now))
	w.webhook("inventory_levels/disconnect", "", `{"inventory_item_id":992,"location_id":1}`)
	w.webhook("variants/in_stock", "", fmt.Sprintf(`{"id":993,"product_id":99,"inventory_quantity":3,"updated_at":%q}`, w.now))
	item, created, variant := core.Unknown{Item: "990"}, core.Unknown{Item: "991"}, core.Unknown{Variant: "993"}
	w.wantSought(item, created, variant)
	a := w.ask(core.ReadingPoll)
	a.page.Sought = []core.Unknown{item, variant, {Item: "7"}}
	a.says()
	w.wantSought(created)
	w.level(990, 6) // still nobody knows it
	a = w.ask(core.ReadingPoll)
	a.page.Sought = []core.Unknown{created, item}
	a.page.Body = nil
	w.fromLeader(a.page)
	w.wantSought()
	for i := range core.MaxUnknown + 10 {
		w.level(1000+i, 1)
	}
	if n := len(w.sought()); n != core.MaxUnknown {
		t.Errorf("%d are noted, want %d", n, core.MaxUnknown)
	}
}

// TestVariationsThatNobodyKnowsAreNoted by their product.
func TestVariationsThatNobodyKnowsAreNoted(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, withAPI)
	w.woo("product.created", sock(w, 91, some))
	w.wantSought(core.Unknown{Product: "90"})
	a := w.ask(core.ReadingPoll)
	a.page.Sought = w.sought()
	a.says(fmt.Sprintf(`{"product":%s,"variations":[%s]}`, sockParent(w, "91", none), sock(w, 91, some)))
	w.pass(core.Minute)
	w.woo("product.updated", sockParent(w, "91", none))
	w.woo("product.updated", sock(w, 91, some))
	w.wantSought()
	w.pass(core.Minute)
	w.woo("product.updated", sockParent(w, "91,92", none))
	w.wantSought(core.Unknown{Product: "90"})
}

// TestFeedsAreNotAsked: they are read as a whole anyway.
func TestFeedsAreNotAsked(t *testing.T) {
	w := newWorld(t)
	w.connectFeed(core.Guard{})
	w.push(`{"type":"levels","levels":[{"variant":"x","available":1}]}`)
	w.wantSought()
}

// TestReadNow: an operator's wish stands until the run that follows it, and edges have none.
func TestReadNow(t *testing.T) {
	w := newWorld(t)
	want := func(kind core.ReadingKind, set bool) {
		t.Helper()
		if r := w.readingOf(kind); (r.Wanted != 0) != set {
			t.Errorf("the reading is %+v; want a wish: %t", r, set)
		}
	}
	now := func(kind core.ReadingKind) { w.append(wire.Origin{}, wire.Read{Source: "shop", Reading: kind}) }
	now(core.ReadingPoll)
	want(core.ReadingPoll, false) // it has no API
	w.connect(core.Shopify, withAPI)
	w.fromEdge(homeEdge, wire.Read{Source: "shop", Reading: core.ReadingPoll})
	w.append(wire.Origin{}, wire.Read{Source: "other", Reading: core.ReadingPoll})
	now("else")
	want(core.ReadingPoll, false)
	now(core.ReadingPoll)
	want(core.ReadingPoll, true)
	w.ask(core.ReadingPoll).says()
	want(core.ReadingPoll, false)
	now(core.ReadingFull)
	want(core.ReadingFull, true)
	first := w.ask(core.ReadingFull)
	first.page.Next = "8"
	first.says(apiTee("Tee", w.now))
	now(core.ReadingFull) // it is being read
	want(core.ReadingFull, false)
	if r := w.readingOf(core.ReadingFull); !r.Running || r.Cursor != "8" {
		t.Errorf("the wish changed the reading to %+v", r)
	}
	w.connectFeed(core.Guard{})
	now(core.ReadingPoll)
	want(core.ReadingPoll, false) // a feed has no polls
	now(core.ReadingFull)
	want(core.ReadingFull, true)
	if strings.Contains(dump(t, w.db), `"other"`) {
		t.Error("a wish for a source that there is not left something behind")
	}
}
