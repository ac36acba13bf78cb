package core_test

import (
	"math"
	"reflect"
	"testing"

	"restock/core"
)

// TestSalesReplace: whatever an order becomes, and in whatever currency, the sum is that of what the orders are now.
func TestSalesReplace(t *testing.T) {
	r := core.RestockID{1}
	order := func(units, minor int64, currency string) core.Attribution {
		return core.Attribution{Lines: []core.AttributedLine{
			{Variant: "1", Restock: r, Units: units, Paid: core.Money{Minor: minor, Currency: currency}},
			{Variant: "2", Restock: core.RestockID{2}, Units: 9, Paid: core.Money{Minor: 9, Currency: currency}},
		}}
	}
	var s core.Sales
	none := core.Attribution{}
	for _, c := range []struct {
		before, after core.Attribution
		want          core.Sales
	}{
		{none, order(2, 3980, "EUR"), core.Sales{Orders: 1, Units: 2, Revenue: []core.Money{{Minor: 3980, Currency: "EUR"}}}},
		{none, order(1, 1500, "CHF"), core.Sales{Orders: 2, Units: 3, Revenue: []core.Money{{Minor: 1500, Currency: "CHF"}, {Minor: 3980, Currency: "EUR"}}}},
		{order(2, 3980, "EUR"), order(1, 1990, "EUR"), core.Sales{Orders: 2, Units: 2, Revenue: []core.Money{{Minor: 1500, Currency: "CHF"}, {Minor: 1990, Currency: "EUR"}}}},
		{order(1, 1990, "EUR"), order(1, 2100, "USD"), core.Sales{Orders: 2, Units: 2, Revenue: []core.Money{{Minor: 1500, Currency: "CHF"}, {Minor: 2100, Currency: "USD"}}}},
		{order(1, 1500, "CHF"), order(0, 0, "CHF"), core.Sales{Orders: 1, Units: 1, Revenue: []core.Money{{Minor: 2100, Currency: "USD"}}}},
		{order(1, 2100, "USD"), none, core.Sales{Revenue: []core.Money{}}},
	} {
		read := s
		kept := append([]core.Money(nil), read.Revenue...)
		s.Replace(c.before.Of(r), c.after.Of(r))
		if !reflect.DeepEqual(s, c.want) {
			t.Errorf("it is %+v, want %+v", s, c.want)
		}
		if len(kept) > 0 && !reflect.DeepEqual(read.Revenue, kept) {
			t.Errorf("what was read before changed to %+v", read.Revenue)
		}
	}
}

// TestPaidFor: no payload makes a product overflow.
func TestPaidFor(t *testing.T) {
	for _, c := range []struct{ price, units, want int64 }{
		{1990, 2, 3980}, {0, 5, 0}, {1990, 0, 0}, {-5, 2, 0}, {5, -2, 0},
		{math.MaxInt64, 1, 1_000_000_000_000}, {math.MaxInt64, math.MaxInt64, 1_000_000_000_000}, {1, math.MaxInt64, 1_000_000},
	} {
		if got := core.PaidFor(core.Money{Minor: c.price, Currency: "EUR"}, c.units); got.Minor != c.want || got.Currency != "EUR" {
			t.Errorf("%d × %d is %+v, want %d", c.units, c.price, got, c.want)
		}
	}
}

func TestAttributionWindow(t *testing.T) {
	for _, c := range []struct {
		said core.Milliseconds
		want core.Milliseconds
		on   bool
	}{{0, core.DefaultAttribution, true}, {3 * core.Day, 3 * core.Day, true}, {core.AttributionOff, core.DefaultAttribution, false}} {
		if window, on := (core.Source{Attribution: c.said}).AttributionWindow(); on != c.on || window != c.want {
			t.Errorf("%d: %d, %t", c.said, window, on)
		}
	}
}
