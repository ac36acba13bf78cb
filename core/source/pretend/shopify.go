package pretend

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shopify answers the operations that the client sends, by their names, as the GraphQL Admin API does.
func (s *Shop) Shopify() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Query     string
			Variables map[string]any
		}
		if r.Method != http.MethodPost || !regexp.MustCompile(`^/admin/api/\d{4}-\d{2}/graphql.json$`).MatchString(r.URL.Path) {
			http.NotFound(w, r)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || strings.Count(asked.Query, "{") != strings.Count(asked.Query, "}") {
			Errors("syntax error", "")(w, r)
			return
		}
		name := regexp.MustCompile(`^query (\w+)`).FindStringSubmatch(asked.Query)
		if name == nil || s.called(name[1], w, r) {
			return
		}
		if r.Header.Get("X-Shopify-Access-Token") != s.Token {
			http.Error(w, `{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}`, http.StatusUnauthorized)
			return
		}
		answer(w, map[string]any{"data": s.operation(name[1], asked.Variables), "extensions": Cost(10, 1990)})
	})
}

// Cost is what Shopify says of a query and of the points that are left.
func Cost(requested, left float64) map[string]any {
	return map[string]any{"cost": map[string]any{
		"requestedQueryCost": requested, "actualQueryCost": requested,
		"throttleStatus": map[string]any{"maximumAvailable": 2000.0, "currentlyAvailable": left, "restoreRate": 100.0},
	}}
}

// Errors is an answer of 200 with an error, as GraphQL has it.
func Errors(message, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"errors": []any{map[string]any{"message": message, "extensions": map[string]any{"code": code}}}, "extensions": Cost(900, 100),
		})
	}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v) // who hung up asks again
}

func (s *Shop) operation(name string, v map[string]any) any {
	switch name {
	case "AllProducts", "NextProduct":
		return map[string]any{"products": s.productsAfter(v)}
	case "NamedProducts":
		return map[string]any{"nodes": s.nodes(v, s.productNode)}
	case "LevelsOfItems":
		return map[string]any{"nodes": s.nodes(v, func(id int64) any { return s.itemNode(id, number(v["first"]), "") })}
	case "LevelsOf":
		return map[string]any{"inventoryItem": s.itemNode(idOf(v["id"]), number(v["first"]), text(v["after"]))}
	case "VariantsOf":
		p, ok := s.product(idOf(v["id"]))
		if !ok {
			return map[string]any{"product": nil}
		}
		return map[string]any{"product": map[string]any{"variants": variantsOf(p, number(v["first"]), text(v["after"]))}}
	case "ChangedProducts":
		return map[string]any{"products": s.changed(v)}
	case "FindProducts":
		ids, _ := v["ids"].([]any)
		nodes := []any{}
		for _, id := range ids {
			nodes = append(nodes, s.owner(text(id)))
		}
		return map[string]any{"nodes": nodes}
	case "CountProducts":
		return map[string]any{"productsCount": map[string]any{"count": len(s.all())}}
	}
	return nil
}

func (s *Shop) nodes(v map[string]any, node func(int64) any) (nodes []any) {
	ids, _ := v["ids"].([]any)
	for _, id := range ids {
		nodes = append(nodes, node(idOf(id)))
	}
	return nodes
}

// owner is an item or a variant with its product; nil when there is none.
func (s *Shop) owner(id string) any {
	for _, p := range s.all() {
		product := map[string]any{"id": gid("Product", p.ID)}
		for _, v := range p.Variants {
			switch id {
			case gid("InventoryItem", v.Item):
				return map[string]any{"variants": map[string]any{"nodes": []any{map[string]any{"product": product}}}}
			case gid("ProductVariant", v.ID):
				return map[string]any{"product": product}
			}
		}
	}
	return nil
}

