package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/source/api"
	"restock/core/source/pretend"
	"restock/core/source/shopify"
)

var changedAt = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// shirts are n products with ids from 101, each with so many variants, which lie at so many locations.
func shirts(n, variants, locations int) (all []pretend.Product) {
	for i := range n {
		p := pretend.Product{ID: int64(101 + i), Title: "Shirt", UpdatedAt: changedAt.Add(time.Duration(i) * time.Minute)}
		for k := range variants {
			v := pretend.Variant{ID: p.ID*10_000 + int64(k), Item: p.ID*100_000 + int64(k), Title: fmt.Sprint("S", k)}
			for l := range locations {
				v.Stock = append(v.Stock, pretend.Stock{Location: int64(l + 1), Units: 1, UpdatedAt: changedAt})
			}
			p.Variants = append(p.Variants, v)
		}
		all = append(all, p)
	}
	return all
}

func open(t *testing.T, s *pretend.Shop) (*Client, *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(s.Shopify())
	t.Cleanup(server.Close)
	waited := &[]time.Duration{}
	c, err := New(server.URL, "shpat_hunter2", func(ctx context.Context, d time.Duration) error {
		*waited = append(*waited, d)
		return ctx.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, waited
}

var source = core.Source{Name: "shop", Platform: core.Shopify, URL: "https://shop.example", Currency: "EUR"}

// facts are what the adapter makes of a page; the page must be whole.
func facts(t *testing.T, p api.Page) core.Facts {
	t.Helper()
	f, wrong := shopify.Adapter{}.Page(source, core.Page{Body: p.Body})
	if len(wrong) > 0 {
		t.Fatalf("the adapter does not take the page: %v", wrong)
	}
	return f
}

// readAll reads all pages, as a leader does.
func readAll(t *testing.T, c *Client) (all core.Facts, pages []api.Page) {
	t.Helper()
	for q := (api.Query{}); ; {
		p, err := c.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		f := facts(t, p)
		all.Products = append(all.Products, f.Products...)
		all.Levels = append(all.Levels, f.Levels...)
		all.Stocked = append(all.Stocked, f.Stocked...)
		pages = append(pages, p)
		if p.Next == "" {
			return all, pages
		}
		q.From = p.Next
	}
}

func TestAllPages(t *testing.T) {
	s := pretend.New()
	s.Put(shirts(11, 2, 3)...)
	c, waited := open(t, s)
	all, pages := readAll(t, c)
	if len(all.Products) != 11 || len(all.Levels) != 66 || len(all.Stocked) != 22 || len(pages) != 4 || pages[0].Total != 11 || pages[1].Read != 3 {
		t.Errorf("read %d products and %d levels in %d pages, the first of %d", len(all.Products), len(all.Levels), len(pages), pages[0].Total)
	}
	for i, p := range all.Products {
		if p.Product.ID != core.ProductID(fmt.Sprint(101+i)) || len(p.Variants) != 2 || !p.Whole {
			t.Errorf("product %d is %+v", i, p)
		}
	}
	if len(*waited) > 0 {
		t.Errorf("waited %v for nothing", *waited)
	}
}

// TestLongLists: variants and levels that do not come with their product are read on.
func TestLongLists(t *testing.T) {
	s := pretend.New()
	s.Put(shirts(1, 205, 12)...)
	c, _ := open(t, s)
	all, _ := readAll(t, c)
	if len(all.Products[0].Variants) != 205 || len(all.Levels) != 205*12 {
		t.Errorf("read %d variants and %d levels", len(all.Products[0].Variants), len(all.Levels))
	}
}

func TestNothingIsReadOfWhatNobodyCounts(t *testing.T) {
	s, p := pretend.New(), shirts(1, 1, 1)
	p[0].Variants[0].Loose = true
	s.Put(p...)
	c, _ := open(t, s)
	if all, _ := readAll(t, c); len(all.Levels) != 0 || slices.Contains(s.Calls(), "LevelsOfItems") {
		t.Errorf("read %+v by %v", all.Levels, s.Calls())
	}
}

func TestAnEmptyShop(t *testing.T) {
	c, _ := open(t, pretend.New())
	if all, pages := readAll(t, c); len(all.Products) != 0 || len(pages) != 1 || string(pages[0].Body) != `{"products":[]}` {
		t.Errorf("read %s", pages[0].Body)
	}
}

func TestNamedProducts(t *testing.T) {
	s := pretend.New()
	s.Put(shirts(5, 1, 1)...)
	c, _ := open(t, s)
	ids := []core.ProductID{"105", "999", "own-code", "101"}
	p, err := c.Page(t.Context(), api.Query{IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	if f := facts(t, p); len(f.Products) != 1 || f.Products[0].Product.ID != "105" || !slices.Equal(p.Missing, ids[1:2]) || !slices.Equal(p.Asked, ids[:3]) {
		t.Errorf("read %v, missing %v, asked %v", f.Products, p.Missing, p.Asked)
	}
	if p, err = c.Page(t.Context(), api.Query{IDs: []core.ProductID{"own-code"}}); err != nil || len(p.Asked) != 1 || len(p.Missing) != 0 {
		t.Errorf("an id that is none of Shopify's gave %+v, %v", p, err)
	}
}

func TestChanged(t *testing.T) {
	s := pretend.New()
	s.Put(shirts(600, 1, 1)...)
	c, _ := open(t, s)
	ids, more, err := c.Changed(t.Context(), core.TimeOf(changedAt.Add(20*time.Minute)))
	if err != nil || more || len(ids) != 580 || ids[0] != "121" || ids[579] != "700" {
		t.Errorf("%d changed, more: %v, %v", len(ids), more, err)
	}
	if _, more, err = c.Changed(t.Context(), core.TimeOf(changedAt)); more || err != nil {
		t.Errorf("more: %v, %v", more, err)
	}
	s.Put(shirts(api.MaxChanged+300, 0, 0)...)
	if ids, more, err = c.Changed(t.Context(), core.TimeOf(changedAt)); !more || err != nil || len(ids) > api.MaxChanged {
		t.Errorf("%d changed, more: %v, %v", len(ids), more, err)
	}
}

// once fails the first n calls of an operation.
func once(operation string, n int, answer http.HandlerFunc) func(string) http.HandlerFunc {
	return func(call string) http.HandlerFunc {
		if call != operation || n == 0 {
			return nil
		}
		n--
		return answer
	}
}

func raw(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fail   func(string) http.HandlerFunc
		reason core.Reason // "": it works in the end
		says   string
	}{
		{"throttled once", once("AllProducts", 1, pretend.Errors("Throttled", "THROTTLED")), "", ""},
		{"throttled by its old name", once("LevelsOfItems", 1, pretend.Errors("Throttled", "")), "", ""},
		{"throttled for ever", once("AllProducts", -1, pretend.Errors("Throttled", "THROTTLED")), api.Throttled, "Throttled"},
		{"too costly for three products, not for one", once("AllProducts", 1, pretend.Errors("Query cost is 1030", "MAX_COST_EXCEEDED")), "", ""},
		{"Shopify in trouble", once("AllProducts", 1, pretend.Errors("Internal error", "INTERNAL_SERVER_ERROR")), "", ""},
		{"a proxy in trouble", once("LevelsOfItems", 2, raw(502, "<html>")), "", ""},
		{"a scope that is missing", once("LevelsOfItems", -1, pretend.Errors("Access denied for inventoryLevels, token shpat_hunter2", "ACCESS_DENIED")), api.Unauthorized, "inventoryLevels"},
		{"a token that has expired", once("AllProducts", -1, raw(401, `{"errors":"[API] Invalid API key"}`)), api.Unauthorized, "key"},
		{"a shop that is closed", once("AllProducts", -1, raw(402, `{}`)), api.Unauthorized, ""},
		{"a field that is gone", once("AllProducts", -1, pretend.Errors("Field 'handle' doesn't exist on type 'Product'", "undefinedField")), api.Refused, "handle"},
		{"HTML", once("AllProducts", -1, raw(200, "<html>")), api.Nonsense, "myshopify.com"},
		{"another API", once("AllProducts", -1, raw(200, `{"ok":true}`)), api.Nonsense, ""},
		{"variants without end", func(call string) http.HandlerFunc {
			if call == "VariantsOf" {
				return raw(200, `{"data":{"product":{"variants":{"nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":"x"}}}}}`)
			}
			return once("AllProducts", -1, raw(200, `{"data":{"products":{"nodes":[{"variants":{"nodes":[],"pageInfo":{"hasNextPage":true,"endCursor":"x"}}}]}}}`))(call)
		}, api.Nonsense, "do not go on"},
		{"a list too few", once("LevelsOfItems", -1, raw(200, `{"data":{"nodes":[]}}`)), api.Nonsense, ""},
		{"a product that goes away meanwhile", once("LevelsOfItems", -1, raw(200, `{"data":{"nodes":[null,null,null]}}`)), api.Unavailable, "went away"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := pretend.New()
			s.Put(shirts(3, 1, 1)...)
			s.Fail(tt.fail)
			c, _ := open(t, s)
			p, err := c.Page(t.Context(), api.Query{})
			if tt.reason == "" {
				if err != nil || len(facts(t, p).Products) == 0 {
					t.Fatalf("got %s and %v", p.Body, err)
				}
				return
			}
			if err == nil || api.ReasonOf(err) != tt.reason || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("failed with %v, want %s that says %q", err, tt.reason, tt.says)
			}
		})
	}
}

// TestWhatIsTooLargeIsPassedOver: one monster holds up nobody.
func TestWhatIsTooLargeIsPassedOver(t *testing.T) {
	s, products := pretend.New(), shirts(5, 1, 1)
	for k := range 1100 {
		products[2].Variants = append(products[2].Variants, pretend.Variant{ID: int64(k + 1), Item: int64(k + 1), Loose: true, Title: strings.Repeat("x", 4000)})
	}
	s.Put(products...)
	c, _ := open(t, s)
	all, pages := readAll(t, c)
	skipped := int64(0)
	for _, p := range pages {
		skipped += p.Skipped
	}
	if len(all.Products) != 4 || skipped != 1 {
		t.Errorf("read %d products and skipped %d", len(all.Products), skipped)
	}
	if p, err := c.Page(t.Context(), api.Query{IDs: []core.ProductID{"103", "104"}}); err != nil || p.Skipped != 1 || !slices.Equal(p.Asked, []core.ProductID{"103"}) || p.Missing != nil {
		t.Errorf("named, it gives %d skipped of %v, %v", p.Skipped, p.Asked, err)
	}
}

// TestFind: products of items and variants, each once; what the shop does not have is left out.
func TestFind(t *testing.T) {
	s := pretend.New()
	s.Put(shirts(120, 2, 1)...)
	c, _ := open(t, s)
	some := []core.Unknown{{Item: "x"}, {Item: "999999"}, {Product: "7"}}
	for _, p := range shirts(120, 2, 1) {
		some = append(some, core.Unknown{Item: core.ItemID(fmt.Sprint(p.Variants[0].Item))}, core.Unknown{Variant: core.VariantID(fmt.Sprint(p.Variants[1].ID))})
	}
	ids, err := c.Find(t.Context(), some)
	if err != nil || len(ids) != 121 || ids[0] != "7" || ids[1] != core.ProductID(fmt.Sprint(shirts(1, 1, 1)[0].ID)) || len(s.Calls()) != 3 {
		t.Errorf("found %d: %.5v … by %v (%v)", len(ids), ids, s.Calls(), err)
	}
	if ids, err := c.Find(t.Context(), nil); ids != nil || err != nil || len(s.Calls()) != 3 {
		t.Errorf("of nothing it found %v (%v)", ids, err)
	}
	s.Fail(once("FindProducts", 9, pretend.Errors("Access denied", "ACCESS_DENIED")))
	if _, err := c.Find(t.Context(), some); api.ReasonOf(err) != api.Unauthorized {
		t.Errorf("failed with %v", err)
	}
}

// TestTheBucketIsRespected: with fewer points left than the last query cost, it waits until they are there.
func TestTheBucketIsRespected(t *testing.T) {
	b := bucket{at: changedAt}
	b.Requested, b.Status.Available, b.Status.Restore = 700, 200, 100
	for after, want := range map[time.Duration]time.Duration{0: 5 * time.Second, 2 * time.Second: 3 * time.Second, time.Minute: 0} {
		if got := b.wait(changedAt.Add(after)); got != want {
			t.Errorf("%s later it waits %s, want %s", after, got, want)
		}
	}
	if b.Status.Restore = 0; b.wait(changedAt) != 0 {
		t.Error("a bucket that never fills makes wait for ever")
	}
	s := pretend.New()
	s.Put(shirts(3, 1, 1)...)
	s.Fail(once("AllProducts", 1, pretend.Errors("Throttled", "THROTTLED"))) // of 900 points, 100 are left and 100 come a second
	c, waited := open(t, s)
	if _, err := c.Page(t.Context(), api.Query{}); err != nil || len(*waited) == 0 || (*waited)[0] < 7*time.Second || (*waited)[0] > 8*time.Second {
		t.Errorf("waited %v (%v), want 8s", *waited, err)
	}
}

func TestAStrangeCursorBeginsAnew(t *testing.T) {
	c, _ := open(t, pretend.New())
	if _, err := c.Page(t.Context(), api.Query{From: "7 OR title:x"}); !errors.Is(err, api.ErrRestart) {
		t.Errorf("got %v", err)
	}
}

func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"data":{"products":{"nodes":[{"id":"gid://shopify/Product/1","variants":{"nodes":[]}}],"pageInfo":{"hasNextPage":true}}}}`))
	f.Add([]byte(`{"data":{"nodes":[{"product":{"id":"gid://shopify/Product/1"}},{"variants":{"nodes":[{"product":{"id":"x"}}]}}]}}`))
	f.Add([]byte(`{"data":{"nodes":[null,{}]},"extensions":{"cost":{"requestedQueryCost":1e308}}}`))
	var answer []byte // one server and its connections serve all: ports are few
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	f.Cleanup(server.Close)
	c, err := New(server.URL, "t", func(ctx context.Context, _ time.Duration) error { return errors.Join(ctx.Err(), io.EOF) })
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(c.Close)
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, c.bucket = body, bucket{}
		for _, q := range []api.Query{{}, {IDs: []core.ProductID{"1", "2"}}} {
			if p, err := c.Page(t.Context(), q); err == nil && p.Next != "" && !numeric(p.Next) {
				t.Errorf("goes on at %q", p.Next)
			}
		}
		ids, err := c.Find(t.Context(), []core.Unknown{{Item: "1"}, {Variant: "2"}})
		if bad := slices.IndexFunc(ids, func(id core.ProductID) bool { return !numeric(id) }); err == nil && bad >= 0 {
			t.Errorf("found %q", ids[bad])
		}
	})
}
