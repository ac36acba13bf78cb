package woocommerce_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/source/sourcetest"
	"restock/core/source/woocommerce"
)

// TestPages: an API's page says what webhooks with the same objects say; variations need not name type and parent there.
func TestPages(t *testing.T) {
	simple, variable := fixture(t, "simple.json"), fixture(t, "variable.json")
	variation := strings.NewReplacer(`"type": "variation",`, ``, `"parent_id": 9007199254740995,`, ``).Replace(fixture(t, "variation.json"))
	body := fmt.Sprintf(`{"products":[{"product":%s},{"product":%s,"variations":[%s]},{"product":{"id":5,"type":"grouped"}}]}`, simple, variable, variation)
	whole := candle(func(*core.Product, *core.VariantFact) {})
	whole.Products = append(whole.Products, socks().Products...)
	whole.Variants = redSock(func(*core.VariantFact) {}).Variants
	page := func(name, body string, want core.Facts, bad ...string) sourcetest.PageCase {
		return sourcetest.PageCase{Name: name, Source: shop, Page: core.Page{Body: []byte(body), As: receivedAt}, Want: want, Bad: bad}
	}
	sourcetest.RunPages(t, woocommerce.Adapter{}, []sourcetest.PageCase{
		page("products", body, whole),
		page("no products", `{"products":[]}`, core.Facts{}),
		page("a bad variation takes its product with it", strings.Replace(body, `"stock_quantity": 0`, `"stock_quantity": "none"`, 1),
			candle(func(*core.Product, *core.VariantFact) {}), "products[1].variations[0].stock_quantity"),
		page("no product", `{"products":[{}]}`, core.Facts{}, "name"),
		page("an error of the API", `{"code":"woocommerce_rest_cannot_view"}`, core.Facts{}, "products"),
	})
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(fmt.Sprintf(`{"products":[{"product":%s,"variations":[%s]}]}`, fixture(f, "variable.json"), fixture(f, "variation.json"))))
	f.Fuzz(func(t *testing.T, body []byte) {
		facts, _ := woocommerce.Adapter{}.Page(shop, core.Page{Body: body, As: receivedAt})
		for _, p := range sourcetest.Unsound(shop, facts) {
			t.Error(p)
		}
	})
}
