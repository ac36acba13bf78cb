package core

import (
	"crypto/sha256"
	"encoding/binary"
)

// WavePolicy is how many of those who wait for a restock are told at once, and in what order. Zero: all of them, who asked
// first before the others.
type WavePolicy struct {
	Size    int64        `msgpack:"size,omitempty"`     // contacts of a wave; 0: PerUnit alone decides
	PerUnit int64        `msgpack:"per_unit,omitempty"` // contacts who may be about to buy, per unit that is there; 0: however many wait
	Every   Milliseconds `msgpack:"every,omitempty"`    // from the beginning of a wave to that of the next, at least
	Turn    Milliseconds `msgpack:"turn,omitempty"`     // with PerUnit: how long who was told counts as about to buy
	Spread  Milliseconds `msgpack:"spread,omitempty"`   // the time over which a wave is told, evenly; 0: at once
	Order   WaveOrder    `msgpack:"order,omitempty"`
	Score   *PluginCall  `msgpack:"score,omitempty"`  // of OrderScore
	Approve bool         `msgpack:"hold,omitempty"`   // nobody is told before an operator resumes the restock
	Again   int          `msgpack:"again,omitempty"`  // how often who could not buy is put back in line, at most
	Within  Milliseconds `msgpack:"within,omitempty"` // with Again: who was told no longer before it sold out could not buy
}

// InWaves says whether somebody may have to wait for a later wave; if not, a restock tells its whole line at once, in order.
func (p WavePolicy) InWaves() bool {
	return p.Size > 0 || p.PerUnit > 0 || p.Spread > 0 || p.Order != OrderOldest || p.Approve
}

// DefaultTurn is how long who was told counts as about to buy, where neither the turn nor the time between waves is said.
const DefaultTurn = Day

// WaveOrder is who of a line is told first.
type WaveOrder string

// The orders. All but the first are written down when a restock opens, and by whom it is asked then.
const (
	OrderOldest WaveOrder = ""       // who asked first
	OrderNewest WaveOrder = "newest" // who asked last
	OrderRandom WaveOrder = "random" // drawn for each restock; the same restock draws the same
	OrderScore  WaveOrder = "score"  // whom a condition plugin scores highest; of equals, who asked first
)

// Waves is how far a restock has come that tells its line in waves, and an operator's word on any restock.
type Waves struct {
	Word    Word         `msgpack:"word,omitempty"`
	N       int64        `msgpack:"n,omitempty"`       // waves begun
	BegunAt Time         `msgpack:"at,omitempty"`      // the last of them
	NextAt  Time         `msgpack:"next,omitempty"`    // no other begins before
	Left    int64        `msgpack:"left,omitempty"`    // contacts that it may yet take; Everybody: all
	Slice   int64        `msgpack:"slice,omitempty"`   // of a spread wave: contacts at a time
	SliceAt Time         `msgpack:"sliceat,omitempty"` // of a spread wave: when the next of them are told
	Pace    Milliseconds `msgpack:"pace,omitempty"`    // of a spread wave: from one slice to the next
	Out     int64        `msgpack:"out,omitempty"`     // with PerUnit: contacts who were told, or are about to be, and may be about to buy
	Cursor  Cursor       `msgpack:"cursor"`            // behind who was taken last
	Again   bool         `msgpack:"again,omitempty"`   // the line is gone down anew: who was taken is passed over
	Behind  bool         `msgpack:"behind,omitempty"`  // somebody stands in front of the cursor who was not taken
	Ended   bool         `msgpack:"ended,omitempty"`   // nobody stands behind it
	Ranked  bool         `msgpack:"ranked,omitempty"`  // of an order other than OrderOldest: it is written down
	By      WaveOrder    `msgpack:"by,omitempty"`      // the order that the line is gone down in
	Later   bool         `msgpack:"later,omitempty"`   // somebody came into line who takes part if the restock resumes, and stands in front of the cursor or has no rank
	Lead    Time         `msgpack:"lead,omitempty"`    // up to then only those are told who have a head start; 0: it is over, or nobody has one
	Led     bool         `msgpack:"led,omitempty"`     // there was such a time
	Said    bool         `msgpack:"said,omitempty"`    // an operator said how large the wave is: units do not bound it
}

// Everybody is a wave's size when nothing bounds it.
const Everybody = 1 << 62

// Word is what an operator said about a restock's messages.
type Word string

// The words. Paused: nobody is told until it is taken back. Stopped: nobody is told of this restock any more; who was not
// keeps the place in line. Next: the next wave begins now.
const (
	WordGo      Word = ""
	WordPaused  Word = "paused"
	WordStopped Word = "stopped"
	WordNext    Word = "next"
)

// Wave is one wave of a restock.
type Wave struct {
	Restock RestockID `msgpack:"r"`
	N       int64     `msgpack:"n"` // the first is 1
	BegunAt Time      `msgpack:"at"`
	Size    int64     `msgpack:"size"`  // contacts that it may take; Everybody: all
	Units   int64     `msgpack:"units"` // that were there when it began
	Taken   int64     `msgpack:"taken"` // contacts to whom Back in stock occurred in it
}

// Turn is a contact's who was told of a restock that counts who may be about to buy.
type Turn struct {
	Until Time `msgpack:"until,omitempty"` // 0: the message is on its way
}

// Rank is a place in the order that a restock tells in, if that is not the order of asking.
type Rank struct {
	Key     uint64 // lower is told first
	At      Time   // its place in line
	Contact ContactID
	Line    int // which of the restock's lines
}

// ScoreKey is the rank of a score: a higher score is told first.
func ScoreKey(score int64) uint64 { return ^(uint64(score) ^ 1<<63) }

// Score is what ScoreKey was made of.
func (r Rank) Score() int64 { return int64(^r.Key ^ 1<<63) }

// DrawKey is a contact's rank in the random order of a restock.
func DrawKey(r RestockID, c ContactID) uint64 {
	h := sha256.Sum256(append(append(append(make([]byte, 0, 40), "draw"...), r[:]...), c[:]...))
	return binary.BigEndian.Uint64(h[:8])
}
