package db

import (
	"encoding/binary"

	"restock/core"
)

// Position is how far the journal was applied.
type Position struct {
	Sequence core.Sequence `msgpack:"seq"`      // of the last message that was applied whole
	Part     int           `msgpack:"part"`     // entries of the next message that were applied already
	Begun    uint32        `msgpack:"begun"`    // works, asks and intents that they began
	PartHash core.Hash     `msgpack:"parthash"` // of that next message
	Hash     core.Hash     `msgpack:"hash"`     // of the last message's bytes
	Now      core.Time     `msgpack:"now"`      // the journal's time: never goes back
	Leader   core.Epoch    `msgpack:"epoch"`
	Node     string        `msgpack:"node"` // the leader's
}

// Workspace is what the journal's first entry said.
type Workspace struct {
	Name core.WorkspaceName `msgpack:"name"`
	Key  []byte             `msgpack:"key"`
}

// Timer goes off when the journal's time passes Due.
type Timer struct {
	Due       core.Time        `msgpack:"due"`
	Run       core.RunID       `msgpack:"run"`         // a delayed run goes on
	Variant   core.VariantKey  `msgpack:"variant"`     // a restock is confirmed, or its pause has outlasted the window
	Broadcast core.Name        `msgpack:"b,omitempty"` // begins, or goes on; Run is its id then, which no run has
	Hold      core.ReadingKind `msgpack:"hold"`        // of Variant.Source: what is held of this reading is dropped
	Version   core.Sequence    `msgpack:"v"`           // tells timers of the same run apart
}

// Delay is a run that stands until a moment. Those of the same moment go on in the order in which they came.
type Delay struct {
	Due   core.Time   `msgpack:"due"`
	Order core.WorkID `msgpack:"o"`
	Run   core.RunID  `msgpack:"run"`
}

// ShapeKey is a shape of a journey; Shape "" stands for the journey as a whole.
type ShapeKey struct {
	Journey core.Name
	Shape   string
}

// Stand is a run that stands at a shape.
type Stand struct {
	Order core.WorkID // as they came
	Run   core.RunID
}

// Split is how a split's runs were shared out so far.
type Split struct {
	Shares []core.Share `msgpack:"of"` // as they were then; others begin anew
	Taken  []int64      `msgpack:"n"`  // of each
}

// Pace is which turns at a shape with a rate are given out.
type Pace struct {
	Rate core.Rate `msgpack:"of"` // as it was then; another begins anew
	From core.Time `msgpack:"from"`
	N    int64     `msgpack:"n"` // turns since From
}

// Asking is a run that waits for a plugin's verdict.
type Asking struct {
	Work core.WorkID `msgpack:"w"` // its place among those who wait
	Run  core.RunID  `msgpack:"run"`
}

// Suppression is an address that must not be sent to; it outranks consent.
type Suppression struct {
	Address core.Address `msgpack:"a"`
	Reason  core.Reason  `msgpack:"r"`
	At      core.Time    `msgpack:"at"`
}

// FormerAddress is an address that still leads to a contact, but that the contact's record names no more.
type FormerAddress struct {
	Contact core.ContactID
	Address core.Address
}

// StockKey is a variant in a market.
type StockKey struct {
	Variant core.VariantKey
	Market  core.Market
}

// ReadingKey is why a source is read.
type ReadingKey struct {
	Source core.SourceName
	Kind   core.ReadingKind
}

// HeldKey is a variant of which a reading's facts are held.
type HeldKey struct {
	ReadingKey
	Variant core.VariantID
}

// EntryKey is a contact on a waitlist.
type EntryKey struct {
	Contact core.ContactID
	Target  core.Target
}

// ActivityKey is an activity of a contact.
type ActivityKey struct {
	Contact core.ContactID
	ID      core.ActivityID
}

// OccurrencesKey is a kind of activity that a source has and a contact had.
type OccurrencesKey struct {
	Contact core.ContactID
	Source  core.SourceName
	Kind    core.ActivityKind
}

