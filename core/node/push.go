package node

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"restock/core"
	"restock/core/db"
	"restock/core/sender"
)

// choose picks the browsers that a push goes to: all of its contact's that it has not come to yet, and that may be sent to. The gates look at
// the newest of them; where there is none, at the newest of all, and say why. A question whether an address is right goes to that
// one alone.
func (a *about) choose(tx *db.Tx) {
	s := &a.subject
	for _, p := range slices.Backward(s.Contact.Pushes) {
		to := core.Address{Channel: core.Push, Value: p.Endpoint}
		done := slices.ContainsFunc(s.Intent.Browsers, func(b core.BrowserOutcome) bool { return b.Tag == to.Tag() })
		if !done && s.Reaches(to, db.SuppressedFor(tx, to) != "") {
			a.browsers = append(a.browsers, p)
		}
	}
	if len(a.browsers) == 0 {
		return
	}
	s.To, s.Suppressed = core.Address{Channel: core.Push, Value: a.browsers[0].Endpoint}, false
	if s.Intent.Activity.Kind == core.ConfirmationAsked {
		a.browsers = a.browsers[:1]
	}
}

// push hands a message to each of the browsers at once, and says what came of it as a whole.
func push(ctx context.Context, by sender.Sender, m core.Message, browsers []core.PushSubscription) core.Outcome {
	all := make([]core.Outcome, len(browsers))
	var calls sync.WaitGroup
	for n, b := range browsers {
		one := m
		one.To, one.Browser = core.Address{Channel: core.Push, Value: b.Endpoint}, b
		calls.Go(func() {
			all[n] = by.Send(ctx, one)
			if all[n].Kind == core.OutcomeUnknown && by.Idempotent() {
				all[n].Kind, all[n].Reason = core.OutcomeTemporary, core.ReasonTemporary
			}
		})
	}
	calls.Wait()
	return together(m.Key, browsers, all)
}

// weights are the kinds of outcome, from that of one browser which decides about all, on. While one may be called again, the message is not
// done with; else one that took it is enough, and one that may have is next. It is never changed.
var weights = []core.OutcomeKind{core.OutcomeTemporary, core.OutcomeAccepted, core.OutcomeUnknown, core.OutcomePermanent}

// together is what came of a push to several browsers.
func together(key core.LedgerKey, browsers []core.PushSubscription, all []core.Outcome) (o core.Outcome) {
	if len(all) == 0 {
		return sender.Permanent(key, "none of the contact's browsers is left to call")
	}
	took := 0
	o = slices.MinFunc(all, func(a, b core.Outcome) int { return slices.Index(weights, a.Kind) - slices.Index(weights, b.Kind) })
	for n, one := range all {
		if one.Kind == core.OutcomeAccepted {
			took++
		} else if o.Detail == "" {
			o.Detail = one.Detail
		}
		if one.Kind == core.OutcomeTemporary {
			o.Retry = max(o.Retry, one.Retry)
			continue
		}
		tag := core.Address{Channel: core.Push, Value: browsers[n].Endpoint}.Tag()
		o.Browsers = append(o.Browsers, core.BrowserOutcome{Tag: tag, Kind: one.Kind, Gone: one.Reason == core.ReasonGone})
	}
	if len(all) > 1 {
		o.Detail = sender.MaskText(fmt.Sprintf("%d of %d browsers took it; %s", took, len(all), o.Detail))
	}
	return o
}
