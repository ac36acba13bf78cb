package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/sign"
)

const sellingShop = `
kind: Source
name: my-shop
spec:
  title: My shop
  platform: shopify
  url: https://shop.example
  secrets: [env:SHOP_SECRET]
  currency: EUR
  region: DE
  attribution: 2d
  alert: {at: [2], email: buyer@shop.example}
---
kind: Playbook
name: my-shop-back
state: on
---
kind: Source
name: candles
spec:
  platform: woocommerce
  url: https://candles.example
  secrets: [env:SHOP_SECRET]
  currency: EUR
---
kind: Playbook
name: candles-back
state: on
`

// woo posts a signed WooCommerce webhook.
func (p place) woo(source, topic, body string) int {
	scheme, _ := sign.For(core.WooCommerce)
	headers := map[string]string{"Content-Type": "application/json", "X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": "d1"}
	for _, h := range scheme.Sign([]byte(p.secret), []byte(body)) {
		headers[h.Name] = h.Value
	}
	code, _, _ := call("POST", "http://"+p.edge+"/v1/sources/"+source+"/webhooks", headers, body)
	return code
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func candle(stock string, at time.Time) string {
	return fmt.Sprintf(`{"id":90,"name":"Candle","type":"simple","status":"publish","permalink":"https://candles.example/candle","price":"9.50","backorders":"no",
		"manage_stock":false,"stock_quantity":null,"stock_status":%q,"date_modified_gmt":%q}`, stock, strings.TrimSuffix(stamp(at), "Z"))
}

// restockOf is the newest restock of a source.
func (p place) restockOf(source core.SourceName) (r console.RestockReport) {
	p.t.Helper()
	var reports []console.WorkspaceReport
	p.api("GET", "/api/v1/status", &reports)
	for _, w := range reports {
		for _, k := range w.Restocks {
			if k.Source == source {
				return k
			}
		}
	}
	return r
}

// TestFromTheWaitlistToTheOrder tells the whole program: many wait, the merchant hears of it and asks what is wanted most, they
// are told, and what they buy stands beside the restock.
func TestFromTheWaitlistToTheOrder(t *testing.T) {
	p := place{t: t, edge: freePort(t), core: freePort(t), metrics: freePort(t), secret: "shop-secret-1"}
	env := []string{"SHOP_SECRET=" + p.secret}
	serve := start(t, env, "serve", "--data", t.TempDir(), "--edge-listen", p.edge, "--core-listen", p.core, "--metrics-listen", p.metrics)
	p.token = tokenOf(t, serve)
	env = []string{"RESTOCK_TOKEN=" + p.token}
	p.ready()
	p.applyFiles(sellingShop, "")
	out, _ := run(t, env, "playbook", "status", "--core", "http://"+p.core)
	if said := strings.Join(strings.Fields(out), " "); !strings.Contains(said, "my-shop-alert on waitlist_reached") || !strings.Contains(said, "candles-alert off waitlist_reached") {
		t.Errorf("the playbooks are\n%s", out)
	}
	now := time.Now()
	eventually(t, "the edge has heard of the candles", func() bool {
		return p.woo("candles", "product.created", candle("outofstock", now.Add(-time.Hour))) == http.StatusOK
	})

	p.capture(`{"source":"my-shop","variant":"71","email":"ann@example.com","quantity":3}`)
	p.capture(`{"source":"my-shop","variant":"71","email":"bob@example.com"}`)
	p.capture(`{"source":"candles","variant":"90","email":"ann@example.com"}`)
	got := p.awaitMails("buyer@shop.example", 1)
	if got[0] != "2 are waiting for Tee, M" {
		t.Errorf("the merchant got %q", got)
	}
	if m := p.inbox()[0]; len(m.Headers) != 0 || strings.Contains(m.HTML, "Unsubscribe") || !strings.Contains(m.HTML, "https://shop.example/products/tee") {
		t.Errorf("the merchant's message is %+v", m)
	}
	eventually(t, "all wait", func() bool {
		out, _ = run(t, env, "demand", "--core", "http://"+p.core)
		return strings.HasPrefix(out, "3 places in 2 lines; those below want goods for 89.10 EUR\n1.  my-shop 71")
	})
	if !strings.Contains(out, "2 waiting  4 wanted  79.60 EUR  sold_out") || !strings.Contains(out, "2.  candles 90") {
		t.Errorf("demand is\n%s", out)
	}
	if out, code := run(t, env, "demand", "--core", "http://"+p.core, "--source", "nothing"); code != 2 || !strings.Contains(out, "no source nothing") {
		t.Errorf("a source that is not there: %d\n%s", code, out)
	}

	p.level("my-shop", 710, 9, "l1")
	p.woo("candles", "product.updated", candle("instock", now))
	p.awaitMails("ann@example.com", 2)
	p.awaitMails("bob@example.com", 1)
	placed := time.Now()
	order := func(updated time.Time, more string) string {
		return fmt.Sprintf(`{"id":820982911946154508,"name":"#1001","currency":"EUR","total_price":"39.80","email":"ann@example.com","processed_at":%q,"updated_at":%q,
			"line_items":[{"variant_id":71,"product_id":7,"quantity":2,"current_quantity":2,"price":"19.90"}]%s}`, stamp(placed), stamp(updated), more)
	}
	p.webhook("my-shop", "orders/create", "o1", order(placed, ""))
	p.webhook("my-shop", "orders/paid", "o2", order(placed, `,"financial_status":"paid"`))
	wooOrder := `{"id":727,"number":"727","status":%q,"currency":"EUR","total":"9.50","date_created_gmt":%q,"date_modified_gmt":%q,"billing":{"email":"ann@example.com"},
		"line_items":[{"id":1,"name":"Candle","product_id":90,"variation_id":0,"quantity":1,"total":"9.50","price":9.5}]}`
	at := strings.TrimSuffix(stamp(placed), "Z")
	p.woo("candles", "order.created", fmt.Sprintf(wooOrder, "processing", at, at))
	eventually(t, "the orders stand beside their restocks", func() bool {
		tee, candle := p.restockOf("my-shop"), p.restockOf("candles")
		return tee.Orders == 1 && tee.Sold == 2 && console.Amounts(tee.Revenue) == "39.80 EUR" && tee.Told == 2 && tee.Conversion == .5 &&
			candle.Orders == 1 && console.Amounts(candle.Revenue) == "9.50 EUR"
	})
	if out, _ := run(t, env, "status", "--core", "http://"+p.core); !strings.Contains(out, "2 told, 1 orders (50.0%), 2 units, 39.80 EUR") {
		t.Errorf("the status is\n%s", out)
	}
	out, _ = run(t, env, "why", "--core", "http://"+p.core, "--contact", "ann@example.com")
	if !strings.Contains(out, "attributed") || !strings.Contains(out, "order #1001: 2 × what this message was about, 39.80 EUR") {
		t.Errorf("why says\n%s", out)
	}
	if _, _, metrics := call("GET", "http://"+p.metrics+"/metrics", nil, ""); !strings.Contains(metrics, `restock_core_attributed_minor_total{currency="EUR",what="counted"} 4930`) {
		t.Errorf("the metrics lack the revenue")
	}
	p.webhook("my-shop", "orders/updated", "o3", order(placed.Add(time.Second), `,"financial_status":"refunded"`))
	eventually(t, "the refund is taken back", func() bool { r := p.restockOf("my-shop"); return r.Orders == 0 && len(r.Revenue) == 0 })
}
