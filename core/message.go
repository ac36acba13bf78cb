package core

// Message is one rendered piece for one contact, ready for a sender.
type Message struct {
	Key     LedgerKey
	Channel Channel
	To      Address
	From    string // as the sender is configured: "Name <box@domain>"
	Subject string
	HTML    string
	Text    string
	Headers []Header // in order; the sender adds what its protocol needs
	At      Time     // when the call was decided; the message's Date

	// Of a push alone; Subject is its title, Text what stands beneath.
	Browser PushSubscription // whom To names, with its keys
	URL     string           // the page that a tap opens
	Image   string           // https URL of a picture; "": none
	Topic   string           // what it is about: a later one on the same topic takes the place of one that was not shown yet; "": none
}

// Header is one header line of a message.
type Header struct{ Name, Value string }

// Sender is what hands messages to a provider.
type Sender struct {
	Name     Name              `msgpack:"name"`
	Kind     string            `msgpack:"kind"` // inbox, smtp, twilio, webpush, webhook
	From     string            `msgpack:"from"`
	Settings map[string]string `msgpack:"settings,omitempty"` // by kind
	Secrets  map[string]Secret `msgpack:"secrets,omitempty"`  // by kind

	Rate        SendRate    `msgpack:"rate,omitempty"`
	Concurrency int64       `msgpack:"calls,omitempty"` // calls at once, at most MaxConcurrency; 0: as many as is usual for its kind
	Quiet       *QuietHours `msgpack:"quiet,omitempty"` // nil: the workspace's
}

// MaxConcurrency is how many calls of one sender run at once, at most.
const MaxConcurrency = 256

// Parallel is how many calls of the sender run at once, where so many are usual for its kind.
func (s Sender) Parallel(usual int) int {
	if s.Concurrency > 0 {
		return int(min(s.Concurrency, MaxConcurrency))
	}
	return min(usual, MaxConcurrency)
}

// InboxKind is the kind of sender that keeps what would be sent and shows it.
const InboxKind = "inbox"

// Sends says whether a sender of its kind sends by a channel: the inbox keeps whatever it is given.
func (s Sender) Sends(ch Channel) bool {
	switch s.Kind {
	case InboxKind:
		return true
	case "smtp":
		return ch == Email
	case "twilio":
		return ch == SMS
	case "webpush":
		return ch == Push
	case WebhookKind:
		return ch == Webhook
	}
	return false
}

// WebhookKind is the kind of sender that posts to a URL of the operator's. Its setting IdempotentSetting, true or false, says
// whether who takes it knows a message that comes again, by its id.
const (
	WebhookKind       = "webhook"
	IdempotentSetting = "idempotent"
)

// InboxName is the sender that every workspace has from the start.
const InboxName Name = "inbox"

// Idempotent says whether calling the sender twice with the same ledger key makes one message; then an interrupted
// call may simply be made again.
func (s Sender) Idempotent() bool {
	return s.Kind == InboxKind || s.Kind == WebhookKind && s.Settings[IdempotentSetting] == "true"
}

