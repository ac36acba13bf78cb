package core

// Facts are what a source's payload says, read by the platform's adapter without looking at any state.
type Facts struct {
	Products []ProductFact
	Levels   []Level
}

// ProductFact is a product with all its variants and, where the payload states them, their total quantities.
type ProductFact struct {
	Product  Product
	Variants []VariantFact
}

// VariantFact is a variant and the sum of its stock over all locations, if the payload states one.
// Levels beat this sum once a level was seen.
type VariantFact struct {
	Variant  Variant
	Quantity *Quantity
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
