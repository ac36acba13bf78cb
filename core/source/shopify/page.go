package shopify

import (
	"net/url"
	"strings"

	"restock/core"
	"restock/core/source"
)

// maxLocations is how many levels of an item are read; Shopify's own limit is lower.
const maxLocations = 1000

// Page reads what the folder client asked the GraphQL Admin API for: {"products": […]}, each a Product
// (https://shopify.dev/docs/api/admin-graphql/latest/objects/Product) whose variants are a list of all of them, and the
// inventoryLevels of their items, of which all are given or none, are lists as well.
func (Adapter) Page(src core.Source, page core.Page) (f core.Facts, wrong []error) {
	body := source.ParseObject(page.Body)
	products := body.Apart("products")
	if err := body.Err(); err != nil {
		return core.Facts{}, []error{err}
	}
	for _, o := range products {
		var one core.Facts
		node{Object: o, src: src}.read(&one)
		if err := o.Err(); err != nil {
			wrong = append(wrong, err)
			continue
		}
		f.Products = append(f.Products, one.Products...)
		f.Items = append(f.Items, one.Items...)
		f.Levels = append(f.Levels, one.Levels...)
		f.Stocked = append(f.Stocked, one.Stocked...)
	}
	return f, wrong
}

// node is an object of the GraphQL API.
type node struct {
	source.Object
	src core.Source
}

// read reads a product with all that hangs on it. It says the same as the webhook's body, in other words.
func (n node) read(f *core.Facts) {
	p := core.Product{
		Source:    n.src.Name,
		ID:        core.ProductID(needID(n.Object, "id")),
		Title:     n.Text("title", source.MaxTitle),
		URL:       n.src.URL + "/products/" + url.PathEscape(n.NeedText("handle", maxHandle)),
		Image:     n.picture("featuredMedia"),
		Vendor:    n.Text("vendor", source.MaxVendor),
		UpdatedAt: n.needTime("updatedAt"),
	}
	status, since := n.NeedText("status", maxWord), n.Time("publishedAt")
	p.Published = (status == "ACTIVE" || status == "UNLISTED") && since != 0 // see reading.published
	for _, option := range n.List("options", maxOptions) {
		p.Options = append(p.Options, option.Text("name", source.MaxOption))
	}
	if len(p.Options) == 1 && p.Options[0] == "Title" {
		p.Options = nil
	}
	for _, url := range n.pictures("media", core.MaxImages+1) {
		if url != p.Image && len(p.Images) < core.MaxImages {
			p.Images = append(p.Images, url)
		}
	}
	if n.Absent("variants") {
		n.Fail("variants", "a list")
	}
	fact := core.ProductFact{Product: p, Whole: true}
	for _, o := range n.List("variants", maxVariants) {
		fact.Variants = append(fact.Variants, node{o, n.src}.variant(p, f))
	}
	f.Products = append(f.Products, fact)
}

// variant reads a variant, and adds its item with its levels.
func (n node) variant(p core.Product, f *core.Facts) core.VariantFact {
	id := needID(n.Object, "id")
	item := n.item(f)
	v := core.Variant{
		Source:          n.src.Name,
		ID:              core.VariantID(id),
		Product:         p.ID,
		Item:            item.Item,
		SKU:             n.Text("sku", source.MaxSKU),
		URL:             "?variant=" + url.QueryEscape(id),
		Price:           n.Amount("price", n.src.Currency),
		ContinueSelling: n.Text("inventoryPolicy", maxWord) == "CONTINUE",
		UpdatedAt:       max(n.Time("updatedAt"), p.UpdatedAt),
	}
	if title := n.Text("title", source.MaxTitle); title != defaultTitle {
		v.Title = title
	}
	for _, option := range n.List("selectedOptions", maxOptions) {
		v.Options = append(v.Options, option.Text("value", source.MaxOption))
	}
	if len(v.Options) == 1 && v.Options[0] == defaultTitle {
		v.Options = nil
	}
	if pictures := n.pictures("media", 1); len(pictures) > 0 {
		v.Image = pictures[0]
	}
	quantity := core.Quantity{}
	if item.Tracked {
		quantity = core.Quantity{Units: n.Int("inventoryQuantity"), Tracked: true}
	}
	return core.VariantFact{Variant: v, Quantity: &quantity}
}

// item adds the variant's inventory item, and its levels if they were asked for.
func (n node) item(f *core.Facts) core.ItemFact {
	o, ok := n.Object.Object("inventoryItem")
	if !ok {
		n.Fail("inventoryItem", "an object")
	}
	item := core.ItemFact{Item: core.ItemID(needID(o, "id")), Tracked: o.Bool("tracked"), UpdatedAt: node{o, n.src}.needTime("updatedAt")}
	f.Items = append(f.Items, item)
	if !item.Tracked || o.Absent("inventoryLevels") {
		return item
	}
	at := core.Stocked{Item: item.Item}
	for _, level := range o.List("inventoryLevels", maxLocations) {
		l := node{level, n.src}.level(item.Item)
		f.Levels = append(f.Levels, l)
		at.Locations = append(at.Locations, l.Location)
	}
	f.Stocked = append(f.Stocked, at)
	return item
}

// level reads an InventoryLevel of which the quantity that is called available was asked for.
func (n node) level(item core.ItemID) core.Level {
	location, _ := n.Object.Object("location")
	l := core.Level{Item: item, Location: core.LocationID(needID(location, "id")), UpdatedAt: n.needTime("updatedAt")}
	found := false
	for _, q := range n.List("quantities", 16) {
		if q.Text("name", maxWord) == "available" {
			l.Available, found = core.Quantity{Units: q.Int("quantity"), Tracked: true}, true
		}
	}
	if !found {
		n.Fail("quantities", "one of the name available")
	}
	return l
}

func (n node) needTime(name string) core.Time {
	t := n.Time(name)
	if t == 0 {
		n.Fail(name, "a time of RFC 3339")
	}
	return t
}

// picture is the address of a Media's preview; "" for what no mail can show.
func (n node) picture(name string) string {
	media, _ := n.Object.Object(name)
	return preview(media)
}

// pictures are those of a connection of Media, at most limit.
func (n node) pictures(name string, limit int) (all []string) {
	connection, _ := n.Object.Object(name)
	for _, media := range connection.List("nodes", limit) {
		if url := preview(media); url != "" {
			all = append(all, url)
		}
	}
	return all
}

func preview(media source.Object) string {
	shown, _ := media.Object("preview")
	image, _ := shown.Object("image")
	return source.WebURL(strings.TrimSpace(image.Text("url", source.MaxURL+1)))
}
