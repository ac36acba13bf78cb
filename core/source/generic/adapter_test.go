package generic_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"restock/core"
	"restock/core/source"
	"restock/core/source/generic"
	"restock/core/source/sourcetest"
)

var shop = core.Source{Name: "own", Platform: core.Generic, URL: "https://shop.example", Currency: "EUR", Region: "DE"}

const (
	receivedAt core.Time = 1_772_400_000_000
	pushedAt   core.Time = 1_772_399_999_000 // the header, in seconds
	updatedAt  core.Time = 1_772_353_800_000 // 2026-03-01T09:30:00+01:00
	updated              = `"updated_at":"2026-03-01T09:30:00+01:00"`
)

func delivery(body string) core.Delivery {
	return core.Delivery{Source: shop.Name, Body: []byte(body), ReceivedAt: receivedAt, Headers: []core.Header{
		{Name: "webhook-id", Value: "msg_1"}, {Name: "webhook-timestamp", Value: "1772399999"},
	}}
}

func counted(n int64) core.Quantity { return core.Quantity{Units: n, Tracked: true} }

func levels(l core.Level) core.Facts { return core.Facts{Levels: []core.Level{l}} }

const big = "9007199254740993"

const tee = `{"id":"tee","title":"Tee","url":"https://shop.example/tee","image":"//shop.example/tee.jpg","images":["https://shop.example/2.jpg"],
	"vendor":"Acme","options":["Size"],"markets":["DE","AT"],"published":true,` + updated + `,"variants":[
	{"id":"tee-m","sku":"TEE-M","title":"M","options":["M"],"price":"19.90","available":0},
	{"id":"tee-l","title":"L","url":"https://shop.example/tee/l","image":"https://shop.example/l.jpg","price":21,"currency":"SEK","selling":"preorder","available":null},
	{"id":"tee-s","selling":"continue"},
	{"id":"tee-x","selling":"stopped","available":-1}]}`

// teeFacts is what tee says.
func teeFacts() core.Facts {
	v := func(id string, change func(*core.Variant)) core.Variant {
		v := core.Variant{Source: "own", ID: core.VariantID(id), Product: "tee", Item: core.ItemID(id), UpdatedAt: updatedAt}
		change(&v)
		return v
	}
	zero, minus := counted(0), counted(-1)
	return core.Facts{Products: []core.ProductFact{{
		Product: core.Product{
			Source: "own", ID: "tee", Title: "Tee", URL: "https://shop.example/tee", Image: "https://shop.example/tee.jpg", Images: []string{"https://shop.example/2.jpg"},
			Vendor: "Acme", Options: []string{"Size"}, Markets: []core.Market{"DE", "AT"}, Published: true, UpdatedAt: updatedAt,
		},
		Whole: true,
		Variants: []core.VariantFact{
			{Quantity: &zero, Variant: v("tee-m", func(v *core.Variant) {
				v.SKU, v.Title, v.Options, v.Price = "TEE-M", "M", []string{"M"}, core.Money{Minor: 1990, Currency: "EUR"}
			})},
			{Quantity: &core.Quantity{}, Variant: v("tee-l", func(v *core.Variant) {
				v.Title, v.URL, v.Image, v.Selling = "L", "https://shop.example/tee/l", "https://shop.example/l.jpg", core.SellingPreorder
				v.Price = core.Money{Minor: 2100, Currency: "SEK"}
			})},
			{Variant: v("tee-s", func(v *core.Variant) { v.ContinueSelling = true })},
			{Quantity: &minus, Variant: v("tee-x", func(v *core.Variant) { v.Selling = core.SellingStopped })},
		},
	}}}
}

const order = `{"id":1001,"number":"R-1001","state":"paid","email":"Ann@EXAMPLE.com","phone":"0170 1234567","region":"DE","total":"39.80",
	"placed_at":"2026-03-01T09:30:00+01:00","lines":[{"variant":"tee-m","product":"tee","quantity":2,"price":"19.90"}]}`

func orderFacts(change func(*core.Order)) core.Facts {
	o := core.Order{
		Source: "own", ID: "1001", Number: "R-1001", Email: "Ann@example.com", Phone: "+491701234567", State: core.OrderPaid,
		Total: core.Money{Minor: 3980, Currency: "EUR"}, PlacedAt: updatedAt, UpdatedAt: pushedAt,
		Lines: []core.OrderLine{{Variant: "tee-m", Product: "tee", Quantity: 2, Price: core.Money{Minor: 1990, Currency: "EUR"}}},
	}
	change(&o)
	return core.Facts{Orders: []core.Order{o}}
}

