package generic

import (
	"restock/core"
	"restock/core/source"
)

// product adds a product with all its variants, or its removal.
func (p push) product(o source.Object, f *core.Facts) {
	o.Only("id", "title", "url", "image", "images", "vendor", "options", "markets", "published", "removed", "variants", "updated_at")
	id := core.ProductID(o.ID("id"))
	if flag(o, "removed", false) {
		f.Removed = append(f.Removed, core.Removal{Product: id, At: p.updated(o)})
		return
	}
	product := core.Product{
		Source:    p.src.Name,
		ID:        id,
		Title:     o.NeedText("title", source.MaxTitle),
		URL:       needLink(o),
		Image:     o.Link("image"),
		Vendor:    o.Within("vendor", source.MaxVendor),
		Published: flag(o, "published", true),
		UpdatedAt: p.updated(o),
		Options:   texts(o, "options", core.MaxOptions, source.MaxOption),
		Images:    links(o),
	}
	o.AtMost("markets", core.MaxMarkets)
	for _, m := range o.IDs("markets", core.MaxMarkets) {
		product.Markets = append(product.Markets, core.Market(m))
	}
	fact := core.ProductFact{Product: product, Whole: true}
	for _, v := range need(o, "variants", MaxVariants) {
		fact.Variants = append(fact.Variants, p.variant(v, product))
	}
	f.Products = append(f.Products, fact)
}

func needLink(o source.Object) string {
	url := o.Link("url")
	if url == "" {
		o.Fail("url", "the product's page")
	}
	return url
}

func texts(o source.Object, name string, limit, size int) []string {
	o.AtMost(name, limit)
	return o.Texts(name, limit, size)
}

// links are further images.
func links(o source.Object) (all []string) {
	for _, s := range texts(o, "images", core.MaxImages, source.MaxURL+1) {
		url := source.WebURL(s)
		if url == "" {
			o.Fail("images", "addresses that begin with http:// or https://")
		}
		all = append(all, url)
	}
	return all
}

func (p push) variant(o source.Object, product core.Product) core.VariantFact {
	o.Only("id", "sku", "title", "url", "image", "options", "price", "currency", "selling", "available")
	id := o.ID("id")
	v := core.Variant{
		Source:    p.src.Name,
		ID:        core.VariantID(id),
		Product:   product.ID,
		Item:      core.ItemID(id),
		SKU:       o.Within("sku", source.MaxSKU),
		Title:     o.Within("title", source.MaxTitle),
		URL:       o.Link("url"),
		Image:     o.Link("image"),
		Price:     amount(o, "price", o.Currency("currency", p.src.Currency)),
		UpdatedAt: product.UpdatedAt,
		Options:   texts(o, "options", core.MaxOptions, source.MaxOption),
	}
	v.ContinueSelling, v.Selling = selling(o.Word("selling", "stock", "continue", "backorder", "preorder", "stopped"))
	fact := core.VariantFact{Variant: v}
	if o.Has("available") {
		quantity := available(o)
		fact.Quantity = &quantity
	}
	return fact
}

// selling is the vocabulary's form of our word.
func selling(word string) (continues bool, s core.Selling) {
	switch word {
	case "continue":
		return true, core.SellingStock
	case "backorder", "preorder", "stopped":
		return false, core.Selling(word)
	}
	return false, core.SellingStock
}

// amount reads a price that need not be there; one with more decimals than its currency has is a slip.
func amount(o source.Object, name, currency string) core.Money {
	if o.Absent(name) {
		return core.Money{}
	}
	return o.Amount(name, currency)
}
