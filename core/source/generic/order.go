package generic

import (
	"cmp"

	"restock/core"
	"restock/core/source"
)

// order reads an order. Addresses that cannot be read are left out, as everywhere: buyers type them.
func (p push) order(o source.Object) core.Order {
	o.Only("id", "number", "state", "email", "phone", "region", "total", "currency", "placed_at", "updated_at", "lines")
	currency := o.Currency("currency", p.src.Currency)
	id := o.ID("id")
	order := core.Order{
		Source:    p.src.Name,
		ID:        core.OrderID(id),
		Number:    cmp.Or(o.Within("number", maxNumber), id),
		Email:     o.Email("email"),
		Phone:     o.Phone("phone", cmp.Or(o.Within("region", maxWord), p.src.Region)),
		Total:     amount(o, "total", currency),
		State:     core.OrderState(o.Word("state", "begun", "placed", "paid", "cancelled")),
		PlacedAt:  o.Time("placed_at"),
		UpdatedAt: p.updated(o),
	}
	if order.State == "" {
		o.Fail("state", "begun, placed, paid or cancelled")
	}
	if order.PlacedAt == 0 {
		o.Fail("placed_at", "when it was placed: a time of RFC 3339")
	}
	for _, line := range need(o, "lines", maxLines) {
		order.Lines = append(order.Lines, orderLine(line, currency))
	}
	return order
}

func orderLine(o source.Object, currency string) core.OrderLine {
	o.Only("variant", "product", "quantity", "price")
	line := core.OrderLine{
		Variant:  core.VariantID(o.ID("variant")),
		Product:  core.ProductID(o.OptionalID("product")),
		Quantity: o.Int("quantity"),
		Price:    amount(o, "price", currency),
	}
	if line.Quantity < 1 {
		o.Fail("quantity", "a whole number from 1 on")
	}
	return line
}
