package shop_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"restock/core"
	"restock/edge/shop"
)

// At the start of the demo the shop tells an edge of all that it sells.
func ExampleSeed() {
	told := map[string]int{}
	edge := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		told[r.Header.Get("X-Shopify-Topic")]++
	}))
	defer edge.Close()
	err := shop.Seed(context.Background(), shop.Config{
		Source: "sample", Secret: []byte("secret"), EdgeURL: edge.URL, ConsoleURL: "http://127.0.0.1:8081",
		Sign: func(secret, body []byte) []core.Header { return []core.Header{{Name: "X-Signature", Value: "…"}} },
	})
	fmt.Println(told, err)
	// Output: map[inventory_levels/update:7 products/update:4] <nil>
}
