package woocommerce

import (
	"strings"

	"restock/core"
	"restock/core/source"
)

// anyProduct reads a product by its type; ok is false for types whose stock is none of the shop's. A type that a plugin
// brings (subscription, booking, bundle) is sold like the one it is built on: with variations if it names any.
func (r reading) anyProduct() (f core.Facts, ok bool) {
	switch r.body.Text("type", maxWord) {
	case "external", "grouped":
		return core.Facts{}, false
	case "variation":
		return r.variation(), true
	case "variable":
		return r.variable(), true
	}
	if parent := r.body.OptionalID("parent_id"); parent != "" && parent != "0" {
		return r.variation(), true // the variations' own part of the REST API names no type
	}
	if len(r.body.IDs("variations", maxVariations)) > 0 {
		return r.variable(), true
	}
	return r.simple(), true
}

// simple reads a product that is its own variant.
func (r reading) simple() core.Facts {
	p := r.product()
	v := r.variant(core.VariantID(p.ID), p.ID)
	v.Image = "" // the product's
	quantity := r.quantity()
	return core.Facts{Products: []core.ProductFact{{
		Product: p, Variants: []core.VariantFact{{Variant: v, Quantity: &quantity}}, Whole: true,
	}}}
}

// variable reads a product that names its variations. Where its own stock is counted, it is that of all variations which do
// not count their own.
func (r reading) variable() core.Facts {
	p := r.product()
	fact := core.ProductFact{Product: p, Whole: true}
	if !r.body.Has("variations") {
		r.body.Fail("variations", "a list of ids")
	}
	for _, id := range r.body.IDs("variations", maxVariations) {
		fact.Others = append(fact.Others, core.VariantID(id))
	}
	facts := core.Facts{Products: []core.ProductFact{fact}}
	if r.managed() {
		facts.Levels = []core.Level{{Item: core.ItemID(p.ID), Available: r.quantity(), UpdatedAt: p.UpdatedAt}}
	}
	return facts
}

// variation reads a variation. Of its parent it knows the id alone.
func (r reading) variation() core.Facts {
	parent := r.parent
	if parent == "" {
		parent = core.ProductID(r.body.ID("parent_id"))
	}
	v := r.variant(core.VariantID(r.body.ID("id")), parent)
	if r.parentCounts() {
		v.Item = core.ItemID(parent)
	}
	v.Title = strings.Join(v.Options, " / ")
	if r.body.Text("status", maxWord) != "publish" {
		v.Selling = core.SellingStopped // a variation that is not enabled is private
	}
	quantity := r.quantity()
	return core.Facts{Variants: []core.VariantFact{{Variant: v, Quantity: &quantity}}}
}

// product reads what all products have.
func (r reading) product() core.Product {
	if r.body.Absent("name") {
		r.body.Fail("name", "the product's name")
	}
	p := core.Product{
		Source:    r.src.Name,
		ID:        core.ProductID(r.body.ID("id")),
		Title:     r.body.Text("name", source.MaxTitle),
		URL:       r.link(),
		Published: r.body.NeedText("status", maxWord) == "publish",
		UpdatedAt: r.updated(),
	}
	p.Image, p.Images = r.images()
	for _, attribute := range r.body.List("attributes", maxImages) {
		if varies(attribute) && len(p.Options) < core.MaxOptions {
			p.Options = append(p.Options, attribute.Text("name", source.MaxOption))
		}
	}
	return p
}

// varies says whether an attribute tells variations apart; others describe.
func varies(attribute source.Object) bool {
	return !attribute.Absent("variation") && attribute.Bool("variation")
}

// variant reads what whatever can be bought has.
func (r reading) variant(id core.VariantID, product core.ProductID) core.Variant {
	v := core.Variant{
		Source:    r.src.Name,
		ID:        id,
		Product:   product,
		Item:      core.ItemID(id),
		SKU:       r.body.Text("sku", source.MaxSKU),
		URL:       r.link(),
		Image:     r.image(),
		Price:     r.body.Price("price", r.src.Currency),
		UpdatedAt: r.updated(),
	}
	v.ContinueSelling, v.Selling = r.selling()
	v.Options = r.options()
	return v
}

// link is the page's address; without one a message could lead nowhere.
func (r reading) link() string {
	url := source.WebURL(r.body.NeedText("permalink", source.MaxURL))
	if url == "" {
		r.body.Fail("permalink", "an address that begins with http:// or https://")
	}
	return url
}

// image is a variation's own picture.
func (r reading) image() string {
	image, _ := r.body.Object("image")
	return source.WebURL(image.Text("src", source.MaxURL+1))
}

// images are the main picture and further ones.
func (r reading) images() (main string, more []string) {
	for _, image := range r.body.List("images", maxImages) {
		switch src := source.WebURL(image.Text("src", source.MaxURL+1)); {
		case src == "":
		case main == "":
			main = src
		case len(more) < core.MaxImages:
			more = append(more, src)
		}
	}
	return main, more
}

// options are a variation's values. One that is left out means "any", so it has no value here.
func (r reading) options() (values []string) {
	for _, attribute := range r.body.List("attributes", maxImages) {
		if option := attribute.Text("option", source.MaxOption); option != "" && len(values) < core.MaxOptions {
			values = append(values, option)
		}
	}
	return values
}