func TestConformance(t *testing.T) {
	const level = `{"variant":` + big + `,"location":"berlin","available":5,` + updated + `}`
	push := func(kind, item string, pairs ...string) core.Delivery {
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(item, pairs[i]) {
				t.Fatalf("%s has no %s", item, pairs[i])
			}
			item = strings.Replace(item, pairs[i], pairs[i+1], 1)
		}
		return delivery(fmt.Sprintf(`{"type":%q,%q:[%s]}`, kind, kind, item))
	}
	bad := func(field string, d core.Delivery) sourcetest.Case {
		return sourcetest.Case{Name: "bad " + field, Delivery: d, BadField: field}
	}
	berlin := core.Level{Item: big, Location: "berlin", Available: counted(5), UpdatedAt: updatedAt}
	with := func(change func(*core.Level)) core.Facts { l := berlin; change(&l); return levels(l) }
	unseen := teeFacts()
	unseen.Products[0].Product.Published = false
	cases := []sourcetest.Case{
		{Name: "level", Delivery: push("levels", level), Want: levels(berlin)},
		{Name: "level of zero", Delivery: push("levels", level, `:5`, `:0`), Want: with(func(l *core.Level) { l.Available = counted(0) })},
		{Name: "level of what nobody counts", Delivery: push("levels", level, `:5`, `:null`), Want: with(func(l *core.Level) { l.Available = core.Quantity{} })},
		{Name: "level of one stock", Delivery: push("levels", level, `"location":"berlin",`, ``), Want: with(func(l *core.Level) { l.Location = "" })},
		{Name: "level as of the push", Delivery: push("levels", level, `,`+updated, ``), Want: with(func(l *core.Level) { l.UpdatedAt = pushedAt })},
		{Name: "level that is gone", Delivery: push("levels", level, `"available":5`, `"removed":true`), Want: with(func(l *core.Level) { l.Available, l.Gone = core.Quantity{}, true })},
		{Name: "no levels", Delivery: push("levels", ``), Want: core.Facts{}},
		{Name: "product", Delivery: push("products", tee), Want: teeFacts()},
		{Name: "product that nobody sees", Delivery: push("products", tee, `"published":true`, `"published":false`), Want: unseen},
		{Name: "product that is gone", Delivery: push("products", `{"id":"tee","removed":true}`), Want: core.Facts{Removed: []core.Removal{{Product: "tee", At: pushedAt}}}},
		{Name: "order", Delivery: push("orders", order), Want: orderFacts(func(*core.Order) {})},
		{Name: "order that is begun", Delivery: push("orders", order, `"paid"`, `"begun"`), Want: orderFacts(func(o *core.Order) { o.State = core.OrderBegun })},
		{Name: "order without what need not be there", Delivery: push("orders", order, `"number":"R-1001",`, ``, `"region":"DE",`, ``, `"total":"39.80",`, ``, `Ann@EXAMPLE.com`, `nobody`, `"product":"tee",`, ``),
			Want: orderFacts(func(o *core.Order) { o.Number, o.Email, o.Total, o.Lines[0].Product = "1001", "", core.Money{}, "" })},

		bad("type", delivery(`{"levels":[]}`)),
		bad("type", delivery(`{"type":"stock","stock":[]}`)),
		bad("levels", delivery(`{"type":"levels"}`)),
		bad("products", delivery(`{"type":"levels","levels":[],"products":[]}`)),
		bad("levels", delivery(`{"type":"levels","levels":[`+strings.Repeat(level+",", generic.MaxLevels)+level+`]}`)),
		bad("levels[0].avail", push("levels", level, `"available"`, `"avail"`)),
		bad("levels[0].available", push("levels", level, `"available":5,`, ``)),
		bad("levels[0].available", push("levels", level, `:5`, `:"5"`)),
		bad("levels[0].variant", push("levels", level, `"variant":`+big+`,`, ``)),
		bad("levels[0].location", push("levels", `{"variant":"a","removed":true}`)),
		bad("levels[0].updated_at", push("levels", level, `+01:00`, ``)),
		bad("levels[0]", push("levels", `5`)),
		bad("products[0].title", push("products", tee, `"title":"Tee",`, ``)),
		bad("products[0].title", push("products", tee, `"Tee"`, `"`+strings.Repeat("T", 513)+`"`)),
		bad("products[0].url", push("products", tee, `"url":"https://shop.example/tee"`, `"url":"/tee"`)),
		bad("products[0].images", push("products", tee, `["https://shop.example/2.jpg"]`, `["2.jpg"]`)),
		bad("products[0].images", push("products", tee, `["https://shop.example/2.jpg"]`, `[`+strings.Repeat(`"https://x.example",`, 9)+`"https://x.example"]`)),
		bad("products[0].variants", push("products", `{"id":"tee","title":"Tee","url":"https://shop.example/tee"}`)),
		bad("products[0].variants[0].price", push("products", tee, `"19.90"`, `"19.999"`)),
		bad("products[0].variants[1].currency", push("products", tee, `"SEK"`, `"kr"`)),
		bad("products[0].variants[1].selling", push("products", tee, `"preorder"`, `"later"`)),
		bad("products[0].variants[3].available", push("products", tee, `:-1`, `:-1.5`)),
		bad("products[0].variants[0].SKU", push("products", tee, `"sku"`, `"SKU"`)),
		bad("orders[0].state", push("orders", order, `"state":"paid",`, ``)),
		bad("orders[0].placed_at", push("orders", order, `"placed_at":"2026-03-01T09:30:00+01:00",`, ``)),
		bad("orders[0].lines", push("orders", `{"id":1,"state":"paid","placed_at":"2026-03-01T09:30:00Z"}`)),
		bad("orders[0].lines[0].quantity", push("orders", order, `"quantity":2`, `"quantity":0`)),
		bad("orders[0].lines[0].variant", push("orders", order, `"variant":"tee-m",`, ``)),
		{Name: "no id", Delivery: core.Delivery{Body: []byte(`{"type":"levels","levels":[]}`)}, Unhandled: true},
	}
	for i := range cases {
		cases[i].Source, cases[i].Strict = shop, true
	}
	sourcetest.Run(t, generic.Adapter{}, cases)
}

