// Package notify decides what may leave the house: the gates before a message, in one visible order, and the ledger
// that remembers every message from the decision to what became of it. It is pure.
package notify

import (
	"cmp"

	"restock/core"
)

// Subject is what the gates look at: an intent, and the state around it at the moment of the call.
type Subject struct {
	Now        core.Time
	Intent     core.Intent
	JourneyOn  bool
	Broadcast  core.Announcement // whose message it is; zero: a journey's
	SenderOK   bool              // the sender is still declared
	Contact    core.Contact      // zero: the message is to the merchant
	To         core.Address      // the contact's for the channel; no value: there is none any more
	Suppressed bool              // that address is
	Entry      core.Entry        // the contact's place in line
	Stock      core.Stock        // of the activity's variant
	Word       core.Word         // an operator's, about the activity's restock
	Earlier    core.Intent       // the one that this one sends again; zero: none

	Hours  []Rule // by which messages are held; none: they are not
	Home   []Rule // instead, where Hours leave no moment open: by the workspace's clock alone
	Caps   []core.FrequencyCap
	Recent []Recent // the contact's other messages that count, as far back as any cap looks

	Plugins func() Decision // asks the plugins; nil: there are none
}

// Recent is another message to the contact.
type Recent struct {
	At      core.Time // of the call
	Channel core.Channel
	Open    bool // the call goes on, and was claimed earlier than this one
}

// Decision is a gate's answer. The zero Decision lets the message through.
type Decision struct {
	Kind   core.OutcomeKind // "", held or dropped
	Reason core.Reason
	Until  core.Time // held: when it comes to the gates again; 0: when what holds it changes
	Detail string
	Gate   string // which decided
}

// Gate is one reason not to send.
type Gate struct {
	Name  string
	Check func(*Subject) Decision
}

// Gates in their order; the first that does not let a message through decides. What ends a message stands before what holds it,
// so that nothing is held which would not go out anyway, and what costs most comes last.
var Gates = []Gate{
	{"journey_on", journeyOn},
	{"broadcast", broadcast},
	{"sender", senderOK},
	{"address", address},
	{"consent", consent},
	{"double_opt_in", doubleOptIn},
	{"suppression", suppression},
	{"already_sent", alreadySent},
	{"still_wanted", stillWanted},
	{"operator", operator},
	{"still_in_stock", stillInStock},
	{"quiet_hours", quietHours},
	{"frequency", frequency},
	{"plugins", plugins},
}

// Decide asks the gates in their order.
func Decide(s *Subject) Decision {
	for _, g := range Gates {
		if d := g.Check(s); d.Kind != "" {
			d.Gate = g.Name
			return d
		}
	}
	return Decision{}
}

func drop(unless bool, r core.Reason) Decision {
	if unless {
		return Decision{}
	}
	return Decision{Kind: core.OutcomeDropped, Reason: r}
}

func hold(r core.Reason, until core.Time) Decision {
	return Decision{Kind: core.OutcomeHeld, Reason: r, Until: until}
}

func journeyOn(s *Subject) Decision { return drop(s.JourneyOn, core.ReasonJourneyOff) }

// broadcast drops what one that was stopped had made, and holds it while the broadcast pauses.
func broadcast(s *Subject) Decision {
	switch b := s.Broadcast; {
	case b.Phase == core.BroadcastStopped:
		return drop(false, core.ReasonBroadcastStopped)
	case b.Paused:
		return hold(core.ReasonBroadcastPaused, 0)
	}
	return Decision{}
}

func senderOK(s *Subject) Decision    { return drop(s.SenderOK, core.ReasonSenderGone) }
func address(s *Subject) Decision     { return drop(s.To.Value != "", core.ReasonNoAddress) }
func suppression(s *Subject) Decision { return drop(!s.Suppressed, core.ReasonSuppressed) }

// toContact says whether a message goes to its contact, rather than to the merchant or to the operator's own programs.
func (s *Subject) toContact() bool {
	return s.Intent.Contact != (core.ContactID{}) && s.Intent.Channel != core.Webhook
}

// asked is when the contact last asked for what the message is about; 0: it never did.
func (s *Subject) asked() core.Time {
	if s.Intent.Activity.AskedAt == 0 {
		return 0
	}
	return max(s.Intent.Activity.AskedAt, s.Entry.LastAt)
}

// consent drops what the contact has not agreed to, or not any more. A question whether it was they who asked is none of it.
func consent(s *Subject) Decision {
	if !s.toContact() || s.Intent.Activity.Kind == core.ConfirmationAsked {
		return Decision{}
	}
	why := s.Contact.Allows(s.Intent.Channel, cmp.Or(s.Intent.Purpose, core.StockAlert), s.asked())
	return drop(why == "", why)
}

