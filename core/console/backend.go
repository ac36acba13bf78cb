package console

import (
	"context"

	"restock/core"
	"restock/core/sender/inbox"
)

// Backend is what the pages and the API need of a core node.
type Backend interface {
	// Ready says why the node cannot serve yet; nil when it can.
	Ready() error
	// Status is how every workspace of the node is doing.
	Status() ([]WorkspaceReport, error)
	// Inbox is what was sent through inbox senders, newest first, at most limit.
	Inbox(limit int) ([]inbox.Sent, error)
	// InboxMessage is one of them.
	InboxMessage(key string) (inbox.Sent, bool)
	// Why explains what happened to a contact, and why. The address may be an e-mail address or phone number in any
	// usual spelling; variant "" is every variant. ok is false when nobody of that address is known.
	Why(w core.WorkspaceName, address string, variant core.VariantID) (report WhyReport, ok bool, err error)
	// Demand ranks what most people wait for. A source that is not there is a *core.InvalidError.
	Demand(w core.WorkspaceName, q DemandQuery) (DemandReport, error)
	// Export is all that is known of a contact, by an address as Why takes it. A bad address is a *core.InvalidError; ok is
	// false when nobody of that address is known.
	Export(w core.WorkspaceName, address string) (e ContactExport, ok bool, err error)
	// Erase lets go of all that is known of a contact, and orders edges to forget the address whether anybody is known by it
	// or not. A bad address is a *core.InvalidError. It returns when the core holds nothing of the contact any more.
	Erase(ctx context.Context, w core.WorkspaceName, address string) (EraseReport, error)
	// Apply makes the installation what the files say, or changes nothing and says why (*core.InvalidError,
	// manifest errors). It returns when the change is in effect.
	Apply(ctx context.Context, files []File) (ApplyReport, error)
	// Audience counts who a saved filter holds for now, and shows at most sample of them; ok is false when there is none of that
	// name.
	Audience(ctx context.Context, w core.WorkspaceName, name core.Name, sample int) (r AudienceReport, ok bool, err error)
	// Try runs a plugin about cases and keeps nothing. A module that is none, or no plugin, is a *core.InvalidError; what goes
	// wrong with a case is in its result.
	Try(ctx context.Context, r TrialRequest) (TrialReport, error)
	// Plugins are those of a workspace with their versions, by name.
	Plugins(ctx context.Context, w core.WorkspaceName) ([]PluginReport, error)
	// Shadow asks another version of a plugin, and the one in use, about the last contacts that journeys asked it about; r.Last is how
	// many at most. A version that cannot be asked there is a *core.InvalidError; ok is false when there is no such plugin. Nothing
	// comes of what is answered.
	Shadow(ctx context.Context, w core.WorkspaceName, plugin core.Name, r ShadowRequest) (report ShadowReport, ok bool, err error)
	// Replay is what a run met where it asked a plugin, as a module of it would be handed it; ok is false when there is no such run.
	Replay(ctx context.Context, w core.WorkspaceName, plugin core.Name, run core.RunID, module []byte) (r ReplayReport, ok bool, err error)
	// Broadcasts are those of a workspace, by name.
	Broadcasts(w core.WorkspaceName) ([]BroadcastReport, error)
	// SetBroadcast says an operator's word about a broadcast. A word that changes nothing is a *core.InvalidError; ok is false when
	// there is no such broadcast. It returns when the word is in effect.
	SetBroadcast(ctx context.Context, w core.WorkspaceName, name core.Name, word core.BroadcastVerb) (r BroadcastReport, ok bool, err error)
	// TryBroadcast counts who would get a broadcast if it began now, and why others would not, and shows at most sample of those
	// who would; ok is false when there is none of that name.
	TryBroadcast(ctx context.Context, w core.WorkspaceName, name core.Name, sample int) (r BroadcastTrial, ok bool, err error)
	// Templates are those that files may refer to by name, by their names.
	Templates(w core.WorkspaceName) ([]TemplateReport, error)
	// Template is what a template is written as; ok is false when there is none of that name.
	Template(w core.WorkspaceName, name core.Name) (s TemplateSource, ok bool, err error)
	// Preview is a message as it would be sent; nothing is sent. What it cannot be of is a *core.InvalidError.
	Preview(ctx context.Context, w core.WorkspaceName, q TemplateQuery) (Preview, error)
	// SendTest sends a message to an address through a sender. It is marked as a test, stands in no ledger, and its address is noted
	// nowhere; a few a minute are sent. What the provider refuses is in the report.
	SendTest(ctx context.Context, w core.WorkspaceName, q TemplateQuery) (TestReport, error)
	// Release takes over what is held of a source's readings, or drops it; ok is false when nothing is held.
	Release(ctx context.Context, w core.WorkspaceName, source core.SourceName, drop bool) (ok bool, err error)
	// Restock is how a restock is doing, with at most next of those who are told next; ok is false when there is none.
	Restock(w core.WorkspaceName, id core.RestockID, next int) (d RestockDetail, ok bool, err error)
	// Steer says an operator's word about a restock: a wave of a size (0: as its source has it) now, or whether it goes on. A
	// word that would change nothing is a *core.InvalidError; ok is false when there is no such restock. It returns when the
	// word is in effect.
	Steer(ctx context.Context, w core.WorkspaceName, id core.RestockID, word core.Word, size int64) (d RestockDetail, ok bool, err error)
	// Messages are those that the query asks for, the newest first.
	Messages(w core.WorkspaceName, q MessageQuery) ([]MessageReport, error)
	// Message is one of them; ok is false when there is none.
	Message(w core.WorkspaceName, key core.LedgerKey) (m MessageReport, ok bool, err error)
	// Resend has messages sent again. Those that cannot be are passed over; it says how many are. It returns when the new ones
	// stand in the ledger.
	Resend(ctx context.Context, w core.WorkspaceName, keys []core.LedgerKey) (n int, err error)
	// LinkKeys are the keys that links in messages are sealed with, the oldest first.
	LinkKeys(ctx context.Context) ([]LinkKeyReport, error)
	// RotateLinks adds a key, and returns all that there are then. With drop it seals at once, and the others are gone: links in
	// messages that were sent open no more. A second one within a day is a *core.InvalidError, unless it drops.
	RotateLinks(ctx context.Context, drop bool) ([]LinkKeyReport, error)
	// ReadNow has a source's API or feed read at once: all of it, or what may differ from what is known. It does not wait
	// for the reading's end; ok is false when there is nothing to read.
	ReadNow(ctx context.Context, w core.WorkspaceName, source core.SourceName, all bool) (ok bool, err error)
	// Journey is how a journey or playbook is doing, shape by shape; ok is false when there is none of that name.
	Journey(w core.WorkspaceName, name core.Name) (d JourneyDetail, ok bool, err error)
	// Direct says an operator's word about a shape of a journey: it is paused or resumed, or who stands there is moved past it.
	// ok is false when there is no such journey or shape. It returns when the word is in effect; runs move on page by page.
	Direct(ctx context.Context, w core.WorkspaceName, name core.Name, shape string, word core.ShapeWord) (d JourneyDetail, ok bool, err error)
	// SetJourney turns a journey or playbook on or off; ok is false when there is none of that name.
	SetJourney(ctx context.Context, w core.WorkspaceName, name core.Name, on bool) (ok bool, err error)
}

