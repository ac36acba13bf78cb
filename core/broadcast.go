package core

// Broadcast is one message to an audience, at once or at a time. It goes out once: a second one needs another name.
type Broadcast struct {
	Name     Name          `msgpack:"name"`
	Title    string        `msgpack:"title"`
	Version  Hash          `msgpack:"version"`                              // of its definition
	Audience Name          `msgpack:"audience,omitempty" json:",omitempty"` // whose filter says to whom, as it is when the broadcast begins; "": Where does
	Where    Filter        `msgpack:"where,omitempty"`
	Channel  Channel       `msgpack:"channel"`
	Send     SendShape     `msgpack:"send"`
	At       string        `msgpack:"at,omitempty" json:",omitempty"` // by the clocks of the workspace's zone, as BroadcastTime; "": as soon as it is on
	Rate     BroadcastRate `msgpack:"rate,omitempty"`
	Purpose  Purpose       `msgpack:"purpose"`
	Told     bool          `msgpack:"told,omitempty" json:",omitempty"`  // also to who was already told about the restock, or is about to be
	Stock    bool          `msgpack:"stock,omitempty" json:",omitempty"` // also about what is sold out, or not waited for any more
}

// BroadcastTime is how Broadcast.At is written (time.Layout).
const BroadcastTime = "2006-01-02T15:04"

// BroadcastRate is how many contacts get a broadcast in each stretch of time; the zero rate is as fast as its sender takes them.
type BroadcastRate struct {
	Contacts int64        `msgpack:"n,omitempty"`
	Every    Milliseconds `msgpack:"in,omitempty"`
}

// Bounds of broadcasts.
const (
	// BroadcastPage is how many contacts a page of a broadcast takes, and how many messages its sender may have due before
	// more are made for it: so many can stand before those of a restock that happens meanwhile.
	BroadcastPage = 256
	// BroadcastLate is how long after its time a broadcast may still begin. Nobody wants this morning's offer at night.
	BroadcastLate = Hour
)

// BroadcastPhase is how far a broadcast is. It only moves forward from BroadcastGoing on.
type BroadcastPhase string

// The phases.
const (
	BroadcastOff     BroadcastPhase = "off"
	BroadcastPlanned BroadcastPhase = "planned" // on, and its time is to come
	BroadcastMissed  BroadcastPhase = "missed"  // its time passed BroadcastLate ago while it was off, or nobody led: it wants another
	BroadcastGoing   BroadcastPhase = "going"
	BroadcastDone    BroadcastPhase = "done"    // the audience's end was reached
	BroadcastStopped BroadcastPhase = "stopped" // turned off while it was going, for good
)

// Begun says whether somebody may have got it.
func (p BroadcastPhase) Begun() bool {
	return p == BroadcastGoing || p == BroadcastDone || p == BroadcastStopped
}

// Announcement is a broadcast and how far it is. From its beginning on the definition stays as it is.
type Announcement struct {
	Broadcast Broadcast      `msgpack:"b"`
	ID        BroadcastID    `msgpack:"id"`
	Phase     BroadcastPhase `msgpack:"x"`
	Paused    bool           `msgpack:"p,omitempty"`
	Due       Time           `msgpack:"due,omitempty"`   // planned: when it begins
	BegunAt   Time           `msgpack:"begun,omitempty"` // as of when its audience is: who joined later is not in it
	EndedAt   Time           `msgpack:"ended,omitempty"`
	Work      WorkID         `msgpack:"w"`
	Left      int64          `msgpack:"left,omitempty"` // with a rate: contacts that may get it before NextAt
	Waits     bool           `msgpack:"waits,omitempty"`
	NextAt    Time           `msgpack:"next,omitempty"` // with a rate: when as many may again

	Made    int64         `msgpack:"made,omitempty"` // messages
	Sent    int64         `msgpack:"sent,omitempty"` // of them
	Dropped []ReasonCount `msgpack:"dropped,omitempty"`
	Passed  []ReasonCount `msgpack:"passed,omitempty"` // contacts of the audience for whom none was made
}

// Moves says whether messages may be made of it now.
func (a Announcement) Moves() bool { return a.Phase == BroadcastGoing && !a.Paused && !a.Waits }

// ReasonCount is how often something ended for a reason.
type ReasonCount struct {
	Reason Reason `msgpack:"r"`
	N      int64  `msgpack:"n"`
}

// CountReason adds one; counts stand in the order in which their reasons came up first.
func CountReason(all []ReasonCount, r Reason) []ReasonCount {
	for i := range all {
		if all[i].Reason == r {
			all[i].N++
			return all
		}
	}
	return append(all, ReasonCount{r, 1})
}

// DeclaredBroadcast is a broadcast as it shall be.
type DeclaredBroadcast struct {
	Broadcast Broadcast `msgpack:"broadcast"`
	// State is whether it shall be on; nil: as it is, and off when it is new.
	State *bool `msgpack:"state,omitempty"`
}

// BroadcastWord is what an operator says about a broadcast: void when it is in no phase to be told so.
type BroadcastWord struct {
	Broadcast Name          `msgpack:"broadcast"`
	Word      BroadcastVerb `msgpack:"word"`
}

// BroadcastVerb is such a word.
type BroadcastVerb string

// The words.
const (
	TurnOn          BroadcastVerb = "on"
	TurnOff         BroadcastVerb = "off"    // one that is going stops, for good
	PauseBroadcast  BroadcastVerb = "pause"  // what is made and not sent is held
	ResumeBroadcast BroadcastVerb = "resume" // it goes on where it was
)

// Fits says whether the word changes anything about a broadcast as it is.
func (v BroadcastVerb) Fits(a Announcement) bool {
	switch v {
	case TurnOn:
		return a.Phase == BroadcastOff || a.Phase == BroadcastMissed
	case TurnOff:
		return a.Phase == BroadcastPlanned || a.Phase == BroadcastMissed || a.Phase == BroadcastGoing
	case PauseBroadcast:
		return (a.Phase == BroadcastGoing || a.Phase == BroadcastDone) && !a.Paused
	case ResumeBroadcast:
		return (a.Phase == BroadcastGoing || a.Phase == BroadcastDone) && a.Paused
	}
	return false
}
