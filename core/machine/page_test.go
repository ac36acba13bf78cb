package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// asked is a question to the shop, whose answer is appended later.
type asked struct {
	w    *shopWorld
	page wire.Page
}

// ask asks for a page of a new reading now.
func (w *shopWorld) ask(kind core.ReadingKind) asked {
	w.t.Helper()
	w.pass(core.Second)
	return asked{w, wire.Page{
		Source: "shop", Reading: kind, Of: w.machine.Sources()["shop"].Of(), Run: w.readingOf(kind).Run + 1,
		After: core.Sequence(len(w.journal)), BegunAt: w.now, AskedAt: w.now, As: w.now, Read: 1,
	}}
}

// says appends the answer.
func (a asked) says(products ...string) {
	a.w.t.Helper()
	a.page.Body = []byte(`{"products":[` + strings.Join(products, ",") + `]}`)
	a.w.fromLeader(a.page)
}

func (w *shopWorld) readingOf(kind core.ReadingKind) (r core.Reading) {
	w.view(func(tx *db.Tx) { r, _ = db.Readings.Get(tx, db.ReadingKey{Source: "shop", Kind: kind}) })
	return r
}

// apiTee is product 7 as the API tells it: title and levels of variant 71 (item 710), each "location units"; at is of everything.
func apiTee(title string, at core.Time, levels ...string) string {
	var nodes []string
	for _, l := range levels {
		location, units, _ := strings.Cut(l, " ")
		nodes = append(nodes, fmt.Sprintf(`{"location":{"id":"gid://shopify/Location/%s"},"updatedAt":%q,"quantities":[{"name":"available","quantity":%s}]}`, location, at, units))
	}
	return fmt.Sprintf(`{"id":"gid://shopify/Product/7","title":%q,"handle":"tee","status":"ACTIVE","publishedAt":"2026-01-01T00:00:00Z","vendor":"V","updatedAt":%q,
		"options":[],"variants":[{"id":"gid://shopify/ProductVariant/71","title":"M","sku":"TEE-M","price":"19.90","inventoryPolicy":"DENY","inventoryQuantity":0,"updatedAt":%q,
		"inventoryItem":{"id":"gid://shopify/InventoryItem/710","tracked":true,"updatedAt":%q,"inventoryLevels":[%s]}}]}`, title, at, at, at, strings.Join(nodes, ","))
}

func (w *shopWorld) units(variant core.VariantID) (st core.Stock) {
	w.view(func(tx *db.Tx) {
		st, _ = db.Stocks.Get(tx, db.StockKey{Variant: core.VariantKey{Source: "shop", Variant: variant}})
	})
	return st
}

func (w *shopWorld) wantUnits(want int64) {
	w.t.Helper()
	if got := w.units("71").Units; got != want {
		w.t.Errorf("there are %d units, want %d", got, want)
	}
}

// TestALostWebhook: the poll finds the restock, those who wait are told once, and the next poll finds nothing.
func TestALostWebhook(t *testing.T) {
	w := newWorld(t)
	w.level(710, 0)
	w.ask(core.ReadingFull).says(apiTee("Tee", w.now, "1 0"))
	w.capture("ann@example.com", "71")
	w.drive()
	w.sent = nil
	w.pass(core.Hour)
	w.ask(core.ReadingPoll).says(apiTee("Tee", w.now, "1 5"))
	w.drive()
	w.wantSent("ann@example.com back")
	if r := w.readingOf(core.ReadingPoll); r.Fixed != (core.Corrections{Levels: 1, Restocks: 1}) || r.Running || r.Read != 1 || r.First {
		t.Errorf("the poll is %+v", r)
	}
	if r := w.restocks()[0]; r.Found != core.ReadingPoll {
		t.Errorf("the restock is %+v", r)
	}
	w.ask(core.ReadingPoll).says(apiTee("Tee", w.now.Add(-core.Second), "1 5"))
	w.levelAt(710, 5, w.now) // the webhook, late
	w.drive()
	w.wantSent()
	if r := w.readingOf(core.ReadingPoll); r.Fixed.Any() {
		t.Errorf("the second poll is %+v", r)
	}
}

// TestAPageThatIsOldWhenItComes: whatever a webhook said since the shop was asked stands.
func TestAPageThatIsOldWhenItComes(t *testing.T) {
	second := func(w *shopWorld) core.Time { return w.now / 1000 * 1000 }
	for _, c := range []struct {
		name string
		when func(w *shopWorld) (page, webhook core.Time) // the times that they state
		want int64
	}{
		{"a newer webhook", func(w *shopWorld) (core.Time, core.Time) { return second(w), second(w) + 1000 }, 0},
		{"of the same second", func(w *shopWorld) (core.Time, core.Time) { return second(w), second(w) }, 0},
		{"a shop whose clock is ahead", func(w *shopWorld) (core.Time, core.Time) { return w.now.Add(core.Hour), w.now.Add(core.Hour + 1) }, 0},
		{"a webhook that is older than the page", func(w *shopWorld) (core.Time, core.Time) { return second(w), second(w) - 60_000 }, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.pass(core.Hour)
			w.levelAt(710, 5, w.now.Add(-core.Minute))
			w.wantUnits(5)
			w.pass(core.Hour)
			a := w.ask(core.ReadingPoll)
			page, webhook := c.when(w)
			w.pass(core.Second)
			w.levelAt(710, 0, webhook)
			w.pass(core.Second)
			a.says(apiTee("Tee", page, "1 5"))
			w.wantUnits(c.want)
		})
	}
}

