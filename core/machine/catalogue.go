package machine

import (
	"slices"

	"restock/core"
	"restock/core/db"
)

// facts takes over what a payload says, judges every variant that it touches, each once, and then looks at who bought.
func (s *step) facts(src core.Source, f core.Facts) {
	s.judgeAll(s.takeOver(src, f))
	for _, o := range f.Orders {
		s.order(o)
	}
}

// takeOver keeps what a payload says of products and stock, and returns the variants that it touches.
func (s *step) takeOver(src core.Source, f core.Facts) []core.VariantKey {
	t := touched{}
	for _, p := range f.Products {
		t.add(s.product(src, p)...)
	}
	for _, v := range f.Variants {
		t.add(s.loneVariant(src, v)...)
	}
	for _, i := range f.Items {
		t.add(s.item(src, i)...)
	}
	for _, l := range f.Levels {
		t.add(s.level(src, l)...)
	}
	for _, stocked := range f.Stocked {
		t.add(s.stocked(src, stocked)...)
	}
	for _, total := range f.Totals {
		t.add(s.total(src, total)...)
	}
	for _, r := range f.Removed {
		t.add(s.removed(src, r)...)
	}
	return t.order
}

// judgeAll judges variants, as many as one entry has room for. Each market may open a restock of its own: the others are
// judged page by page, at once.
func (s *step) judgeAll(keys []core.VariantKey) {
	begin := s.tx.Size()
	for _, k := range keys {
		if s.tx.Size()-begin > pageBytes {
			s.setTimer(db.Timer{Due: s.now(), Variant: k, Version: s.sequence})
			continue
		}
		s.judge(k)
	}
}

// touched is variants in the order in which they were first touched.
type touched struct {
	order []core.VariantKey
	known map[core.VariantKey]bool
}

func (t *touched) add(all ...core.VariantKey) {
	for _, v := range all {
		if !t.known[v] {
			if t.known == nil {
				t.known = map[core.VariantKey]bool{}
			}
			t.known[v] = true
			t.order = append(t.order, v)
		}
	}
}

// product keeps a product and its variants, unless what we know is newer. All its variants are touched, also those that
// the payload only names: what holds for the product holds for them.
func (s *step) product(src core.Source, f core.ProductFact) (touched []core.VariantKey) {
	p := f.Product
	p.UpdatedAt, p.Seen = min(p.UpdatedAt, s.latest()), s.sequence // a clock that is ahead must not silence what comes next
	known, ok := db.Products.Get(s.tx, p.Key())
	if ok && known.Removed && s.readAfter(known.Seen) {
		p.UpdatedAt = max(p.UpdatedAt, known.UpdatedAt) // it is there again, whatever time its removal was given
	}
	if ok && !s.beats(known.UpdatedAt, known.Seen, p.UpdatedAt) {
		if f.Whole {
			return nil
		}
		touched, _ = s.keepNewer(src, f.Variants)
		return touched
	}
	if s.isNews(!sameProduct(known, p) || known.UpdatedAt != p.UpdatedAt) {
		s.corrects(!sameProduct(known, p), core.ReasonProductCorrected)
		db.Products.Set(s.tx, p.Key(), p)
	}
	var listed []core.VariantID
	if f.Whole {
		touched, listed = s.keepAll(src, f.Variants, p.UpdatedAt)
	} else {
		touched, listed = s.keepNewer(src, f.Variants)
	}
	for _, id := range s.list(p, append(listed, f.Others...), f.Whole) {
		touched = append(touched, core.VariantKey{Source: p.Source, Variant: id})
	}
	s.unknownVariants(src, p.ID, f.Others)
	for _, id := range f.Others {
		s.mark(core.VariantKey{Source: p.Source, Variant: id}, p.UpdatedAt, false)
	}
	return touched
}

// keepAll keeps the variants of a product that is told as a whole: what holds for it as of at holds for them.
func (s *step) keepAll(src core.Source, all []core.VariantFact, at core.Time) (touched []core.VariantKey, listed []core.VariantID) {
	for _, v := range all {
		s.keepVariant(src, v, at)
		listed = append(listed, v.Variant.ID)
		touched = append(touched, v.Variant.Key())
	}
	return touched, listed
}

// keepNewer keeps the variants of which nothing newer is known: parts of a product, as rows of a feed are, are each as of their
// own time, and what another part said later silences none of them.
func (s *step) keepNewer(src core.Source, all []core.VariantFact) (touched []core.VariantKey, listed []core.VariantID) {
	for _, v := range all {
		if s.keepIfNewer(src, v) {
			listed = append(listed, v.Variant.ID)
			touched = append(touched, v.Variant.Key())
		}
	}
	return touched, listed
}

// list keeps which variants a product has and returns all that it has or had. In a whole listing, those that are missing
// are gone; in any other, it only grows.
func (s *step) list(p core.Product, listed []core.VariantID, whole bool) (all []core.VariantID) {
	before, _ := db.Choices.Get(s.tx, p.Key())
	there := make(map[core.VariantID]bool, len(listed))
	for _, id := range listed {
		there[id] = true
	}
	all = listed
	for _, id := range before {
		if there[id] {
			continue
		}
		all = append(all, id)
		if whole {
			s.mark(core.VariantKey{Source: p.Source, Variant: id}, p.UpdatedAt, true)
		}
	}
	keep := all
	if whole {
		keep = listed
	}
	keep = keep[:min(len(keep), maxChoices)]
	if !slices.Equal(keep, before) && s.isNews(true) {
		db.Choices.Set(s.tx, p.Key(), keep)
	}
	return all
}

