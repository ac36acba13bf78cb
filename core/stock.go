package core

// Quantity is a number of units; untracked stock is not zero.
type Quantity struct {
	Units   int64 `msgpack:"u"` // may be negative: oversold
	Tracked bool  `msgpack:"t"`
}

// Level is the stock of an inventory item at one location, as of UpdatedAt on the source's clock.
type Level struct {
	Item      ItemID     `msgpack:"i"`
	Location  LocationID `msgpack:"l"`
	Available Quantity   `msgpack:"a"`
	UpdatedAt Time       `msgpack:"at"`
	Seen      Sequence   `msgpack:"seen,omitempty"` // the journal entry that said so; what was read from the shop before that knows no better
	Gone      bool       `msgpack:"gone,omitempty"` // the item is not stocked there any more; kept, so that a late report does not bring it back
}

// StockPolicy is how a source's levels become restocks.
type StockPolicy struct {
	Minimum int64        `msgpack:"min"`     // least units that make a restock; at least 1
	Confirm Milliseconds `msgpack:"confirm"` // how long it must hold before anybody is told
	Close   Milliseconds `msgpack:"close"`   // how long a gap may last and still be the same restock

	Backorder bool `msgpack:"backorder,omitempty"` // what is on backorder counts as in stock
	Preorder  bool `msgpack:"preorder,omitempty"`  // what can be ordered before it exists counts as in stock

	UntrackedOut bool `msgpack:"untracked_out,omitempty"` // what nobody counts counts as sold out
	ContinueOut  bool `msgpack:"continue_out,omitempty"`  // what is sold on when none is left counts as sold out then

	Low      int64        `msgpack:"low,omitempty" json:",omitempty"`       // see LowAt
	LowAfter Milliseconds `msgpack:"low_after,omitempty" json:",omitempty"` // see CallAfter
}

// Where a policy does not say when a variant runs low, and how long after it was told a contact hears of it.
const (
	DefaultLow      = 3
	DefaultLowAfter = 4 * Hour
)

// LowAt is how many units are few: a restock that had more of them runs low when it falls to so many.
func (p StockPolicy) LowAt() int64 {
	if p.Low > 0 {
		return p.Low
	}
	return max(DefaultLow, 2*p.Minimum)
}

// CallAfter is how long ago a contact was told, at least, who hears that the variant runs low.
func (p StockPolicy) CallAfter() Milliseconds {
	if p.LowAfter > 0 {
		return p.LowAfter
	}
	return DefaultLowAfter
}

// DefaultStockPolicy: one unit, at once, ten minutes.
var DefaultStockPolicy = StockPolicy{Minimum: 1, Confirm: 0, Close: 10 * Minute}

// Availability is what can be bought of a variant in a market right now.
type Availability struct {
	Known   bool  // some level, or the product, was seen
	Buyable bool  // can be bought at any quantity: untracked, or continue selling
	Units   int64 // sum over the locations that serve the market
	Supply  Supply
}

// Supply is where what can be bought comes from, or would: shops know more than how many there are.
type Supply string

// The kinds of supply. Whether those beside the counted units count as in stock, the policy says.
const (
	SupplyCounted   Supply = ""                 // the units that are there
	SupplyUntracked Supply = "untracked"        // nobody counts
	SupplyContinue  Supply = "continue_selling" // none is left, and it is sold on as if there were
	SupplyBackorder Supply = "backorder"        // none is left; it can be ordered and comes later
	SupplyPreorder  Supply = "preorder"         // there never was any; it can be ordered and comes later
	SupplyStopped   Supply = "not_sold"         // whatever is there: not published, not in this market, deleted or stopped
)

// Stock is what the state machine remembers of a variant in a market.
type Stock struct {
	Phase     StockPhase `msgpack:"p"`
	Units     int64      `msgpack:"u"`
	Buyable   bool       `msgpack:"b,omitempty"`
	Since     Time       `msgpack:"since"`     // when Phase began
	Restock   RestockID  `msgpack:"r"`         // the last one; zero: never
	RestockAt RestockAt  `msgpack:"x"`         // where that restock stands
	PausedAt  Time       `msgpack:"paused"`    // when it fell below the minimum; 0: it has not
	ConfirmBy Time       `msgpack:"confirmby"` // while confirming: when it counts

	Opened      Sequence `msgpack:"seq,omitempty"` // of the last restock, see Restock
	OpenedAt    Time     `msgpack:"oat,omitempty"`
	OpenedUnits int64    `msgpack:"ou,omitempty"`
	Until       Time     `msgpack:"until,omitempty"`

	Found ReadingKind `msgpack:"found,omitempty"`

	Supply Supply `msgpack:"supply,omitempty"`

	Amount Amount `msgpack:"amount,omitempty"`
}

// Amount is how much of a restock is left, as far as that matters: it had plenty (more than StockPolicy.LowAt), and since then
// it has few. It has plenty again when there is twice as much as is few: units that go to and fro around that number let nobody
// hear of it twice.
type Amount string

// The amounts.
const (
	AmountFew    Amount = "" // from the beginning on: nothing has fallen
	AmountPlenty Amount = "plenty"
	AmountLow    Amount = "low"
)

// StockPhase is whether a variant can be bought.
type StockPhase string

// The phases.
const (
	StockUnknown StockPhase = ""
	SoldOut      StockPhase = "sold_out"
	InStock      StockPhase = "in_stock"
)

// RestockAt is where a restock stands.
type RestockAt string

// A restock confirms, then is open; below the minimum it pauses, and closes when the pause outlasts the close window.
const (
	RestockNone       RestockAt = ""
	RestockConfirming RestockAt = "confirming"
	RestockOpen       RestockAt = "open"
	RestockPaused     RestockAt = "paused"
	RestockClosed     RestockAt = "closed"
)

// Restock is the transition of a variant from sold out to available, seen once.
type Restock struct {
	ID       RestockID   `msgpack:"id"`
	Variant  VariantKey  `msgpack:"v"`
	Product  ProductID   `msgpack:"p"`
	Market   Market      `msgpack:"m"`
	Opened   Sequence    `msgpack:"seq"` // the journal entry that opened it
	OpenedAt Time        `msgpack:"at"`
	Units    int64       `msgpack:"u"` // when it opened
	At       RestockAt   `msgpack:"x"`
	ClosedAt Time        `msgpack:"closed,omitempty"`
	Found    ReadingKind `msgpack:"found,omitempty"` // by reading the shop's API, since no webhook had said so; "": by a webhook
	Matched  int64       `msgpack:"matched"`         // contacts who got Back in stock
	Told     int64       `msgpack:"told"`            // contacts to whom a provider took a message

	Sales Sales `msgpack:"sales,omitempty"` // what its messages led to

	Until Time `msgpack:"until,omitempty"` // who asked up to then takes part; 0: it is not confirmed

	Telling   WorkID `msgpack:"telling"`   // the work that goes down its lines, or the last that did
	Releasing WorkID `msgpack:"releasing"` // the work that gives back what was held, or the last that did

	Waves Waves `msgpack:"waves,omitempty"`

	Calling WorkID `msgpack:"calling,omitempty"` // the work that tells that it runs low, or the last that did
	Called  Row    `msgpack:"called,omitempty"`  // how far that came among those who were told
}