// Occurred is an activity of a kind, by when it occurred. Of those whose details are gone, ID is core.NewFadedID.
type Occurred struct {
	At      core.Time
	Contact core.ContactID
	ID      core.ActivityID
}

// OccurredKey is a cohort, by when its members' activities occurred.
type OccurredKey struct {
	Kind   core.ActivityKind
	At     core.Time
	Cohort core.WorkID
}

// OccurredIn is what is asked of a cohort without reading its members.
type OccurredIn struct {
	Source  core.SourceName `msgpack:"s"`
	Restock core.RestockID  `msgpack:"r"`
}

// Sweep is the work that lets go of what is too old.
type Sweep struct {
	Due  core.Time   `msgpack:"due"`  // when it begins the next time
	Work core.WorkID `msgpack:"work"` // the last
}

// Place is where an entry stands in line.
type Place struct {
	At      core.Time
	Contact core.ContactID
}

// DueIntent is when an intent is due; those of the same moment are called in the order they were made.
type DueIntent struct {
	Due   core.Time
	Order core.WorkID
	Key   core.LedgerKey
}

// EndedIntent is when an intent ended.
type EndedIntent struct {
	At  core.Time
	Key core.LedgerKey
}

// OpenedRestock orders restocks by the journal.
type OpenedRestock struct {
	Sequence core.Sequence
	ID       core.RestockID
}

// TurnKey is a contact who was told of a restock.
type TurnKey struct {
	Restock core.RestockID
	Contact core.ContactID
}

// WaveKey is a wave of a restock.
type WaveKey struct {
	Restock core.RestockID
	N       int64
}

// TurnEnd is when a contact does not count as about to buy any more.
type TurnEnd struct {
	At      core.Time
	Contact core.ContactID
}

// Told is a contact who was told of a restock and can be put back in line where it stood.
type Told struct {
	At      core.Time // when
	Place   core.Time // in line
	Contact core.ContactID
	Line    int // which of the restock's lines
}

// Seen is when a webhook delivery was applied.
type Seen struct {
	At core.Time
	ID core.ID
}

