package core

// Posting is what a provider posted to an edge, as it was taken: verified, not interpreted.
type Posting struct {
	Sender     Name     // whose provider it is
	Query      string   // of the URL, as it was called
	Headers    []Header // those that the sender's scheme names, names lower-case
	Body       []byte
	ReceivedAt Time // the edge's clock
}

// Header returns the first value of that (lower-case) name.
func (p Posting) Header(name string) string { return Delivery{Headers: p.Headers}.Header(name) }

// Feedback is what a posting says, of a message that a provider took or of an address.
type Feedback struct {
	Kind    FeedbackKind
	Key     LedgerKey // of the message; zero: it does not say
	Address Address   // whose; no value: it does not say
	Hearsay bool      // anybody may have written it: it is believed of a message that Key names and its contact, of nobody else
	Detail  string    // the provider's own words, at most 300 bytes, no address in them
}

// FeedbackKind is what became of a message, or what the owner of an address wants.
type FeedbackKind string

// The kinds. Of a message, they come in this order, and none takes back a later one.
const (
	FeedbackTaken      FeedbackKind = "taken"       // the provider has it, and tries
	FeedbackDelivered  FeedbackKind = "delivered"   // it arrived, as far as the provider knows
	FeedbackFailed     FeedbackKind = "undelivered" // it did not; another message may
	FeedbackBounced    FeedbackKind = "bounced"     // it did not, and none will: nobody is at the address
	FeedbackComplained FeedbackKind = "complained"  // its owner calls it spam
	FeedbackStopped    FeedbackKind = "stopped"     // the address's owner wants no more messages
	FeedbackStarted    FeedbackKind = "started"     // the owner wants them again
	FeedbackHelp       FeedbackKind = "help"        // the owner asks what this is; the provider answers
)

// After says whether a message that became before may become k: what is known only moves forward.
func (k FeedbackKind) After(before FeedbackKind) bool { return k.rank() > before.rank() }

// rank orders what becomes of a message; 0 is nothing.
func (k FeedbackKind) rank() int {
	switch k {
	case FeedbackTaken:
		return 1
	case FeedbackDelivered:
		return 2
	case FeedbackFailed:
		return 3
	case FeedbackBounced:
		return 4
	case FeedbackComplained, FeedbackStopped:
		return 5
	}
	return 0
}

// Suppresses is why the address is not sent to any more, after a feedback of this kind; "" when it is.
func (k FeedbackKind) Suppresses() Reason {
	switch k {
	case FeedbackBounced:
		return ReasonBounced
	case FeedbackComplained:
		return ReasonComplained
	case FeedbackStopped:
		return ReasonUnsubscribed
	}
	return ""
}
