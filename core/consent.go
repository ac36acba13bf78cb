package core

// Purpose is what a consent allows.
type Purpose string

// The purposes: a stock alert was asked for by the capture itself; marketing needs its own, unticked box.
const (
	StockAlert Purpose = "stock_alert"
	Marketing  Purpose = "marketing"
)

// Consent is a contact's permission per channel and purpose together with its proof.
type Consent struct {
	Channel Channel `msgpack:"ch"`
	Purpose Purpose `msgpack:"p"`
	Text    string  `msgpack:"text"` // the wording that was shown
	At      Time    `msgpack:"at"`
	IP      string  `msgpack:"ip"`
	Page    string  `msgpack:"page"`
	Form    string  `msgpack:"form"` // the form's version
}

// Withdrawal is a contact's word that it wants no more messages of a purpose by a channel: what it agreed to before does not
// count any more, what it asks for later does. There is one for each channel and purpose, the last.
type Withdrawal struct {
	Channel Channel `msgpack:"ch"`
	Purpose Purpose `msgpack:"p"`
	At      Time    `msgpack:"at"`
}

// Confirmation is how far the owner of an address has confirmed that it was they who asked (double opt-in).
type Confirmation struct {
	Channel Channel    `msgpack:"ch"`
	Tag     AddressTag `msgpack:"tag"` // of the address
	AskedAt Time       `msgpack:"asked"`
	At      Time       `msgpack:"at,omitempty"`   // when it was confirmed; 0: not yet
	ToldAt  Time       `msgpack:"told,omitempty"` // when it was last asked for by a message
	Told    int        `msgpack:"n,omitempty"`    // how often
}

// DoubleOptIn is by which channels a source's shoppers have to confirm that it was they who asked. The zero one: by none.
type DoubleOptIn struct {
	Channels []Channel    `msgpack:"ch,omitempty"`
	Expires  Milliseconds `msgpack:"exp,omitempty"` // after the capture; 0: DefaultConfirmation
}

// Bounds of double opt-in.
const (
	DefaultConfirmation              = 7 * Day
	ConfirmationAgain   Milliseconds = Hour // between two messages that ask one address to confirm
	MaxConfirmations                 = 3    // such messages to one address, until it confirms or what it asked for expires
	MaxPending                       = 20   // captures of one contact that wait for it to confirm; the newest stay
	maxAddressesKept                 = 2 + MaxPushes + 3
)

// Period is how long after a capture it can be confirmed.
func (d DoubleOptIn) Period() Milliseconds {
	if d.Expires == 0 {
		return DefaultConfirmation
	}
	return d.Expires
}

// Asks says whether addresses of a channel have to be confirmed.
func (d DoubleOptIn) Asks(ch Channel) bool {
	for _, c := range d.Channels {
		if c == ch {
			return true
		}
	}
	return false
}

// ConfirmationAsked is the activity of a contact that is asked to confirm what it asked for.
const ConfirmationAsked ActivityKind = "confirmation_asked"

// Pending is a capture that waits for its contact to confirm it: it has no place in line yet.
type Pending struct {
	Contact    ContactID `msgpack:"c"`
	Target     Target    `msgpack:"t"`
	Market     Market    `msgpack:"m,omitempty"`
	Quantity   int64     `msgpack:"q,omitempty"`
	CapturedAt Time      `msgpack:"at"`
	Channels   []Channel `msgpack:"ch"` // any of whose addresses may confirm it
}

// ConfirmPlaybook is the playbook that asks the source's shoppers to confirm.
func (s Source) ConfirmPlaybook() Name { return Name(s.Name) + "-confirm" }

// Allows says whether a message of a purpose may go to the contact by a channel: "" when it agreed and has not taken that back,
// else no_consent or consent_withdrawn. A stock alert is agreed to by asking for it: asked is when the contact last did (0: it is
// about nothing that was asked for), and what was asked before a withdrawal is over.
func (c Contact) Allows(ch Channel, p Purpose, asked Time) Reason {
	var agreed Time
	found := false
	for _, k := range c.Consents {
		if k.Channel == ch && k.Purpose == p {
			agreed, found = max(agreed, k.At), true
		}
	}
	ended := c.WithdrawnAt(ch, p)
	switch {
	case !found:
		return ReasonNoConsent
	case ended != 0 && ended >= agreed, ended != 0 && p == StockAlert && asked != 0 && ended >= asked:
		return ReasonWithdrawn
	}
	return ""
}

// WithdrawnAt is when the contact last took back a consent; 0: never.
func (c Contact) WithdrawnAt(ch Channel, p Purpose) Time {
	for _, w := range c.Withdrawn {
		if w.Channel == ch && w.Purpose == p {
			return w.At
		}
	}
	return 0
}

// Withdraw notes that the contact takes back a consent; false when that is known, or a later one is.
func (c *Contact) Withdraw(w Withdrawal) bool {
	for i := range c.Withdrawn {
		if known := &c.Withdrawn[i]; known.Channel == w.Channel && known.Purpose == w.Purpose {
			news := w.At > known.At
			known.At = max(known.At, w.At)
			return news
		}
	}
	c.Withdrawn = append(c.Withdrawn, w)
	return true
}

// Confirmation is how far an address was confirmed; nil when nobody ever asked for it.
func (c *Contact) Confirmation(a Address) *Confirmation {
	return c.ConfirmationOf(a.Channel, a.Tag())
}

// ConfirmationOf is Confirmation of the address that has the tag.
func (c *Contact) ConfirmationOf(ch Channel, tag AddressTag) *Confirmation {
	for i := range c.Confirmations {
		if k := &c.Confirmations[i]; k.Channel == ch && k.Tag == tag {
			return k
		}
	}
	return nil
}

// Confirms notes that an address has to be confirmed and returns how far that is. Of addresses that are long gone the oldest go.
func (c *Contact) Confirms(k Confirmation) *Confirmation {
	if len(c.Confirmations) >= maxAddressesKept {
		c.Confirmations = append(c.Confirmations[:0:0], c.Confirmations[1:]...)
	}
	c.Confirmations = append(c.Confirmations, k)
	return &c.Confirmations[len(c.Confirmations)-1]
}
