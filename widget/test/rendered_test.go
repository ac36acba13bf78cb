package test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// described is what a page says of a product: the JSON that the loader reads.
type described struct {
	Product  string `json:"product"`
	Title    string `json:"title"`
	Image    string `json:"image"`
	Market   string `json:"market"`
	Variants map[string]struct {
		Available bool   `json:"available"`
		Title     string `json:"title"`
	} `json:"variants"`
}

// describedIn reads the one description in what an integration rendered.
func describedIn(t *testing.T, html string) (d described) {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script [^>]*type="application/json" data-restock-product>(.*?)</script>`).FindAllStringSubmatch(html, -1)
	if len(found) != 1 {
		t.Fatalf("%d descriptions in %s", len(found), html)
	}
	if err := json.Unmarshal([]byte(found[0][1]), &d); err != nil {
		t.Fatalf("%v in %s", err, found[0][1])
	}
	return d
}

// hostileTitle ends scripts and attributes where it is not escaped.
const hostileTitle = `5" <b>Tee</b> & "Co" </script><script>alert(1)</script> 'x' \ é`

func pageOf(p product) view {
	return view{product: p, Variant: &p.Variants[0], Choice: p.Variants[0].Choice, Edge: "http://127.0.0.1:9", Nonce: "n", Lang: "en"}
}

// TestShopifyRenders renders both blocks for a product with choices, one without, and one with 300 variants.
func TestShopifyRenders(t *testing.T) {
	many := tee()
	for i := range 300 {
		many.Variants = append(many.Variants, variant{ID: fmt.Sprint(5000 + i), Choice: []string{"Black", fmt.Sprint(i)}})
	}
	hostile := tee()
	hostile.Title = hostileTitle
	for name, block := range map[string]func(view) (string, error){"embed": shopifyEmbed, "button": shopifyButton} {
		for _, c := range []struct {
			product  product
			variants int
		}{{tee(), 5}, {waxedCap(), 1}, {many, 250}, {hostile, 5}} {
			html, err := block(pageOf(c.product))
			if err != nil {
				t.Fatal(err)
			}
			d := describedIn(t, html)
			if d.Product != c.product.ID || d.Title != c.product.Title || d.Market != "eu" || len(d.Variants) != c.variants {
				t.Errorf("%s: %+v", name, d)
			}
			if v := d.Variants[c.product.Variants[0].ID]; v.Available != c.product.Variants[0].Available || v.Title != c.product.Variants[0].Title() {
				t.Errorf("%s: the first variant is %+v", name, v)
			}
			if !strings.Contains(html, `src="http://127.0.0.1:9/widget/my-shop.js"`) || strings.Contains(html, "<restock-notify") != (name == "button") {
				t.Errorf("%s: %s", name, html)
			}
		}
	}
}

// TestWooCommerceRenders fires the hooks that WooCommerce fires.
func TestWooCommerceRenders(t *testing.T) {
	simple := func(available bool) map[string]any {
		return map[string]any{"id": "7", "title": hostileTitle, "variants": []any{map[string]any{"id": "7", "available": available, "title": ""}}}
	}
	variable := func(n int) map[string]any {
		var all []any
		for i := range n {
			all = append(all, map[string]any{"id": fmt.Sprint(100 + i), "available": i == 0, "title": fmt.Sprint("Black, ", i)})
		}
		return map[string]any{"id": "8", "title": "Tee", "variants": all}
	}
	const form, summary, block, shortcode = "action woocommerce_after_add_to_cart_form", "action woocommerce_single_product_summary", "filter render_block_woocommerce/add-to-cart-with-options", "filter shortcode_restock"
	for _, c := range []struct {
		name     string
		product  map[string]any
		hook     string
		core     string
		variants int // -1: nothing is rendered
		slot     bool
	}{
		{"simple, in stock", simple(true), form, "no", 1, false},
		{"simple, in stock, summary", simple(true), summary, "no", -1, false},
		{"simple, sold out, summary", simple(false), summary, "no", 1, true},
		{"simple, sold out, block", simple(false), block, "no", 1, true},
		{"variable, form", variable(3), form, "no", 3, false},
		{"variable, summary", variable(3), summary, "no", -1, false},
		{"variable, block", variable(3), block, "no", 3, false},
		{"above thirty", variable(31), form, "no", 0, false},
		{"shortcode", variable(3), shortcode, "no", 3, true},
		{"WooCommerce asks itself", simple(false), summary, "yes", -1, false},
		{"WooCommerce asks itself, shortcode", simple(false), shortcode, "yes", -1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.product["hook"], c.product["core"], c.product["edge"], c.product["source"] = c.hook, c.core, "http://127.0.0.1:9/", source
			html, err := runPHP("wordpress.php", view{}, c.product)
			if err != nil {
				t.Fatal(err)
			}
			if c.variants < 0 {
				if strings.TrimSpace(html) != "" {
					t.Errorf("want nothing, have %s", html)
				}
				return
			}
			if d := describedIn(t, html); d.Product != c.product["id"] || len(d.Variants) != c.variants || strings.Contains(html, "alert(1)<") {
				t.Errorf("%+v in %s", d, html)
			}
			if strings.Contains(html, "<restock-notify") != c.slot {
				t.Errorf("a place: %t, want %t: %s", !c.slot, c.slot, html)
			}
		})
	}
}

// TestWithoutWooCommerce: where the shop was switched off beneath the plugin, pages stand and its places are empty.
func TestWithoutWooCommerce(t *testing.T) {
	for _, hook := range []string{"filter shortcode_restock", "filter block_restock/notify"} {
		html, err := runPHP("wordpress.php", view{}, map[string]any{"id": "7", "edge": "http://127.0.0.1:9", "source": source, "alone": true, "hook": hook, "variants": []any{}})
		if err != nil || strings.TrimSpace(html) != "" {
			t.Errorf("%s: want nothing, have %s, %v", hook, html, err)
		}
	}
}

// TestMagentoRenders renders the module's template, in a shop that displays nothing sold out, as Magento does by default; until the owner has filled in both settings it renders nothing.
func TestMagentoRenders(t *testing.T) {
	hostile := tee()
	hostile.Title = hostileTitle
	for _, p := range []product{tee(), waxedCap(), hostile} {
		html, err := magentoModule(pageOf(p))
		if err != nil {
			t.Fatal(err)
		}
		d := describedIn(t, html)
		first := d.Variants[p.Variants[0].ID]
		if len(p.Options) == 0 {
			first = d.Variants[p.ID]
		}
		if d.Product != p.ID || d.Title != p.Title || len(d.Variants) != len(p.Variants) || first.Available != p.Variants[0].Available || first.Title != p.Variants[0].Title() {
			t.Errorf("%+v", d)
		}
		if !strings.Contains(html, `src="http://127.0.0.1:9/widget/my-shop.js"`) {
			t.Errorf("no script in %s", html)
		}
	}
	html, err := runPHP("magento.php", view{}, map[string]any{"id": "7", "title": "Tee", "edge": "http://127.0.0.1:9", "source": "", "attributes": []string{}, "variants": []any{map[string]any{"id": "7", "available": false}}})
	if err != nil || strings.TrimSpace(html) != "" {
		t.Errorf("without a data source: %s, %v", html, err)
	}
}
