package woocommerce

import (
	"restock/core"
	"restock/core/source"
)

// Page reads what the folder client asked the REST API for: {"products": [{"product": …, "variations": […]}, …]}, where each
// is an object of GET /wc/v3/products or of its variations, as webhooks have them. Products that are bought elsewhere or
// made of others say nothing.
func (Adapter) Page(src core.Source, page core.Page) (f core.Facts, wrong []error) {
	body := source.ParseObject(page.Body)
	products := body.Apart("products")
	if err := body.Err(); err != nil {
		return core.Facts{}, []error{err}
	}
	for _, o := range products {
		one, err := readOne(src, page, o)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		f.Products = append(f.Products, one.Products...)
		f.Levels = append(f.Levels, one.Levels...)
		f.Variants = append(f.Variants, one.Variants...)
	}
	return f, wrong
}

// readOne reads a product and its variations: as a whole, since a product without some of them would take them away.
func readOne(src core.Source, page core.Page, o source.Object) (core.Facts, error) {
	product, _ := o.Object("product")
	f, ok := reading{src: src, body: product, received: page.As}.anyProduct()
	if !ok || o.Err() != nil {
		return core.Facts{}, o.Err()
	}
	for _, v := range o.List("variations", maxVariations) {
		one := reading{src: src, body: v, received: page.As, parent: core.ProductID(product.ID("id"))}.variation()
		f.Variants = append(f.Variants, one.Variants...)
	}
	return f, o.Err()
}
