package woocommerce_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core"
	"restock/core/source/sourcetest"
	"restock/core/source/woocommerce"
)

var shop = core.Source{
	Name: "kerzen", Platform: core.WooCommerce, URL: "https://shop.example.com", Currency: "EUR", Region: "DE",
}

// Instants of the fixtures.
const (
	receivedAt core.Time = 1_772_400_000_000 // the edge's clock
	modifiedAt core.Time = 1_772_353_800_000 // 2026-03-01T08:30:00Z
)

func fixture(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func delivery(topic, body string) core.Delivery {
	return core.Delivery{
		Source: shop.Name, Body: []byte(body), ReceivedAt: receivedAt,
		Headers: []core.Header{
			{Name: "x-wc-webhook-topic", Value: topic},
			{Name: "x-wc-webhook-delivery-id", Value: "f69179d95306fa97eecd2e78722a4c66"},
			{Name: "x-wc-webhook-id", Value: "10"},
		},
	}
}

func counted(n int64) *core.Quantity { return &core.Quantity{Units: n, Tracked: true} }

// candle is what simple.json says, after change.
func candle(change func(*core.Product, *core.VariantFact)) core.Facts {
	p := core.Product{
		Source: "kerzen", ID: "9007199254740993", Title: "Bienenwachskerze “Föhr”", URL: "https://shop.example.com/product/kerze/",
		Image: "https://shop.example.com/kerze.jpg", Images: []string{"https://shop.example.com/kerze-2.jpg"}, Published: true, UpdatedAt: modifiedAt,
	}
	v := core.VariantFact{Quantity: counted(7), Variant: core.Variant{
		Source: "kerzen", ID: "9007199254740993", Product: "9007199254740993", Item: "9007199254740993", SKU: "KERZE-1",
		URL: "https://shop.example.com/product/kerze/", Price: core.Money{Minor: 1250, Currency: "EUR"}, UpdatedAt: modifiedAt,
	}}
	change(&p, &v)
	return core.Facts{Products: []core.ProductFact{{Product: p, Variants: []core.VariantFact{v}, Whole: true}}}
}

// socks is what variable.json says.
func socks() core.Facts {
	return core.Facts{Products: []core.ProductFact{{
		Product: core.Product{
			Source: "kerzen", ID: "9007199254740995", Title: "Wollsocken", URL: "https://shop.example.com/product/wollsocken/",
			Options: []string{"Farbe", "Größe"}, Published: true, UpdatedAt: modifiedAt,
		},
		Others: []core.VariantID{"9007199254740997", "9007199254740999"}, Whole: true,
	}}}
}

// redSock is what variation.json says, after change.
func redSock(change func(*core.VariantFact)) core.Facts {
	v := core.VariantFact{Quantity: counted(0), Variant: core.Variant{
		Source: "kerzen", ID: "9007199254740997", Product: "9007199254740995", Item: "9007199254740997", SKU: "WS-ROT-S", Title: "Rot / S",
		URL:   "https://shop.example.com/product/wollsocken/?attribute_pa_farbe=rot",
		Image: "https://shop.example.com/rot.jpg", Price: core.Money{Minor: 900, Currency: "EUR"}, UpdatedAt: modifiedAt,
		Options: []string{"Rot", "S"},
	}}
	change(&v)
	return core.Facts{Variants: []core.VariantFact{v}}
}

// orders is what order.json says.
func orders(state core.OrderState) core.Facts {
	sek := func(minor int64) core.Money { return core.Money{Minor: minor, Currency: "SEK"} }
	return core.Facts{Orders: []core.Order{{
		Source: "kerzen", ID: "9007199254741021", Number: "R-1001", Email: "Ann.Buyer@example.com", Phone: "+46701740605",
		Lines: []core.OrderLine{
			{Variant: "9007199254740997", Product: "9007199254740995", Quantity: 2, Price: sek(900)},
			{Variant: "9007199254740993", Product: "9007199254740993", Quantity: 1, Price: sek(1250)},
		},
		Total: sek(3650), State: state, PlacedAt: modifiedAt - 60_000, UpdatedAt: modifiedAt,
	}}}
}

// simpleCases are simple products whose stock is told in every way there is: what changes in the body, and what then is.
func simpleCases(edit func(body string, pairs ...string) string, body string) (cases []sourcetest.Case) {
	stock := func(q core.Quantity, selling core.Selling, continues bool) func(*core.Product, *core.VariantFact) {
		return func(_ *core.Product, v *core.VariantFact) {
			v.Quantity, v.Variant.Selling, v.Variant.ContinueSelling = &q, selling, continues
		}
	}
	const managed, seven, status, backorders = `"manage_stock": true`, `"stock_quantity": 7`, `"stock_status": "instock"`, `"backorders": "no"`
	const notManaged, null = `"manage_stock": false`, `"stock_quantity": null`
	for _, c := range []struct {
		name  string
		pairs []string
		want  func(*core.Product, *core.VariantFact)
	}{
		{"counted", nil, func(*core.Product, *core.VariantFact) {}},
		{"counted, few left", []string{status, `"stock_status": "lowstock"`}, func(*core.Product, *core.VariantFact) {}},
		{"none left", []string{seven, `"stock_quantity": 0`, status, `"stock_status": "outofstock"`}, stock(core.Quantity{Tracked: true}, "", false)},
		{"oversold", []string{seven, `"stock_quantity": -2`, status, `"stock_status": "outofstock"`}, stock(core.Quantity{Units: -2, Tracked: true}, "", false)},
		{"below the shop's own threshold", []string{status, `"stock_status": "outofstock"`}, stock(core.Quantity{Tracked: true}, "", false)},
		{"by weight", []string{seven, `"stock_quantity": 7.9`}, func(*core.Product, *core.VariantFact) {}},
		{"counted, and nothing entered", []string{seven, null}, stock(core.Quantity{Tracked: true}, "", false)},
		{"not counted, in stock", []string{managed, notManaged, seven, null}, stock(core.Quantity{}, "", false)},
		{"not counted, sold out", []string{managed, notManaged, seven, null, status, `"stock_status": "outofstock"`}, stock(core.Quantity{Tracked: true}, "", false)},
		{"not counted, on backorder", []string{managed, notManaged, seven, null, status, `"stock_status": "onbackorder"`},
			stock(core.Quantity{Tracked: true}, core.SellingBackorder, false)},
		{"backorders that nobody counts", []string{managed, notManaged, seven, null, backorders, `"backorders": "yes"`}, stock(core.Quantity{}, "", false)},
		{"backorders with a notice", []string{backorders, `"backorders": "notify"`}, stock(core.Quantity{Units: 7, Tracked: true}, core.SellingBackorder, false)},
		{"on backorder with a notice", []string{backorders, `"backorders": "notify"`, seven, `"stock_quantity": -3`, status, `"stock_status": "onbackorder"`},
			stock(core.Quantity{Units: -3, Tracked: true}, core.SellingBackorder, false)},
		{"backorders without a word", []string{backorders, `"backorders": "yes"`, seven, `"stock_quantity": -3`, status, `"stock_status": "onbackorder"`},
			stock(core.Quantity{Units: -3, Tracked: true}, "", true)},
		{"not purchasable", []string{`"purchasable": true`, `"purchasable": false`, `"price": "12.5"`, `"price": ""`}, func(_ *core.Product, v *core.VariantFact) {
			v.Variant.Selling, v.Variant.Price = core.SellingStopped, core.Money{}
		}},
		{"price of many decimals", []string{`"price": "12.5"`, `"price": "12.4950"`}, func(*core.Product, *core.VariantFact) {}},
		{"draft", []string{`"status": "publish"`, `"status": "draft"`}, func(p *core.Product, _ *core.VariantFact) { p.Published = false }},
		{"in the trash", []string{`"status": "publish"`, `"status": "trash"`}, func(p *core.Product, _ *core.VariantFact) { p.Published = false }},
		{"of a plugin's type", []string{`"type": "simple"`, `"type": "subscription"`}, func(*core.Product, *core.VariantFact) {}},
		{"without a time", []string{`"date_modified_gmt": "2026-03-01T08:30:00"`, `"date_modified_gmt": null`}, func(p *core.Product, v *core.VariantFact) {
			p.UpdatedAt, v.Variant.UpdatedAt = receivedAt, receivedAt
		}},
	} {
		cases = append(cases, sourcetest.Case{
			Name: c.name, Delivery: delivery("product.updated", edit(body, c.pairs...)), Want: candle(c.want),
		})
	}
	return cases
}

func TestConformance(t *testing.T) {
	simple, variable, variation, order := fixture(t, "simple.json"), fixture(t, "variable.json"), fixture(t, "variation.json"), fixture(t, "order.json")
	edit := func(body string, pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(body, pairs[i]) {
				t.Fatalf("the fixture has no %s", pairs[i])
			}
			body = strings.Replace(body, pairs[i], pairs[i+1], 1)
		}
		return body
	}
	bad := func(field, topic, body string, pairs ...string) sourcetest.Case {
		return sourcetest.Case{Name: "bad " + field, Delivery: delivery(topic, edit(body, pairs...)), BadField: field}
	}
	parentCounts := socks()
	parentCounts.Levels = []core.Level{{Item: "9007199254740995", Available: *counted(4), UpdatedAt: modifiedAt}}
	same := func(*core.VariantFact) {}
	cases := append(simpleCases(edit, simple), []sourcetest.Case{
		{Name: "new product", Delivery: delivery("product.created", simple), Want: candle(func(*core.Product, *core.VariantFact) {})},
		{Name: "out of the trash", Delivery: delivery("product.restored", simple), Want: candle(func(p *core.Product, v *core.VariantFact) {
			p.UpdatedAt, v.Variant.UpdatedAt = receivedAt, receivedAt
		})},
		{Name: "variable", Delivery: delivery("product.updated", variable), Want: socks()},
		{Name: "variable of a plugin's type", Delivery: delivery("product.updated", edit(variable, `"variable"`, `"variable-subscription"`)), Want: socks()},
		{
			Name:     "variable that counts for its variations",
			Delivery: delivery("product.updated", edit(variable, `"manage_stock": false`, `"manage_stock": true`, `"stock_quantity": null`, `"stock_quantity": 4`)),
			Want:     parentCounts,
		},
		{Name: "variation", Delivery: delivery("product.updated", variation), Want: redSock(same)},
		{Name: "variation of a REST API's part", Delivery: delivery("product.updated", edit(variation, `"type": "variation",`, ``)), Want: redSock(same)},
		{
			Name:     "variation that its parent counts for",
			Delivery: delivery("product.updated", edit(variation, `"manage_stock": true`, `"manage_stock": "parent"`, `"stock_quantity": 0`, `"stock_quantity": 4`, `"outofstock"`, `"instock"`)),
			Want: redSock(func(v *core.VariantFact) {
				v.Variant.Item, v.Quantity = "9007199254740995", counted(4)
			}),
		},
		{
			Name:     "variation that is not enabled",
			Delivery: delivery("product.updated", edit(variation, `"status": "publish"`, `"status": "private"`)),
			Want:     redSock(func(v *core.VariantFact) { v.Variant.Selling = core.SellingStopped }),
		},
		{
			Name:     "variation for any size, without a picture",
			Delivery: delivery("product.updated", edit(variation, `"option": "S"`, `"option": ""`, `"image": {"id": 425, "src": "https://shop.example.com/rot.jpg"}`, `"image": null`)),
			Want: redSock(func(v *core.VariantFact) {
				v.Variant.Title, v.Variant.Options, v.Variant.Image = "Rot", []string{"Rot"}, ""
			}),
		},
		{
			Name:     "deleted",
			Delivery: delivery("product.deleted", `{"id":9007199254740993}`),
			Want:     core.Facts{Removed: []core.Removal{{Product: "9007199254740993", Variant: "9007199254740993", At: receivedAt}}},
		},
		{Name: "order", Delivery: delivery("order.created", order), Want: orders(core.OrderPaid)},
		{Name: "completed order", Delivery: delivery("order.updated", edit(order, `"processing"`, `"completed"`)), Want: orders(core.OrderPaid)},
		{Name: "order on hold", Delivery: delivery("order.updated", edit(order, `"processing"`, `"on-hold"`, `"date_paid_gmt": "2026-03-01T08:30:00"`, `"date_paid_gmt": null`)), Want: orders(core.OrderPlaced)},
		{Name: "paid order of a plugin's status", Delivery: delivery("order.updated", edit(order, `"processing"`, `"shipped"`)), Want: orders(core.OrderPaid)},
		{Name: "order that waits for its payment", Delivery: delivery("order.created", edit(order, `"processing"`, `"pending"`)), Want: orders(core.OrderBegun)},
		{Name: "cancelled order", Delivery: delivery("order.updated", edit(order, `"processing"`, `"cancelled"`)), Want: orders(core.OrderCancelled)},
		{Name: "refunded order", Delivery: delivery("order.updated", edit(order, `"processing"`, `"refunded"`)), Want: orders(core.OrderCancelled)},
		{Name: "failed order", Delivery: delivery("order.updated", edit(order, `"processing"`, `"failed"`)), Want: orders(core.OrderCancelled)},
		{Name: "order out of the trash", Delivery: delivery("order.restored", order), Want: orders(core.OrderPaid)},

		{Name: "external", Delivery: delivery("product.updated", edit(simple, `"type": "simple"`, `"type": "external"`)), Unhandled: true},
		{Name: "grouped", Delivery: delivery("product.updated", edit(simple, `"type": "simple"`, `"type": "grouped"`)), Unhandled: true},
		{Name: "deleted order", Delivery: delivery("order.deleted", `{"id":1}`), Unhandled: true},
		{Name: "coupon", Delivery: delivery("coupon.updated", `{"id":1}`), Unhandled: true},
		{Name: "action", Delivery: delivery("action.woocommerce_product_set_stock_status", `{"action":"x","arg":1}`), Unhandled: true},
		{Name: "ping", Delivery: core.Delivery{Body: []byte("webhook_id=5")}, Unhandled: true},

		bad("id", "product.updated", simple, `"id": 9007199254740993`, `"id": null`),
		bad("id", "product.deleted", simple, `"id": 9007199254740993`, `"post": 1`),
		bad("id", "product.updated", `{"code":"woocommerce_rest_cannot_view","name":"","permalink":"https://x.example","status":"publish","data":{"status":401}}`),
		bad("name", "product.updated", simple, `"name"`, `"title"`),
		bad("permalink", "product.updated", simple, `"permalink"`, `"link"`),
		bad("permalink", "product.updated", simple, `"https:\/\/shop.example.com\/product\/kerze\/"`, `"javascript:alert(1)"`),
		bad("status", "product.updated", simple, `"status": "publish"`, `"status": null`),
		bad("stock_status", "product.updated", simple, `"instock"`, `"sold"`),
		bad("stock_status", "product.updated", simple, `"stock_status"`, `"in_stock"`),
		bad("stock_quantity", "product.updated", simple, `"stock_quantity": 7`, `"stock_quantity": "many"`),
		bad("manage_stock", "product.updated", simple, `"manage_stock": true`, `"manage_stock": "yes"`),
		bad("backorders", "product.updated", simple, `"backorders": "no"`, `"backorders": "never"`),
		bad("purchasable", "product.updated", simple, `"purchasable": true`, `"purchasable": 1`),
		bad("price", "product.updated", simple, `"price": "12.5"`, `"price": "12,5"`),
		bad("date_modified_gmt", "product.updated", simple, `"2026-03-01T08:30:00"`, `"1.3.2026"`),
		bad("variations", "product.updated", variable, `"variations"`, `"children"`),
		bad("variations[1]", "product.updated", variable, `9007199254740999`, `{"id":9}`),
		bad("parent_id", "product.updated", variation, `"parent_id": 9007199254740995`, `"parent_id": null`),
		bad("attributes[0].variation", "product.updated", variable, `"variation": true`, `"variation": "yes"`),
		bad("status", "order.created", order, `"status": "processing"`, `"state": "processing"`),
		bad("currency", "order.created", order, `"SEK"`, `"kr."`),
		bad("line_items", "order.created", order, `"line_items"`, `"lines"`),
		bad("line_items[0].quantity", "order.created", order, `"quantity": 2`, `"quantity": null`),
		bad("total", "order.created", order, `"36.50"`, `"36,50"`),
	}...)
	for i := range cases {
		cases[i].Source = shop
	}
	sourcetest.Run(t, woocommerce.Adapter{}, cases)
}

