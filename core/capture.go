package core

// Capture is a shopper asking, through the widget or the API, to be told. The edge makes it: its addresses are in
// normal form and its time is the edge's clock.
type Capture struct {
	Target
	Email      string           // normal form; at least one of Email, Phone and Push is set
	Phone      string           // E.164
	Push       PushSubscription // no endpoint: none
	Region     string           // ISO 3166 alpha-2, as the page said or as the phone number shows
	Locale     string           // BCP 47
	Market     Market           // as the page said
	Quantity   int64            // how many the shopper wants; 0: not said
	CapturedAt Time             // decides the place in line and the retention
	Consent    Proof            // what was agreed to
	Key        string           // idempotency key of the caller; "" when none
	Trapped    TrapName         // why this looks like a machine; answered like any other, dropped at the core
}

// Address is the address that the capture stands under: the e-mail's before the phone's before the browser's.
func (c Capture) Address() Address {
	switch {
	case c.Email != "":
		return Address{Email, c.Email}
	case c.Phone != "":
		return Address{SMS, c.Phone}
	}
	return Address{Push, c.Push.Endpoint}
}

// Target is what a capture waits for: a variant, or any variant of a product.
type Target struct {
	Source  SourceName `msgpack:"s"`
	Variant VariantID  `msgpack:"v,omitempty"`
	Product ProductID  `msgpack:"p,omitempty"` // set without Variant: "any variant"
}

// Proof is what a capture proves of consent.
type Proof struct {
	Marketing bool
	Text      string // wording shown, at most MaxConsentText bytes
	IP        string
	Page      string
	Form      string
}

// MaxConsentText bounds the wording kept as proof, in bytes.
const MaxConsentText = 2048

// TrapName says which trap a capture fell into; "" when none.
type TrapName string

// The traps.
const (
	TrapHoneypot TrapName = "honeypot" // the field that no person sees was filled
	TrapTooFast  TrapName = "too_fast" // sent faster than a person fills a form
	TrapLimited  TrapName = "limited"  // the address was asked for too often
)

// Waitlist is the line that the target's entries stand in.
type Waitlist struct {
	Source  SourceName
	Product bool   // a line of those who take any variant
	ID      string // the variant's or the product's id
	Market  Market // one of its source's; "": of those who wait in no market of its own
}

// Waitlist is the line of this target in a market of its source.
func (t Target) Waitlist(m Market) Waitlist {
	if t.Variant != "" {
		return Waitlist{Source: t.Source, ID: string(t.Variant), Market: m}
	}
	return Waitlist{Source: t.Source, Product: true, ID: string(t.Product), Market: m}
}

// Target is what those in the line wait for.
func (w Waitlist) Target() Target {
	if w.Product {
		return Target{Source: w.Source, Product: ProductID(w.ID)}
	}
	return Target{Source: w.Source, Variant: VariantID(w.ID)}
}

// Entry is one contact's place on a waitlist. An entry that was closed stays as a fact: what was captured before
// ClosedAt is a no-op, so that sending a whole waitlist again is harmless.
type Entry struct {
	Contact    ContactID   `msgpack:"c"`
	Target     Target      `msgpack:"t"`
	CapturedAt Time        `msgpack:"at"` // the place in line; 0 while nobody waits
	Quantity   int64       `msgpack:"q,omitempty"`
	Market     Market      `msgpack:"m,omitempty"`      // as it was asked in
	Line       Market      `msgpack:"line,omitempty"`   // whose line it stands in: the source's market that serves Market
	Repeats    int64       `msgpack:"n,omitempty"`      // captures merged into this one
	Returned   int         `msgpack:"back,omitempty"`   // how often it was put back in line, since it could not buy
	ClosedAt   Time        `msgpack:"closed,omitempty"` // when it left the line last, also of one that stands there again: captures up to then are no-ops
	Closed     CloseReason `msgpack:"why,omitempty"`
	FirstAt    Time        `msgpack:"first"` // first and last time of Waiting on stock survive the details
	LastAt     Time        `msgpack:"last"`
}

// Waitlist is the line that the entry stands in.
func (e Entry) Waitlist() Waitlist { return e.Target.Waitlist(e.Line) }

// Waiting says whether the contact stands in line.
func (e Entry) Waiting() bool { return e.CapturedAt != 0 }

// MaxWanted is for how many units one entry counts in what a line wants, at most: anybody may say any number.
const MaxWanted = 100

// Wants is how many units the contact counts for: one, if it has not said.
func (e Entry) Wants() int64 { return min(max(e.Quantity, 1), MaxWanted) }

// CloseReason is why an entry left the line.
type CloseReason string

// The reasons to leave a waitlist.
const (
	ClosedTold   CloseReason = "told"
	ClosedBought CloseReason = "bought"
	// ClosedExpired is that of those who waited for longer than their source keeps Waiting on stock.
	ClosedExpired CloseReason = "expired"
)
