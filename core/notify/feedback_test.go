package notify_test

import (
	"reflect"
	"testing"

	"restock/core"
	"restock/core/notify"
)

// ofMessages are the kinds of feedback about a message, as they come one after the other.
var ofMessages = []core.FeedbackKind{core.FeedbackTaken, core.FeedbackDelivered, core.FeedbackFailed, core.FeedbackBounced, core.FeedbackComplained}

// believed is where each kind takes a message whose own call left it open.
var believed = map[core.FeedbackKind]core.IntentAt{
	core.FeedbackTaken: core.IntentSent, core.FeedbackDelivered: core.IntentSent, core.FeedbackFailed: core.IntentDropped,
	core.FeedbackBounced: core.IntentDropped, core.FeedbackComplained: core.IntentSent, core.FeedbackStopped: core.IntentSent,
}

// TestHear goes through every state and kind: what was left open is settled, what has ended stays, and what is known never goes
// back.
func TestHear(t *testing.T) {
	for _, at := range states {
		for _, before := range append([]core.FeedbackKind{""}, ofMessages...) {
			for _, k := range ofMessages {
				i := intent(at)
				i.Became = before
				want := i
				news := k.After(before)
				if news {
					want.Became, want.BecameAt, want.Said = k, now, "its words"
				}
				if open := at == core.IntentDue || at == core.IntentHeld || at == core.IntentUnknown; news && open {
					want.At, want.Ended, want.Detail = believed[k], now, "its words"
					want.Reason = map[core.FeedbackKind]core.Reason{core.FeedbackFailed: core.ReasonRefused, core.FeedbackBounced: core.ReasonBounced}[k]
					if want.At == core.IntentSent {
						want.Reason = core.ReasonAccepted
					}
				}
				if ok := notify.Hear(&i, core.Feedback{Kind: k, Detail: "its words"}, now); ok != news || !reflect.DeepEqual(i, want) {
					t.Errorf("%s after %q in %s: %t and %+v, want %t and %+v", k, before, at, ok, i, news, want)
				}
			}
		}
	}
	i := intent(core.IntentUnknown)
	for _, k := range []core.FeedbackKind{core.FeedbackStarted, core.FeedbackHelp, ""} {
		if notify.Hear(&i, core.Feedback{Kind: k}, now) || i.At != core.IntentUnknown {
			t.Errorf("%q is about no message, and settled one", k)
		}
	}
}

// TestFeedbackBeforeTheOutcome: the provider may tell before our own call is settled. Then nobody can say any more that it was not
// taken, that nobody knows, or that a gate keeps a second try back; what our own call does know stays.
func TestFeedbackBeforeTheOutcome(t *testing.T) {
	for _, k := range ofMessages {
		for _, s := range settled {
			i := intent(core.IntentClaimed)
			if !notify.Hear(&i, core.Feedback{Kind: k}, now) || i.At != core.IntentClaimed {
				t.Fatalf("%s settled a call that is under way: %+v", k, i)
			}
			notify.Settle(&i, s.outcome, ours, now)
			want := s.at
			if s.outcome.Kind != core.OutcomeAccepted && s.outcome.Kind != core.OutcomePermanent { // held, it would go out a second time
				want = believed[k]
			}
			if i.At != want || i.Became != k {
				t.Errorf("%s, then %s: %+v, want it %s", k, s.name, i, want)
			}
		}
		for _, idempotent := range []bool{true, false} {
			i := intent(core.IntentClaimed)
			notify.Hear(&i, core.Feedback{Kind: k}, now)
			notify.Orphan(&i, idempotent, now)
			if i.At != believed[k] {
				t.Errorf("%s, then the leader went away: %+v", k, i)
			}
		}
	}
}

// TestAgain: a message goes to another of a contact's addresses as often as it may be tried at all.
func TestAgain(t *testing.T) {
	i := intent(core.IntentDropped)
	i.Ended = now
	notify.Again(&i, now)
	if i.At != core.IntentDue || i.Due != now || i.Ended != 0 {
		t.Errorf("%+v", i)
	}
	i = intent(core.IntentDropped)
	i.Attempts = notify.MaxAttempts
	if notify.Again(&i, now); i.At != core.IntentDropped {
		t.Errorf("tried too often, and %+v", i)
	}
}
