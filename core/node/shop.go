package node

import (
	"context"
	"fmt"

	"restock/core"
	"restock/core/source/api"
	feed "restock/core/source/generic/client"
	shopify "restock/core/source/shopify/client"
	woocommerce "restock/core/source/woocommerce/client"
)

// shopAPI is the API of a source. It is for one goroutine.
type shopAPI interface {
	// Page reads the next page of all products, or of those that are named.
	Page(context.Context, api.Query) (api.Page, error)
	// Changed are the products that changed since then; more says that there are others.
	Changed(ctx context.Context, since core.Time) (ids []core.ProductID, more bool, err error)
	// Find are the products that what webhooks spoke of belongs to, as far as the shop knows it.
	Find(context.Context, []core.Unknown) ([]core.ProductID, error)
	Close()
}

// openShop makes what reads a source's API, with its secrets as they are now; one line each. It calls nobody.
func openShop(s core.Source) (shopAPI, error) {
	key, err := ResolveSecret(s.API.Key)
	if err != nil {
		return nil, err
	}
	secret, err := ResolveSecret(s.API.Secret)
	if err != nil {
		return nil, err
	}
	switch s.Platform {
	case core.Shopify:
		return opened(shopify.New(s.API.URL, secret, nil))
	case core.WooCommerce:
		return opened(woocommerce.New(s.API.URL, key, secret, nil))
	case core.Generic:
		return opened(feed.New(s.API.URL, s.API.Format, secret, nil))
	}
	return nil, fmt.Errorf("opening the API of source %s: platform %q has none", s.Name, s.Platform)
}

// opened keeps a nil client from becoming a shop that is not nil.
func opened[S shopAPI](s S, err error) (shopAPI, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
