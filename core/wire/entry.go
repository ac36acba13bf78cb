package wire

import "restock/core"

// Kind tells entries apart. Numbers are never used again for something else.
type Kind uint8

// The kinds of entry.
const (
	KindOpened   Kind = 1
	KindLead     Kind = 2
	KindDeclare  Kind = 3
	KindCapture  Kind = 4
	KindWebhook  Kind = 5
	KindContinue Kind = 6
	KindWake     Kind = 7
	KindAsk      Kind = 8
	KindClaim    Kind = 9
	KindSettle   Kind = 10
	KindBlob     Kind = 11
	KindOptOut   Kind = 12
	KindErase    Kind = 13
	KindPage     Kind = 14
	KindExpand   Kind = 15
	KindRelease  Kind = 16
	KindSteer    Kind = 17
	KindRead     Kind = 20
	KindPosting  Kind = 24
	KindConfirm  Kind = 40
	KindClick    Kind = 41
	KindResend   Kind = 42
	KindDirect   Kind = 28
)

// Entry is one thing that happened to a workspace.
type Entry interface{ Kind() Kind }

// Opened is the first entry of every journal: the workspace begins.
type Opened struct {
	Workspace core.WorkspaceName `msgpack:"workspace"`
	Key       []byte             `msgpack:"key"` // 32 random bytes; contact ids are derived with it
}

// Lead makes its node the leader: entries of an older epoch are void from here on.
type Lead struct {
	Epoch core.Epoch `msgpack:"epoch"`
	Node  string     `msgpack:"node"`
}

// Declare changes what the workspace is made of.
type Declare struct {
	Declaration core.Declaration `msgpack:"declaration"`
}

// Capture is a shopper asking to be told.
type Capture struct {
	Capture core.Capture
}

// Webhook is a verified delivery of a source.
type Webhook struct {
	Source     core.SourceName `msgpack:"source"`
	Headers    []core.Header   `msgpack:"headers"`
	Body       []byte          `msgpack:"body"`
	ReceivedAt core.Time       `msgpack:"at"`
}

// Posting is what a sender's provider posted, verified.
type Posting struct {
	Sender     core.Name     `msgpack:"sender"`
	Query      string        `msgpack:"query,omitempty"`
	Headers    []core.Header `msgpack:"headers"`
	Body       []byte        `msgpack:"body"`
	ReceivedAt core.Time     `msgpack:"at"`
}

// Continue moves a work on by one page. It is void unless the work's cursor is From.
type Continue struct {
	Work    core.WorkID    `msgpack:"work"`
	From    core.Cursor    `msgpack:"from"`
	Line    []byte         `msgpack:"line,omitempty"` // of a restock: hash of the members that Answers are about; it is void when they are others
	Answers []core.Answers `msgpack:"answers,omitempty"`
}

// Expand writes down what follows for the next members of a cohort, at most a page of them. It is void unless From of
// them were expanded before.
type Expand struct {
	Cohort core.WorkID `msgpack:"cohort"`
	From   int         `msgpack:"from"`
}

// Wake lets the journal's time move on: timers that are due go off, at most a page of them.
type Wake struct {
	Verdicts []core.Verdict `msgpack:"verdicts,omitempty"`
}

// Ask brings the verdicts that parked runs wait for.
type Ask struct {
	Verdicts []core.Verdict `msgpack:"verdicts"`
}

// Claim says that the leader is about to call the provider for these intents, once each.
type Claim struct {
	Keys []core.LedgerKey `msgpack:"keys"`
}

// Settle says what came of claims.
type Settle struct {
	Outcomes []core.Outcome `msgpack:"outcomes"`
}

// OptOut is a contact's wish, by a signed link, not to be messaged on a channel any more.
type OptOut struct {
	Contact core.ContactID `msgpack:"contact"`
	Channel core.Channel   `msgpack:"channel"`
	At      core.Time      `msgpack:"at"`          // the edge's clock
	Purpose core.Purpose   `msgpack:"p,omitempty"` // "": no message at all
}

// Confirm is the word of whoever has the link that went to an address: it was they who asked.
type Confirm struct {
	Contact core.ContactID  `msgpack:"contact"`
	Channel core.Channel    `msgpack:"channel"`
	Tag     core.AddressTag `msgpack:"tag"` // of the address
	At      core.Time       `msgpack:"at"`  // the edge's clock
}

// Click is that somebody followed a link in a message.
type Click struct {
	Message core.MessageTag `msgpack:"m"`
	Link    core.LinkID     `msgpack:"l"`
	At      core.Time       `msgpack:"at"` // the edge's clock
	// Known is how many bytes of Message are; 0: all.
	Known int `msgpack:"n,omitempty"`
}

// Tag is what is known of the message's tag.
func (c Click) Tag() []byte {
	if c.Known > 0 && c.Known < len(c.Message) {
		return c.Message[:c.Known]
	}
	return c.Message[:]
}

// Resend is an operator's wish that messages which ended, or of which nobody knows, be sent again.
type Resend struct {
	Keys []core.LedgerKey `msgpack:"keys"` // at most core.PageContacts
}

