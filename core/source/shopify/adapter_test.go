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
	return core.Facts{Products: []core.ProductFact{{
		Product: core.Product{
			Source: "nordlicht", ID: "9007199254740997", Title: "Wollmütze “Fjord”", URL: url,
			Image: "https://cdn.example.com/fjord.jpg", Vendor: "Nordlicht", Published: true, UpdatedAt: productAt,
		},
		Variants: []core.VariantFact{
			{Variant: v("9007199254741001", "9007199254741003", "FJ-BLUE-S", "Blue / S", "https://cdn.example.com/fjord-blue.jpg", 2450, productAt), Quantity: &zero},
			{Variant: blueM, Quantity: &oversold},
			{Variant: v("9007199254741007", "9007199254741009", "", "Gift wrap", "", 300, productAt), Quantity: &core.Quantity{}},
			{Variant: v("9007199254741011", "9007199254741013", "FJ-X", "Sample", "", 0, productAt)},
		},
	}}}
}

func TestConformance(t *testing.T) {
	const item, place = "9007199254740993", "9007199254740995"
	level, product := fixture(t, "level.json"), fixture(t, "product.json")
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

		{Name: "order", Delivery: delivery("orders/create", `{"id":1}`), Unhandled: true},
		{Name: "deleted product", Delivery: delivery("products/delete", `{"id":1}`), Unhandled: true},
		{Name: "disconnected level", Delivery: delivery("inventory_levels/disconnect", level), Unhandled: true},
		{Name: "variant in stock", Delivery: delivery("variants/in_stock", `{"id":1}`), Unhandled: true},
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
	for _, name := range []string{"level.json", "product.json"} {
		f.Add("inventory_levels/update", []byte(fixture(f, name)), "2026-03-01T16:00:00Z")
		f.Add("products/update", []byte(fixture(f, name)), "")
	}
	f.Add("orders/create", []byte("{}"), "")
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
	for topic, file := range map[string]string{"inventory_levels/update": "level.json", "products/update": "product.json"} {
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
