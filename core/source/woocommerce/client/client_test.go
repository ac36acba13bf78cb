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
	"restock/core/source/woocommerce"
)

var changedAt = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// candles are n products with ids from 101, each with so many variations; none: a simple product.
func candles(n, variations int) (all []pretend.Product) {
	for i := range n {
		p := pretend.Product{ID: int64(101 + i), Title: "Candle", UpdatedAt: changedAt.Add(time.Duration(i) * time.Minute), Stock: pretend.Stock{Units: 3}}
		for k := range variations {
			p.Variants = append(p.Variants, pretend.Variant{ID: p.ID*10_000 + int64(k), Title: fmt.Sprint("S", k), Stock: []pretend.Stock{{Units: 1}}})
		}
		all = append(all, p)
	}
	return all
}

func open(t *testing.T, s *pretend.Shop) *Client {
	t.Helper()
	server := httptest.NewServer(s.WooCommerce())
	t.Cleanup(server.Close)
	c, err := New(server.URL, s.Key, s.Secret, func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func facts(t *testing.T, p api.Page) core.Facts {
	t.Helper()
	f, wrong := woocommerce.Adapter{}.Page(core.Source{Name: "shop", Currency: "EUR"}, core.Page{Body: p.Body, As: 1})
	if len(wrong) > 0 {
		t.Fatalf("the adapter does not take the page: %v", wrong)
	}
	return f
}

func readAll(t *testing.T, c *Client) (all core.Facts, pages []api.Page) {
	t.Helper()
	for q := (api.Query{}); ; {
		p, err := c.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		f := facts(t, p)
		all.Products, all.Variants = append(all.Products, f.Products...), append(all.Variants, f.Variants...)
		pages = append(pages, p)
		if p.Next == "" {
			return all, pages
		}
		q.From = p.Next
	}
}

func TestAllPages(t *testing.T) {
	for _, tt := range []struct{ products, variations, pages int }{{0, 0, 1}, {7, 0, 1}, {45, 2, 3}, {40, 0, 3}, {1, 250, 1}, {1, 200, 1}} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			s := pretend.New()
			s.Put(candles(tt.products, tt.variations)...)
			all, pages := readAll(t, open(t, s))
			if len(all.Products) != tt.products || len(all.Variants) != tt.products*tt.variations || len(pages) != tt.pages || pages[0].Total != int64(tt.products) {
				t.Errorf("read %d products and %d variations in %d pages, the first of %d", len(all.Products), len(all.Variants), len(pages), pages[0].Total)
			}
		})
	}
}

