package core

// ActivityKind names a kind of fact about a contact.
type ActivityKind string

// The activities of a source. Waiting on stock is the activity of asking; Back in stock comes to each waiting
// contact when its variant restocks.
const (
	WaitingOnStock ActivityKind = "waiting_on_stock"
	BackInStock    ActivityKind = "back_in_stock"
)

// RunningLow is the activity of a contact who was told of a restock and did not buy, when few units of it are left: once per
// restock and contact.
const RunningLow ActivityKind = "running_low"

// Activity is a fact about a contact. It carries its attributes with it: a journey that it lets a contact into reads
// them to its end, whatever the catalogue says by then.
type Activity struct {
	ID      ActivityID   `msgpack:"id"`
	Kind    ActivityKind `msgpack:"k"`
	Contact ContactID    `msgpack:"c"`
	At      Time         `msgpack:"at"`
	Source  SourceName   `msgpack:"s"`
	Variant VariantID    `msgpack:"v,omitempty"`
	Product ProductID    `msgpack:"p,omitempty"`
	Market  Market       `msgpack:"m,omitempty"`
	SKU     string       `msgpack:"sku,omitempty"`
	Restock RestockID    `msgpack:"r,omitempty"`   // Back in stock only
	Asked   Target       `msgpack:"asked"`         // what the contact waits or waited for
	AskedAt Time         `msgpack:"asked_at"`      // its place in line
	Units   int64        `msgpack:"u,omitempty"`   // available when it happened
	Price   Money        `msgpack:"price"`         // when it happened
	Title   string       `msgpack:"title"`         // the product's
	Choice  string       `msgpack:"choice"`        // the variant's
	URL     string       `msgpack:"url,omitempty"` // where it is bought
}

// Occurrences are when activities of a kind occurred to a contact, of those whose details are gone.
type Occurrences struct {
	Contact ContactID    `msgpack:"c"`
	Source  SourceName   `msgpack:"s"`
	Kind    ActivityKind `msgpack:"k"`
	First   Time         `msgpack:"first"`
	Last    Time         `msgpack:"last"`
	Times   int64        `msgpack:"n"`
}

// Fold adds an activity whose details go.
func (o *Occurrences) Fold(a Activity) {
	if o.Times == 0 {
		o.Contact, o.Source, o.Kind, o.First, o.Last = a.Contact, a.Source, a.Kind, a.At, a.At
	}
	o.First, o.Last = min(o.First, a.At), max(o.Last, a.At)
	o.Times++
}

// VariantKey is the variant that the activity is about.
func (a Activity) VariantKey() VariantKey { return VariantKey{a.Source, a.Variant} }