// TestTheSameSecondBeforeTheQuestion: a webhook was lost that has the time of one that was taken. The shop was asked after
// that one had come, so it knows better.
func TestTheSameSecondBeforeTheQuestion(t *testing.T) {
	w := newWorld(t)
	w.pass(core.Hour)
	at := w.now / 1000 * 1000
	w.levelAt(710, 0, at)
	w.ask(core.ReadingPoll).says(apiTee("Tee", at, "1 5"))
	w.wantUnits(5)
}

// TestLocationsAndProductsThatWentAway: levels that are not stocked any more, and products that the shop does not have.
func TestLocationsAndProductsThatWentAway(t *testing.T) {
	w := newWorld(t)
	w.pass(core.Hour)
	w.ask(core.ReadingFull).says(apiTee("Tee", w.now, "1 0", "2 3"))
	w.wantUnits(3)
	w.pass(core.Hour)
	w.ask(core.ReadingPoll).says(apiTee("Tee", w.now, "1 0"))
	w.wantUnits(0)
	a := w.ask(core.ReadingPoll)
	w.levelAt(710, 4, w.now) // somebody fills the shelf meanwhile, at a place that the page does not have
	a.says(apiTee("Tee", w.now.Add(-core.Minute)))
	w.wantUnits(4)
	gone := w.ask(core.ReadingPoll)
	gone.page.Missing = []core.ProductID{"7"}
	gone.says()
	if w.units("71").Phase != core.SoldOut || w.readingOf(core.ReadingPoll).Fixed.Removed != 1 {
		t.Errorf("of a product that is gone there are %+v, by %+v", w.units("71"), w.readingOf(core.ReadingPoll))
	}
	w.ask(core.ReadingPoll).says(apiTee("Tee", w.now.Add(-core.Hour), "1 4")) // out of the trash, as it was
	if w.units("71").Phase != core.InStock {
		t.Errorf("of a product that is there again there are %+v", w.units("71"))
	}
	late := w.ask(core.ReadingPoll)
	late.page.Missing = []core.ProductID{"7"}
	w.level(710, 2)
	w.catalogueNow()
	late.says()
	if w.units("71").Phase != core.InStock {
		t.Error("a webhook said meanwhile that it is there, and the page took it away")
	}
}

// catalogueNow tells product 7 again, as of now.
func (w *shopWorld) catalogueNow() {
	w.t.Helper()
	w.webhook("products/update", "", fmt.Sprintf(`{"id":7,"title":"Tee","handle":"tee","status":"active","published_at":"2026-01-01T00:00:00Z","updated_at":%q,
		"images":[],"variants":[{"id":71,"title":"M","price":"19.90","inventory_policy":"deny","inventory_item_id":710,"inventory_quantity":2}]}`, w.now))
}

// TestReadingsGoOn: pages count in their order, once; a new leader goes on or begins anew; a source that is read in
// another way begins anew, and void pages change nothing.
func TestReadingsGoOn(t *testing.T) {
	w := newWorld(t)
	page := func(run uint64, from, next, title string) {
		t.Helper()
		w.pass(core.Minute)
		a := w.ask(core.ReadingFull)
		a.page.Run, a.page.From, a.page.Next, a.page.Total = run, from, next, 3
		a.says(apiTee(title, w.now))
	}
	want := func(title string, run uint64, cursor string, read int64) {
		t.Helper()
		var p core.Product
		w.view(func(tx *db.Tx) { p, _ = db.Products.Get(tx, core.ProductKey{Source: "shop", Product: "7"}) })
		if r := w.readingOf(core.ReadingFull); p.Title != title || r.Run != run || r.Cursor != cursor || r.Read != read || r.Running != (cursor != "") {
			t.Errorf("the title is %s and the reading %+v", p.Title, r)
		}
	}
	page(2, "", "a", "out of turn")
	page(1, "a", "b", "from the middle")
	want("Tee", 0, "", 0)
	page(1, "", "a", "A")
	page(1, "", "a", "twice")
	want("A", 1, "a", 1)
	w.lead()
	page(1, "a", "b", "B")
	page(1, "a", "b", "twice")
	want("B", 1, "b", 2)
	page(2, "", "a", "anew")
	want("anew", 2, "a", 1)
	page(1, "b", "", "the old run")
	page(2, "a", "", "end")
	page(2, "a", "", "twice")
	page(2, "", "a", "twice")
	want("end", 2, "", 2)
	if r := w.readingOf(core.ReadingFull); r.Total != 3 || r.EndedAt == 0 || r.Covers != r.BegunAt || !r.First {
		t.Errorf("the reading is %+v", r)
	}
	old := w.ask(core.ReadingFull)
	s := w.source()
	s.API.URL = "https://other.example"
	w.declare(core.Declaration{Sources: []core.Source{s}})
	old.says(apiTee("of the old address", w.now))
	want("end", 2, "", 2)
	page(3, "", "a", "of the new address")
	w.declare(core.Declaration{Sources: []core.Source{w.source()}})
	page(3, "a", "b", "half of one address, half of the other")
	want("of the new address", 3, "a", 1)
	page(4, "", "", "end")
	want("end", 4, "", 1)
	other := w.ask(core.ReadingPoll)
	other.page.Source = "nobody"
	other.says(apiTee("of nobody", w.now))
	want("end", 4, "", 1)
}