func (s *Shop) productsAfter(v map[string]any) any {
	after, _ := strconv.ParseInt(strings.TrimPrefix(text(v["query"]), "id:>"), 10, 64)
	all := s.all()
	all = slices.DeleteFunc(all, func(p Product) bool { return p.ID <= after })
	return connection(len(all), func(i int) any { return s.productNode(all[i].ID) }, max(number(v["first"]), 1), "")
}

func (s *Shop) changed(v map[string]any) any {
	since, err := time.Parse(time.RFC3339, strings.Trim(strings.TrimPrefix(text(v["query"]), "updated_at:>="), "'"))
	if err != nil {
		return map[string]any{"products": nil}
	}
	all := s.all()
	slices.SortFunc(all, func(a, b Product) int { return a.UpdatedAt.Compare(b.UpdatedAt) })
	all = slices.DeleteFunc(all, func(p Product) bool { return p.UpdatedAt.Before(since) })
	node := func(i int) any { return map[string]any{"id": gid("Product", all[i].ID)} }
	return connection(len(all), node, number(v["first"]), text(v["after"]))
}

// connection is a part of n nodes; a cursor is the place of the last of them.
func connection(n int, node func(int) any, first int, after string) any {
	from, _ := strconv.Atoi(after)
	end, nodes := min(from+first, n), []any{}
	for i := from; i < end; i++ {
		nodes = append(nodes, node(i))
	}
	return map[string]any{"nodes": nodes, "pageInfo": map[string]any{"hasNextPage": end < n, "endCursor": strconv.Itoa(end)}}
}

func (s *Shop) productNode(id int64) any {
	p, ok := s.product(id)
	if !ok {
		return nil
	}
	node := map[string]any{
		"id": gid("Product", p.ID), "title": p.Title, "handle": fmt.Sprint("product-", p.ID), "status": "ACTIVE", "publishedAt": "2026-01-01T00:00:00Z",
		"vendor": "V", "updatedAt": utc(p.UpdatedAt), "options": []any{map[string]any{"name": "Size"}}, "featuredMedia": nil,
		"media": map[string]any{"nodes": []any{}}, "variants": variantsOf(p, 20, ""),
	}
	if p.Hidden {
		node["status"] = "DRAFT"
	}
	return node
}

func variantsOf(p Product, first int, after string) any {
	return connection(len(p.Variants), func(i int) any {
		v := p.Variants[i]
		return map[string]any{
			"id": gid("ProductVariant", v.ID), "title": v.Title, "sku": fmt.Sprint("SKU-", v.ID), "price": "19.90", "inventoryPolicy": "DENY",
			"inventoryQuantity": v.sum(), "updatedAt": utc(p.UpdatedAt), "selectedOptions": []any{map[string]any{"name": "Size", "value": v.Title}},
			"media":         map[string]any{"nodes": []any{}},
			"inventoryItem": map[string]any{"id": gid("InventoryItem", v.Item), "tracked": !v.Loose, "updatedAt": utc(p.UpdatedAt)},
		}
	}, first, after)
}

func (s *Shop) itemNode(id int64, first int, after string) any {
	for _, p := range s.all() {
		for _, v := range p.Variants {
			if v.Item == id {
				return map[string]any{"id": gid("InventoryItem", id), "inventoryLevels": levelsOf(v, first, after)}
			}
		}
	}
	return nil
}

func levelsOf(v Variant, first int, after string) any {
	return connection(len(v.Stock), func(i int) any {
		return map[string]any{
			"location": map[string]any{"id": gid("Location", v.Stock[i].Location)}, "updatedAt": utc(v.Stock[i].UpdatedAt),
			"quantities": []any{map[string]any{"name": "available", "quantity": v.Stock[i].Units}},
		}
	}, first, after)
}

func gid(kind string, id int64) string { return fmt.Sprintf("gid://shopify/%s/%d", kind, id) }

func idOf(v any) int64 {
	s := text(v)
	n, _ := strconv.ParseInt(s[strings.LastIndexByte(s, '/')+1:], 10, 64)
	return n
}

func text(v any) string { s, _ := v.(string); return s }

func number(v any) int { f, _ := v.(float64); return int(f) }