func TestNamedProducts(t *testing.T) {
	s := pretend.New()
	s.Put(candles(30, 1)...)
	ids := []core.ProductID{"105", "999", "own-code", "101"}
	p, err := open(t, s).Page(t.Context(), api.Query{IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	if f := facts(t, p); len(f.Products) != 2 || len(f.Variants) != 2 || !slices.Equal(p.Missing, ids[1:2]) || !slices.Equal(p.Asked, ids) {
		t.Errorf("read %v, missing %v, asked %v", f.Products, p.Missing, p.Asked)
	}
	if p, err = open(t, s).Page(t.Context(), api.Query{IDs: []core.ProductID{"own-code"}}); err != nil || len(p.Asked) != 1 || len(p.Missing) != 0 {
		t.Errorf("an id that is none of WooCommerce's gave %+v, %v", p, err)
	}
}

func TestChanged(t *testing.T) {
	s := pretend.New()
	s.Put(candles(250, 0)...)
	ids, more, err := open(t, s).Changed(t.Context(), core.TimeOf(changedAt.Add(19*time.Minute)))
	if err != nil || more || len(ids) != 230 || ids[0] != "121" || ids[229] != "350" {
		t.Errorf("%d changed, more: %v, %v", len(ids), more, err)
	}
	s.Put(candles(api.MaxChanged+1, 0)...)
	if ids, more, err = open(t, s).Changed(t.Context(), core.TimeOf(changedAt.Add(-time.Hour))); !more || err != nil || len(ids) != api.MaxChanged {
		t.Errorf("%d changed, more: %v, %v", len(ids), more, err)
	}
}

func raw(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestFailures(t *testing.T) {
	const variations = "/wp-json/wc/v3/products/101/variations"
	for _, tt := range []struct {
		name   string
		path   string
		times  int
		answer http.HandlerFunc
		reason core.Reason // "": it works in the end
		says   string
	}{
		{"busy", products, 2, raw(503, ""), "", ""},
		{"throttled by its host", variations, 1, raw(429, ""), "", ""},
		{"a wrong key", products, -1, raw(401, `{"code":"woocommerce_rest_cannot_view","message":"cs_hunter2"}`), api.Unauthorized, "key"},
		{"no such API", products, -1, raw(404, `{"code":"rest_no_route"}`), api.Refused, "address"},
		{"HTML", products, -1, raw(200, "<html>"), api.Nonsense, "permalinks"},
		{"an object", products, -1, raw(200, `{"products":[]}`), api.Nonsense, ""},
		{"PHP that warns before it answers", products, -1, raw(200, "Warning: x\n[]"), api.Nonsense, ""},
		{"a key that may not read variations", variations, -1, raw(403, `{}`), api.Unauthorized, "key"},
		{"ids that are none", products, -1, raw(200, `[{"id":"x"}]`), api.Nonsense, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, left := pretend.New(), tt.times
			s.Put(candles(1, 1)...)
			s.Fail(func(call string) http.HandlerFunc {
				if call != tt.path || left == 0 {
					return nil
				}
				left--
				return tt.answer
			})
			p, err := open(t, s).Page(t.Context(), api.Query{})
			if tt.reason == "" && (err != nil || len(facts(t, p).Variants) != 1) {
				t.Fatalf("got %s and %v", p.Body, err)
			}
			if tt.reason != "" && (err == nil || api.ReasonOf(err) != tt.reason || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("failed with %v, want %s that says %q", err, tt.reason, tt.says)
			}
		})
	}
}

// TestPagesAreBounded: what does not fit comes with the next page, and what never fits is passed over.
func TestPagesAreBounded(t *testing.T) {
	s, all := pretend.New(), candles(5, 0)
	for i, size := range []int{1, 3 << 20, 3 << 20, 5 << 20, 1} {
		all[i].Title = strings.Repeat("x", size)
	}
	s.Put(all[:3]...)
	got, pages := readAll(t, open(t, s))
	if len(got.Products) != 3 || len(pages) != 2 || len(pages[0].Body) > api.MaxPage {
		t.Errorf("read %d products in %d pages", len(got.Products), len(pages))
	}
	p, err := open(t, s).Page(t.Context(), api.Query{IDs: []core.ProductID{"103", "999", "102"}})
	if err != nil || len(p.Asked) != 2 || len(p.Missing) != 1 || p.Read != 1 {
		t.Errorf("named, it answers %v, missing %v (%v)", p.Asked, p.Missing, err)
	}
	s = pretend.New()
	s.Put(all[0], all[3], all[4])
	if got, pages = readAll(t, open(t, s)); len(got.Products) != 2 || pages[0].Skipped != 1 {
		t.Errorf("read %d products and skipped %d", len(got.Products), pages[0].Skipped)
	}
}

func TestAStrangeCursorBeginsAnew(t *testing.T) {
	if _, err := open(t, pretend.New()).Page(t.Context(), api.Query{From: "-1"}); !errors.Is(err, api.ErrRestart) {
		t.Errorf("got %v", err)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`[{"id":1,"type":"variable","variations":[2]},{"id":9007199254740993}]`))
	f.Add([]byte(`[]`))
	var answer []byte // one server and its connections serve all: ports are few
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) }))
	f.Cleanup(server.Close)
	c, err := New(server.URL, "k", "s", func(context.Context, time.Duration) error { return io.EOF })
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(c.Close)
	f.Fuzz(func(t *testing.T, body []byte) {
		answer = body
		for _, q := range []api.Query{{}, {IDs: []core.ProductID{"1", "2"}}} {
			if p, err := c.Page(t.Context(), q); err == nil && len(p.Body) > api.MaxPage {
				t.Errorf("a page has %d bytes", len(p.Body))
			}
		}
	})
}

