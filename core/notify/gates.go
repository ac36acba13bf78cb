// Package notify decides what may leave the house: the gates before a message, in one visible order, and the ledger
// that remembers every message from the decision to what became of it. It is pure.
package notify

import "restock/core"

// Subject is what the gates look at: an intent, and the state around it at the moment of the call.
type Subject struct {
	Intent     core.Intent
	JourneyOn  bool
	SenderOK   bool       // the sender is still declared
	Suppressed bool       // the contact's address is
	Entry      core.Entry // the contact's place in line
	Stock      core.Stock // of the activity's variant
	Word       core.Word  // an operator's, about the activity's restock
	HasAddress bool       // the contact still has an address for the channel

	Broadcast core.Announcement // whose message it is; zero: a journey's
}

// Decision is a gate's answer. The zero Decision lets the message through.
type Decision struct {
	Kind   core.OutcomeKind // "", held or dropped
	Reason core.Reason
}

// Gate is one reason not to send.
type Gate struct {
	Name  string
	Check func(*Subject) Decision
}

// Gates in their order; the first that does not let a message through decides.
var Gates = []Gate{
	{"journey_on", journeyOn},
	{"broadcast", broadcast},
	{"sender", senderOK},
	{"address", address},
	{"suppression", suppression},
	{"still_wanted", stillWanted},
	{"operator", operator},
	{"still_in_stock", stillInStock},
}

// Decide asks the gates in their order.
func Decide(s *Subject) Decision {
	for _, g := range Gates {
		if d := g.Check(s); d.Kind != "" {
			return d
		}
	}
	return Decision{}
}

func drop(unless bool, r core.Reason) Decision {
	if unless {
		return Decision{}
	}
	return Decision{core.OutcomeDropped, r}
}

func journeyOn(s *Subject) Decision { return drop(s.JourneyOn, core.ReasonJourneyOff) }

// broadcast drops what one that was stopped had made, and holds it while the broadcast pauses.
func broadcast(s *Subject) Decision {
	switch b := s.Broadcast; {
	case b.Phase == core.BroadcastStopped:
		return Decision{core.OutcomeDropped, core.ReasonBroadcastStopped}
	case b.Paused:
		return Decision{core.OutcomeHeld, core.ReasonBroadcastPaused}
	}
	return Decision{}
}

func senderOK(s *Subject) Decision    { return drop(s.SenderOK, core.ReasonSenderGone) }
func address(s *Subject) Decision     { return drop(s.HasAddress, core.ReasonNoAddress) }
func suppression(s *Subject) Decision { return drop(!s.Suppressed, core.ReasonSuppressed) }

// stillWanted drops what is about an entry that was closed for another reason than having been told, and what is back in a
// market where the contact does not wait any more; and a reminder about anything else than what the contact was told and did
// not buy.
func stillWanted(s *Subject) Decision {
	e, a := s.Entry, s.Intent.Activity
	if s.Intent.Free {
		return Decision{}
	}
	if s.Intent.Reminder {
		return drop(!e.Waiting() && e.Closed == core.ClosedTold && e.ClosedAt >= a.At, core.ReasonNotToRemind)
	}
	gone := !e.Waiting() && e.Closed != core.ClosedTold && e.ClosedAt >= a.AskedAt
	elsewhere := a.Kind == core.BackInStock && e.Waiting() && e.Line != a.Market
	return drop(!gone && !elsewhere, core.ReasonNotWaiting)
}

// operator holds what an operator paused, and drops what one stopped.
func operator(s *Subject) Decision {
	switch s.Word {
	case core.WordPaused:
		return Decision{core.OutcomeHeld, core.ReasonPaused}
	case core.WordStopped:
		return Decision{core.OutcomeDropped, core.ReasonStopped}
	}
	return Decision{}
}

// stillInStock holds a Back in stock message while its restock pauses and drops it when that restock is over; a reminder does
// not wait.
func stillInStock(s *Subject) Decision {
	a := s.Intent.Activity
	if s.Intent.Free || a.Kind != core.BackInStock || (s.Stock.Phase == core.InStock && s.Stock.Restock == a.Restock) {
		return Decision{}
	}
	if s.Stock.Restock == a.Restock && s.Stock.RestockAt == core.RestockPaused && !s.Intent.Reminder {
		return Decision{core.OutcomeHeld, core.ReasonOutOfStock}
	}
	return Decision{core.OutcomeDropped, core.ReasonOutOfStock}
}