// File is one file of an apply: a YAML manifest, or a plugin's module that one names.
type File struct {
	Name string `json:"name"`
	Data []byte `json:"data"` // base64 in JSON
}

// ApplyReport says what an apply changed.
type ApplyReport struct {
	Sources  []core.SourceName `json:"sources,omitempty"`
	Senders  []core.Name       `json:"senders,omitempty"`
	Plugins  []core.Name       `json:"plugins,omitempty"`
	Journeys []core.Name       `json:"journeys,omitempty"`

	Templates  []core.Name          `json:"templates,omitempty"`
	Audiences  []core.Name          `json:"audiences,omitempty"`
	Broadcasts []core.Name          `json:"broadcasts,omitempty"`
	Settings   []core.WorkspaceName `json:"settings,omitempty"` // workspaces whose settings changed
}

// WorkspaceReport is how a workspace is doing.
type WorkspaceReport struct {
	Workspace core.WorkspaceName `json:"workspace"`
	Sequence  core.Sequence      `json:"sequence"` // of the last applied journal entry
	Behind    uint64             `json:"behind"`   // journal entries not applied yet
	Leader    core.Epoch         `json:"leader_epoch"`
	Sources   []SourceReport     `json:"sources"`
	Journeys  []JourneyReport    `json:"journeys"`
	Waitlists []WaitlistReport   `json:"waitlists"` // longest first, at most 100
	Restocks  []RestockReport    `json:"restocks"`  // newest first, at most 50
	Intents   map[string]int     `json:"intents"`   // not ended, by where they stand: due, claimed, held, unknown; to_be_made: contacts
	Works     int                `json:"works"`     // not finished

	Dropped map[core.Reason]int `json:"dropped"`           // messages that ended unsent and are not sent again, by reason
	Gates   []GateReport        `json:"gates"`             // in the order in which messages pass them
	Senders []SenderReport      `json:"senders,omitempty"` // by name
	Pending int                 `json:"pending"`           // captures that wait for their contacts to confirm
}

