package shopify_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"restock/core"
	"restock/core/source/shopify"
)

// read returns what a minimal product says in which the given fields stand in place of its own: of two fields with one
// name the last is read.
func read(t *testing.T, fields, variants string) core.ProductFact {
	t.Helper()
	body := `{"id":1,"title":"Hat","handle":"hat","status":"active","published_at":"2026-01-01T00:00:00Z",
		"updated_at":"2026-01-02T00:00:00Z","variants":[` + variants + `]`
	if fields != "" {
		body += "," + fields
	}
	facts, err := shopify.Adapter{}.Facts(shop, delivery("products/update", body+"}"))
	if err != nil || len(facts.Products) != 1 {
		t.Fatalf("Facts of %.300s = %+v, %v", body, facts, err)
	}
	return facts.Products[0]
}

func TestProductFields(t *testing.T) {
	long := strings.Repeat("ä", 400)
	for _, c := range []struct {
		name, fields string
		of           func(core.Product) any
		want         any
	}{
		{"active and published", ``, func(p core.Product) any { return p.Published }, true},
		{"active, not published", `"published_at":null`, func(p core.Product) any { return p.Published }, false},
		{"draft", `"status":"draft"`, func(p core.Product) any { return p.Published }, false},
		{"archived", `"status":"archived"`, func(p core.Product) any { return p.Published }, false},
		{"unlisted: by its link alone", `"status":"unlisted"`, func(p core.Product) any { return p.Published }, true},
		{"unlisted, and not in the online store", `"status":"unlisted","published_at":null`, func(p core.Product) any { return p.Published }, false},
		{"featured image", `"image":{"src":"https://x.example/a.jpg"},"images":[{"id":1,"src":"https://x.example/b.jpg"}]`,
			func(p core.Product) any { return p.Image }, "https://x.example/a.jpg"},
		{"first image", `"image":null,"images":[{"id":1,"src":"https://x.example/b.jpg"},{"id":2,"src":"https://x.example/c.jpg"}]`,
			func(p core.Product) any { return p.Image }, "https://x.example/b.jpg"},
		{"featured image without address", `"image":{"src":null},"images":[{"id":1,"src":"https://x.example/b.jpg"}]`,
			func(p core.Product) any { return p.Image }, "https://x.example/b.jpg"},
		{"no image", `"image":null,"images":[]`, func(p core.Product) any { return p.Image }, ""},
		{"image without scheme", `"image":{"src":"//x.example/a.jpg"}`, func(p core.Product) any { return p.Image }, "https://x.example/a.jpg"},
		{"image that is a script", `"image":{"src":"javascript:alert(1)"}`, func(p core.Product) any { return p.Image }, ""},
		{"image with an endless address", `"image":{"src":"https://x.example/` + strings.Repeat("a", 2048) + `"}`,
			func(p core.Product) any { return p.Image }, ""},
		{"title is cut between letters", `"title":"x` + long + `"`, func(p core.Product) any { return p.Title }, "x" + strings.Repeat("ä", 255)},
		{"empty title", `"title":""`, func(p core.Product) any { return p.Title }, ""},
		{"handle that needs escapes", `"handle":"a b/c?d"`, func(p core.Product) any { return p.URL }, "https://shop.example.com/products/a%20b%2Fc%3Fd"},
		{"no time: the edge's", `"updated_at":null`, func(p core.Product) any { return p.UpdatedAt }, receivedAt},
		{"vendor that is null", `"vendor":null`, func(p core.Product) any { return p.Vendor }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.of(read(t, c.fields, "").Product); got != c.want {
				t.Errorf("read %v; want %v", got, c.want)
			}
		})
	}
}

