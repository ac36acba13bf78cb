package shopify_test

import (
	"strings"
	"testing"

	"restock/core"
	"restock/core/source/shopify"
	"restock/core/source/sourcetest"
)

// fjordPage is what page.json says: the product of product.json, as the API tells it.
func fjordPage() core.Facts {
	f := fjord()
	blue, wrap := f.Products[0].Variants[0], f.Products[0].Variants[2]
	four := counted(4)
	blue.Quantity, blue.Untold = &four, false
	wrap.Variant.ContinueSelling = true
	f.Products[0].Variants = []core.VariantFact{blue, wrap}
	f.Items = []core.ItemFact{
		{Item: "9007199254741003", Tracked: true, UpdatedAt: levelAt}, {Item: "9007199254741009", UpdatedAt: levelAt},
	}
	f.Levels = []core.Level{
		{Item: "9007199254741003", Location: "655441491", Available: four, UpdatedAt: levelAt},
		{Item: "9007199254741003", Location: "24826418", Available: counted(0), UpdatedAt: levelAt},
	}
	f.Stocked = []core.Stocked{{Item: "9007199254741003", Locations: []core.LocationID{"655441491", "24826418"}}}
	return f
}

func TestPages(t *testing.T) {
	body := fixture(t, "page.json")
	_, one, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(body), "]}"), "[")
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(body) }
	page := func(name, body string, want core.Facts, bad ...string) sourcetest.PageCase {
		return sourcetest.PageCase{Name: name, Source: shop, Page: core.Page{Body: []byte(body), As: receivedAt}, Want: want, Bad: bad}
	}
	hidden, unread, nowhere := fjordPage(), fjordPage(), fjordPage()
	hidden.Products[0].Product.Published = false
	unread.Levels, unread.Stocked = nil, nil
	nowhere.Levels, nowhere.Stocked[0].Locations = nil, nil
	before, levels, _ := strings.Cut(body, `"inventoryLevels": [`)
	_, after, _ := strings.Cut(levels, `]}
          ]`)
	sourcetest.RunPages(t, shopify.Adapter{}, []sourcetest.PageCase{
		page("a product", body, fjordPage()),
		page("no products", `{"products":[]}`, core.Facts{}),
		page("a draft", edit(`"ACTIVE"`, `"DRAFT"`), hidden),
		page("unlisted: by its link alone", edit(`"ACTIVE"`, `"UNLISTED"`), fjordPage()),
		page("not in the online store", edit(`"2026-01-01T00:00:00Z"`, `null`), hidden),
		page("levels that were not asked for", edit(`"inventoryLevels"`, `"levels"`), unread),
		page("stocked nowhere", before+`"inventoryLevels": []`+after, nowhere),
		page("one of two is wrong", strings.Replace(body, one, one+`,{"id":"gid://shopify/Product/1","title":"x"}`, 1), fjordPage(), "products[1].handle"),
		page("one of two is none", strings.Replace(body, one, "null,"+one, 1), fjordPage(), "products[0]"),
		page("no time of a level", edit(`655441491"}, "updatedAt": "2026-03-01T08:30:00Z"`, `655441491"}`),
			core.Facts{}, "products[0].variants[0].inventoryItem.inventoryLevels[0].updatedAt"),
		page("another quantity", edit(`"available", "quantity": 4`, `"on_hand", "quantity": 4`), core.Facts{},
			"products[0].variants[0].inventoryItem.inventoryLevels[0].quantities"),
		page("no page", `{"errors":[]}`, core.Facts{}, "products"),
	})
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(fixture(f, "page.json")))
	f.Fuzz(func(t *testing.T, body []byte) {
		facts, _ := shopify.Adapter{}.Page(shop, core.Page{Body: body, As: receivedAt})
		for _, p := range sourcetest.Unsound(shop, facts) {
			t.Error(p)
		}
	})
}