// Erase lets go of all that is known of a person. It names no address: it would stay in the journal longer than what it
// erases.
type Erase struct {
	Contact core.ContactID  `msgpack:"contact"` // who has the address; zero: nobody, and edges are told all the same
	Address core.ContactID  `msgpack:"address"` // its keyed hash (core.NewContactID)
	Channel core.Channel    `msgpack:"channel"` // its
	Tag     core.AddressTag `msgpack:"tag"`     // its
	Asked   core.Time       `msgpack:"asked"`   // the core node's clock; an erasure that was asked for then is done once
}

// Page is what a source's API answered its leader: a page of a reading (core.Reading), as the shop sent it.
type Page struct {
	Source  core.SourceName  `msgpack:"source"`
	Reading core.ReadingKind `msgpack:"reading"`
	Of      core.Hash        `msgpack:"of"`               // core.Source.Of as it was read; void when the source is another now
	Run     uint64           `msgpack:"run"`              // of the reading; one more than the last begins it
	From    string           `msgpack:"from,omitempty"`   // void unless the reading's cursor is there
	Next    string           `msgpack:"next,omitempty"`   // where the reading goes on; "": it ends
	After   core.Sequence    `msgpack:"after"`            // what the state had applied when the shop was asked: later entries may know better
	BegunAt core.Time        `msgpack:"begun"`            // the leader's clock before the reading's first question
	AskedAt core.Time        `msgpack:"asked"`            // the leader's clock before this page's: nothing in it is later
	As      core.Time        `msgpack:"as"`               // of what states no time
	Missing []core.ProductID `msgpack:"gone,omitempty"`   // asked for by name, and not there any more
	Read    int64            `msgpack:"read"`             // products (rows of a feed) in it
	Skipped int64            `msgpack:"skip,omitempty"`   // products that are too large for a page
	Total   int64            `msgpack:"total,omitempty"`  // products that there are; 0: not said
	Sought  []core.Unknown   `msgpack:"sought,omitempty"` // what the reading looked up: nobody need do so again
	Body    []byte           `msgpack:"body"`             // as core.Page has it; empty: nothing but what is said above
}

// Release is an operator's word on what is held of a reading (core.Hold).
type Release struct {
	Source  core.SourceName  `msgpack:"source"`
	Reading core.ReadingKind `msgpack:"reading"`
	Since   core.Time        `msgpack:"since"`          // of the hold that was looked at; void for any other
	Drop    bool             `msgpack:"drop,omitempty"` // it is let go of; else taken over, and who waits is told
}

// Steer is an operator's word about a restock's messages.
type Steer struct {
	Restock core.RestockID `msgpack:"restock"`
	Word    core.Word      `msgpack:"word"`
	Size    int64          `msgpack:"size,omitempty"` // of core.WordNext: contacts of the wave; 0: as the policy has it
	Wave    int64          `msgpack:"wave,omitempty"` // of core.WordNext: the number of the wave that is meant; void if that has begun; 0: whichever
}

// Read is an operator's wish that a source's API be read at once, and not when it is time.
type Read struct {
	Source  core.SourceName  `msgpack:"source"`
	Reading core.ReadingKind `msgpack:"reading"`
}

// Direct is an operator's word about a shape of a journey.
type Direct struct {
	Journey core.Name      `msgpack:"journey"`
	Shape   string         `msgpack:"shape"`
	Word    core.ShapeWord `msgpack:"word"`
}

// Blob stands for an entry over BlobLimit: its encoding lies in the object store under its hash, put there before
// this entry was appended.
type Blob struct {
	Hash core.Hash `msgpack:"hash"`
	Size int64     `msgpack:"size"` // bytes
}

func (Opened) Kind() Kind   { return KindOpened }
func (Lead) Kind() Kind     { return KindLead }
func (Declare) Kind() Kind  { return KindDeclare }
func (Capture) Kind() Kind  { return KindCapture }
func (Webhook) Kind() Kind  { return KindWebhook }
func (Continue) Kind() Kind { return KindContinue }
func (Wake) Kind() Kind     { return KindWake }
func (Ask) Kind() Kind      { return KindAsk }
func (Claim) Kind() Kind    { return KindClaim }
func (Settle) Kind() Kind   { return KindSettle }
func (OptOut) Kind() Kind   { return KindOptOut }
func (Erase) Kind() Kind    { return KindErase }
func (Page) Kind() Kind     { return KindPage }
func (Expand) Kind() Kind   { return KindExpand }
func (Release) Kind() Kind  { return KindRelease }
func (Steer) Kind() Kind    { return KindSteer }
func (Read) Kind() Kind     { return KindRead }
func (Direct) Kind() Kind   { return KindDirect }
func (Posting) Kind() Kind  { return KindPosting }
func (Confirm) Kind() Kind  { return KindConfirm }
func (Click) Kind() Kind    { return KindClick }
func (Resend) Kind() Kind   { return KindResend }
func (Blob) Kind() Kind     { return KindBlob }