// The tables. Letters are never used again for something else; u is spent.
var (
	Positions  = Table[struct{}, Position]{'!', single}
	Workspaces = Table[struct{}, Workspace]{'#', single}
	Edges      = Table[core.EdgeID, uint64]{'e', id[core.EdgeID]} // number of the last entry applied

	Sources   = Table[core.SourceName, core.Source]{'s', text[core.SourceName]}
	Senders   = Table[core.Name, core.Sender]{'S', text[core.Name]}
	Plugins   = Table[core.Name, core.Plugin]{'p', text[core.Name]}
	Modules   = Table[core.Hash, []byte]{'P', hash}
	Templates = Table[core.Hash, core.Template]{'t', hash}
	Journeys  = Table[core.Name, core.Journey]{'j', text[core.Name]}
	Named     = Table[core.Name, core.NamedTemplate]{'-', text[core.Name]} // what files mean by a template's name

	Products = Table[core.ProductKey, core.Product]{'g', productKey}
	Variants = Table[core.VariantKey, core.Variant]{'v', variantKey}
	Choices  = Table[core.ProductKey, []core.VariantID]{'V', productKey} // a product's variants, as they were last listed
	Items    = Table[core.ItemKey, core.VariantID]{'i', itemKey}
	Levels   = Table[core.ItemKey, []core.Level]{'l', itemKey} // in order of their locations
	Stocks   = Table[StockKey, core.Stock]{'k', stockKey}
	Readings = Table[ReadingKey, core.Reading]{'I', readingKey}
	Restocks = Table[core.RestockID, core.Restock]{'o', id[core.RestockID]}

	Holds      = Table[ReadingKey, core.Hold]{'J', readingKey}
	HeldFacts  = Table[HeldKey, core.HeldFacts]{'K', heldKey}
	Catalogues = Table[core.SourceName, int64]{'X', text[core.SourceName]}       // how many variants each source has
	Policies   = Table[core.SourceName, core.WorkID]{'M', text[core.SourceName]} // the last work that put a source's policy into effect

	Sought = Table[core.SourceName, []core.Unknown]{'?', text[core.SourceName]} // what is to be looked up, in the order it came

	Waiting = Table[core.Waitlist, int64]{'n', waitlistKey}          // how many stand in each line
	Surplus = Table[core.Waitlist, int64]{'+', waitlistKey}          // how many units they want beyond one each; no row: none
	Alerts  = Table[core.Waitlist, []core.Alerted]{'*', waitlistKey} // what was reached and not re-armed since, from the least on

	Attributions = Table[core.ID, core.Attribution]{'$', id[core.ID]} // of orders, by core.NewOrderKey

	Contacts     = Table[core.ContactID, core.Contact]{'c', id[core.ContactID]}
	Addresses    = Table[core.Address, core.ContactID]{'a', addressKey}
	Formers      = Table[FormerAddress, core.Address]{'F', formerKey}
	Suppressions = Table[core.Address, Suppression]{'x', addressKey}
	Erasures     = Table[core.ContactID, core.Erasure]{'E', id[core.ContactID]} // by keyed hash of the address, or contact
	Forgets      = Table[core.WorkID, core.Forget]{'G', workKey}                // in the order they were given
	Entries      = Table[EntryKey, core.Entry]{'w', entryKey}
	Pendings     = Table[EntryKey, core.Pending]{'{', entryKey} // captures that wait for their contacts to confirm
	Occurrences  = Table[OccurrencesKey, core.Occurrences]{'B', occurrencesKey}
	Sweeps       = Table[struct{}, Sweep]{'y', single}
	Activities   = Table[ActivityKey, core.Activity]{'A', activityKey}

	Runs   = Table[core.RunID, core.Run]{'r', id[core.RunID]}
	Timers = Table[Timer, Timer]{'T', timerKey}
	Asks   = Table[core.WorkID, Asking]{'Q', workKey}
	Works  = Table[core.WorkID, core.Work]{'W', workKey}

	Cohorts     = Table[core.WorkID, core.Cohort]{'Z', workKey}     // as long as their activities keep their details
	CohortHeads = Table[core.WorkID, core.CohortHead]{'Y', workKey} // of those that wait to be expanded, in the order they were formed

	Waves = Table[WaveKey, core.Wave]{'h', waveKey}
	Turns = Table[TurnKey, core.Turn]{'b', turnKey}

	Intents = Table[core.LedgerKey, core.Intent]{'L', id[core.LedgerKey]}

	// Who finds the activities of a time looks here: one row for each that occurred to one contact, and one for each cohort,
	// whose own row names its members.
	OccurredTo      = Index[core.ActivityKind, Occurred]{'~', text[core.ActivityKind], occurredKey, parseOccurred, 40}
	OccurredCohorts = Table[OccurredKey, OccurredIn]{'&', occurredInKey}
	Delays          = Table[Delay, Delay]{'2', delayKey}
	Woken           = Table[struct{}, Delay]{'8', single} // the last that went on: all up to it are gone, and none comes before it any more
	Counts          = Table[ShapeKey, core.ShapeCount]{'5', shapeKey}
	Splits          = Table[ShapeKey, Split]{'6', shapeKey}
	Paces           = Table[ShapeKey, Pace]{'7', shapeKey}

	Settings   = Table[struct{}, core.Settings]{'%', single}
	Audiences  = Table[core.Name, core.Audience]{'@', text[core.Name]}
	Broadcasts = Table[core.Name, core.Announcement]{'9', text[core.Name]}
)

