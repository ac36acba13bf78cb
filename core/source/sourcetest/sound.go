package sourcetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"restock/core"
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
	for _, p := range f.Products {
		problems = append(problems, unsoundProduct(src, p)...)
	}
	return problems
}

// unsoundProduct checks that a product and its variants belong together: an engine files them under the keys they carry.
func unsoundProduct(src core.Source, f core.ProductFact) []string {
	var problems []string
	if f.Product.Source != src.Name || f.Product.UpdatedAt <= 0 {
		problems = append(problems, fmt.Sprintf("product %s names the source %q and the time %v", f.Product.ID, f.Product.Source, f.Product.UpdatedAt))
	}
	for _, vf := range f.Variants {
		v := vf.Variant
		if v.Source != src.Name || v.Product != f.Product.ID || v.UpdatedAt <= 0 {
			problems = append(problems, fmt.Sprintf("variant %s names the source %q, the product %q and the time %v", v.ID, v.Source, v.Product, v.UpdatedAt))
		}
		if v.Price.Minor < 0 {
			problems = append(problems, fmt.Sprintf("variant %s costs %v", v.ID, v.Price))
		}
	}
	return problems
}

// ids are all external ids of the facts, but for a level's location, which may be "".
func ids(f core.Facts) []string {
	var all []string
	for _, l := range f.Levels {
		all = append(all, string(l.Item))
	}
	for _, p := range f.Products {
		all = append(all, string(p.Product.ID))
		for _, v := range p.Variants {
			all = append(all, string(v.Variant.ID), string(v.Variant.Item))
		}
	}
	return all
}

// quantities are all quantities that the facts state.
func quantities(f core.Facts) []core.Quantity {
	var all []core.Quantity
	for _, l := range f.Levels {
		all = append(all, l.Available)
	}
	for _, p := range f.Products {
		for _, v := range p.Variants {
			if v.Quantity != nil {
				all = append(all, *v.Quantity)
			}
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
func same(a, b core.Facts) bool {
	return slices.Equal(a.Levels, b.Levels) && slices.EqualFunc(a.Products, b.Products, func(p, q core.ProductFact) bool {
		return p.Product == q.Product && slices.EqualFunc(p.Variants, q.Variants, sameVariant)
	})
}

// sameVariant looks behind the pointer of Quantity: nil says that the payload states none.
func sameVariant(a, b core.VariantFact) bool { return reflect.DeepEqual(a, b) }

// show prints facts so that two of them can be compared line by line.
func show(f core.Facts) string {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Sprintf("%+v", f)
	}
	return string(text)
}
