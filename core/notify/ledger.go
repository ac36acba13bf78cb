package notify

import (
	"slices"

	"restock/core"
)

// MaxAttempts is how often a provider's temporary refusal is tried again before the intent is given up.
const MaxAttempts = 8

// Claim marks an intent as about to be called by the leader of the epoch; ok is false when it is not due any more.
func Claim(i *core.Intent, e core.Epoch) (ok bool) {
	if i.At != core.IntentDue {
		return false
	}
	i.At, i.Epoch = core.IntentClaimed, e
	i.Attempts++
	return true
}

// Settle writes down what came of a claim. States only move forward: ok is false for an intent that is not claimed by
// the epoch, and for one that nobody knows about any more.
func Settle(i *core.Intent, o core.Outcome, e core.Epoch, now core.Time) (ok bool) {
	if i.At != core.IntentClaimed || i.Epoch != e {
		return false
	}
	i.Reason, i.Detail, i.Receipt, i.Shown, i.Turn = o.Reason, o.Detail, o.Receipt, o.Shown, core.WorkID{}
	if i.Became != "" && (o.Kind == core.OutcomeTemporary || o.Kind == core.OutcomeUnknown) {
		believe(i, now) // the provider told before we could say that nobody knows
		return true
	}
	i.Browsers = append(i.Browsers, o.Browsers...)
	switch o.Kind {
	case core.OutcomeAccepted:
		end(i, core.IntentSent, now)
	case core.OutcomeTemporary:
		again(i, o, now)
	case core.OutcomeHeld:
		if !reached(i, core.OutcomeAccepted) {
			keep(i, o, now)
			break
		}
		giveUp(i, now) // its contact has it, be it not on every screen
	case core.OutcomeUnknown:
		i.At = core.IntentUnknown
	default:
		giveUp(i, now)
	}
	return true
}

// reached says whether a push to one of its contact's browsers came to that.
func reached(i *core.Intent, k core.OutcomeKind) bool {
	return slices.ContainsFunc(i.Browsers, func(b core.BrowserOutcome) bool { return b.Kind == k })
}

// giveUp ends an intent that goes nowhere any more. A push that one of its contact's browsers took was sent; of one that a
// browser may have taken nobody knows.
func giveUp(i *core.Intent, now core.Time) {
	switch {
	case reached(i, core.OutcomeAccepted):
		i.Reason = core.ReasonAccepted
		end(i, core.IntentSent, now)
	case reached(i, core.OutcomeUnknown):
		i.At, i.Reason = core.IntentUnknown, core.ReasonUnanswered
	default:
		end(i, core.IntentDropped, now)
	}
}

// keep holds an intent for as long as its gate said: until a moment, when it passes all gates again, or until it is released.
func keep(i *core.Intent, o core.Outcome, now core.Time) {
	i.At = core.IntentHeld
	i.Attempts-- // nobody was called
	if o.Retry != 0 {
		i.At, i.Due = core.IntentDue, max(o.Retry, now)
	}
}

func end(i *core.Intent, at core.IntentAt, now core.Time) { i.At, i.Ended = at, now }

func again(i *core.Intent, o core.Outcome, now core.Time) {
	if i.Attempts >= MaxAttempts {
		i.Reason = core.ReasonGivenUp
		giveUp(i, now)
		return
	}
	i.At, i.Due = core.IntentDue, max(o.Retry, now)
}

// Hear notes what the provider tells of a message, maybe before our own call of it was settled; ok is false for what is known
// already, or says less than that. A message whose call nobody knows the end of, or which would be handed over again, is settled
// by it: the provider has it.
func Hear(i *core.Intent, f core.Feedback, now core.Time) (ok bool) {
	if !f.Kind.After(i.Became) {
		return false
	}
	i.Became, i.BecameAt, i.Said = f.Kind, now, f.Detail
	switch i.At {
	case core.IntentDue, core.IntentHeld, core.IntentUnknown:
		believe(i, now)
	}
	return true
}

// believe ends an intent as the provider says it did: what did not arrive was not sent.
func believe(i *core.Intent, now core.Time) {
	switch i.Became {
	case core.FeedbackBounced:
		i.Reason = core.ReasonBounced
		end(i, core.IntentDropped, now)
	case core.FeedbackFailed:
		i.Reason = core.ReasonRefused
		end(i, core.IntentDropped, now)
	default:
		i.Reason = core.ReasonAccepted
		end(i, core.IntentSent, now)
	}
	i.Detail = i.Said
}

// Again makes an intent due that one of a contact's addresses was wrong for; the others are few.
func Again(i *core.Intent, now core.Time) {
	if i.Attempts < MaxAttempts {
		i.At, i.Due, i.Ended = core.IntentDue, now, 0
	}
}

// MayResend says whether an intent may be sent again by an operator's word: it was dropped, or nobody knows what came of it, and it
// has not been sent again before.
func MayResend(i core.Intent) bool {
	return (i.At == core.IntentDropped || i.At == core.IntentUnknown) && i.Resent == (core.LedgerKey{})
}

// Resend is the intent by which one is sent again, under a key of its own. The one before stays as it is: its provider may yet tell.
func Resend(i core.Intent, key core.LedgerKey, now core.Time) core.Intent {
	return core.Intent{
		Key: key, Again: i.Key, Contact: i.Contact, Channel: i.Channel, Journey: i.Journey, Run: i.Run, Shape: i.Shape, Sender: i.Sender,
		Template: i.Template, Activity: i.Activity, Purpose: i.Purpose, Reminder: i.Reminder, At: core.IntentDue, Due: now, Made: now,
	}
}

// Release gives a held intent back to the gates; ok is false when it is not held.
func Release(i *core.Intent, now core.Time) (ok bool) {
	if i.At != core.IntentHeld {
		return false
	}
	i.At, i.Due = core.IntentDue, now
	return true
}

// Orphan settles a claim whose leader went away during the call: made again where the sender is idempotent by key,
// otherwise held as unknown, to be shown and settled by the provider's word or the operator's.
func Orphan(i *core.Intent, idempotent bool, now core.Time) {
	i.Turn = core.WorkID{}
	if i.Became != "" {
		believe(i, now)
		return
	}
	if idempotent {
		i.At, i.Due = core.IntentDue, now
		return
	}
	if reached(i, core.OutcomeAccepted) {
		giveUp(i, now)
		return
	}
	i.At, i.Reason = core.IntentUnknown, core.ReasonInterrupted
}