// doubleOptIn drops what goes to an address that nobody has confirmed, but what is about something that was asked for before it had
// to be; and a question to confirm what is confirmed.
func doubleOptIn(s *Subject) Decision {
	if !s.toContact() {
		return Decision{}
	}
	k := s.Contact.Confirmation(s.To)
	if s.Intent.Activity.Kind == core.ConfirmationAsked {
		return drop(k != nil && k.At == 0, core.ReasonConfirmed)
	}
	open := k != nil && k.At == 0 && (s.asked() == 0 || s.asked() >= k.AskedAt)
	return drop(!open, core.ReasonNotConfirmed)
}

// Reaches says whether what the gates say of addresses lets a message go to one of the contact's, whatever To is.
func (s Subject) Reaches(to core.Address, suppressed bool) bool {
	s.To = to
	return !suppressed && doubleOptIn(&s).Kind == ""
}

// alreadySent drops what an operator had sent again, when its provider has told meanwhile that it has the first one.
func alreadySent(s *Subject) Decision {
	e := s.Earlier
	arrived := e.At == core.IntentSent || e.Became == core.FeedbackTaken || e.Became == core.FeedbackDelivered
	return drop(s.Intent.Again == (core.LedgerKey{}) || !arrived, core.ReasonAlreadySent)
}

// stillWanted drops what is about an entry that was closed for another reason than having been told, and what is back in a
// market where the contact does not wait any more; and a reminder about anything else than what the contact was told and did
// not buy. Who is asked to confirm does not wait yet.
func stillWanted(s *Subject) Decision {
	e, a := s.Entry, s.Intent.Activity
	if a.Kind == core.ConfirmationAsked || s.Intent.Free {
		return Decision{}
	}
	if s.Intent.Reminder {
		told := a.At
		if a.Kind == core.RunningLow { // which occurs after that
			told = a.AskedAt
		}
		return drop(!e.Waiting() && e.Closed == core.ClosedTold && e.ClosedAt >= told, core.ReasonNotToRemind)
	}
	gone := !e.Waiting() && e.Closed != core.ClosedTold && e.ClosedAt >= a.AskedAt
	elsewhere := a.Kind == core.BackInStock && e.Waiting() && e.Line != a.Market
	return drop(!gone && !elsewhere, core.ReasonNotWaiting)
}

// operator holds what an operator paused, and drops what one stopped.
func operator(s *Subject) Decision {
	switch s.Word {
	case core.WordPaused:
		return hold(core.ReasonPaused, 0)
	case core.WordStopped:
		return drop(false, core.ReasonStopped)
	}
	return Decision{}
}

// stillInStock holds a Back in stock message while its restock pauses and drops it when that restock is over; a reminder does
// not wait. What says that few are left is not said when there are many again.
func stillInStock(s *Subject) Decision {
	a := s.Intent.Activity
	of := a.Kind == core.BackInStock || a.Kind == core.RunningLow
	if s.Intent.Free || !of || (s.Stock.Phase == core.InStock && s.Stock.Restock == a.Restock) {
		return drop(s.Intent.Free || a.Kind != core.RunningLow || s.Stock.Amount == core.AmountLow, core.ReasonNotLow)
	}
	if s.Stock.Restock == a.Restock && s.Stock.RestockAt == core.RestockPaused && !s.Intent.Reminder {
		return hold(core.ReasonOutOfStock, 0)
	}
	return drop(false, core.ReasonOutOfStock)
}

// ReplyTime is for how long a message is the reply to who has just asked, and nobody is woken by it.
const ReplyTime = 10 * core.Minute

// confirms says whether a message tells a contact nothing but that it asked, or asks whether it did.
func (s *Subject) confirms() bool {
	k := s.Intent.Activity.Kind
	return k == core.WaitingOnStock || k == core.ConfirmationAsked
}

// quietHours holds a message until the moment at which nobody's clock keeps it: it comes to all gates again then.
func quietHours(s *Subject) Decision {
	if !s.toContact() || s.confirms() && s.Now.Since(s.Intent.Activity.AskedAt) <= ReplyTime {
		return Decision{}
	}
	at, ok := Opens(s.Hours, s.Now)
	if !ok {
		if at, ok = Opens(s.Home, s.Now); !ok {
			return drop(false, core.ReasonQuiet) // hours that never end
		}
	}
	if at <= s.Now {
		return Decision{}
	}
	d := hold(core.ReasonQuiet, at)
	d.Detail = "until " + at.String()
	return d
}

// plugins asks those of the workspace and of the journey.
func plugins(s *Subject) Decision {
	if s.Plugins == nil {
		return Decision{}
	}
	return s.Plugins()
}
