package sourcetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"restock/core"
	"restock/core/address"
	"restock/core/source"
)

// hasSoundFacts checks what the state machine relies on, whatever the platform.
func hasSoundFacts(a source.Adapter, c Case) []string {
	got, err := facts(a, c.Source, copied(c.Delivery))
	if err != nil {
		return nil // answers says so
	}
	return Unsound(c.Source, got)
}

// Unsound is which rules of core the facts of a source break; adapters' fuzz targets call it.
func Unsound(src core.Source, f core.Facts) []string {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, id := range ids(f) {
		if id == "" || len(id) > core.MaxExternalID {
			add("id %q has %d bytes; want 1 to %d", id, len(id), core.MaxExternalID)
		}
	}
	for _, l := range f.Levels {
		if l.UpdatedAt <= 0 {
			add("level of item %s has no time", l.Item)
		}
	}
	for _, q := range quantities(f) {
		if !q.Tracked && q.Units != 0 {
			add("untracked stock of %d units", q.Units)
		}
	}
	for _, t := range times(f) {
		if t <= 0 {
			add("something other than a product has no time")
		}
	}
	for _, p := range f.Products {
		problems = append(problems, unsoundProduct(src, p)...)
	}
	for _, v := range f.Variants {
		problems = append(problems, unsoundVariant(src, v.Variant, v.Variant.Product)...)
	}
	for _, o := range f.Orders {
		problems = append(problems, unsoundOrder(src, o)...)
	}
	return problems
}

// times are those of facts that stand alone.
func times(f core.Facts) (all []core.Time) {
	for _, i := range f.Items {
		all = append(all, i.UpdatedAt)
	}
	for _, t := range f.Totals {
		all = append(all, t.UpdatedAt)
	}
	for _, r := range f.Removed {
		all = append(all, r.At)
	}
	for _, o := range f.Orders {
		all = append(all, o.PlacedAt, o.UpdatedAt)
	}
	return all
}

// unsoundProduct checks that a product and its variants belong together: an engine files them under the keys they carry.
func unsoundProduct(src core.Source, f core.ProductFact) []string {
	var problems []string
	p := f.Product
	if p.Source != src.Name || p.UpdatedAt <= 0 {
		problems = append(problems, fmt.Sprintf("product %s names the source %q and the time %v", p.ID, p.Source, p.UpdatedAt))
	}
	if len(p.Images) > core.MaxImages || len(p.Options) > core.MaxOptions || len(p.Markets) > core.MaxMarkets {
		problems = append(problems, fmt.Sprintf("product %s has %d images, %d options and %d markets", p.ID, len(p.Images), len(p.Options), len(p.Markets)))
	}
	for _, v := range f.Variants {
		problems = append(problems, unsoundVariant(src, v.Variant, p.ID)...)
	}
	return problems
}

func unsoundVariant(src core.Source, v core.Variant, product core.ProductID) []string {
	var problems []string
	if v.Source != src.Name || v.Product != product || v.UpdatedAt <= 0 {
		problems = append(problems, fmt.Sprintf("variant %s names the source %q, the product %q and the time %v", v.ID, v.Source, v.Product, v.UpdatedAt))
	}
	if v.Price.Minor < 0 {
		problems = append(problems, fmt.Sprintf("variant %s costs %v", v.ID, v.Price))
	}
	if len(v.Options) > core.MaxOptions {
		problems = append(problems, fmt.Sprintf("variant %s has %d options", v.ID, len(v.Options)))
	}
	return problems
}

// unsoundOrder checks an order: addresses are normal, or they would belong to nobody.
func unsoundOrder(src core.Source, o core.Order) []string {
	var problems []string
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Sprintf("order %s "+format, append([]any{o.ID}, args...)...))
	}
	if o.Source != src.Name || o.State == "" {
		add("names the source %q and the state %q", o.Source, o.State)
	}
	if normal, err := address.Email(o.Email); o.Email != "" && (err != nil || normal != o.Email) {
		add("has an e-mail address that is not normal")
	}
	if normal, _, err := address.Phone(o.Phone, ""); o.Phone != "" && (err != nil || normal != o.Phone) {
		add("has a phone number that is not normal")
	}
	if len(o.Lines) > core.MaxOrderLines || o.Total.Minor < 0 {
		add("has %d lines and costs %v", len(o.Lines), o.Total)
	}
	for _, l := range o.Lines {
		if l.Quantity < 1 || l.Price.Minor < 0 {
			add("has %d of variant %s at %v", l.Quantity, l.Variant, l.Price)
		}
	}
	return problems
}

// ids are all external ids of the facts, but for those that may be "".
func ids(f core.Facts) []string {
	var all []string
	for _, l := range f.Levels {
		all = append(all, string(l.Item))
	}
	for _, i := range f.Items {
		all = append(all, string(i.Item))
	}
	for _, s := range f.Stocked {
		all = append(all, string(s.Item))
	}
	for _, t := range f.Totals {
		all = append(all, string(t.Variant))
	}
	for _, r := range f.Removed {
		all = append(all, cmp.Or(string(r.Variant), string(r.Product)))
	}
	for _, p := range f.Products {
		all = append(all, string(p.Product.ID))
		for _, id := range p.Others {
			all = append(all, string(id))
		}
	}
	for _, v := range variants(f) {
		all = append(all, string(v.Variant.ID), string(v.Variant.Item), string(v.Variant.Product))
	}
	for _, o := range f.Orders {
		all = append(all, string(o.ID))
		for _, l := range o.Lines {
			all = append(all, string(l.Variant))
		}
	}
	return all
}

// variants are those with their products and those without.
func variants(f core.Facts) (all []core.VariantFact) {
	for _, p := range f.Products {
		all = append(all, p.Variants...)
	}
	return append(all, f.Variants...)
}

// quantities are all quantities that the facts state.
func quantities(f core.Facts) []core.Quantity {
	var all []core.Quantity
	for _, l := range f.Levels {
		if !l.Gone {
			all = append(all, l.Available)
		}
	}
	for _, t := range f.Totals {
		all = append(all, t.Available)
	}
	for _, v := range variants(f) {
		if v.Quantity != nil {
			all = append(all, *v.Quantity)
		}
	}
	return all
}

// beyondFloat says whether a whole number in an id would change in a float64.
func beyondFloat(id string) bool {
	n, err := strconv.ParseInt(id, 10, 64)
	return err == nil && n > 1<<53 && n%2 == 1
}

// same compares facts in their order, which is the payload's; a nil list and an empty one say the same.
func same(a, b core.Facts) bool { return alike(reflect.ValueOf(a), reflect.ValueOf(b)) }

func alike(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		for i := range min(a.Len(), b.Len()) {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return a.Len() == b.Len()
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// show prints facts so that two of them can be compared line by line.
func show(f core.Facts) string {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Sprintf("%+v", f)
	}
	return string(text)
}
