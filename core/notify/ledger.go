package notify

import "restock/core"

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
	i.Reason, i.Detail, i.Receipt, i.Shown = o.Reason, o.Detail, o.Receipt, o.Shown
	switch o.Kind {
	case core.OutcomeAccepted:
		end(i, core.IntentSent, now)
	case core.OutcomeTemporary:
		again(i, o, now)
	case core.OutcomeHeld:
		i.At = core.IntentHeld
		i.Attempts--
	case core.OutcomeUnknown:
		i.At = core.IntentUnknown
	default:
		end(i, core.IntentDropped, now)
	}
	return true
}

func end(i *core.Intent, at core.IntentAt, now core.Time) { i.At, i.Ended = at, now }

func again(i *core.Intent, o core.Outcome, now core.Time) {
	if i.Attempts >= MaxAttempts {
		i.Reason = core.ReasonGivenUp
		end(i, core.IntentDropped, now)
		return
	}
	i.At, i.Due = core.IntentDue, max(o.Retry, now)
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
	if idempotent {
		i.At, i.Due = core.IntentDue, now
		return
	}
	i.At, i.Reason = core.IntentUnknown, core.ReasonInterrupted
}