// TestBadProductsInAPage are counted, and the others stand.
func TestBadProductsInAPage(t *testing.T) {
	w := newWorld(t)
	w.pass(core.Hour)
	w.ask(core.ReadingFull).says(`{"id":"gid://shopify/Product/8"}`, apiTee("Good", w.now), `7`)
	if r := w.readingOf(core.ReadingFull); r.Bad != 2 || r.Running || r.Fixed.Products != 1 {
		t.Errorf("the reading is %+v", r)
	}
	broken := w.ask(core.ReadingFull)
	broken.page.Body = []byte("{")
	w.fromLeader(broken.page)
	if r := w.readingOf(core.ReadingFull); r.Bad != 1 || r.Run != 2 {
		t.Errorf("the reading is %+v", r)
	}
}

// TestPagesAreTheLeadersAlone: an edge, or a leader of before, says nothing by one.
func TestPagesAreTheLeadersAlone(t *testing.T) {
	w := newWorld(t)
	a := w.ask(core.ReadingFull)
	a.page.Body = []byte(`{"products":[]}`)
	w.fromEdge(homeEdge, a.page)
	w.append(wire.Origin{}, a.page)
	w.append(wire.Origin{Epoch: w.epoch + 1}, a.page)
	w.lead()
	w.append(wire.Origin{Epoch: w.epoch - 1}, a.page)
	if r := w.readingOf(core.ReadingFull); r.Run != 0 {
		t.Errorf("the reading is %+v", r)
	}
}

// TestNews: a page is worth its place in the journal if it changes anything, be it only as of when something is known.
func TestNews(t *testing.T) {
	at := core.Time(1_790_000_000_000)
	for _, c := range []struct {
		name string
		page string
		want bool
	}{
		{"the same", apiTee("Tee", at, "1 5", "2 0"), false},
		{"nothing", ``, false},
		{"as of later", apiTee("Tee", at+1000, "1 5", "2 0"), true},
		{"as of before", apiTee("Old", at-1000, "1 7", "2 7"), false},
		{"another title", apiTee("T-shirt", at, "1 5", "2 0"), true},
		{"another level", apiTee("Tee", at, "1 4", "2 0"), true},
		{"one location fewer", apiTee("Tee", at, "1 5"), true},
		{"one location more", apiTee("Tee", at, "1 5", "2 0", "3 0"), true},
		{"not tracked any more", strings.Replace(apiTee("Tee", at, "1 5", "2 0"), `"tracked":true`, `"tracked":false`, 1), true},
		{"no variants any more", strings.Replace(apiTee("Tee", at), `"variants":[`, `"variants":[],"x":[`, 1), true},
		{"what cannot be read", `{}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.ask(core.ReadingFull).says(apiTee("Tee", at, "1 5", "2 0"))
			a := w.ask(core.ReadingPoll)
			a.page.Body = []byte(`{"products":[` + c.page + `]}`)
			before := dump(t, w.db)
			tx := w.db.Begin()
			got, err := w.machine.News(tx, a.page)
			tx.Discard()
			if got != c.want || err != nil || dump(t, w.db) != before {
				t.Errorf("news: %v (%v), want %v, and a state that stays as it is", got, err, c.want)
			}
			w.fromLeader(a.page)
			if changed := withoutReadings(dump(t, w.db)) != withoutReadings(before); changed && !c.want {
				t.Error("a page without news changed the state")
			}
		})
	}
}

// withoutReadings leaves out what every page changes: the position, and how far readings are.
func withoutReadings(dump string) string {
	var kept []string
	for _, line := range strings.Split(dump, "\n") {
		if !strings.HasPrefix(line, `"!`) && !strings.HasPrefix(line, `"I`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