// Intent is a line of the send ledger: one message to one contact, from the decision to what became of it.
// Its state only moves forward.
type Intent struct {
	Key      LedgerKey    `msgpack:"key"`
	Contact  ContactID    `msgpack:"c"`
	Channel  Channel      `msgpack:"ch"`
	Journey  Name         `msgpack:"j"`
	Run      RunID        `msgpack:"run"`
	Shape    string       `msgpack:"s"`
	Sender   Name         `msgpack:"sender"`
	Template Hash         `msgpack:"t"`
	Activity Activity     `msgpack:"a"`
	At       IntentAt     `msgpack:"x"`
	Due      Time         `msgpack:"due"`
	Order    WorkID       `msgpack:"o"`           // among those due at the same moment: as they were made
	Epoch    Epoch        `msgpack:"e,omitempty"` // of the leader that claimed it
	Attempts int          `msgpack:"n,omitempty"`
	Reason   Reason       `msgpack:"r,omitempty"`
	Detail   string       `msgpack:"d,omitempty"`     // the provider's own words
	Shown    []ActivityID `msgpack:"shown,omitempty"` // the Back in stock activities that the block showed
	Made     Time         `msgpack:"made"`
	Ended    Time         `msgpack:"ended,omitempty"`
	Receipt  string       `msgpack:"receipt,omitempty"`  // the provider's id
	Reminder bool         `msgpack:"reminder,omitempty"` // see EmailShape

	Called    Time   `msgpack:"called,omitempty"` // when it was claimed for the last call: the earliest that its contact can have read it
	Turn      WorkID `msgpack:"turn,omitempty"`   // while it is claimed: in which order claims were made
	Broadcast Name   `msgpack:"b,omitempty"`      // instead of Journey, Run and Shape
	Free      bool   `msgpack:"free,omitempty"`   // a broadcast's that is about no restock: neither stock nor place in line matter

	Bought []Purchase `msgpack:"bought,omitempty"` // at most MaxPurchases, newest last

	Became   FeedbackKind `msgpack:"became,omitempty"` // what the provider told last, after it took the message or before it said so; only moves forward
	BecameAt Time         `msgpack:"became_at,omitempty"`
	Said     string       `msgpack:"said,omitempty"` // its own words then

	Purpose Purpose   `msgpack:"purpose,omitempty"` // "": StockAlert
	Again   LedgerKey `msgpack:"again,omitempty"`   // of the message that an operator had sent again by this one
	Resent  LedgerKey `msgpack:"resent,omitempty"`  // of the message by which an operator had this one sent again

	Browsers []BrowserOutcome `msgpack:"browsers,omitempty"` // of a push: those that are not called again

	Clicks      int64 `msgpack:"clicks,omitempty"` // on links in it
	ClickedAt   Time  `msgpack:"clicked,omitempty"`
	LastClickAt Time  `msgpack:"last_click,omitempty"`
}

// ReadFrom is the earliest that the intent's contact can have read the message.
func (i Intent) ReadFrom() Time {
	if i.Called != 0 {
		return i.Called
	}
	return i.Ended
}

// IntentAt is where an intent stands.
type IntentAt string

// An intent is due, then claimed by a leader for one call; that ends it, or makes it due again (temporary), or leaves
// it unknown. Held waits for something other than time (stock).
const (
	IntentDue     IntentAt = "due"
	IntentClaimed IntentAt = "claimed"
	IntentHeld    IntentAt = "held"
	IntentSent    IntentAt = "sent"
	IntentDropped IntentAt = "dropped" // a gate, or a permanent failure; Reason says which
	IntentUnknown IntentAt = "unknown" // nobody knows whether the provider took it
)

// OutcomeKind is what came of a provider call, or of the gates before it.
type OutcomeKind string

// The outcomes.
const (
	OutcomeAccepted  OutcomeKind = "accepted"
	OutcomeTemporary OutcomeKind = "temporary" // tried again at Outcome.Retry
	OutcomePermanent OutcomeKind = "permanent"
	OutcomeUnknown   OutcomeKind = "unknown"
	OutcomeHeld      OutcomeKind = "held"    // a gate holds it
	OutcomeDropped   OutcomeKind = "dropped" // a gate ends it
)

// Outcome is what came of one claim.
type Outcome struct {
	Key     LedgerKey    `msgpack:"key"`
	Kind    OutcomeKind  `msgpack:"k"`
	Reason  Reason       `msgpack:"r,omitempty"`
	Detail  string       `msgpack:"d,omitempty"`
	Receipt string       `msgpack:"receipt,omitempty"`
	Retry   Time         `msgpack:"retry,omitempty"` // temporary: when it is tried again; held: until when, if that is known
	Shown   []ActivityID `msgpack:"shown,omitempty"`
	About   *AddressTag  `msgpack:"about,omitempty"` // whose address it was, where Reason is about the address: bounced, unsubscribed, address_gone

	Browsers []BrowserOutcome `msgpack:"browsers,omitempty"` // of a push: what came of each browser that need not be called again
}

// BrowserOutcome is what came of a push to one of a contact's browsers.
type BrowserOutcome struct {
	Tag  AddressTag  `msgpack:"t"`           // of the endpoint
	Kind OutcomeKind `msgpack:"k"`           // accepted, permanent or unknown
	Gone bool        `msgpack:"g,omitempty"` // permanent: the subscription has ended
}