// TestDedupe: the ids of two deliveries within a second are equal, and what the state machine adds tells them apart.
func TestDedupe(t *testing.T) {
	key := woocommerce.Adapter{}.Dedupe
	a, b := delivery("product.updated", `{"id":1}`), delivery("product.updated", `{"id":2}`)
	if key(a) != key(b) || core.NewDeliveryID("s", key(a), a.Body) == core.NewDeliveryID("s", key(b), b.Body) {
		t.Errorf("Dedupe = %q and %q, and the bodies do not tell them apart", key(a), key(b))
	}
	other := delivery("product.updated", `{"id":1}`)
	other.Headers[1].Value = "another"
	if key(a) == key(other) || key(a) == key(delivery("product.created", `{"id":1}`)) {
		t.Errorf("Dedupe = %q whatever topic and delivery id are", key(a))
	}
}

func FuzzFacts(f *testing.F) {
	for _, name := range []string{"simple.json", "variable.json", "variation.json", "order.json"} {
		for _, topic := range []string{"product.updated", "product.restored", "product.deleted", "order.updated", "coupon.created"} {
			f.Add(topic, []byte(fixture(f, name)))
		}
	}
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		facts, err := woocommerce.Adapter{}.Facts(shop, delivery(topic, string(body)))
		if err != nil && len(facts.Products)+len(facts.Variants)+len(facts.Levels)+len(facts.Removed)+len(facts.Orders) > 0 {
			t.Errorf("facts together with %v", err)
		}
		for _, p := range sourcetest.Unsound(shop, facts) {
			t.Error(p)
		}
	})
}
