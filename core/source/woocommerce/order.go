package woocommerce

import (
	"cmp"

	"restock/core"
	"restock/core/source"
)

// order reads an order with its lines. It has its addresses in its bill.
func (r reading) order() (core.Facts, bool) {
	currency := r.body.Currency("currency", r.src.Currency)
	billing, _ := r.body.Object("billing")
	updated := r.updated()
	id := r.body.ID("id")
	order := core.Order{
		Source:    r.src.Name,
		ID:        core.OrderID(id),
		Number:    cmp.Or(r.body.Text("number", maxNumber), id),
		Email:     billing.Email("email"),
		Phone:     billing.Phone("phone", cmp.Or(billing.Text("country", maxWord), r.src.Region)),
		Total:     r.body.Price("total", currency),
		State:     r.state(),
		PlacedAt:  cmp.Or(r.body.UTC("date_created_gmt"), updated),
		UpdatedAt: updated,
	}
	if r.body.Absent("line_items") {
		r.body.Fail("line_items", "a list of what was bought")
	}
	for _, item := range r.body.List("line_items", core.MaxOrderLines) {
		if line, ok := orderLine(item, currency); ok {
			order.Lines = append(order.Lines, line)
		}
	}
	return core.Facts{Orders: []core.Order{order}}, true
}

// state reads status. pending is an order that waits for its payment and may wait for ever; on-hold one that the shop has
// taken and keeps the goods for. Plugins bring words of their own (shipped, packed), for orders that have come far.
func (r reading) state() core.OrderState {
	status := r.body.NeedText("status", maxWord)
	switch status {
	case "pending", "checkout-draft", "auto-draft", "draft":
		return core.OrderBegun
	case "cancelled", "refunded", "failed", "trash":
		return core.OrderCancelled
	case "processing", "completed":
		return core.OrderPaid
	}
	if r.body.UTC("date_paid_gmt") != 0 {
		return core.OrderPaid
	}
	return core.OrderPlaced
}

// orderLine reads a line item; ok is false for one whose product is no more, or whose quantity is nothing. variation_id is 0
// for what has no variations.
func orderLine(item source.Object, currency string) (line core.OrderLine, ok bool) {
	product, variation := item.OptionalID("product_id"), item.OptionalID("variation_id")
	if variation == "" || variation == "0" {
		variation = product
	}
	line = core.OrderLine{
		Variant:  core.VariantID(variation),
		Product:  core.ProductID(product),
		Quantity: item.WholeUnits("quantity"),
		Price:    item.Price("price", currency),
	}
	return line, variation != "" && variation != "0" && line.Quantity > 0
}
