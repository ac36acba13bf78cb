package machine

import (
	"slices"

	"restock/core"
	"restock/core/db"
)

// splitting takes out of a page what it says of some variants.
type splitting struct {
	*step
	source core.SourceName
	kept   core.Facts
	each   map[core.VariantID]*core.Facts // of those that are taken out
	items  map[core.ItemID]core.VariantID // that the page itself tells
	said   []core.VariantID               // of which the page says something by itself, those that are taken out among them
}

// split takes out of a page what it says of some variants, each by itself. Their product goes with them, since it may be what
// brings them back; what is said of its other variants stays.
func (s *step) split(src core.SourceName, f core.Facts, out []core.VariantID) splitting {
	p := splitting{step: s, source: src, each: map[core.VariantID]*core.Facts{}, items: map[core.ItemID]core.VariantID{}}
	p.kept = core.Facts{Removed: f.Removed, Orders: f.Orders}
	for _, id := range out {
		p.each[id] = &core.Facts{}
	}
	for _, product := range f.Products {
		p.product(product)
	}
	for _, v := range f.Variants {
		p.variant(v)
	}
	for _, i := range f.Items {
		to := p.ofItem(i.Item)
		to.Items = append(to.Items, i)
	}
	for _, l := range f.Levels {
		to := p.ofItem(l.Item)
		to.Levels = append(to.Levels, l)
	}
	for _, st := range f.Stocked {
		to := p.ofItem(st.Item)
		to.Stocked = append(to.Stocked, st)
	}
	for _, t := range f.Totals {
		to := p.of(t.Variant)
		to.Totals = append(to.Totals, t)
	}
	return p
}

// of is where what is said of a variant goes.
func (p *splitting) of(id core.VariantID) *core.Facts {
	p.said = append(p.said, id)
	if out := p.each[id]; out != nil {
		return out
	}
	return &p.kept
}

// ofItem is where what is said of an item goes.
func (p *splitting) ofItem(id core.ItemID) *core.Facts {
	v, told := p.items[id]
	if !told {
		v, _ = db.Items.Get(p.tx, core.ItemKey{Source: p.source, Item: id})
	}
	return p.of(v)
}

func (p *splitting) variant(v core.VariantFact) {
	p.items[v.Variant.Item] = v.Variant.ID
	to := p.of(v.Variant.ID)
	to.Variants = append(to.Variants, v)
}

// product keeps a product whole if none of its variants is taken out. Else each of those takes it along, by itself and as one
// that has this variant among others, and its variants stand alone: as of no earlier than the product, if that is told as a
// whole.
func (p *splitting) product(f core.ProductFact) {
	out := slices.ContainsFunc(f.Variants, func(v core.VariantFact) bool { return p.each[v.Variant.ID] != nil })
	out = out || slices.ContainsFunc(f.Others, func(id core.VariantID) bool { return p.each[id] != nil })
	for _, v := range f.Variants {
		p.items[v.Variant.Item] = v.Variant.ID
	}
	if !out {
		for _, v := range f.Variants {
			p.said = append(p.said, v.Variant.ID)
		}
		p.kept.Products = append(p.kept.Products, f)
		return
	}
	ids := slices.Clone(f.Others)
	for _, v := range f.Variants {
		if f.Whole {
			v.Variant.UpdatedAt = max(v.Variant.UpdatedAt, f.Product.UpdatedAt)
		}
		p.variant(v)
		ids = append(ids, v.Variant.ID)
	}
	for _, id := range ids {
		if to := p.each[id]; to != nil {
			to.Products = append(to.Products, core.ProductFact{Product: f.Product, Others: []core.VariantID{id}})
		}
	}
}
