package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// connect makes "shop" a source of another platform, with the policy.
func (w *shopWorld) connect(p core.Platform, change func(*core.Source)) {
	w.t.Helper()
	s := w.source()
	s.Platform = p
	change(&s)
	w.declare(core.Declaration{Sources: []core.Source{s}})
}

func (w *shopWorld) woo(topic, body string) {
	w.t.Helper()
	w.fromEdge(homeEdge, wire.Webhook{Source: "shop", Body: []byte(body), ReceivedAt: w.now, Headers: []core.Header{
		{Name: "x-wc-webhook-topic", Value: topic}, {Name: "x-wc-webhook-delivery-id", Value: "the-same"},
	}})
}

func (w *shopWorld) push(body string) {
	w.t.Helper()
	w.fromEdge(homeEdge, wire.Webhook{Source: "shop", Body: []byte(body), ReceivedAt: w.now, Headers: []core.Header{
		{Name: "webhook-id", Value: fmt.Sprint("msg-", len(w.journal))}, {Name: "webhook-timestamp", Value: fmt.Sprint(int64(w.now) / 1000)},
	}})
}

// sock is variation id of product 90 as of now; stock is what it says of it.
func sock(w *shopWorld, id int, stock string) string {
	return fmt.Sprintf(`{"id":%d,"type":"variation","parent_id":90,"status":"publish","permalink":"https://shop.example/sock","price":"9","backorders":"no",
		"date_modified_gmt":%q,%s}`, id, w.now, stock)
}

// sockParent is product 90 with its variations.
func sockParent(w *shopWorld, variations, stock string) string {
	return fmt.Sprintf(`{"id":90,"name":"Sock","type":"variable","status":"publish","permalink":"https://shop.example/sock","date_modified_gmt":%q,
		"variations":[%s],%s}`, w.now, variations, stock)
}

const (
	none      = `"manage_stock":false,"stock_quantity":null,"stock_status":"outofstock"`
	some      = `"manage_stock":false,"stock_quantity":null,"stock_status":"instock"`
	byParent  = `"manage_stock":"parent","stock_quantity":0,"stock_status":"outofstock"`
	parentHas = `"manage_stock":true,"stock_quantity":4,"stock_status":"instock"`
)

// TestWooCommerce: variations come without their parent, before it or after it, under delivery ids that collide.
func TestWooCommerce(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, func(*core.Source) {})
	w.woo("product.created", sock(w, 91, none))
	w.woo("product.created", sock(w, 92, byParent))
	w.woo("product.created", sockParent(w, "91,92", none))
	w.capture("ann@example.com", "91")
	w.capture("bob@example.com", "92")
	w.drive()
	w.sent = nil
	w.pass(core.Minute)
	w.woo("product.updated", sock(w, 91, some))
	w.drive()
	w.wantSent("ann@example.com back")
	w.woo("product.updated", sockParent(w, "91,92", parentHas))
	w.drive()
	w.wantSent("bob@example.com back")
}

// TestWooCommerceParentsStock: variations that take part in their parent's stock come back with it, whichever of them the
// webhook is of.
func TestWooCommerceParentsStock(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, func(*core.Source) {})
	w.woo("product.created", sockParent(w, "91,92,93", `"manage_stock":true,"stock_quantity":0,"stock_status":"outofstock"`))
	w.woo("product.created", sock(w, 91, byParent))
	w.woo("product.created", sock(w, 92, byParent))
	w.woo("product.created", sock(w, 93, none)) // counts its own
	for _, id := range []core.VariantID{"91", "92", "93"} {
		w.capture("at"+string(id)+"@example.com", id)
	}
	w.drive()
	w.sent = nil
	w.pass(core.Minute)
	w.woo("product.updated", sock(w, 91, strings.ReplaceAll(byParent, `"stock_quantity":0,"stock_status":"outofstock"`, `"stock_quantity":4,"stock_status":"instock"`)))
	w.drive()
	w.wantSent("at91@example.com back", "at92@example.com back")
	w.pass(core.Minute)
	w.woo("product.updated", sock(w, 92, byParent))
	w.wantPhase("91", core.SoldOut)
}

// TestWooCommerceTrash: an id alone takes away a variation or a product, and restoring brings it back whichever clock is ahead.
func TestWooCommerceTrash(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, func(*core.Source) {})
	w.woo("product.created", sockParent(w, "91,92", none))
	w.woo("product.created", sock(w, 91, some))
	w.woo("product.created", sock(w, 92, some))
	w.pass(core.Minute)
	before := sock(w, 91, some)
	w.pass(core.Minute)
	w.woo("product.deleted", `{"id":91}`)
	w.wantPhase("91", core.SoldOut)
	w.wantPhase("92", core.InStock)
	w.woo("product.updated", before) // late
	w.wantPhase("91", core.SoldOut)
	w.woo("product.restored", before)
	w.wantPhase("91", core.InStock)
	w.pass(core.Minute)
	w.woo("product.deleted", `{"id":90}`)
	w.wantPhase("91", core.SoldOut)
	w.wantPhase("92", core.SoldOut)
	w.pass(core.Minute)
	w.woo("product.restored", sockParent(w, "92", none))
	w.wantPhase("92", core.InStock)
	w.wantPhase("91", core.SoldOut) // not listed any more
}