func TestVariantFields(t *testing.T) {
	quantity := func(f core.VariantFact) any {
		if f.Quantity == nil {
			return nil
		}
		return *f.Quantity
	}
	for _, c := range []struct {
		name, fields string
		of           func(core.VariantFact) any
		want         any
	}{
		{"only variant", `"title":"Default Title"`, func(f core.VariantFact) any { return f.Variant.Title }, ""},
		{"no title", ``, func(f core.VariantFact) any { return f.Variant.Title }, ""},
		{"continue", `"inventory_policy":"continue"`, func(f core.VariantFact) any { return f.Variant.ContinueSelling }, true},
		{"deny", `"inventory_policy":"deny"`, func(f core.VariantFact) any { return f.Variant.ContinueSelling }, false},
		{"no policy", ``, func(f core.VariantFact) any { return f.Variant.ContinueSelling }, false},
		{"item", `"inventory_item_id":8`, func(f core.VariantFact) any { return f.Variant.Item }, core.ItemID("8")},
		{"item as GID", `"inventory_item_id":"gid://shopify/InventoryItem/8"`, func(f core.VariantFact) any { return f.Variant.Item }, core.ItemID("8")},
		{"item that is null", `"inventory_item_id":null`, func(f core.VariantFact) any { return f.Variant.Item }, core.ItemID("variant:7")},
		{"no item", ``, func(f core.VariantFact) any { return f.Variant.Item }, core.ItemID("variant:7")},
		{"quantity", `"inventory_quantity":3`, quantity, counted(3)},
		{"quantity of zero", `"inventory_quantity":0`, quantity, counted(0)},
		{"quantity, counted by Shopify", `"inventory_quantity":3,"inventory_management":"shopify"`, quantity, counted(3)},
		{"quantity nobody counts", `"inventory_quantity":3,"inventory_management":null`, quantity, core.Quantity{}},
		{"quantity that is null", `"inventory_quantity":null`, quantity, nil},
		{"no quantity", ``, quantity, nil},
		{"image by id", `"image_id":22`, func(f core.VariantFact) any { return f.Variant.Image }, "https://x.example/22.jpg"},
		{"image id as text", `"image_id":"gid://shopify/ProductImage/22"`, func(f core.VariantFact) any { return f.Variant.Image }, "https://x.example/22.jpg"},
		{"image that is not there", `"image_id":23`, func(f core.VariantFact) any { return f.Variant.Image }, ""},
		{"older than its product", `"updated_at":"2026-01-01T00:00:00Z"`, func(f core.VariantFact) any { return f.Variant.UpdatedAt.String() }, "2026-01-02T00:00:00.000Z"},
		{"newer than its product", `"updated_at":"2026-01-03T00:00:00Z"`, func(f core.VariantFact) any { return f.Variant.UpdatedAt.String() }, "2026-01-03T00:00:00.000Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			variant := `{"id":7,"price":"1.00"}`
			if c.fields != "" {
				variant = `{"id":7,"price":"1.00",` + c.fields + `}`
			}
			fact := read(t, `"images":[{"id":null,"src":null},{"id":22,"src":"https://x.example/22.jpg"}]`, variant)
			if got := c.of(fact.Variants[0]); got != c.want {
				t.Errorf("read %v; want %v", got, c.want)
			}
		})
	}
}

func TestProductBounds(t *testing.T) {
	var variants, images []string
	for i := range 2050 {
		variants = append(variants, fmt.Sprintf(`{"id":%d,"price":"1.00","image_id":%d,"sku":"%s"}`, i+1, i+1, strings.Repeat("é", 200)))
		images = append(images, fmt.Sprintf(`{"id":%d,"src":"https://x.example/%d.jpg"}`, i+1, i+1))
	}
	fact := read(t, `"images":[`+strings.Join(images, ",")+`]`, strings.Join(variants, ","))
	if n := len(fact.Variants); n != 2048 {
		t.Errorf("read %d variants; want 2048", n)
	}
	if a, b := fact.Variants[249].Variant.Image, fact.Variants[250].Variant.Image; a != "https://x.example/250.jpg" || b != "" {
		t.Errorf("images of the 250th and 251st variant = %q, %q; want only the first 250 images read", a, b)
	}
	if sku := fact.Variants[0].Variant.SKU; len(sku) > 255 || !utf8.ValidString(sku) {
		t.Errorf("SKU of %d bytes: %q", len(sku), sku)
	}
}

func TestNoVariants(t *testing.T) {
	if fact := read(t, ``, ``); len(fact.Variants) != 0 || fact.Product.ID != "1" {
		t.Errorf("Facts = %+v; want the product alone", fact)
	}
}

func TestPriceInCurrencyOfTheSource(t *testing.T) {
	yen := shop
	yen.Currency = "JPY"
	body := `{"id":1,"title":"Hat","handle":"hat","status":"active","published_at":null,"variants":[{"id":7,"price":"1200.00"}]}`
	facts, err := shopify.Adapter{}.Facts(yen, delivery("products/update", body))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := facts.Products[0].Variants[0].Variant.Price, (core.Money{Minor: 1200, Currency: "JPY"}); got != want {
		t.Errorf("price = %v; want %v", got, want)
	}
}
