package pretend

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WooCommerce answers GET /wp-json/wc/v3/products and its variations as the REST API v3 does.
func (s *Shop) WooCommerce() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /wp-json/wc/v3/products", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		all := s.wooProducts(r.URL.Query())
		s.page(w, r, len(all), func(i int) any { return wooProduct(all[i]) })
	}))
	mux.HandleFunc("GET /wp-json/wc/v3/products/{id}/variations", s.guarded(func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
		p, ok := s.product(id)
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer(w, map[string]any{"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": map[string]any{"status": 404}})
			return
		}
		s.page(w, r, len(p.Variants), func(i int) any { return wooVariation(p, p.Variants[i]) })
	}))
	return mux
}

func (s *Shop) guarded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.called(r.URL.Path, w, r) {
			return
		}
		if key, secret, _ := r.BasicAuth(); key != s.Key || secret != s.Secret {
			w.WriteHeader(http.StatusUnauthorized)
			answer(w, map[string]any{"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources.", "data": map[string]any{"status": 401}})
			return
		}
		next(w, r)
	}
}

// page answers a part of n nodes, with the headers that say how many there are.
func (s *Shop) page(w http.ResponseWriter, r *http.Request, n int, node func(int) any) {
	q := r.URL.Query()
	size, _ := strconv.Atoi(q.Get("per_page"))
	from, err := strconv.Atoi(q.Get("offset"))
	if !q.Has("offset") {
		var page int
		page, err = strconv.Atoi(q.Get("page"))
		from = (page - 1) * size
	}
	if size < 1 || size > 100 || from < 0 || err != nil {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]any{"code": "rest_invalid_param"})
		return
	}
	w.Header().Set("X-WP-Total", strconv.Itoa(n))
	w.Header().Set("X-WP-TotalPages", strconv.Itoa((n+size-1)/size))
	nodes := []any{}
	for i := from; i < min(from+size, n); i++ {
		nodes = append(nodes, node(i))
	}
	answer(w, nodes)
}

func (s *Shop) wooProducts(q url.Values) (all []Product) {
	named := strings.Split(q.Get("include"), ",")
	since, _ := time.Parse("2006-01-02T15:04:05", q.Get("modified_after"))
	for _, p := range s.all() {
		if q.Has("include") && !slices.Contains(named, fmt.Sprint(p.ID)) || q.Has("modified_after") && !p.UpdatedAt.After(since) {
			continue
		}
		all = append(all, p)
	}
	return all
}

func wooProduct(p Product) map[string]any {
	o := wooThing(p.ID, p, p.Stock)
	o["name"], o["type"], o["parent_id"], o["variations"], o["images"] = p.Title, "simple", 0, []int64{}, []any{}
	if len(p.Variants) > 0 {
		ids := []int64{}
		for _, v := range p.Variants {
			ids = append(ids, v.ID)
		}
		o["type"], o["variations"], o["manage_stock"], o["stock_quantity"] = "variable", ids, false, nil
		o["attributes"] = []any{map[string]any{"name": "Size", "variation": true}}
	}
	return o
}

func wooVariation(p Product, v Variant) any {
	o := wooThing(v.ID, p, Stock{Units: v.sum()})
	o["image"], o["attributes"] = nil, []any{map[string]any{"id": 1, "name": "Size", "option": v.Title}}
	return o
}

// wooThing is what products and variations have alike.
func wooThing(id int64, p Product, stock Stock) map[string]any {
	status, word := "publish", "instock"
	if p.Hidden {
		status = "private"
	}
	if stock.Units <= 0 {
		word = "outofstock"
	}
	return map[string]any{
		"id": id, "status": status, "permalink": fmt.Sprintf("https://shop.example/product/%d/", id), "sku": fmt.Sprint("SKU-", id), "price": "19.90",
		"date_modified_gmt": p.UpdatedAt.UTC().Format("2006-01-02T15:04:05"), "purchasable": true, "manage_stock": true,
		"stock_quantity": stock.Units, "stock_status": word, "backorders": "no", "attributes": []any{},
	}
}
