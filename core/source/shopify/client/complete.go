package client

import (
	"context"
	"encoding/json"
	"slices"

	"restock/core/source/api"
)

// complete puts in the place of each product's variants the list of all of them, and of each tracked item's levels the
// same.
func (c *Client) complete(ctx context.Context, products []object) error {
	var items []*item
	all := make([][]object, len(products))
	for i, p := range products {
		var err error
		if all[i], err = c.variants(ctx, p); err != nil {
			return err
		}
		for _, v := range all[i] {
			if it := trackedItem(v); it != nil {
				items = append(items, it)
			}
		}
	}
	for some := range slices.Chunk(items, itemsIn) {
		if err := c.levels(ctx, some); err != nil {
			return err
		}
	}
	for i, p := range products {
		p["variants"], _ = json.Marshal(notNil(all[i])) // what was decoded can be encoded
	}
	return nil
}

// variants are all variants of a product.
func (c *Client) variants(ctx context.Context, p object) ([]object, error) {
	var part connection
	if err := decode(p["variants"], &part); err != nil {
		return nil, err
	}
	return all(part, maxVariants, func(after string) (connection, error) {
		var data struct {
			Product *struct{ Variants connection }
		}
		err := c.ask(ctx, variantsOf, variables{"id": p.id(), "first": moreVariant, "after": after}, &data)
		if err == nil && data.Product == nil {
			err = errGone()
		}
		if err != nil {
			return connection{}, err
		}
		return data.Product.Variants, nil
	})
}

// errGone is for what was deleted while it was read: a moment later it is not there to be read.
func errGone() error {
	return &api.Error{Reason: api.Unavailable, Text: "a product went away while it was read"}
}

// errEndless is for pages that never come to an end.
func errEndless() error { return &api.Error{Reason: api.Nonsense, Text: "its pages do not go on"} }

// all follows a connection to its end.
func all(part connection, limit int, next func(after string) (connection, error)) (nodes []object, err error) {
	nodes = part.Nodes
	for part.PageInfo.HasNextPage {
		if len(nodes) >= limit || part.PageInfo.EndCursor == "" {
			return nil, &api.Error{Reason: api.TooLarge, Text: "a product has more variants, or an item more levels, than Shopify allows"}
		}
		if part, err = next(part.PageInfo.EndCursor); err != nil {
			return nil, err
		}
		if len(part.Nodes) == 0 && part.PageInfo.HasNextPage {
			return nil, errEndless()
		}
		nodes = append(nodes, part.Nodes...)
	}
	return nodes, nil
}

// item is the inventory item of a variant.
type item struct {
	variant, node object
}

// trackedItem is a variant's item if somebody counts it: of others no level means anything.
func trackedItem(variant object) *item {
	i := &item{variant: variant}
	if json.Unmarshal(variant["inventoryItem"], &i.node) != nil || i.node == nil || string(i.node["tracked"]) != "true" {
		return nil
	}
	return i
}

// levels reads the levels of items.
func (c *Client) levels(ctx context.Context, items []*item) error {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.node.id()
	}
	var data struct {
		Nodes []*struct{ InventoryLevels connection }
	}
	if err := c.ask(ctx, levelsOfItems, variables{"ids": ids, "first": levelsIn}, &data); err != nil {
		return err
	}
	if len(data.Nodes) != len(items) {
		return &api.Error{Reason: api.Nonsense, Text: "it answers with another number of nodes than were asked for"}
	}
	for i, node := range data.Nodes {
		if node == nil {
			return errGone()
		}
		if err := c.levelsOf(ctx, items[i], node.InventoryLevels); err != nil {
			return err
		}
	}
	return nil
}

// levelsOf puts all levels of an item into its variant.
func (c *Client) levelsOf(ctx context.Context, it *item, part connection) error {
	levels, err := all(part, maxLevels, func(after string) (connection, error) {
		var data struct {
			InventoryItem *struct{ InventoryLevels connection }
		}
		err := c.ask(ctx, levelsOf, variables{"id": it.node.id(), "first": moreLevels, "after": after}, &data)
		if err == nil && data.InventoryItem == nil {
			err = errGone()
		}
		if err != nil {
			return connection{}, err
		}
		return data.InventoryItem.InventoryLevels, nil
	})
	if err != nil {
		return err
	}
	it.node["inventoryLevels"], _ = json.Marshal(notNil(levels))
	it.variant["inventoryItem"], _ = json.Marshal(it.node)
	return nil
}