// TestFind: variations name their product, each is asked for once, and the shop need not be called.
func TestFind(t *testing.T) {
	c := &Client{}
	ids, err := c.Find(t.Context(), []core.Unknown{{Product: "9"}, {Item: "9"}, {Item: "8"}, {Variant: "7"}})
	if want := []core.ProductID{"9", "8"}; !slices.Equal(ids, want) || err != nil {
		t.Errorf("found %v (%v), want %v", ids, err, want)
	}
}

// TestAProductThatIsBroken holds up no other: shops have some that their own software fails at, or that go away while they are
// read. When the whole shop is down, nothing is passed over.
func TestAProductThatIsBroken(t *testing.T) {
	const path = products + "/103/variations"
	for _, broken := range []http.HandlerFunc{raw(500, "fatal"), raw(404, "{}"), raw(200, "Warning: x\n[]")} {
		s := pretend.New()
		s.Put(candles(5, 1)...)
		s.Fail(func(call string) http.HandlerFunc {
			if call == path {
				return broken
			}
			return nil
		})
		all, pages := readAll(t, open(t, s))
		if len(all.Products) != 4 || len(all.Variants) != 4 || pages[0].Skipped != 1 {
			t.Errorf("read %d products and skipped %d", len(all.Products), pages[0].Skipped)
		}
		p, err := open(t, s).Page(t.Context(), api.Query{IDs: []core.ProductID{"103", "104"}})
		if err != nil || p.Skipped != 1 || p.Read != 1 || len(p.Missing) != 0 || len(p.Asked) != 2 {
			t.Errorf("named, it answers %+v, %v", p, err)
		}
		down := false
		s.Fail(func(call string) http.HandlerFunc {
			if down = down || call == path; down {
				return raw(503, "")
			}
			return nil
		})
		if p, err := open(t, s).Page(t.Context(), api.Query{}); api.ReasonOf(err) != api.Unavailable || err == nil {
			t.Errorf("of a shop that is down it answers %+v, %v", p, err)
		}
	}
}

// TestPagesThatRepeat: a cache that knows no queries answers the same again and again; that is told, and no reading goes on for
// ever. One product that was read before is none of it: another may have come back from the trash.
func TestPagesThatRepeat(t *testing.T) {
	s := pretend.New()
	s.Put(candles(150, 0)...)
	first := func(n int) http.HandlerFunc {
		answer, ask := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, fmt.Sprintf("%s?per_page=%d&page=1", products, n), nil)
		ask.SetBasicAuth(s.Key, s.Secret)
		s.WooCommerce().ServeHTTP(answer, ask)
		return raw(200, answer.Body.String())
	}
	same, hundred := first(batch), first(changedIn)
	c := open(t, s)
	p, err := c.Page(t.Context(), api.Query{})
	if err != nil || p.Next == "" {
		t.Fatal(p, err)
	}
	s.Put(pretend.Product{ID: 50, Title: "Back", UpdatedAt: changedAt})
	if p, err = c.Page(t.Context(), api.Query{From: p.Next}); err != nil || p.Next == "" || p.Read != batch {
		t.Fatalf("after one that came back it answers %+v, %v", p, err)
	}
	s.Fail(func(string) http.HandlerFunc { return same })
	if p, err := c.Page(t.Context(), api.Query{From: p.Next}); api.ReasonOf(err) != api.Nonsense || err == nil {
		t.Errorf("of a shop that repeats itself it answers %+v, %v", p, err)
	}
	s.Fail(func(string) http.HandlerFunc { return hundred })
	if ids, _, err := c.Changed(t.Context(), 1); api.ReasonOf(err) != api.Nonsense || err == nil || !strings.Contains(err.Error(), "cache") {
		t.Errorf("changed are %d, %v", len(ids), err)
	}
}
