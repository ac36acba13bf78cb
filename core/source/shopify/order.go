package shopify

import (
	"cmp"

	"restock/core"
	"restock/core/source"
)

// order reads an order. Shopify makes orders of finished checkouts only, so one that is not cancelled was placed.
// processed_at is when it was placed also where an order was imported; created_at is then the time of the import.
func (r reading) order() core.Facts {
	currency := r.body.Currency("currency", r.src.Currency)
	updated := r.updated()
	order := core.Order{
		Source:    r.src.Name,
		ID:        core.OrderID(needID(r.body, "id")),
		Number:    r.body.Text("name", maxNumber),
		Total:     r.body.Price("total_price", currency),
		State:     r.state(),
		PlacedAt:  cmp.Or(r.body.Time("processed_at"), r.body.Time("created_at"), updated),
		UpdatedAt: updated,
	}
	r.need("line_items")
	order.Email, order.Phone = r.buyer()
	for _, item := range r.body.List("line_items", core.MaxOrderLines) {
		if line, ok := orderLine(item, currency); ok {
			order.Lines = append(order.Lines, line)
		}
	}
	return core.Facts{Orders: []core.Order{order}}
}

// state is cancelled whatever was paid, and paid also when some of it was given back.
func (r reading) state() core.OrderState {
	if r.body.Time("cancelled_at") != 0 {
		return core.OrderCancelled
	}
	switch r.body.Text("financial_status", maxWord) {
	case "paid", "partially_refunded":
		return core.OrderPaid
	case "refunded", "voided":
		return core.OrderCancelled
	}
	return core.OrderPlaced
}

// buyer is the addresses that the order itself states, else the customer's, else for the phone that of the bill: an order
// has its own contact, who need not be the customer on file.
func (r reading) buyer() (email, phone string) {
	customer, _ := r.body.Object("customer")
	billing, _ := r.body.Object("billing_address")
	region := cmp.Or(billing.Text("country_code", maxWord), r.src.Region)
	email = cmp.Or(r.body.Email("email"), r.body.Email("contact_email"), customer.Email("email"))
	phone = cmp.Or(r.body.Phone("phone", region), customer.Phone("phone", region), billing.Phone("phone", region))
	return email, phone
}

// orderLine reads a line item; ok is false for one that names no variant (a line made up by hand, a variant that is no
// more) or of which nothing is left. current_quantity is what remained after the order was edited.
func orderLine(item source.Object, currency string) (line core.OrderLine, ok bool) {
	quantity := item.Int("quantity")
	if !item.Absent("current_quantity") {
		quantity = item.Int("current_quantity")
	}
	line = core.OrderLine{
		Variant:  core.VariantID(bare(item.OptionalID("variant_id"))),
		Product:  core.ProductID(bare(item.OptionalID("product_id"))),
		Quantity: quantity,
		Price:    item.Price("price", currency),
	}
	return line, line.Variant != "" && quantity > 0
}