// LinkKeyReport is a key that links in messages are sealed with.
type LinkKeyReport struct {
	ID        int    `json:"id"`
	Made      string `json:"made,omitempty"`       // RFC 3339; "": with the installation
	Seals     bool   `json:"seals"`                // the one that seals now; all of them open
	SealsFrom string `json:"seals_from,omitempty"` // RFC 3339, of one that is to seal: every edge must know it by then
}

// GateReport is a gate before sending, and what it did since this node leads.
type GateReport struct {
	Name    string `json:"name"`
	Held    int64  `json:"held"`
	Dropped int64  `json:"dropped"`
}

// SenderReport is a sender, and whether its provider is called at the moment.
type SenderReport struct {
	Name        core.Name `json:"name"`
	Type        string    `json:"type"`
	Rate        string    `json:"rate,omitempty"`         // "10 per 1s"
	Concurrency int64     `json:"concurrency,omitempty"`  // calls at once; 0: as many as its type takes
	Failures    int       `json:"failures,omitempty"`     // calls in a row that failed for a reason that passes
	PausedUntil string    `json:"paused_until,omitempty"` // RFC 3339; nothing is called before
	Why         string    `json:"why,omitempty"`          // the provider's own words
	Asked       bool      `json:"asked,omitempty"`        // it said until when; else it failed too often in a row
}

// SourceReport is a source.
type SourceReport struct {
	Name     core.SourceName `json:"name"`
	Title    string          `json:"title"`
	Platform core.Platform   `json:"platform"`
	URL      string          `json:"url"`
	Readings []ReadingReport `json:"readings,omitempty"` // of its API: the catalogue, and the polls
	Unread   *UnreadReport   `json:"unread,omitempty"`   // why its API could not be read the last time
}

// ReadingReport is how far a source's API was read: the run that goes on, or the last one.
type ReadingReport struct {
	Kind      core.ReadingKind  `json:"kind"`
	Running   bool              `json:"running"`
	First     bool              `json:"first"`              // the import: what it found was not known before, and corrects nothing
	Read      int64             `json:"read"`               // products (rows of a feed) so far
	Total     int64             `json:"total"`              // that there are; 0: not known
	Bad       int64             `json:"bad"`                // that could not be read
	BegunAt   string            `json:"begun_at"`           // RFC 3339
	EndedAt   string            `json:"ended_at,omitempty"` // RFC 3339, of the last that ended
	Corrected CorrectionsReport `json:"corrected"`
	Held      *HeldReport       `json:"held,omitempty"` // what it found and nobody is told of
}

// HeldReport is what a reading found to be back in stock, and waits for approval.
type HeldReport struct {
	Variants int64  `json:"variants"`
	Of       int64  `json:"of"`    // variants that the source had
	Since    string `json:"since"` // RFC 3339
	Until    string `json:"until"` // RFC 3339; then it is dropped
}

// CorrectionsReport counts what a reading found to differ from what was known.
type CorrectionsReport struct {
	Products int64 `json:"products"`
	Variants int64 `json:"variants"`
	Levels   int64 `json:"levels"`
	Removed  int64 `json:"removed"`  // products, variants and levels that are gone
	Restocks int64 `json:"restocks"` // that began by it
}

// UnreadReport is why a source's API could not be read the last time. It is tried again.
type UnreadReport struct {
	Reason core.Reason `json:"reason"`
	Detail string      `json:"detail"`
	At     string      `json:"at"` // RFC 3339
}

// JourneyReport is a journey or playbook.
type JourneyReport struct {
	Name     core.Name         `json:"name"`
	Title    string            `json:"title"`
	Playbook bool              `json:"playbook"`
	On       bool              `json:"on"`
	Occurs   core.ActivityKind `json:"occurs"`
	Where    string            `json:"where,omitempty"` // its filter in words; "": it lets everybody in
	Shapes   []string          `json:"shapes"`          // "gate (condition domain-gate)", "mail (email)"
	About    string            `json:"about,omitempty"` // what it does, in its author's words
	Early    string            `json:"early,omitempty"` // the head start of who enters, such as 2h
	Needs    string            `json:"needs,omitempty"` // what its source has yet to say before it does anything
}

// WaitlistReport is a line of waiting contacts.
type WaitlistReport struct {
	Source  core.SourceName `json:"source"`
	Variant core.VariantID  `json:"variant,omitempty"`
	Product core.ProductID  `json:"product,omitempty"` // "any variant"
	Market  core.Market     `json:"market,omitempty"`  // one of the source's; "": of those who wait in none of them
	SKU     string          `json:"sku,omitempty"`
	Title   string          `json:"title"`
	Choice  string          `json:"choice,omitempty"`
	Waiting int             `json:"waiting"`
	Units   int64           `json:"units"`
	Phase   core.StockPhase `json:"stock"`
	Supply  core.Supply     `json:"supply,omitempty"` // where it comes from, if not from counted units
	Alerts  []AlertReport   `json:"alerts,omitempty"` // that its merchant was told of, and which are not re-armed
}