// The indexes.
var (
	Waitlists   = Index[core.Waitlist, Place]{'q', waitlistKey, placeKey, parsePlace, 24}
	RunsOf      = Index[core.ContactID, core.RunID]{'R', id[core.ContactID], id[core.RunID], parseID[core.RunID], 16}
	IntentsOf   = Index[core.ContactID, core.LedgerKey]{'N', id[core.ContactID], id[core.LedgerKey], parseID[core.LedgerKey], 16}
	Due         = Index[core.Name, DueIntent]{'D', text[core.Name], dueKey, parseDue, 36}
	Claimed     = Index[struct{}, core.LedgerKey]{'C', single, id[core.LedgerKey], parseID[core.LedgerKey], 16}
	Unknown     = Index[struct{}, core.LedgerKey]{'U', single, id[core.LedgerKey], parseID[core.LedgerKey], 16}
	Dropped     = Index[core.Reason, EndedIntent]{'}', text[core.Reason], endedKey, parseEnded, 24}
	Held        = Index[core.RestockID, core.LedgerKey]{'H', id[core.RestockID], id[core.LedgerKey], parseID[core.LedgerKey], 16}
	Ranks       = Index[core.RestockID, core.Rank]{'m', id[core.RestockID], rankKey, parseRank, 33}
	TurnEnds    = Index[core.RestockID, TurnEnd]{'z', id[core.RestockID], turnEndKey, parseTurnEnd, 24}
	Tolds       = Index[core.RestockID, Told]{'1', id[core.RestockID], toldKey, parseTold, 33}
	Standing    = Index[ShapeKey, Stand]{'3', shapeKey, standKey, parseStand, 28}
	Watching    = Index[core.ContactID, core.RunID]{'4', id[core.ContactID], id[core.RunID], parseID[core.RunID], 16}
	Opened      = Index[struct{}, OpenedRestock]{'O', single, openedKey, parseOpened, 24}
	Deliveries  = Index[struct{}, core.ID]{'d', single, id[core.ID], parseID[core.ID], 16}
	DeliveryAge = Index[struct{}, Seen]{'f', single, seenKey, parseSeen, 24}
)

func delayKey(b []byte, d Delay) []byte    { return id(workKey(instant(b, d.Due), d.Order), d.Run) }
func shapeKey(b []byte, k ShapeKey) []byte { return text(text(b, k.Journey), k.Shape) }

func standKey(b []byte, s Stand) []byte { return id(workKey(b, s.Order), s.Run) }
func parseStand(b []byte) Stand         { return Stand{parseWork(b), core.RunID(b[12:28])} }

func productKey(b []byte, k core.ProductKey) []byte { return text(text(b, k.Source), k.Product) }
func variantKey(b []byte, k core.VariantKey) []byte { return text(text(b, k.Source), k.Variant) }
func itemKey(b []byte, k core.ItemKey) []byte       { return text(text(b, k.Source), k.Item) }
func parseStockKey(b []byte) (k StockKey) {
	source, b := cutText(b)
	variant, b := cutText(b)
	market, _ := cutText(b)
	k.Variant = core.VariantKey{Source: core.SourceName(source), Variant: core.VariantID(variant)}
	k.Market = core.Market(market)
	return k
}

func stockKey(b []byte, k StockKey) []byte { return text(variantKey(b, k.Variant), k.Market) }

func heldKey(b []byte, k HeldKey) []byte { return text(readingKey(b, k.ReadingKey), k.Variant) }

func readingKey(b []byte, k ReadingKey) []byte { return text(text(b, k.Source), k.Kind) }

// addressKey writes the value last and without a length: an address may be longer than 255 bytes (push endpoints).
func addressKey(b []byte, a core.Address) []byte { return append(text(b, a.Channel), a.Value...) }

func formerKey(b []byte, f FormerAddress) []byte { return addressKey(id(b, f.Contact), f.Address) }

func entryKey(b []byte, k EntryKey) []byte {
	b = text(id(b, k.Contact), k.Target.Source)
	return text(text(b, k.Target.Product), k.Target.Variant)
}

func activityKey(b []byte, k ActivityKey) []byte { return id(id(b, k.Contact), k.ID) }

func occurrencesKey(b []byte, k OccurrencesKey) []byte {
	return text(text(id(b, k.Contact), k.Source), k.Kind)
}

func occurredKey(b []byte, o Occurred) []byte { return id(id(instant(b, o.At), o.Contact), o.ID) }
func parseOccurred(b []byte) Occurred {
	return Occurred{parseInstant(b), core.ContactID(b[8:24]), core.ActivityID(b[24:40])}
}

