package shopify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"restock/core"
	"restock/core/source/shopify"
	"restock/core/source/sourcetest"
)

var shop = core.Source{
	Name: "nordlicht", Platform: core.Shopify, URL: "https://shop.example.com", Currency: "EUR",
}

// Instants of the fixtures.
const (
	receivedAt  core.Time = 1_772_400_000_000 // the edge's clock
	levelAt     core.Time = 1_772_353_800_000 // 2026-03-01T09:30:00+01:00
	productAt   core.Time = 1_772_377_200_250 // 2026-03-01T10:00:00.250-05:00
	variantAt   core.Time = 1_772_377_201_000 // 2026-03-01T10:00:01-05:00
	triggeredAt core.Time = 1_772_380_800_123 // 2026-03-01T16:00:00.123456789Z
)

func fixture(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// delivery is one with the headers that the edge keeps; more are pairs of name and value.
func delivery(topic, body string, more ...string) core.Delivery {
	d := core.Delivery{
		Source: shop.Name, Body: []byte(body), ReceivedAt: receivedAt,
		Headers: []core.Header{
			{Name: "x-shopify-topic", Value: topic},
			{Name: "x-shopify-webhook-id", Value: "5a2f0c6e-1111-4222-8333-944455556666"},
			{Name: "x-shopify-shop-domain", Value: "nordlicht.myshopify.com"},
		},
	}
	for i := 0; i+1 < len(more); i += 2 {
		d.Headers = append(d.Headers, core.Header{Name: more[i], Value: more[i+1]})
	}
	return d
}

func levels(item, location string, available core.Quantity, at core.Time) core.Facts {
	return core.Facts{Levels: []core.Level{
		{Item: core.ItemID(item), Location: core.LocationID(location), Available: available, UpdatedAt: at},
	}}
}

func counted(n int64) core.Quantity { return core.Quantity{Units: n, Tracked: true} }

func items(sku string, tracked bool) core.Facts {
	return core.Facts{Items: []core.ItemFact{{Item: "9007199254740993", SKU: &sku, Tracked: tracked, UpdatedAt: levelAt}}}
}

func totals(units int64, at core.Time) core.Facts {
	return core.Facts{Totals: []core.Total{{Variant: "9007199254741001", Available: counted(units), UpdatedAt: at}}}
}

// orders is what order.json says.
func orders(state core.OrderState) core.Facts {
	sek := func(minor int64) core.Money { return core.Money{Minor: minor, Currency: "SEK"} }
	return core.Facts{Orders: []core.Order{{
		Source: "nordlicht", ID: "9007199254741021", Number: "#1001", Email: "Ann.Buyer@example.com", Phone: "+46701740605",
		Lines: []core.OrderLine{
			{Variant: "9007199254741001", Product: "9007199254740997", Quantity: 2, Price: sek(2450)},
			{Variant: "9007199254741005", Quantity: 1, Price: sek(2450)},
		},
		Total: sek(14800), State: state, PlacedAt: levelAt, UpdatedAt: productAt,
	}}}
}

// fjord is what product.json says.
func fjord() core.Facts {
	const url = "https://shop.example.com/products/wollm%C3%BCtze-fjord"
	zero, oversold := counted(0), counted(-2)
	v := func(id, item, sku, title, image string, minor int64, at core.Time) core.Variant {
		return core.Variant{
			Source: "nordlicht", ID: core.VariantID(id), Product: "9007199254740997", Item: core.ItemID(item), SKU: sku, Title: title,
			URL: "?variant=" + id, Image: image, Price: core.Money{Minor: minor, Currency: "EUR"}, UpdatedAt: at,
		}
	}
	blueM := v("9007199254741005", "variant:9007199254741005", "", "Blue / M", "", 2450, variantAt)
	blueM.ContinueSelling = true
	blueS := v("9007199254741001", "9007199254741003", "FJ-BLUE-S", "Blue / S", "https://cdn.example.com/fjord-blue.jpg", 2450, productAt)
	blueS.Options = []string{"Blue", "S"}
	return core.Facts{Products: []core.ProductFact{{
		Product: core.Product{
			Source: "nordlicht", ID: "9007199254740997", Title: "Wollmütze “Fjord”", URL: url,
			Image: "https://cdn.example.com/fjord.jpg", Vendor: "Nordlicht", Published: true, UpdatedAt: productAt,
			Options: []string{"Colour", "Size"}, Images: []string{"https://cdn.example.com/fjord-blue.jpg"},
		},
		Whole: true,
		Variants: []core.VariantFact{
			{Variant: blueS, Quantity: &zero, Untold: true},
			{Variant: blueM, Quantity: &oversold, Untold: true},
			{Variant: v("9007199254741007", "9007199254741009", "", "Gift wrap", "", 300, productAt), Quantity: &core.Quantity{}},
			{Variant: v("9007199254741011", "9007199254741013", "FJ-X", "Sample", "", 0, productAt)},
		},
	}}}
}

func TestConformance(t *testing.T) {
	const item, place = "9007199254740993", "9007199254740995"
	level, product, order := fixture(t, "level.json"), fixture(t, "product.json"), fixture(t, "order.json")
	const stockItem = `{"id":` + item + `,"sku":"FJ-BLUE-S","tracked":true,"requires_shipping":true,"cost":null,"updated_at":"2026-03-01T09:30:00+01:00"}`
	const lone = `{"id":9007199254741001,"product_id":9007199254740997,"title":"Blue \/ S","price":"24.50","sku":"FJ-BLUE-S",
		"inventory_policy":"deny","inventory_quantity":75,"old_inventory_quantity":75,"updated_at":"2026-03-01T09:30:00+01:00"}`
	with := func(body, old, to string) string {
		if !strings.Contains(body, old) {
			t.Fatalf("the fixture has no %s", old)
		}
		return strings.Replace(body, old, to, 1)
	}
	cases := []sourcetest.Case{
		{Name: "level", Delivery: delivery("inventory_levels/update", level), Want: levels(item, place, counted(7), levelAt)},
		{Name: "connect", Delivery: delivery("inventory_levels/connect", level), Want: levels(item, place, counted(7), levelAt)},
		{
			Name:     "level of zero",
			Delivery: delivery("inventory_levels/update", with(level, `"available":7`, `"available":0`)),
			Want:     levels(item, place, counted(0), levelAt),
		},
		{
			Name:     "level below zero",
			Delivery: delivery("inventory_levels/update", with(level, `"available":7`, `"available":-3`)),
			Want:     levels(item, place, counted(-3), levelAt),
		},
		{
			Name:     "level of an item that is not tracked",
			Delivery: delivery("inventory_levels/update", with(level, `"available":7`, `"available":null`)),
			Want:     levels(item, place, core.Quantity{}, levelAt),
		},
		{
			Name: "level with GIDs",
			Delivery: delivery("inventory_levels/update", `{"inventory_item_id":"gid:\/\/shopify\/InventoryItem\/9007199254740993",
				"location_id":"gid://shopify/Location/9007199254740995?inventory_item_id=9007199254740993",
				"available":7,"updated_at":"2026-03-01T08:30:00Z"}`),
			Want: levels(item, place, counted(7), levelAt),
		},
		{
			Name: "level without a time",
			Delivery: delivery("inventory_levels/update", with(level, `"2026-03-01T09:30:00+01:00"`, `null`),
				"x-shopify-triggered-at", "2026-03-01T16:00:00.123456789Z"),
			Want: levels(item, place, counted(7), triggeredAt),
		},
		{
			Name: "level without a usable time anywhere",
			Delivery: delivery("inventory_levels/update", with(level, `"updated_at"`, `"updated"`),
				"x-shopify-triggered-at", "yesterday"),
			Want: levels(item, place, counted(7), receivedAt),
		},
		{Name: "product", Delivery: delivery("products/update", product), Want: fjord()},
		{Name: "new product", Delivery: delivery("products/create", product), Want: fjord()},

		{
			Name:     "disconnected level",
			Delivery: delivery("inventory_levels/disconnect", `{"inventory_item_id":`+item+`,"location_id":`+place+`}`),
			Want:     core.Facts{Levels: []core.Level{{Item: item, Location: place, UpdatedAt: receivedAt, Gone: true}}},
		},
		{
			Name:     "deleted product",
			Delivery: delivery("products/delete", `{"id":9007199254740997}`, "x-shopify-triggered-at", "2026-03-01T16:00:00.123456789Z"),
			Want:     core.Facts{Removed: []core.Removal{{Product: "9007199254740997", At: triggeredAt}}},
		},
		{Name: "item", Delivery: delivery("inventory_items/update", stockItem), Want: items("FJ-BLUE-S", true)},
		{Name: "new item", Delivery: delivery("inventory_items/create", stockItem), Want: items("FJ-BLUE-S", true)},
		{
			Name:     "item that nobody counts, without SKU",
			Delivery: delivery("inventory_items/update", with(with(stockItem, `"tracked":true`, `"tracked":false`), `"FJ-BLUE-S"`, `null`)),
			Want:     items("", false),
		},
		{
			Name:     "item of a subscription that leaves the SKU out",
			Delivery: delivery("inventory_items/update", with(stockItem, `"sku":"FJ-BLUE-S",`, ``)),
			Want:     core.Facts{Items: []core.ItemFact{{Item: item, Tracked: true, UpdatedAt: levelAt}}},
		},
		{Name: "variant in stock", Delivery: delivery("variants/in_stock", lone), Want: totals(75, levelAt)},
		{
			Name:     "variant out of stock, which touches no variant",
			Delivery: delivery("variants/out_of_stock", with(lone, `"inventory_quantity":75`, `"inventory_quantity":0`), "x-shopify-triggered-at", "2026-03-01T16:00:00.123456789Z"),
			Want:     totals(0, triggeredAt),
		},
		{Name: "order", Delivery: delivery("orders/create", order), Want: orders(core.OrderPlaced)},
		{Name: "paid order", Delivery: delivery("orders/paid", with(order, `"pending"`, `"paid"`)), Want: orders(core.OrderPaid)},
		{Name: "order on its way", Delivery: delivery("orders/fulfilled", order), Want: orders(core.OrderPlaced)},
		{Name: "part of an order on its way", Delivery: delivery("orders/partially_fulfilled", order), Want: orders(core.OrderPlaced)},
		{Name: "order that was paid back", Delivery: delivery("orders/updated", with(order, `"pending"`, `"refunded"`)), Want: orders(core.OrderCancelled)},
		{
			Name:     "cancelled order",
			Delivery: delivery("orders/cancelled", with(with(order, `"pending"`, `"paid"`), `"cancelled_at": null`, `"cancelled_at": "2026-03-01T10:05:00+01:00"`)),
			Want:     orders(core.OrderCancelled),
		},

		{Name: "deleted item", Delivery: delivery("inventory_items/delete", `{"id":1}`), Unhandled: true},
		{Name: "deleted order", Delivery: delivery("orders/delete", `{"id":1}`), Unhandled: true},
		{Name: "edited order, whose lines orders/updated has", Delivery: delivery("orders/edited", `{"order_edit":{"id":1}}`), Unhandled: true},
		{Name: "topic in capitals", Delivery: delivery("PRODUCTS_UPDATE", product), Unhandled: true},
		{Name: "no headers", Delivery: core.Delivery{Body: []byte(level)}, Unhandled: true},

		bad("inventory_item_id", "inventory_levels/update", with(level, `"inventory_item_id":9007199254740993`, `"inventory_item_id":null`)),
		bad("inventory_item_id", "inventory_levels/update", with(level, `9007199254740993`, `9.007e15`)),
		bad("inventory_item_id", "inventory_levels/update", with(level, `9007199254740993`, `"gid://shopify/InventoryItem/"`)),
		bad("inventory_item_id", "inventory_levels/update", with(level, `9007199254740993`, `"?x=1"`)),
		bad("location_id", "inventory_levels/update", with(level, `"location_id"`, `"LOCATION_ID"`)),
		bad("available", "inventory_levels/update", with(level, `"available"`, `"avail"`)),
		bad("available", "inventory_levels/update", with(level, `"available":7`, `"available":7.5`)),
		bad("available", "inventory_levels/update", with(level, `"available":7`, `"available":"7"`)),
		bad("available", "inventory_levels/update", with(level, `"available":7`, `"available":99999999999999999999`)),
		bad("updated_at", "inventory_levels/update", with(level, `2026-03-01T09:30:00+01:00`, `2026-03-01 09:30`)),
		bad("inventory_item_id", "inventory_levels/disconnect", `{"location_id":1}`),
		bad("tracked", "inventory_items/update", with(stockItem, `"tracked"`, `"counted"`)),
		bad("tracked", "inventory_items/update", with(stockItem, `true`, `"true"`)),
		bad("sku", "inventory_items/update", with(stockItem, `"FJ-BLUE-S"`, `1`)),
		bad("inventory_quantity", "variants/in_stock", with(lone, `"inventory_quantity":75`, `"inventory_quantity":null`)),
		bad("id", "products/delete", `{"product":1}`),
		bad("id", "orders/create", with(order, `"id": 9007199254741021`, `"id": null`)),
		bad("currency", "orders/create", with(order, `"SEK"`, `"kr"`)),
		bad("total_price", "orders/create", with(order, `"total_price": "148.00"`, `"total_price": "-1"`)),
		bad("line_items", "orders/create", with(order, `"line_items"`, `"lines"`)),
		bad("line_items[0].quantity", "orders/create", with(order, `"quantity": 3`, `"quantity": "3"`)),
		bad("processed_at", "orders/create", with(order, `"2026-03-01T09:30:00+01:00"`, `"yesterday"`)),
		bad("id", "products/update", with(product, `"id": 9007199254740997`, `"id": null`)),
		bad("title", "products/update", with(product, `"title"`, `"name"`)),
		bad("handle", "products/update", with(product, `"handle": "wollmütze-fjord"`, `"handle": null`)),
		bad("handle", "products/update", with(product, `wollmütze-fjord`, strings.Repeat("x", 1025))),
		bad("status", "products/update", with(product, `"status"`, `"state"`)),
		bad("published_at", "products/update", with(product, `"published_at"`, `"published"`)),
		bad("variants", "products/update", with(product, `"variants"`, `"choices"`)),
		bad("variants", "products/update", with(product, `"variants": [`, `"variants": null, "x": [`)),
		bad("variants[0].price", "products/update", with(product, `"24.50"`, `"24,50"`)),
		bad("variants[2].price", "products/update", with(product, `"price": 3,`, `"price": -3,`)),
		bad("variants[1].inventory_quantity", "products/update", with(product, `"inventory_quantity": -2`, `"inventory_quantity": -2.5`)),
		bad("variants[1].id", "products/update", with(product, `"id": 9007199254741005`, `"id": "`+strings.Repeat("7", 121)+`"`)),
		bad("images[1].src", "products/update", with(product, `"//cdn.example.com/fjord-blue.jpg"`, `{}`)),
	}
	for i := range cases {
		cases[i].Source = shop
	}
	sourcetest.Run(t, shopify.Adapter{}, cases)
}

// bad is a case for a body of which that field must be refused.
func bad(field, topic, body string) sourcetest.Case {
	return sourcetest.Case{Name: "bad " + field, Delivery: delivery(topic, body), BadField: field}
}

func TestDedupe(t *testing.T) {
	base := delivery("products/update", "{}")
	same := delivery("products/update", "{}", "x-shopify-event-id", "e-1", "x-shopify-triggered-at", "2026-03-01T16:00:00Z")
	otherTopic := delivery("products/create", "{}")
	otherID := delivery("products/update", "{}")
	otherID.Headers[1].Value = "another"
	key := shopify.Adapter{}.Dedupe
	if key(base) != key(same) {
		t.Errorf("Dedupe = %q and %q for a repetition", key(base), key(same))
	}
	if key(base) == key(otherTopic) || key(base) == key(otherID) {
		t.Errorf("Dedupe = %q whatever topic and webhook id are", key(base))
	}
}

func FuzzFacts(f *testing.F) {
	for _, name := range []string{"level.json", "product.json", "order.json"} {
		for _, topic := range []string{
			"inventory_levels/update", "inventory_levels/disconnect", "inventory_items/update", "products/update", "products/delete",
			"variants/in_stock", "orders/create",
		} {
			f.Add(topic, []byte(fixture(f, name)), "2026-03-01T16:00:00Z")
		}
	}
	f.Add("orders/fulfilled", []byte("{}"), "")
	f.Fuzz(func(t *testing.T, topic string, body []byte, triggered string) {
		d := delivery(topic, string(body), "x-shopify-triggered-at", triggered)
		facts, err := shopify.Adapter{}.Facts(shop, d)
		if err != nil && len(facts.Levels)+len(facts.Products) > 0 {
			t.Errorf("facts together with %v", err)
		}
		for _, p := range sourcetest.Unsound(shop, facts) {
			t.Error(p)
		}
	})
}

func BenchmarkFacts(b *testing.B) {
	for topic, file := range map[string]string{"inventory_levels/update": "level.json", "products/update": "product.json", "orders/create": "order.json"} {
		d := delivery(topic, fixture(b, file))
		b.Run(topic, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (shopify.Adapter{}).Facts(shop, d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
