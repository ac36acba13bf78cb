package core

// Page is what a source's API said of some of its products, as it said it.
type Page struct {
	Body []byte
	As   Time // when it was read: the time of what states none
}

// ReadingKind is why a source's API is read.
type ReadingKind string

// The kinds. A poll reads what may differ from what we know (what changed since the last one, and what somebody waits
// for); a full reading everything.
const (
	ReadingFull ReadingKind = "full"
	ReadingPoll ReadingKind = "poll"
)

// Reading is how far a source's API was read for one kind: the run that goes on, or the last one.
type Reading struct {
	Source  SourceName  `msgpack:"s"`
	Kind    ReadingKind `msgpack:"k"`
	Of      Hash        `msgpack:"of"`             // Source.Of when it began
	Run     uint64      `msgpack:"run"`            // counts them from 1
	Running bool        `msgpack:"go,omitempty"`   // it has not ended yet
	Cursor  string      `msgpack:"at,omitempty"`   // where its next page begins
	BegunAt Time        `msgpack:"begun"`          // the leader's clock before the shop was asked for the first time
	EndedAt Time        `msgpack:"ended"`          // of the last run that ended; 0: none has
	Covers  Time        `msgpack:"cov"`            // what changed in the shop before this is known: when that run began
	Read    int64       `msgpack:"n"`              // products (rows of a feed) so far
	Total   int64       `msgpack:"of_n,omitempty"` // products that there are; 0: the shop does not say
	Bad     int64       `msgpack:"bad,omitempty"`  // products (rows) that could not be read
	Fixed   Corrections `msgpack:"fix"`            // of this run
	First   bool        `msgpack:"first,omitempty"`
	Wanted  Time        `msgpack:"want,omitempty"` // when an operator asked for it to be read at once; 0: it waits for its time
}

// Unknown is what a webhook spoke of and nobody had described by then: an item, a variant or a product, one of the three.
type Unknown struct {
	Item    ItemID    `msgpack:"i,omitempty"`
	Variant VariantID `msgpack:"v,omitempty"`
	Product ProductID `msgpack:"p,omitempty"`
}

// MaxUnknown bounds how much of a source is noted to be looked up. What webhooks name beyond it is known when the catalogue
// is read anew.
const MaxUnknown = 250

// Corrections are what a reading found to differ from what was known: what no webhook had said, or not yet.
type Corrections struct {
	Products int64 `msgpack:"p,omitempty"` // with another title, link, picture, … or that were not known
	Variants int64 `msgpack:"v,omitempty"` // the same of them
	Levels   int64 `msgpack:"l,omitempty"` // with another quantity
	Removed  int64 `msgpack:"r,omitempty"` // products, variants and levels that are gone
	Restocks int64 `msgpack:"x,omitempty"` // that began by it
}

// Any says whether something differed.
func (c Corrections) Any() bool { return c != Corrections{} }
