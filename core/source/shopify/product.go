package shopify

import (
	"net/url"

	"restock/core"
	"restock/core/source"
)

// product reads a product with all its variants. Facts replace what was known, so a subscription with include_fields
// that leaves out what the facts are made of is refused instead of wiping titles, links or variants.
func (r reading) product() core.Facts {
	images := r.body.List("images", maxImages)
	product := core.Product{
		Source:    r.src.Name,
		ID:        core.ProductID(needID(r.body, "id")),
		Title:     r.body.Text("title", source.MaxTitle),
		URL:       r.src.URL + "/products/" + url.PathEscape(r.body.NeedText("handle", maxHandle)),
		Image:     r.mainImage(images),
		Vendor:    r.body.Text("vendor", source.MaxVendor),
		Published: r.published(),
		UpdatedAt: r.updated(),
		Options:   r.options(),
	}
	product.Images = moreImages(images, product.Image)
	r.need("title", "variants")
	fact := core.ProductFact{Product: product, Whole: true}
	byID := imagesByID(images)
	for _, v := range r.body.List("variants", maxVariants) {
		fact.Variants = append(fact.Variants, variant{v, r.src, product, byID}.fact())
	}
	return core.Facts{Products: []core.ProductFact{fact}}
}

// need fails for each field that is missing or null.
func (r reading) need(names ...string) {
	for _, name := range names {
		if r.body.Absent(name) {
			r.body.Fail(name, "this field; does the subscription leave it out?")
		}
	}
}

// published is whether shoppers can buy the product in the online store. Drafts keep an old published_at. What is unlisted (API
// version 2025-10 and later) is found by its link alone, which who waits for it has, and messages lead to.
func (r reading) published() bool {
	if !r.body.Has("published_at") {
		r.body.Fail("published_at", "a time or null; does the subscription leave it out?")
	}
	if r.body.Absent("status") {
		r.body.Fail("status", "active, draft or archived; does the subscription leave it out?")
	}
	status, since := r.body.Text("status", maxWord), r.body.Time("published_at")
	return (status == "active" || status == "unlisted") && since != 0
}

// options are the names of what the variants differ by. A product with one variant has an option that is called Title in
// every language, with the one value Default Title.
func (r reading) options() (names []string) {
	list := r.body.List("options", maxOptions)
	for _, option := range list {
		names = append(names, option.Text("name", source.MaxOption))
	}
	if len(names) == 1 && names[0] == "Title" {
		return nil
	}
	return names
}

// moreImages are those that a mail can show, without the main one.
func moreImages(images []source.Object, main string) (more []string) {
	for _, image := range images {
		if src := imageURL(image); src != "" && src != main && len(more) < core.MaxImages {
			more = append(more, src)
		}
	}
	return more
}

// mainImage is the address of the featured image, else of the first.
func (r reading) mainImage(images []source.Object) string {
	if image, ok := r.body.Object("image"); ok {
		if src := imageURL(image); src != "" {
			return src
		}
	}
	if len(images) > 0 {
		return imageURL(images[0])
	}
	return ""
}

// imagesByID is where variants find their image. An image without id serves the product alone; what a picture lacks
// never stops a product's stock.
func imagesByID(images []source.Object) map[string]string {
	byID := make(map[string]string, len(images))
	for _, image := range images {
		if id := bare(image.OptionalID("id")); id != "" {
			byID[id] = imageURL(image)
		}
	}
	return byID
}

// imageURL is "" for what no mail can show: other schemes, and addresses too long to be one.
func imageURL(image source.Object) string {
	return source.WebURL(image.Text("src", source.MaxURL+1))
}

// variant is one element of variants with what it takes from its product.
type variant struct {
	source.Object
	src     core.Source
	product core.Product
	images  map[string]string // addresses by image id
}

// fact reads one variant. Its time is the later of its own and the product's: the payload is a snapshot of the whole
// product, and a change of stock alone need not touch the variant's own time.
func (v variant) fact() core.VariantFact {
	id := needID(v.Object, "id")
	return core.VariantFact{
		Variant: core.Variant{
			Source:          v.src.Name,
			ID:              core.VariantID(id),
			Product:         v.product.ID,
			Item:            v.item(id),
			SKU:             v.Text("sku", source.MaxSKU),
			Title:           v.title(),
			URL:             "?variant=" + url.QueryEscape(id),
			Image:           v.images[bare(v.OptionalID("image_id"))],
			Price:           v.Amount("price", v.src.Currency),
			ContinueSelling: v.Text("inventory_policy", maxWord) == "continue",
			UpdatedAt:       max(v.Time("updated_at"), v.product.UpdatedAt),
			Options:         v.options(),
		},
		Quantity: v.quantity(),
		Untold:   !v.Has("inventory_management"),
	}
}

// item is the inventory item that levels speak of. A variant without one, as in test deliveries, gets an id that no
// level has.
func (v variant) item(id string) core.ItemID {
	item := bare(v.OptionalID("inventory_item_id"))
	if item == "" {
		item = "variant:" + id
	}
	if len(item) > core.MaxExternalID {
		v.Fail("id", "a shorter id")
	}
	return core.ItemID(item)
}

// title is "" for the only variant of a product, which Shopify calls by this name in every language.
func (v variant) title() string {
	if title := v.Text("title", source.MaxTitle); title != defaultTitle {
		return title
	}
	return ""
}

// defaultTitle is title and option of the only variant of a product, in every language.
const defaultTitle = "Default Title"

// options are the variant's values of its product's options.
func (v variant) options() (values []string) {
	for _, name := range []string{"option1", "option2", "option3"} {
		if v.Absent(name) {
			break
		}
		values = append(values, v.Text(name, source.MaxOption))
	}
	if len(values) == 1 && values[0] == defaultTitle {
		return nil
	}
	return values
}

// quantity is the sum over all locations, nil when the payload states none. inventory_management is null when nobody counts;
// versions from 2024-07 on send none (https://shopify.dev/changelog/product-variant-field-cleanup), and state 0 then.
func (v variant) quantity() *core.Quantity {
	switch {
	case v.Null("inventory_management"):
		return &core.Quantity{}
	case v.Absent("inventory_quantity"):
		return nil
	}
	return &core.Quantity{Units: v.Int("inventory_quantity"), Tracked: true}
}