// RestockReport is a restock.
type RestockReport struct {
	ID       string          `json:"id"`
	Source   core.SourceName `json:"source"`
	Variant  core.VariantID  `json:"variant"`
	Market   core.Market     `json:"market,omitempty"`
	SKU      string          `json:"sku,omitempty"`
	Title    string          `json:"title"`
	Choice   string          `json:"choice,omitempty"`
	OpenedAt string          `json:"opened_at"` // RFC 3339
	At       core.RestockAt  `json:"at"`
	Units    int64           `json:"units"`           // when it opened
	Matched  int64           `json:"matched"`         // contacts who got Back in stock
	Told     int64           `json:"told"`            // contacts to whom a provider took a message
	Waves    *WavesReport    `json:"waves,omitempty"` // where it tells in waves, or an operator said something

	Orders     int64         `json:"orders"`     // that came after a message about it
	Sold       int64         `json:"units_sold"` // units in them
	Revenue    []MoneyReport `json:"revenue"`    // by currency; without discounts on orders as a whole
	Conversion float64       `json:"conversion"` // orders by told; 0 while nobody was told
}

// RestockDetail is a restock and its waves.
type RestockDetail struct {
	RestockReport
	Policy string       `json:"policy"`         // how its source tells, in words
	Each   []WaveReport `json:"each"`           // wave, the last 100 of them
	Next   []NextReport `json:"next,omitempty"` // who is told next, in order
}

// WavesReport is how far a restock's waves are.
type WavesReport struct {
	Word    string `json:"word,omitempty"`     // an operator's: paused, stopped
	Begun   int64  `json:"begun"`              // waves
	BegunAt string `json:"begun_at,omitempty"` // RFC 3339, of the last
	NextAt  string `json:"next_at,omitempty"`  // RFC 3339; the next begins no earlier
	Lead    string `json:"lead,omitempty"`     // RFC 3339; up to then only those are told who have a head start
	MayBuy  int64  `json:"may_buy,omitempty"`  // contacts who were told, or are about to be, and count as about to buy
	Ranked  bool   `json:"ranked,omitempty"`   // the order is written down
	Ended   bool   `json:"ended,omitempty"`    // nobody is left to be told
	Approve bool   `json:"approve,omitempty"`  // it waits for an operator to resume it for the first time
}

// WaveReport is one wave.
type WaveReport struct {
	N       int64  `json:"n"`
	BegunAt string `json:"begun_at"`       // RFC 3339
	Size    int64  `json:"size,omitempty"` // contacts that it might take; 0: all
	Units   int64  `json:"units"`          // that were there
	Taken   int64  `json:"taken"`          // contacts
}

// NextReport is somebody who is told next.
type NextReport struct {
	Contact string `json:"contact"`         // its id
	Address string `json:"address"`         // masked
	AskedAt string `json:"asked_at"`        // RFC 3339
	Score   *int64 `json:"score,omitempty"` // where a plugin orders
}

// WhyReport is what happened to one contact, and why.
type WhyReport struct {
	Contact string     `json:"contact"` // its id
	Address string     `json:"address"` // masked
	Entries []WhyEntry `json:"entries"` // places in line, oldest first
}

// WhyEntry is one place in line and everything that came of it.
type WhyEntry struct {
	Source  core.SourceName `json:"source"`
	Variant core.VariantID  `json:"variant,omitempty"`
	Product core.ProductID  `json:"product,omitempty"`
	Market  core.Market     `json:"market,omitempty"` // whose line it is
	Title   string          `json:"title"`
	Waiting bool            `json:"waiting"`
	Closed  string          `json:"closed,omitempty"` // why it left the line
	Units   int64           `json:"units"`            // of the variant, where the entry waits; the same of the two below
	Phase   core.StockPhase `json:"stock"`
	Supply  core.Supply     `json:"supply,omitempty"`
	Repeats int64           `json:"repeats"` // captures merged into it
	Lines   []WhyLine       `json:"lines"`   // in order of time
}

// WhyLine is one thing that happened.
type WhyLine struct {
	At     string `json:"at"`                // RFC 3339, ms
	What   string `json:"what"`              // asked, waiting_on_stock, back_in_stock, journey step, message, consent, suppressed
	Where  string `json:"where,omitempty"`   // journey/shape
	Reason string `json:"reason,omitempty"`  // a core.Reason
	Detail string `json:"detail,omitempty"`  // a plugin's or provider's own words
	ID     string `json:"restock,omitempty"` // of the restock it belongs to
}
