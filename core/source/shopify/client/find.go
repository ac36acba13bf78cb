package client

import (
	"context"
	"slices"

	"restock/core"
)

// owned is an inventory item or a variant, whichever was asked for.
type owned struct {
	Product  *object `json:"product"`
	Variants struct {
		Nodes []struct {
			Product object `json:"product"`
		} `json:"nodes"`
	} `json:"variants"`
}

// product is whose it is; "" when nobody says.
func (o *owned) product() core.ProductID {
	switch {
	case o == nil:
		return ""
	case o.Product != nil:
		return bare(o.Product.id())
	case len(o.Variants.Nodes) > 0:
		return bare(o.Variants.Nodes[0].Product.id())
	}
	return ""
}

// Find asks for the products of items and variants, each product once. What the shop does not have is left out.
func (c *Client) Find(ctx context.Context, some []core.Unknown) (ids []core.ProductID, err error) {
	var gids []string
	for _, u := range some {
		switch {
		case numeric(u.Item):
			gids = append(gids, "gid://shopify/InventoryItem/"+string(u.Item))
		case numeric(u.Variant):
			gids = append(gids, "gid://shopify/ProductVariant/"+string(u.Variant))
		case numeric(u.Product):
			ids = append(ids, u.Product)
		}
	}
	for part := range slices.Chunk(gids, findIn) {
		var data struct{ Nodes []*owned }
		if err := c.ask(ctx, findProducts, variables{"ids": part}, &data); err != nil {
			return nil, err
		}
		for _, node := range data.Nodes {
			if id := node.product(); numeric(id) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}
