// Package client reads a Shopify shop's products, variants and stock through the GraphQL Admin API
// (https://shopify.dev/docs/api/admin-graphql). The REST Admin API is legacy since 2024-10-01.
//
// A page is a few products with all of their variants and all of their levels, put together from as many answers as
// that takes; each node stays as the shop sent it. Pages go by the products' ids, not by cursors: Shopify lets nobody page
// beyond 25,000 objects, and an id is a place to go on from whatever happened meanwhile.
//
// The token must be of an app with the scopes read_products, read_inventory and read_locations.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"restock/core"
	"restock/core/source/api"
)

// Client reads one shop. It is for one goroutine.
type Client struct {
	caller *api.Caller
	bucket bucket
	batch  int // products of the next page; smaller after one that was too large
}

// New makes a client of the shop at base (https://NAME.myshopify.com) with an Admin API access token. Pause is as in
// api.Config.
func New(base, token string, pause func(context.Context, time.Duration) error) (*Client, error) {
	caller, err := api.New(api.Config{
		Base: base, Secrets: []string{token}, Pause: pause,
		Authorize: func(r *http.Request) { r.Header.Set("X-Shopify-Access-Token", token) },
	})
	if err != nil {
		return nil, err
	}
	return &Client{caller: caller, batch: batch}, nil
}

// Close gives up its connections.
func (c *Client) Close() { c.caller.Close() }

// Page reads the next few products. One that does not fit a page alone is passed over and counted.
func (c *Client) Page(ctx context.Context, q api.Query) (api.Page, error) {
	for {
		page, err := c.page(ctx, q)
		var failed *api.Error
		if !errors.As(err, &failed) || failed.Reason != api.TooLarge {
			c.batch = min(c.batch+1, batch)
			return page, err
		}
		if c.batch == 1 {
			c.batch = batch
			return c.pass(ctx, q)
		}
		c.batch /= 2
	}
}

func (c *Client) page(ctx context.Context, q api.Query) (page api.Page, err error) {
	var products []object
	if len(q.IDs) > 0 {
		page.Asked = q.IDs[:min(len(q.IDs), c.batch)]
		products, page.Missing, err = c.named(ctx, page.Asked)
	} else {
		products, page.Next, page.Total, err = c.following(ctx, q.From)
	}
	if err != nil {
		return api.Page{}, err
	}
	if err := c.complete(ctx, products); err != nil {
		return api.Page{}, err
	}
	page.Read = int64(len(products))
	page.Body, err = json.Marshal(map[string][]object{"products": notNil(products)})
	if err == nil && len(page.Body) > api.MaxPage {
		err = &api.Error{Reason: api.TooLarge, Text: "a product with its variants is larger than a page may be"}
	}
	return page, err
}

func notNil(all []object) []object {
	if all == nil {
		return []object{}
	}
	return all
}

// pass passes over a product that is too large: the first that q asks for.
func (c *Client) pass(ctx context.Context, q api.Query) (api.Page, error) {
	page := api.Page{Body: []byte(`{"products":[]}`), Skipped: 1}
	if len(q.IDs) > 0 {
		page.Asked = q.IDs[:1]
		return page, nil
	}
	var data struct{ Products connection }
	if err := c.ask(ctx, nextProduct, variables{"query": after(q.From)}, &data); err != nil {
		return api.Page{}, err
	}
	if len(data.Products.Nodes) == 1 {
		page.Next = string(bare(data.Products.Nodes[0].id()))
	}
	return page, nil
}

// named reads products by their ids, and says which of them the shop does not have.
func (c *Client) named(ctx context.Context, ids []core.ProductID) (products []object, missing []core.ProductID, err error) {
	var gids []string
	var asked []core.ProductID
	for _, id := range ids {
		if numeric(id) {
			asked, gids = append(asked, id), append(gids, "gid://shopify/Product/"+string(id))
		}
	}
	var data struct{ Nodes []object }
	if len(gids) == 0 {
		return nil, nil, nil
	}
	if err := c.ask(ctx, namedProducts, variables{"ids": gids}, &data); err != nil {
		return nil, nil, err
	}
	if len(data.Nodes) != len(gids) {
		return nil, nil, &api.Error{Reason: api.Nonsense, Text: "it answers with another number of nodes than were asked for"}
	}
	for i, node := range data.Nodes {
		if node == nil {
			missing = append(missing, asked[i])
		} else {
			products = append(products, node)
		}
	}
	return products, missing, nil
}

// following reads the products after an id, in order of their ids.
func (c *Client) following(ctx context.Context, from string) (products []object, next string, total int64, err error) {
	if from != "" && !numeric(from) {
		return nil, "", 0, api.ErrRestart
	}
	var data struct{ Products connection }
	if err := c.ask(ctx, allProducts, variables{"first": c.batch, "query": after(from)}, &data); err != nil {
		return nil, "", 0, err
	}
	products = data.Products.Nodes
	if data.Products.PageInfo.HasNextPage && len(products) > 0 {
		if next = string(bare(products[len(products)-1].id())); !numeric(next) || next == from {
			return nil, "", 0, errEndless()
		}
	}
	if from == "" {
		total = c.count(ctx)
	}
	return products, next, total, nil
}

// after is the search that begins behind an id (https://shopify.dev/docs/api/usage/search-syntax); nil for all.
func after(from string) any {
	if from == "" {
		return nil
	}
	return "id:>" + from
}

// count is how many products there are; 0 when the shop does not say, since progress is all that it is for.
func (c *Client) count(ctx context.Context) int64 {
	var data struct {
		ProductsCount struct{ Count int64 }
	}
	if c.ask(ctx, countProducts, nil, &data) != nil {
		return 0
	}
	return data.ProductsCount.Count
}

// Changed are the products that changed since then; more says that there are others. An order counts as a change: it
// changes the stock (Product.updatedAt).
func (c *Client) Changed(ctx context.Context, since core.Time) (ids []core.ProductID, more bool, err error) {
	v := variables{"first": changedIn, "query": "updated_at:>='" + since.Go().Format(time.RFC3339) + "'"}
	for {
		var data struct{ Products connection }
		if err := c.ask(ctx, changedProducts, v, &data); err != nil {
			return nil, false, err
		}
		for _, node := range data.Products.Nodes {
			ids = append(ids, bare(node.id()))
		}
		info := data.Products.PageInfo
		if !info.HasNextPage || len(ids) >= api.MaxChanged || info.EndCursor == "" {
			return ids, info.HasNextPage, nil
		}
		if len(data.Products.Nodes) == 0 {
			return nil, false, errEndless()
		}
		v["after"] = info.EndCursor
	}
}
