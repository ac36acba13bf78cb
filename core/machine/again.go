package machine

import (
	"restock/core"
	"restock/core/db"
	"restock/core/notify"
	"restock/core/wire"
)

// resend has messages sent again that were dropped, or of which nobody knows: each by a line of its own in the ledger, which is a
// new visit of its shape, so that no provider takes it for the one before. It passes all gates like any other.
func (s *step) resend(e wire.Resend) {
	for _, k := range e.Keys[:min(len(e.Keys), core.PageContacts)] {
		before, ok := db.Intents.Get(s.tx, k)
		if !ok || !notify.MayResend(before) {
			continue
		}
		again := notify.Resend(before, s.visitKey(before), s.now())
		if db.Intents.Has(s.tx, again.Key) {
			continue
		}
		again.Order = s.next()
		after := before
		after.Resent = again.Key
		s.putIntent(before, after)
		if again.Contact != (core.ContactID{}) {
			db.IntentsOf.Add(s.tx, again.Contact, again.Key)
		}
		s.putIntent(core.Intent{}, again)
		s.count.Count("intent", core.ReasonResent)
	}
}

// visitKey is the key of one more visit of an intent's shape. A merchant's alert has no run that visits anything.
func (s *step) visitKey(i core.Intent) core.LedgerKey {
	r, ok := db.Runs.Get(s.tx, i.Run)
	if !ok {
		return core.NewResendKey(i.Key)
	}
	visit := r.Visited(i.Shape)
	db.Runs.Set(s.tx, r.ID, r)
	return core.NewLedgerKey(s.config.workspace.Name, r.ID, i.Shape, visit, i.Contact, i.Channel)
}

// click notes that a link in a message was followed, maybe by a machine that looks through mails.
func (s *step) click(e wire.Click) {
	i, ok := db.IntentTagged(s.tx, e.Tag())
	if !ok {
		s.count.Count("click", core.ReasonNotAsked)
		return
	}
	before, at := i, min(e.At, s.now())
	if i.ClickedAt == 0 || at < i.ClickedAt {
		i.ClickedAt = at
	}
	i.Clicks, i.LastClickAt = i.Clicks+1, max(i.LastClickAt, at)
	s.putIntent(before, i)
	s.count.Count("click", core.ReasonClicked)
}
