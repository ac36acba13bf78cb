package core

// Facts are what a source's payload says, read by the platform's adapter without looking at any state.
type Facts struct {
	Products []ProductFact
	Variants []VariantFact // that came without their product, which may not be known yet
	Items    []ItemFact
	Levels   []Level
	Stocked  []Stocked
	Totals   []Total
	Removed  []Removal
	Orders   []Order
}

// ProductFact is a product with its variants and, where the payload states them, their total quantities.
type ProductFact struct {
	Product  Product
	Variants []VariantFact
	Others   []VariantID // variants that the payload names and says no more of
	Whole    bool        // Variants and Others are all there are, as of the product's time: what is in neither is gone; else each variant is as of its own
}

// VariantFact is a variant and the sum of its stock over all locations, if the payload states one.
// Levels beat this sum once a level was seen.
type VariantFact struct {
	Variant  Variant
	Quantity *Quantity
	Untold   bool // Quantity does not say whether anybody counts: of what nobody is known to count it means nothing
}

// ItemFact is what a platform says of an inventory item apart from its levels.
type ItemFact struct {
	Item      ItemID
	SKU       *string // nil: not said
	Tracked   bool    // false: its levels mean nothing, it can be bought at any quantity
	UpdatedAt Time
}

// Stocked is where an item is stocked, from a payload that states all of its levels: it is nowhere else.
type Stocked struct {
	Item      ItemID
	Locations []LocationID
}

// Total is the sum of a variant's stock over all locations, from a payload that names no item and does not say whether anybody
// counts it. Levels beat it.
type Total struct {
	Variant   VariantID
	Available Quantity
	UpdatedAt Time
}

// Removal says that the shop has deleted a product with all its variants, or a variant, or (both set) whichever of them
// the id belongs to, on platforms where they share their ids.
type Removal struct {
	Product ProductID
	Variant VariantID
	At      Time
}

// Delivery is a webhook as the edge took it: verified, not interpreted.
type Delivery struct {
	Source     SourceName
	Headers    []Header // those that the platform's scheme names, names lower-case
	Body       []byte
	ReceivedAt Time // the edge's clock
}

// Header returns the first value of that (lower-case) name.
func (d Delivery) Header(name string) string {
	for _, h := range d.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}