// TestWooCommerceOutOfOrder: what is newer of a variation stands against what its parent, the trash or another edge says late;
// what is read of the shop after all of it stands against them.
func TestWooCommerceOutOfOrder(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, func(*core.Source) {})
	w.woo("product.created", sockParent(w, "92", none))
	w.pass(core.Minute)
	late := sockParent(w, "92", none) // 91 is not there yet
	trashed := w.now
	w.pass(core.Minute)
	created := sock(w, 91, some)
	w.woo("product.created", sockParent(w, "91,92", none))
	w.woo("product.created", created)
	w.woo("product.updated", late)
	w.wantPhase("91", core.InStock)
	w.fromEdge(otherEdge, wire.Webhook{Source: "shop", Body: []byte(`{"id":91}`), ReceivedAt: trashed, Headers: []core.Header{
		{Name: "x-wc-webhook-topic", Value: "product.deleted"}, {Name: "x-wc-webhook-delivery-id", Value: "late"},
	}})
	w.wantPhase("91", core.InStock)
	parent := sockParent(w, "91,92", none)
	w.pass(core.Minute)
	w.woo("product.deleted", `{"id":91}`)
	w.wantPhase("91", core.SoldOut)
	w.pass(core.Minute)
	w.ask(core.ReadingPoll).says(fmt.Sprintf(`{"product":%s,"variations":[%s]}`, parent, created)) // out of the trash, as it was
	w.wantPhase("91", core.InStock)
}

// TestAVariationThatItsParentDoesNotNameYet: the variation is newer than the parent's word that leaves it out.
func TestAVariationThatItsParentDoesNotNameYet(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, func(*core.Source) {})
	w.pass(core.Minute)
	parent := sockParent(w, "92", none)
	w.pass(core.Minute)
	w.woo("product.created", sock(w, 91, some))
	w.wantPhase("91", core.InStock) // its shop speaks of it, whatever it is a variation of
	w.woo("product.created", parent)
	w.wantPhase("91", core.InStock)
}

// TestAVariationThatIsListedAgain is there again, though nobody says more of it.
func TestAVariationThatIsListedAgain(t *testing.T) {
	w := newWorld(t)
	w.connect(core.WooCommerce, func(*core.Source) {})
	w.woo("product.created", sockParent(w, "91,92", none))
	w.woo("product.created", sock(w, 91, some))
	for _, c := range []struct {
		listed string
		want   core.StockPhase
	}{{"92", core.SoldOut}, {"91,92", core.InStock}} {
		w.pass(core.Minute)
		w.woo("product.updated", sockParent(w, c.listed, none))
		w.wantPhase("91", c.want)
	}
}

// TestPushes: backorder and preorder count as in stock only where the source says so; levels are by location.
func TestPushes(t *testing.T) {
	const cap = `{"type":"products","products":[{"id":"cap","title":"Cap","url":"https://shop.example/cap","variants":[{"id":"cap","selling":%q,"available":0}]}]}`
	for _, c := range []struct {
		selling             string
		backorder, preorder bool
		want                core.StockPhase
	}{
		{"stock", true, true, core.SoldOut},
		{"stopped", true, true, core.SoldOut},
		{"continue", false, false, core.InStock},
		{"backorder", false, true, core.SoldOut},
		{"backorder", true, false, core.InStock},
		{"preorder", true, false, core.SoldOut},
		{"preorder", false, true, core.InStock},
	} {
		t.Run(fmt.Sprint(c.selling, c.backorder, c.preorder), func(t *testing.T) {
			w := newWorld(t)
			w.connect(core.Generic, func(s *core.Source) { s.Stock.Backorder, s.Stock.Preorder = c.backorder, c.preorder })
			w.push(fmt.Sprintf(cap, c.selling))
			w.wantPhase("cap", c.want)
			w.pass(core.Minute)
			w.push(`{"type":"levels","levels":[{"variant":"cap","location":"a","available":0},{"variant":"cap","location":"b","available":2}]}`)
			if c.selling == "stopped" {
				w.wantPhase("cap", core.SoldOut)
			} else {
				w.wantPhase("cap", core.InStock)
			}
		})
	}
}

// TestAPushOfAsMuchAsTheEdgeTakes is one entry of 4 MiB, so what it writes must fit, also where each variant has a
// restock in each of several markets and somebody waits for all of them: what there is no room for goes page by page.
func TestAPushOfAsMuchAsTheEdgeTakes(t *testing.T) {
	t.Run("one market", func(t *testing.T) { pushAsMuch(t, 0) })
	t.Run("many markets", func(t *testing.T) { pushAsMuch(t, oftener(4)) })
}

func pushAsMuch(t *testing.T, markets int) {
	w := newWorld(t)
	w.connect(core.Generic, func(s *core.Source) {
		for i := range markets {
			s.Markets = append(s.Markets, core.ServedMarket{Name: core.Market(fmt.Sprintf("market-%02d", i))})
		}
	})
	for i := range markets {
		c := captureOf("ann"+fmt.Sprint(i)+"@example.com", core.Target{Source: "shop", Product: "p"}, w.now)
		c.Capture.Market = core.Market(fmt.Sprintf("market-%02d", i))
		w.fromEdge(homeEdge, c)
	}
	var b strings.Builder
	b.WriteString(`{"type":"products","products":[{"id":"p","title":"T","url":"https://shop.example","variants":[`)
	for i := range 2048 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"v%d","url":"https://shop.example/%s","available":3}`, i, strings.Repeat("u", 1950))
	}
	b.WriteString(`]}]}`)
	if b.Len() < 4_000_000 || b.Len() > 4<<20 {
		t.Fatalf("the push has %d bytes", b.Len())
	}
	w.push(b.String())
	w.drive()
	w.wantPhase("v2047", core.InStock)
	var choices []core.VariantID
	w.view(func(tx *db.Tx) { choices, _ = db.Choices.Get(tx, core.ProductKey{Source: "shop", Product: "p"}) })
	if len(choices) != 2048 {
		t.Errorf("%d variants are listed, want 2048", len(choices))
	}
	w.pass(core.Minute)
	w.push(`{"type":"products","products":[{"id":"p","removed":true}]}`)
	w.drive()
	w.wantPhase("v2047", core.SoldOut)
}
