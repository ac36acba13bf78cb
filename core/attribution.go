package core

import (
	"cmp"
	"math"
	"slices"
)

// How orders are attributed to messages.
const (
	// DefaultAttribution is how long before an order a message may have gone out that led to it.
	DefaultAttribution = 10 * Day
	// AttributionOff is what Source.Attribution is when nothing is attributed.
	AttributionOff Milliseconds = -1
	// ClockSkew is how far a shop's clock may be behind ours: an order that seems to be older than the message by no more
	// than this came after it.
	ClockSkew = 5 * Minute
	// KeepAttributions is how long after an order its refund is taken back from the restock that it was attributed to. Nor is
	// an order attributed that is older than this when it is heard of first.
	KeepAttributions = 180 * Day
	// MaxPurchases bounds the orders that are noted beside a message; the newest stay.
	MaxPurchases = 16
)

// AttributionWindow is how long before an order a message may have gone out that led to it; on is false when the source
// attributes nothing.
func (s Source) AttributionWindow() (window Milliseconds, on bool) {
	return cmp.Or(max(s.Attribution, 0), DefaultAttribution), s.Attribution >= 0
}

// Attribution is what is kept of an order that came after a message to its buyer: which restocks it was counted for, so that
// the same order counts once however often it comes, and an edit or a refund changes what was counted. It stands under a
// keyed hash of the order's id (NewOrderKey) and names neither the buyer nor the message.
type Attribution struct {
	PlacedAt  Time             `msgpack:"placed"`  // the earliest that was said
	UpdatedAt Time             `msgpack:"updated"` // what is older changes nothing
	Lines     []AttributedLine `msgpack:"lines,omitempty"`
}

// AttributedLine is what an order has of a variant.
type AttributedLine struct {
	Variant VariantID `msgpack:"v"`
	Product ProductID `msgpack:"p,omitempty"`
	Restock RestockID `msgpack:"r"` // zero: of none, or of one whose message we do not know to have been taken
	Units   int64     `msgpack:"u"` // 0: cancelled
	Paid    Money     `msgpack:"m"` // price × units; discounts on the order as a whole are not in it
}

// Sales are what was bought after messages about a restock.
type Sales struct {
	Orders  int64   `msgpack:"n,omitempty"`
	Units   int64   `msgpack:"u,omitempty"`
	Revenue []Money `msgpack:"m,omitempty"` // one of each currency, by its name; none is nothing
}

// Of is what an order counts for a restock.
func (a Attribution) Of(r RestockID) (s Sales) {
	for _, l := range a.Lines {
		if l.Restock == r && l.Units > 0 {
			s.Orders, s.Units = 1, addUnits(s.Units, l.Units)
			s.earn(l.Paid)
		}
	}
	return s
}

// Restocks are those that the order has lines of, each once, in the order of its lines.
func (a Attribution) Restocks() (ids []RestockID) {
	for _, l := range a.Lines {
		if l.Restock != (RestockID{}) && !slices.Contains(ids, l.Restock) {
			ids = append(ids, l.Restock)
		}
	}
	return ids
}

// Replace takes back what an order counted for before and counts what it does now.
func (s *Sales) Replace(before, now Sales) {
	s.Orders += now.Orders - before.Orders
	s.Units = addUnits(s.Units, now.Units-before.Units)
	s.Revenue = slices.Clone(s.Revenue) // who read it before keeps what was read
	for _, m := range before.Revenue {
		s.earn(Money{Minor: -m.Minor, Currency: m.Currency})
	}
	for _, m := range now.Revenue {
		s.earn(m)
	}
}

// earn adds an amount in its currency.
func (s *Sales) earn(m Money) {
	at, ok := slices.BinarySearchFunc(s.Revenue, m, func(a, b Money) int { return cmp.Compare(a.Currency, b.Currency) })
	if !ok {
		s.Revenue = slices.Insert(s.Revenue, at, Money{Currency: m.Currency})
	}
	if s.Revenue[at].Minor = addUnits(s.Revenue[at].Minor, m.Minor); s.Revenue[at].Minor == 0 {
		s.Revenue = slices.Delete(s.Revenue, at, at+1)
	}
}

// maxCounted bounds what one line of an order counts for, so that no payload can make a sum overflow: in cents, ten
// billion.
const maxCounted = 1_000_000_000_000

// PaidFor is the price of units, 0 to ten billion of a currency with cents; a payload may say anything.
func PaidFor(price Money, units int64) Money {
	paid := Money{Minor: max(price.Minor, 0), Currency: price.Currency}.Times(BoundedUnits(units))
	paid.Minor = min(paid.Minor, maxCounted)
	return paid
}

// BoundedUnits is how many units of a line count: 0 to a million.
func BoundedUnits(units int64) int64 { return min(max(units, 0), 1_000_000) }

// addUnits adds, and stays at the bound where a sum would pass it.
func addUnits(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

// Purchase is an order, noted beside the message that led to it.
type Purchase struct {
	Order    OrderID `msgpack:"o"`
	Number   string  `msgpack:"n,omitempty"` // what merchant and buyer call it
	PlacedAt Time    `msgpack:"at"`
	Units    int64   `msgpack:"u,omitempty"` // of what the message was about; 0: cancelled, or counted for a later message
	Paid     Money   `msgpack:"m"`
	Counted  bool    `msgpack:"c,omitempty"` // for the restock; false: as long as nobody knows whether the provider took the message
}
