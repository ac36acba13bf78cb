package core

// Erasure is what stays of an address whose person was erased: it stands under the address's keyed hash (NewContactID),
// so that what was captured before is a no-op wherever it comes from, and what is captured after makes a new contact.
type Erasure struct {
	At         Time    `msgpack:"at"`             // by the journal's clock: what was captured up to here is forgotten
	Asked      Time    `msgpack:"asked"`          // when it was asked for; tells an entry that was appended twice
	Channel    Channel `msgpack:"ch"`             // of the address
	Suppressed Reason  `msgpack:"x,omitempty"`    // why it must not be sent to, also when it comes back; "" when it may
	Order      WorkID  `msgpack:"order"`          // the forget order that edges got
	Gone       []Gone  `msgpack:"gone,omitempty"` // under a contact's id: the addresses that it had
}

// Gone is an address that a contact had: its keyed hash.
type Gone struct {
	Channel Channel   `msgpack:"ch"`
	ID      ContactID `msgpack:"id"`
}

// Forget is an order to edges: let go of what an address captured up to a time.
type Forget struct {
	Tag    AddressTag `msgpack:"tag"`
	Before Time       `msgpack:"at"` // captures of this time and earlier
}

// AddressTag is what edges file captures by: the first 8 bytes of the SHA-256 of the address's value. It carries no key:
// edges would have to be given it in the bucket that the orders come by, to whose readers it would hide nothing.
type AddressTag [8]byte

// Tag is the address's.
func (a Address) Tag() AddressTag {
	h := HashOf([]byte(a.Value))
	return AddressTag(h[:8])
}
