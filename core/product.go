package core

// External ids are strings: shops use numbers beyond 2^53, GIDs and codes. A Shopify GID's prefix is stripped.
type (
	ProductID  string // a product's id at its source
	VariantID  string // a variant's id at its source
	ItemID     string // an inventory item's id; platforms without items use the variant's id
	LocationID string // where stock lies; "" is the sum that a product payload states
	Market     string // which shoppers a set of locations serves; "" is everybody
)

// VariantKey is a variant within an installation.
type VariantKey struct {
	Source  SourceName `msgpack:"s"`
	Variant VariantID  `msgpack:"v"`
}

// ProductKey is a product within an installation.
type ProductKey struct {
	Source  SourceName `msgpack:"s"`
	Product ProductID  `msgpack:"p"`
}

// ItemKey is an inventory item within an installation.
type ItemKey struct {
	Source SourceName `msgpack:"s"`
	Item   ItemID     `msgpack:"i"`
}

// Product is what is sold, as its source last described it. Message content comes from here, never from a page.
type Product struct {
	Source    SourceName `msgpack:"source"`
	ID        ProductID  `msgpack:"id"`
	Title     string     `msgpack:"title"`
	URL       string     `msgpack:"url"`
	Image     string     `msgpack:"image"`
	Vendor    string     `msgpack:"vendor,omitempty"`
	Published bool       `msgpack:"published"`
	UpdatedAt Time       `msgpack:"updated_at"`        // the source's clock; the newest wins
	Seen      Sequence   `msgpack:"seen,omitempty"`    // the journal entry that said so
	Options   []string   `msgpack:"options,omitempty"` // what its variants differ by (Colour, Size), in the order of Variant.Options
	Images    []string   `msgpack:"images,omitempty"`  // further images, at most MaxImages; Image is not among them
	Markets   []Market   `msgpack:"markets,omitempty"` // where it is sold; empty: everywhere
	Removed   bool       `msgpack:"removed,omitempty"` // the shop has deleted it; what else is known stays, since messages speak of it
}

// Bounds of what is kept of a product, whatever the platform.
const (
	MaxImages  = 9  // beside the main one: mails show few, and payloads hold hundreds
	MaxOptions = 10 // Shopify has 3
	MaxMarkets = 64
)

// Key is the product's key.
func (p Product) Key() ProductKey { return ProductKey{p.Source, p.ID} }

// Variant is the buyable choice of a product (size, colour). Waiting is per variant.
type Variant struct {
	Source          SourceName `msgpack:"source"`
	ID              VariantID  `msgpack:"id"`
	Product         ProductID  `msgpack:"product"`
	Item            ItemID     `msgpack:"item"`
	SKU             string     `msgpack:"sku"`             // the merchant's own code; not unique, never a key by itself
	Title           string     `msgpack:"title"`           // what tells it from its siblings; "" when the product has only one
	URL             string     `msgpack:"url"`             // see Link
	Image           string     `msgpack:"image,omitempty"` // "" : the product's
	Price           Money      `msgpack:"price"`
	ContinueSelling bool       `msgpack:"continue"` // buyable at any quantity, as if it were there
	UpdatedAt       Time       `msgpack:"updated_at"`
	Seen            Sequence   `msgpack:"seen,omitempty"`    // the journal entry that said so
	Options         []string   `msgpack:"options,omitempty"` // its values of Product.Options, in their order
	Selling         Selling    `msgpack:"selling,omitempty"`
	Removed         bool       `msgpack:"removed,omitempty"` // the shop has deleted it, or its product does not list it any more
}

// Selling is how a variant is sold beside, or in spite of, what its stock says.
type Selling string

// The ways. The zero value is the usual one: while stock lasts, and beyond it if ContinueSelling says so.
const (
	SellingStock     Selling = ""
	SellingBackorder Selling = "backorder" // none is left; it may be ordered and comes later
	SellingPreorder  Selling = "preorder"  // there never was any; it may be ordered and comes later
	SellingStopped   Selling = "stopped"   // nobody can buy it, whatever the stock: it has no price, or is discontinued
)

// Beyond says whether the variant counts as in stock when none is left. Backorder and preorder do only where the source's
// policy says so: who waits for a thing may not want to wait for it once more after paying.
func (v Variant) Beyond(p StockPolicy) bool {
	switch v.Selling {
	case SellingBackorder:
		return p.Backorder || v.ContinueSelling && !p.ContinueOut
	case SellingPreorder:
		return p.Preorder || v.ContinueSelling && !p.ContinueOut
	}
	return v.ContinueSelling && !p.ContinueOut
}

// Link is where the variant is bought: its own URL, which may be a query ("?variant=1") on its product's.
func (v Variant) Link(p Product) string {
	if v.URL == "" || v.URL[0] == '?' {
		return p.URL + v.URL
	}
	return v.URL
}

// Key is the variant's key.
func (v Variant) Key() VariantKey { return VariantKey{v.Source, v.ID} }