// maxChoices bounds how many variants of a product are known as its own; Shopify allows 2,048.
const maxChoices = 4096

// mark notes that a variant is gone, or there again, unless what we know of it is newer.
func (s *step) mark(key core.VariantKey, at core.Time, removed bool) {
	v, ok := db.Variants.Get(s.tx, key)
	if ok && v.Removed != removed && s.beats(v.UpdatedAt, v.Seen, at) {
		v.Removed, v.UpdatedAt, v.Seen = removed, at, s.sequence
		s.isNews(true)
		s.corrects(removed, core.ReasonRemovalCorrected)
		db.Variants.Set(s.tx, key, v)
	}
}

// loneVariant keeps a variant that came without its product, unless what we know is newer. A webhook may tell of one
// variation what holds for all that take part in their parent's stock.
func (s *step) loneVariant(src core.Source, f core.VariantFact) []core.VariantKey {
	if !s.keepIfNewer(src, f) {
		return nil
	}
	v := f.Variant
	touched := []core.VariantKey{v.Key()}
	if !db.Products.Has(s.tx, core.ProductKey{Source: src.Name, Product: v.Product}) {
		s.unknown(src, core.Unknown{Product: v.Product})
	}
	siblings := s.list(core.Product{Source: src.Name, ID: v.Product}, []core.VariantID{v.ID}, false)
	if s.reading != nil || string(v.Item) != string(v.Product) {
		return touched // a page has them all
	}
	for _, id := range siblings {
		key := core.VariantKey{Source: src.Name, Variant: id}
		if sibling, _ := db.Variants.Get(s.tx, key); sibling.Item == v.Item {
			touched = append(touched, key)
		}
	}
	return touched
}

// keepIfNewer keeps a variant as of its own time, unless what we know is newer; it says whether it did.
func (s *step) keepIfNewer(src core.Source, f core.VariantFact) bool {
	v := f.Variant
	v.UpdatedAt = min(v.UpdatedAt, s.latest())
	known, ok := db.Variants.Get(s.tx, v.Key())
	if ok && known.Removed && s.readAfter(known.Seen) {
		v.UpdatedAt = max(v.UpdatedAt, known.UpdatedAt) // as with products
	}
	if ok && !s.beats(known.UpdatedAt, known.Seen, v.UpdatedAt) {
		return false
	}
	f.Variant = v
	s.keepVariant(src, f, v.UpdatedAt)
	return true
}

// keepVariant keeps a variant and the sum of its stock as of at.
func (s *step) keepVariant(src core.Source, f core.VariantFact, at core.Time) {
	v := f.Variant
	v.UpdatedAt, v.Seen = min(v.UpdatedAt, s.latest()), s.sequence
	if s.isNewVariant(v) {
		s.countVariant(v.Key())
		db.Variants.Set(s.tx, v.Key(), v)
		db.Items.Set(s.tx, core.ItemKey{Source: src.Name, Item: v.Item}, v.ID)
	}
	if means := !f.Untold || !s.uncounted(core.ItemKey{Source: src.Name, Item: v.Item}); f.Quantity != nil && means {
		s.keepLevel(src, core.Level{Item: v.Item, Available: *f.Quantity, UpdatedAt: at})
	}
}

// countVariant keeps how many variants a source has, before one of them is kept.
func (s *step) countVariant(k core.VariantKey) {
	if !db.Variants.Has(s.tx, k) {
		n, _ := db.Catalogues.Get(s.tx, k.Source)
		db.Catalogues.Set(s.tx, k.Source, n+1)
	}
}

// removed notes that a product or a variant was deleted. What is not known yet is noted as well: an older report of it
// may still be on its way.
func (s *step) removed(src core.Source, r core.Removal) (touched []core.VariantKey) {
	at := min(r.At, s.now())
	product := core.ProductKey{Source: src.Name, Product: r.Product}
	if p, known := db.Products.Get(s.tx, product); r.Product != "" && s.removes(p.UpdatedAt, p.Seen, at) && (known || r.Variant == "") {
		s.isNews(!p.Removed)
		s.corrects(!p.Removed, core.ReasonRemovalCorrected)
		p.Source, p.ID, p.Removed, p.UpdatedAt, p.Seen = src.Name, r.Product, true, at, s.sequence
		db.Products.Set(s.tx, product, p)
	}
	choices, _ := db.Choices.Get(s.tx, product)
	for _, id := range choices {
		touched = append(touched, core.VariantKey{Source: src.Name, Variant: id})
	}
	if r.Variant == "" {
		return touched
	}
	variant := core.VariantKey{Source: src.Name, Variant: r.Variant}
	if v, _ := db.Variants.Get(s.tx, variant); v.UpdatedAt <= at {
		v.Source, v.ID, v.Removed, v.UpdatedAt, v.Seen = src.Name, r.Variant, true, at, s.sequence
		db.Variants.Set(s.tx, variant, v)
	}
	return append(touched, variant)
}

// offered says whether a variant is sold at all, and of which product it is. One whose product is not known yet is: it is its shop that speaks of it.
func (s *step) offered(v core.Variant) (core.Product, bool) {
	p, ok := db.Products.Get(s.tx, core.ProductKey{Source: v.Source, Product: v.Product})
	return p, !v.Removed && v.Selling != core.SellingStopped && (!ok || p.Published && !p.Removed)
}
