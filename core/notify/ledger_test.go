package notify_test

import (
	"reflect"
	"testing"

	"restock/core"
	"restock/core/notify"
)

const (
	ours  = core.Epoch(3)
	older = core.Epoch(2)
	now   = core.Time(10_000)
)

// states are all where an intent may stand.
var states = []core.IntentAt{core.IntentDue, core.IntentClaimed, core.IntentHeld, core.IntentSent, core.IntentDropped, core.IntentUnknown}

// intent is one that was claimed once, by our epoch.
func intent(at core.IntentAt) core.Intent {
	return core.Intent{Key: core.LedgerKey{1}, At: at, Due: 5_000, Epoch: ours, Attempts: 1, Made: 4_000, Reason: "before", Detail: "before"}
}

// TestClaim: only what is due is claimed, once.
func TestClaim(t *testing.T) {
	for _, at := range states {
		i := intent(at)
		before := i
		ok := notify.Claim(&i, ours+1)
		if ok != (at == core.IntentDue) {
			t.Errorf("claiming what is %s gave %t", at, ok)
		}
		if !ok && !reflect.DeepEqual(i, before) {
			t.Errorf("a claim that failed changed what is %s to %+v", at, i)
		}
		if ok && (i.At != core.IntentClaimed || i.Epoch != ours+1 || i.Attempts != 2) {
			t.Errorf("claimed it is %+v", i)
		}
		if notify.Claim(&i, ours+1) {
			t.Errorf("what is %s was claimed twice", at)
		}
	}
}

// settled is where each outcome takes a claim of our epoch.
var settled = []struct {
	name     string
	outcome  core.Outcome
	at       core.IntentAt
	reason   core.Reason
	due      core.Time
	ended    core.Time
	attempts int
}{
	{"accepted", core.Outcome{Kind: core.OutcomeAccepted, Reason: core.ReasonAccepted}, core.IntentSent, core.ReasonAccepted, 5_000, now, 1},
	{"permanent", core.Outcome{Kind: core.OutcomePermanent, Reason: core.ReasonRefused}, core.IntentDropped, core.ReasonRefused, 5_000, now, 1},
	{"dropped", core.Outcome{Kind: core.OutcomeDropped, Reason: core.ReasonSuppressed}, core.IntentDropped, core.ReasonSuppressed, 5_000, now, 1},
	{"of a later version", core.Outcome{Kind: "other", Reason: "other"}, core.IntentDropped, "other", 5_000, now, 1},
	{"unknown", core.Outcome{Kind: core.OutcomeUnknown, Reason: core.ReasonUnanswered}, core.IntentUnknown, core.ReasonUnanswered, 5_000, 0, 1},
	{"held", core.Outcome{Kind: core.OutcomeHeld, Reason: core.ReasonOutOfStock}, core.IntentHeld, core.ReasonOutOfStock, 5_000, 0, 0},
	{"held until a moment", core.Outcome{Kind: core.OutcomeHeld, Reason: core.ReasonQuiet, Retry: 90_000}, core.IntentDue, core.ReasonQuiet, 90_000, 0, 0},
	{"held until a moment that has come", core.Outcome{Kind: core.OutcomeHeld, Reason: core.ReasonQuiet, Retry: 1}, core.IntentDue, core.ReasonQuiet, now, 0, 0},
	{"temporary", core.Outcome{Kind: core.OutcomeTemporary, Reason: core.ReasonTemporary, Retry: 70_000}, core.IntentDue, core.ReasonTemporary, 70_000, 0, 1},
	{"temporary, to be tried in the past", core.Outcome{Kind: core.OutcomeTemporary, Reason: core.ReasonTemporary, Retry: 1}, core.IntentDue, core.ReasonTemporary, now, 0, 1},
}

// TestSettle goes through every state, outcome and epoch: what is not claimed by the outcome's own epoch does not move.
func TestSettle(t *testing.T) {
	for _, s := range settled {
		o := s.outcome
		o.Detail, o.Receipt, o.Shown = "250 ok", "r1", []core.ActivityID{{7}}
		for _, at := range states {
			for _, epoch := range []core.Epoch{0, older, ours, ours + 1} {
				i := intent(at)
				want := i
				counts := at == core.IntentClaimed && epoch == ours
				if counts {
					want.At, want.Reason, want.Due, want.Ended, want.Attempts = s.at, s.reason, s.due, s.ended, s.attempts
					want.Detail, want.Receipt, want.Shown = o.Detail, o.Receipt, o.Shown
				}
				if ok := notify.Settle(&i, o, epoch, now); ok != counts || !reflect.DeepEqual(i, want) {
					t.Errorf("%s from %s by epoch %d: %t and %+v, want %t and %+v", s.name, at, epoch, ok, i, counts, want)
				}
			}
		}
	}
}

// TestRelease: only what is held goes back to the gates.
func TestRelease(t *testing.T) {
	for _, at := range states {
		i := intent(at)
		want := i
		if at == core.IntentHeld {
			want.At, want.Due = core.IntentDue, now
		}
		if ok := notify.Release(&i, now); ok != (at == core.IntentHeld) || !reflect.DeepEqual(i, want) {
			t.Errorf("releasing what is %s gave %t and %+v", at, ok, i)
		}
	}
}

// TestOrphan: a call that may have been made is made again only where that makes no second message.
func TestOrphan(t *testing.T) {
	tests := []struct {
		idempotent bool
		at         core.IntentAt
		due        core.Time
		reason     core.Reason
	}{
		{true, core.IntentDue, now, "before"},
		{false, core.IntentUnknown, 5_000, core.ReasonInterrupted},
	}
	for _, tt := range tests {
		i := intent(core.IntentClaimed)
		want := i
		want.At, want.Due, want.Reason = tt.at, tt.due, tt.reason
		notify.Orphan(&i, tt.idempotent, now)
		if !reflect.DeepEqual(i, want) {
			t.Errorf("idempotent %t: %+v, want %+v", tt.idempotent, i, want)
		}
		if notify.Settle(&i, core.Outcome{Kind: core.OutcomeAccepted}, ours, now) {
			t.Errorf("idempotent %t: the leader that is gone settled it all the same", tt.idempotent)
		}
	}
}