func occurredInKey(b []byte, k OccurredKey) []byte {
	return workKey(instant(text(b, k.Kind), k.At), k.Cohort)
}

func parseOccurredIn(b []byte) OccurredKey {
	kind, b := cutText(b)
	return OccurredKey{core.ActivityKind(kind), parseInstant(b), parseWork(b[8:])}
}

func workKey(b []byte, w core.WorkID) []byte {
	return binary.BigEndian.AppendUint32(number(b, w.Sequence), w.Number)
}

func parseWork(b []byte) core.WorkID {
	return core.WorkID{Sequence: core.Sequence(binary.BigEndian.Uint64(b)), Number: binary.BigEndian.Uint32(b[8:])}
}

func timerKey(b []byte, t Timer) []byte {
	b = id(instant(b, t.Due), t.Run)
	return number(text(text(text(b, t.Variant.Source), t.Variant.Variant), t.Hold), t.Version)
}

func waitlistKey(b []byte, w core.Waitlist) []byte {
	kind := byte('v')
	if w.Product {
		kind = 'p'
	}
	return text(text(append(text(b, w.Source), kind), w.ID), w.Market)
}

// parseWaitlist reads the key of a line; what stands behind it is passed over.
func parseWaitlist(b []byte) (w core.Waitlist) {
	source, b := cutText(b)
	w.Source, w.Product = core.SourceName(source), b[0] == 'p'
	w.ID, b = cutText(b[1:])
	market, _ := cutText(b)
	w.Market = core.Market(market)
	return w
}

func placeKey(b []byte, p Place) []byte { return id(instant(b, p.At), p.Contact) }
func parsePlace(b []byte) Place         { return Place{parseInstant(b), core.ContactID(b[8:24])} }

func dueKey(b []byte, d DueIntent) []byte { return id(workKey(instant(b, d.Due), d.Order), d.Key) }
func parseDue(b []byte) DueIntent {
	return DueIntent{parseInstant(b), parseWork(b[8:]), core.LedgerKey(b[20:36])}
}

func endedKey(b []byte, e EndedIntent) []byte { return id(instant(b, e.At), e.Key) }
func parseEnded(b []byte) EndedIntent         { return EndedIntent{parseInstant(b), core.LedgerKey(b[8:24])} }

func turnKey(b []byte, k TurnKey) []byte { return id(id(b, k.Restock), k.Contact) }

func waveKey(b []byte, k WaveKey) []byte { return number(id(b, k.Restock), uint64(k.N)) }

func rankKey(b []byte, r core.Rank) []byte {
	return append(id(instant(number(b, r.Key), r.At), r.Contact), byte(r.Line))
}

func parseRank(b []byte) core.Rank {
	return core.Rank{Key: binary.BigEndian.Uint64(b), At: parseInstant(b[8:]), Contact: core.ContactID(b[16:32]), Line: int(b[32] & 1)}
}

func turnEndKey(b []byte, e TurnEnd) []byte { return id(instant(b, e.At), e.Contact) }
func parseTurnEnd(b []byte) TurnEnd         { return TurnEnd{parseInstant(b), core.ContactID(b[8:24])} }

func toldKey(b []byte, t Told) []byte {
	return append(id(instant(instant(b, t.At), t.Place), t.Contact), byte(t.Line))
}

func parseTold(b []byte) Told {
	return Told{parseInstant(b), parseInstant(b[8:]), core.ContactID(b[16:32]), int(b[32] & 1)}
}

func seenKey(b []byte, s Seen) []byte { return id(instant(b, s.At), s.ID) }
func parseSeen(b []byte) Seen         { return Seen{parseInstant(b), core.ID(b[8:24])} }

func openedKey(b []byte, o OpenedRestock) []byte { return id(number(b, o.Sequence), o.ID) }
func parseOpened(b []byte) OpenedRestock {
	return OpenedRestock{core.Sequence(binary.BigEndian.Uint64(b)), core.RestockID(b[8:24])}
}

func parseID[I ~[16]byte](b []byte) I { return I(b[:16]) }
