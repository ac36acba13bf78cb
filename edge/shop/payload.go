package shop

import (
	"encoding/json"
	"fmt"
	"time"
)

// Payloads have the shape of Shopify's REST webhooks (https://shopify.dev/docs/api/webhooks, topics products/update and
// inventory_levels/update), reduced to what an adapter may rest on.

// The topics that the shop sends.
const (
	topicProduct = "products/update"
	topicLevel   = "inventory_levels/update"
)

// productPayload is the body of products/update.
type productPayload struct {
	ID          int64            `json:"id"`
	GID         string           `json:"admin_graphql_api_id"`
	Title       string           `json:"title"`
	Handle      string           `json:"handle"`
	BodyHTML    string           `json:"body_html"`
	Vendor      string           `json:"vendor"`
	Kind        string           `json:"product_type"`
	Status      string           `json:"status"`
	PublishedAt string           `json:"published_at"`
	UpdatedAt   string           `json:"updated_at"`
	Variants    []variantPayload `json:"variants"`
	Images      []imagePayload   `json:"images"`
	Image       imagePayload     `json:"image"`
}

// variantPayload is one of its variants. The quantity is the sum over all locations.
type variantPayload struct {
	ID        int64  `json:"id"`
	ProductID int64  `json:"product_id"`
	Title     string `json:"title"`
	Position  int    `json:"position"`
	SKU       string `json:"sku"`
	Price     string `json:"price"`
	Policy    string `json:"inventory_policy"`
	Item      int64  `json:"inventory_item_id"`
	Units     int64  `json:"inventory_quantity"`
	ImageID   int64  `json:"image_id"`
	UpdatedAt string `json:"updated_at"`
}

// imagePayload is a picture; variants name theirs by its id.
type imagePayload struct {
	ID        int64   `json:"id"`
	ProductID int64   `json:"product_id"`
	Position  int     `json:"position"`
	Alt       string  `json:"alt"`
	Src       string  `json:"src"`
	Variants  []int64 `json:"variant_ids"`
}

// levelPayload is the body of inventory_levels/update.
type levelPayload struct {
	Item      int64  `json:"inventory_item_id"`
	Location  int64  `json:"location_id"`
	Available int64  `json:"available"`
	UpdatedAt string `json:"updated_at"`
	GID       string `json:"admin_graphql_api_id"`
}

// stamp is RFC 3339 with milliseconds: two clicks in one second stay in order.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// describe is the body of a product's webhook; edgeURL makes the picture's address absolute.
func describe(p product, edgeURL string, at time.Time) []byte {
	image := imagePayload{ID: p.ID + 2000, ProductID: p.ID, Position: 1, Alt: p.Alt, Src: edgeURL + p.Picture}
	body := productPayload{
		ID: p.ID, GID: fmt.Sprintf("gid://shopify/Product/%d", p.ID), Title: p.Title, Handle: p.Handle, BodyHTML: p.About,
		Vendor: shopName, Kind: p.Kind, Status: "active", PublishedAt: stamp(at), UpdatedAt: stamp(at),
	}
	for i, v := range p.Variants {
		image.Variants = append(image.Variants, v.ID)
		body.Variants = append(body.Variants, variantPayload{
			ID: v.ID, ProductID: p.ID, Title: v.Title, Position: i + 1, SKU: v.SKU, Price: amount(v.Price.Minor),
			Policy: "deny", Item: v.Item, Units: v.Units, ImageID: image.ID, UpdatedAt: stamp(at),
		})
	}
	body.Image, body.Images = image, []imagePayload{image}
	return encode(body)
}

// report is the body of a level's webhook.
func report(l level) []byte {
	return encode(levelPayload{
		Item: l.Item, Location: location, Available: l.Units, UpdatedAt: stamp(l.At),
		GID: fmt.Sprintf("gid://shopify/InventoryLevel/%d?inventory_item_id=%d", location, l.Item),
	})
}

// amount writes cents as shops write prices: "49.00".
func amount(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// encode cannot fail: the payloads hold strings and whole numbers only.
func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encoding a webhook's body: %v", err))
	}
	return body
}
