package core

// OrderID is an order's id at its source.
type OrderID string

// Order is what somebody bought at a source, as its platform last described it.
type Order struct {
	Source    SourceName
	ID        OrderID
	Number    string // what merchant and buyer call it
	Email     string // normal form; "" when there is none that can be read
	Phone     string // E.164; "" when there is none that can be read
	Lines     []OrderLine
	Total     Money
	State     OrderState
	PlacedAt  Time // the source's clock
	UpdatedAt Time
}

// OrderLine is one variant of an order.
type OrderLine struct {
	Variant  VariantID
	Product  ProductID // "" when the payload names none
	Quantity int64     // at least 1
	Price    Money     // of one
}

// MaxOrderLines bounds what is read of an order; Shopify's own limit is 500.
const MaxOrderLines = 500

// OrderState is how far an order has come.
type OrderState string

// The states. An order that is begun may never be paid (WooCommerce's pending); it takes nobody off a line.
const (
	OrderBegun     OrderState = "begun"
	OrderPlaced    OrderState = "placed"
	OrderPaid      OrderState = "paid"
	OrderCancelled OrderState = "cancelled" // also refunded as a whole, and failed
)

// Bought says whether the buyer has what was ordered, or will have it.
func (s OrderState) Bought() bool { return s == OrderPlaced || s == OrderPaid }
