package core

// Guard is when what a reading of a source's API found is held for approval, rather than told to everybody who waits: a feed
// that was written by accident marks a whole shop as in stock.
type Guard struct {
	Share    int64        `msgpack:"share,omitempty"` // percent of the source's variants that may come back into stock by one reading; 0: DefaultGuard's
	Variants int64        `msgpack:"n,omitempty"`     // fewer than these always may; 0: DefaultGuard's
	Hold     Milliseconds `msgpack:"hold,omitempty"`  // how long approval is waited for; 0: DefaultGuard's
}

// DefaultGuard holds a fifth of a source's variants, from ten on, for a day.
var DefaultGuard = Guard{Share: 20, Variants: 10, Hold: Day}

// Holds says whether so many variants of so many are held. No share is more than all.
func (g Guard) Holds(back, of int64) bool {
	share, least := g.Share, g.Variants
	if share == 0 {
		share = DefaultGuard.Share
	}
	if least == 0 {
		least = DefaultGuard.Variants
	}
	return back >= least && back*100 > of*share
}

// Few says whether so many variants are held by no share: they need not wait for the reading's end.
func (g Guard) Few(back int64) bool { return !g.Holds(back, 0) }

// Until is when a hold that begins now is dropped, if nobody approves.
func (g Guard) Until(now Time) Time {
	if g.Hold == 0 {
		return now.Add(DefaultGuard.Hold)
	}
	return now.Add(g.Hold)
}

// Hold is what a reading found to be back in stock and nobody is told of: while the reading goes on, since nobody knows how
// much of it there will be, and after it until somebody approves.
type Hold struct {
	Source SourceName  `msgpack:"s"`
	Kind   ReadingKind `msgpack:"k"`
	Run    uint64      `msgpack:"run"`             // of the reading that Passed counts for
	Passed int64       `msgpack:"passed"`          // variants that were too few to be held
	Held   int64       `msgpack:"held"`            // variants that are
	Since  Time        `msgpack:"since,omitempty"` // when it was found to be too many; 0: the reading goes on, or Work lets it through
	Until  Time        `msgpack:"until,omitempty"` // when it is dropped
	Of     int64       `msgpack:"of,omitempty"`    // variants that the source had then
	Work   WorkID      `msgpack:"work"`            // that lets what was held before it through, or drops that
}

// HeldFacts are what was read of one variant that is held.
type HeldFacts struct {
	Variant VariantID `msgpack:"v"`
	Facts   Facts     `msgpack:"f"`
	After   Sequence  `msgpack:"after"` // see wire.Page; of the last page that said so
	AskedAt Time      `msgpack:"asked"`
	Seen    Sequence  `msgpack:"seen"` // the journal entry since which something is held of the variant
}