// TestMaxAttempts: a provider that keeps refusing is asked MaxAttempts times; what the gates held does not count.
func TestMaxAttempts(t *testing.T) {
	i := core.Intent{At: core.IntentDue}
	calls := 0
	for at := now; i.At == core.IntentDue; at = at.Add(core.Hour) {
		if calls > notify.MaxAttempts {
			t.Fatalf("it is still %s after %d calls", i.At, calls)
		}
		notify.Claim(&i, ours)
		notify.Settle(&i, core.Outcome{Kind: core.OutcomeHeld}, ours, at)
		notify.Release(&i, at)
		notify.Claim(&i, ours)
		calls++
		notify.Settle(&i, core.Outcome{Kind: core.OutcomeTemporary, Reason: core.ReasonTemporary, Detail: "451 later", Retry: at}, ours, at)
	}
	if calls != notify.MaxAttempts || i.At != core.IntentDropped || i.Reason != core.ReasonGivenUp || i.Detail != "451 later" || i.Ended == 0 {
		t.Errorf("after %d calls, want %d: %+v", calls, notify.MaxAttempts, i)
	}
}

// TestResend: only what was dropped, or nobody knows of, is sent again, once; the new line passes the gates from the start.
func TestResend(t *testing.T) {
	for _, at := range states {
		i := intent(at)
		want := at == core.IntentDropped || at == core.IntentUnknown
		if got := notify.MayResend(i); got != want {
			t.Errorf("what is %s may be sent again: %t", at, got)
		}
		i.Resent = core.LedgerKey{7}
		if notify.MayResend(i) {
			t.Errorf("what is %s may be sent a third time by the same line", at)
		}
	}
	i := intent(core.IntentUnknown)
	i.Journey, i.Purpose, i.Reminder, i.Receipt, i.Became = "back", core.Marketing, true, "r", core.FeedbackTaken
	again := notify.Resend(i, core.LedgerKey{8}, now)
	want := core.Intent{Key: core.LedgerKey{8}, Again: i.Key, Journey: "back", Purpose: core.Marketing, Reminder: true, At: core.IntentDue, Due: now, Made: now}
	if !reflect.DeepEqual(again, want) {
		t.Errorf("got %+v, want %+v", again, want)
	}
}

// TestBrowsers: a push that has come to one of its contact's browsers was sent, whatever ends it for the others; and of one that may have,
// nobody knows.
func TestBrowsers(t *testing.T) {
	took, lost, gone := core.BrowserOutcome{Tag: core.AddressTag{1}, Kind: core.OutcomeAccepted}, core.BrowserOutcome{Tag: core.AddressTag{2}, Kind: core.OutcomeUnknown},
		core.BrowserOutcome{Tag: core.AddressTag{3}, Kind: core.OutcomePermanent, Gone: true}
	for _, tt := range []struct {
		name   string
		before []core.BrowserOutcome
		o      core.Outcome
		tries  int
		at     core.IntentAt
	}{
		{"the others are called again", nil, core.Outcome{Kind: core.OutcomeTemporary, Browsers: []core.BrowserOutcome{took}}, 1, core.IntentDue},
		{"and are given up", []core.BrowserOutcome{took}, core.Outcome{Kind: core.OutcomeTemporary}, notify.MaxAttempts, core.IntentSent},
		{"all are given up", []core.BrowserOutcome{gone}, core.Outcome{Kind: core.OutcomeTemporary}, notify.MaxAttempts, core.IntentDropped},
		{"one may have taken it", []core.BrowserOutcome{lost}, core.Outcome{Kind: core.OutcomeTemporary}, notify.MaxAttempts, core.IntentUnknown},
		{"one took it, another may have", []core.BrowserOutcome{lost, took}, core.Outcome{Kind: core.OutcomePermanent}, 1, core.IntentSent},
		{"a gate drops the rest", []core.BrowserOutcome{took}, core.Outcome{Kind: core.OutcomeDropped, Reason: core.ReasonOutOfStock}, 1, core.IntentSent},
		{"a gate holds the rest", []core.BrowserOutcome{took}, core.Outcome{Kind: core.OutcomeHeld, Retry: now + 1}, 1, core.IntentSent},
		{"a gate holds what nobody has", []core.BrowserOutcome{gone}, core.Outcome{Kind: core.OutcomeHeld, Retry: now + 1}, 1, core.IntentDue},
		{"none is left", []core.BrowserOutcome{gone}, core.Outcome{Kind: core.OutcomePermanent}, 1, core.IntentDropped},
	} {
		i := intent(core.IntentClaimed)
		i.Browsers, i.Attempts = tt.before, tt.tries
		tt.o.Key = i.Key
		if ok := notify.Settle(&i, tt.o, i.Epoch, now); !ok || i.At != tt.at || (i.At == core.IntentSent) != (i.Reason == core.ReasonAccepted) || (i.Ended != 0) != (i.At == core.IntentSent || i.At == core.IntentDropped) {
			t.Errorf("%s: %+v, want it %s", tt.name, i, tt.at)
		}
	}
	i := intent(core.IntentClaimed)
	i.Browsers = []core.BrowserOutcome{took}
	if notify.Orphan(&i, false, now); i.At != core.IntentSent {
		t.Errorf("the leader went away while it called the others: %+v", i)
	}
}
