package core

// Work is something long that a journal entry began: a stored cursor that the leader moves on by appending continue
// entries, so that works interleave fairly and no entry touches more than PageContacts contacts.
type Work struct {
	ID      WorkID    `msgpack:"id"`
	Kind    WorkKind  `msgpack:"k"`
	Restock RestockID `msgpack:"r"`
	Cursor  Cursor    `msgpack:"c"`
	Until   Time      `msgpack:"until"`           // a restock's: who asked later waits for the next one
	Pages   int64     `msgpack:"n"`               // pages done
	Again   bool      `msgpack:"again,omitempty"` // a restock's: its line was gone down before, so who was told is passed over; of held intents: the line follows
	Contact ContactID `msgpack:"who"`             // an erasure's, or who leaves
	Left    int64     `msgpack:"left,omitempty"`  // a restock's that tells in waves: contacts that it may yet take; 0: all
	Taken   int64     `msgpack:"taken,omitempty"` // a restock's that tells in waves: contacts that it took

	Early bool `msgpack:"early,omitempty"` // a restock's: only who has a head start is taken

	Source  SourceName  `msgpack:"src,omitempty"`     // whose lines or stock it goes through
	Reading ReadingKind `msgpack:"reading,omitempty"` // whose hold it ends

	Journey Name   `msgpack:"journey,omitempty"` // whose runs it moves
	Shape   string `msgpack:"shape,omitempty"`   // where they stand

	Broadcast Name `msgpack:"b,omitempty"` // whose audience it goes through
}

// WorkID orders what entries began (works, runs that ask, intents) by the journal: the sequence of the message and a
// number within it.
type WorkID struct {
	Sequence Sequence `msgpack:"s"`
	Number   uint32   `msgpack:"n"`
}

// Before says whether w was begun before the other.
func (w WorkID) Before(o WorkID) bool {
	return w.Sequence < o.Sequence || w.Sequence == o.Sequence && w.Number < o.Number
}

// WorkKind is what a work does.
type WorkKind string

// The kinds of work.
const (
	WorkRestock WorkKind = "restock" // goes down the waitlist of a restock and tells
	WorkRank    WorkKind = "rank"    // writes down in what order a restock tells
	WorkSettle  WorkKind = "settle"  // clears up after a restock that closed: who could not buy is put back in line
	WorkRelease WorkKind = "release" // gives the held intents of a restock back to the gates
	WorkErase   WorkKind = "erase"   // lets go of what one entry was too small for; needs no cursor: what is done is gone
	WorkLeave   WorkKind = "leave"   // takes a contact that wants no more stock alerts out of the lines that one entry was too small for
	WorkPending WorkKind = "pending" // lets go of captures that nobody confirmed
	WorkLines   WorkKind = "lines"   // moves who waits into the lines of a source's markets, which have changed
	WorkExpire  WorkKind = "expire"  // takes out of the lines who has waited too long
	WorkSweep   WorkKind = "sweep"   // lets go of the details of old activities
	WorkCohorts WorkKind = "cohorts" // lets go of old cohorts, before the sweep
	WorkOrders  WorkKind = "orders"  // lets go of what old orders were attributed to
	WorkApprove WorkKind = "approve" // takes over what was held
	WorkDrop    WorkKind = "drop"    // lets go of what was held
	WorkStand   WorkKind = "stand"   // lets the runs go on that stood at a shape while it was paused, or that it is not there for any more
	WorkMove    WorkKind = "move"    // moves who stands at a shape past it
	WorkWatch   WorkKind = "watch"   // looks at a contact's runs since something about the contact changed
	WorkJudge   WorkKind = "judge"   // judges a source's variants by a policy that has changed

	WorkBroadcast WorkKind = "broadcast" // goes through the audience of a broadcast
	WorkLow       WorkKind = "low"       // lets those hear that a restock runs low who were told of it
)

// Cursor is how far a work has come: everything up to it is done.
type Cursor struct {
	At      Time      `msgpack:"at"` // place in line
	Contact ContactID `msgpack:"c"`
	Key     LedgerKey `msgpack:"k"`
	Row     Row       `msgpack:"row,omitempty"`  // of a table that is walked as a whole
	Rank    uint64    `msgpack:"rank,omitempty"` // of a restock's order: core.Rank.Key
}

// Row is a key of the state in the state's own form, to go on behind it.
type Row string

// PageContacts is how many contacts one page of a work takes whose contacts each have rows to be written.
const PageContacts = 1024

// MaxPageContacts bounds what applying one journal entry may touch.
const MaxPageContacts = 4096