// TestDocumentation reads every push that the package comment shows.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var example strings.Builder
	read := 0
	for line := range strings.Lines(string(text)) {
		code, indented := strings.CutPrefix(line, "//\t")
		if indented && (example.Len() > 0 || strings.HasPrefix(code, `{"type"`)) {
			example.WriteString(code)
			continue
		}
		if example.Len() > 0 {
			facts, err := generic.Adapter{}.Facts(shop, delivery(example.String()))
			if err != nil || len(facts.Levels)+len(facts.Products)+len(facts.Orders) == 0 {
				t.Errorf("the documented push\n%s gives %+v, %v", example.String(), facts, err)
			}
			example.Reset()
			read++
		}
	}
	if read != 3 {
		t.Errorf("%d examples were found, want 3", read)
	}
}

func TestTimeOfAPush(t *testing.T) {
	for header, want := range map[string]core.Time{
		"1772399999": pushedAt, "": receivedAt, "now": receivedAt, "-5": receivedAt, "0": receivedAt, "99999999999999": receivedAt,
	} {
		d := delivery(`{"type":"products","products":[{"id":"tee","removed":true}]}`)
		d.Headers[1].Value = header
		facts, err := generic.Adapter{}.Facts(shop, d)
		if err != nil || facts.Removed[0].At != want {
			t.Errorf("with the header %q: %+v, %v; want %v", header, facts, err, want)
		}
	}
}

func FuzzFacts(f *testing.F) {
	for kind, item := range map[string]string{"levels": `{"variant":1,"available":null}`, "products": tee, "orders": order} {
		f.Add([]byte(fmt.Sprintf(`{"type":%q,%q:[%s]}`, kind, kind, item)), "1772399999")
	}
	f.Fuzz(func(t *testing.T, body []byte, timestamp string) {
		d := delivery(string(body))
		d.Headers[1].Value = timestamp
		facts, err := generic.Adapter{}.Facts(shop, d)
		var bad *source.PayloadError
		if err != nil && !errors.As(err, &bad) {
			t.Errorf("Facts = %v", err)
		}
		for _, p := range sourcetest.Unsound(shop, facts) {
			t.Error(p)
		}
	})
}
