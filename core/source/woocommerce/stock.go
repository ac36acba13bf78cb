package woocommerce

import "restock/core"

// The words of stock_status. Newer versions know lowstock as well, which is in stock.
const (
	inStock     = "instock"
	lowStock    = "lowstock"
	outOfStock  = "outofstock"
	onBackorder = "onbackorder"
)

// status reads stock_status.
func (r reading) status() string {
	status := r.body.Word("stock_status", inStock, lowStock, outOfStock, onBackorder)
	if status == "" {
		r.body.Fail("stock_status", "instock, outofstock or onbackorder")
	}
	return status
}

// managed says whether stock_quantity is counted, for this product or, with "parent", for the variation's parent.
func (r reading) managed() bool {
	return r.parentCounts() || r.body.Bool("manage_stock")
}

// parentCounts says whether a variation takes part in its parent's stock.
func (r reading) parentCounts() bool { return r.body.IsText("manage_stock", "parent") }

// quantity is what can be bought now. Where stock is counted that is stock_quantity, but nothing when the status says so:
// the shop's own threshold may lie above zero. Where it is not counted the status is all there is: in stock is any number,
// the rest is none.
func (r reading) quantity() core.Quantity {
	status := r.status()
	if !r.managed() {
		return core.Quantity{Tracked: status == outOfStock || status == onBackorder}
	}
	units := int64(0)
	if !r.body.Absent("stock_quantity") { // null: counted from now on, and nothing was entered
		units = r.body.WholeUnits("stock_quantity")
	}
	if status == outOfStock {
		units = min(units, 0)
	}
	return core.Quantity{Units: units, Tracked: true}
}

// selling is how it is sold when none is left: backorders "yes" without a word to the shopper, as if it were there,
// "notify" as a backorder. A status of onbackorder is one whatever else is said, unless shoppers are not told.
func (r reading) selling() (continueSelling bool, s core.Selling) {
	backorders, backordered := r.body.Word("backorders", "no", "notify", "yes"), r.status() == onBackorder
	switch {
	case r.body.Has("purchasable") && !r.body.Bool("purchasable"):
		return false, core.SellingStopped
	case backorders == "yes" && r.managed():
		return true, core.SellingStock
	case backorders == "notify" && r.managed(), backordered:
		return false, core.SellingBackorder
	}
	return false, core.SellingStock
}
