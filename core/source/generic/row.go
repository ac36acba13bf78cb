package generic

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"restock/core"
	"restock/core/source"
)

// row is one line of a feed, read.
type row struct {
	rowKey
	product  core.Product // Title is "" for a row that is a level alone
	sku      string
	choice   string
	price    core.Money
	quantity core.Quantity
	selling  core.Selling
	at       core.Time
}

// take reads a row and adds what it says, or notes what is wrong with it.
func (t *table) take(line int, o source.Object) {
	r := t.row(o)
	var bad *source.PayloadError
	if errors.As(o.Err(), &bad) {
		t.problem(line, bad.Field, bad.Want)
		return
	}
	if before, twice := t.rows[r.rowKey]; twice {
		t.problem(line, "id", fmt.Sprintf("a variant once per location; line %d has it", before))
		return
	}
	if i, known := t.products[r.product.ID]; known && len(t.facts.Products[i].Variants) == MaxVariants && !t.variants[r.variant] {
		t.problem(line, "product", fmt.Sprintf("at most %d variants of a product", MaxVariants))
		return
	}
	t.rows[r.rowKey] = line
	t.add(r)
}

// row reads one row.
func (t *table) row(o source.Object) row {
	r := row{
		rowKey: rowKey{core.VariantID(o.ID("id")), core.LocationID(o.OptionalID("location"))},
		sku:    o.Within("sku", source.MaxSKU),
		choice: o.Within("choice", source.MaxTitle),
		at:     cmp.Or(o.UTC("updated_at"), t.readAt),
	}
	r.product = core.Product{
		Source:    t.src.Name,
		ID:        core.ProductID(cmp.Or(o.OptionalID(either(o, "product", "item_group_id")), string(r.variant))),
		Title:     o.Within("title", source.MaxTitle),
		URL:       o.Link(either(o, "url", "link")),
		Image:     o.Link(either(o, "image", "image_link")),
		Vendor:    o.Within(either(o, "vendor", "brand"), source.MaxVendor),
		Published: true,
		UpdatedAt: r.at,
	}
	if (r.product.Title == "") != (r.product.URL == "") {
		o.Fail("title", "title and url, or neither")
	}
	r.price = t.price(o)
	r.stock(o)
	return r
}

// either is the first of two names for a column, unless only the second is there.
func either(o source.Object, ours, theirs string) string {
	if o.Absent(ours) && !o.Absent(theirs) {
		return theirs
	}
	return ours
}

// price reads "19.90" in the row's currency, or "19.90 EUR".
func (t *table) price(o source.Object) core.Money {
	currency := o.Currency("currency", t.src.Currency)
	text, isText := o.Quoted("price")
	amount, named, both := strings.Cut(text, " ")
	if !isText || !both {
		return o.Price("price", currency)
	}
	split := source.Record([]string{"price", "currency"}, []string{amount, named})
	m := split.Price("price", split.Currency("currency", ""))
	if split.Err() != nil || named == "" {
		o.Fail("price", "an amount such as 19.90 or 19.90 EUR")
		return core.Money{}
	}
	return m
}

// stock reads available and availability.
func (r *row) stock(o source.Object) {
	word, known := availability(o.Within("availability", source.MaxOption))
	counted := !o.Absent("available")
	switch {
	case !known:
		o.Fail("availability", "in_stock, out_of_stock, backorder, preorder or discontinued")
	case word == "" && !counted:
		o.Fail("available", "units, or a word in availability")
	case counted:
		r.quantity = core.Quantity{Units: o.WholeUnits("available"), Tracked: true}
	default:
		r.quantity = core.Quantity{Tracked: word != wordInStock}
	}
	switch word {
	case wordOutOfStock:
		r.quantity = core.Quantity{Units: min(r.quantity.Units, 0), Tracked: true}
	case wordBackorder:
		r.selling = core.SellingBackorder
	case wordPreorder:
		r.selling = core.SellingPreorder
	case wordDiscontinued:
		r.selling = core.SellingStopped
	}
}

// What the words of availability come to.
const (
	wordInStock      = "in stock"
	wordOutOfStock   = "out of stock"
	wordBackorder    = "backorder"
	wordPreorder     = "preorder"
	wordDiscontinued = "discontinued"
)

// availability reads Google's words (https://support.google.com/merchants/answer/6324448) and schema.org's
// (https://schema.org/ItemAvailability), in any case and with any of space, underscore and hyphen between.
func availability(text string) (word string, known bool) {
	if text == "" {
		return "", true
	}
	bare := strings.ToLower(text)
	for _, prefix := range []string{"https://schema.org/", "http://schema.org/", "schema:"} {
		bare = strings.TrimPrefix(bare, prefix)
	}
	switch strings.NewReplacer(" ", "", "_", "", "-", "").Replace(bare) {
	case "instock", "limitedavailability", "onlineonly", "madetoorder":
		return wordInStock, true
	case "outofstock", "soldout", "instoreonly", "reserved":
		return wordOutOfStock, true
	case "backorder":
		return wordBackorder, true
	case "preorder", "presale":
		return wordPreorder, true
	case "discontinued":
		return wordDiscontinued, true
	}
	return "", false
}

// add adds what a row says: a level, or a variant of a product.
func (t *table) add(r row) {
	if r.product.Title == "" || r.location != "" {
		t.facts.Levels = append(t.facts.Levels, core.Level{Item: core.ItemID(r.variant), Location: r.location, Available: r.quantity, UpdatedAt: r.at})
	}
	if r.product.Title == "" {
		return
	}
	i, known := t.products[r.product.ID]
	if !known {
		i = len(t.facts.Products)
		t.products[r.product.ID] = i
		t.facts.Products = append(t.facts.Products, core.ProductFact{Product: r.product})
	}
	fact := &t.facts.Products[i]
	fact.Product.UpdatedAt = max(fact.Product.UpdatedAt, r.at)
	if !t.variants[r.variant] { // else it was described at another location
		t.variants[r.variant] = true
		fact.Variants = append(fact.Variants, r.fact())
	}
}

// fact is the row's variant. At a location its units are that level's.
func (r row) fact() core.VariantFact {
	f := core.VariantFact{Variant: core.Variant{
		Source: r.product.Source, ID: r.variant, Product: r.product.ID, Item: core.ItemID(r.variant), SKU: r.sku, Title: r.choice,
		URL: r.product.URL, Image: r.product.Image, Price: r.price, UpdatedAt: r.at, Selling: r.selling,
	}}
	if r.location == "" {
		f.Quantity = &r.quantity
	}
	return f
}
