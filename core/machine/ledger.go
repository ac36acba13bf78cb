package machine

import (
	"restock/core"
	"restock/core/db"
	"restock/core/notify"
)

// intend writes an intent: one message to the run's contact for this visit of the shape.
func (s *step) intend(r *core.Run, shape core.Shape, visit int) core.Reason {
	contact, _ := db.Contacts.Get(s.tx, r.Contact)
	ch, send, _ := shape.Sends()
	if _, ok := contact.Address(ch); !ok {
		return core.ReasonNoAddress
	}
	if _, ok := s.config.senders[send.Sender]; !ok {
		return core.ReasonSenderGone
	}
	if r.Entered.Kind == core.ConfirmationAsked && !toConfirm(contact, ch) {
		return core.ReasonConfirmed
	}
	key := core.NewLedgerKey(s.config.workspace.Name, r.ID, shape.Name, visit, r.Contact, ch)
	i := core.Intent{
		Key: key, Contact: r.Contact, Channel: ch, Journey: r.Journey, Run: r.ID, Shape: shape.Name,
		Sender: send.Sender, Template: send.Template, Activity: r.Entered,
		At: core.IntentDue, Due: s.now(), Order: s.next(), Made: s.now(), Reminder: send.Reminder || r.Entered.Kind == core.RunningLow, Purpose: s.purposeOf(r.Journey),
	}
	db.IntentsOf.Add(s.tx, i.Contact, i.Key)
	s.putIntent(core.Intent{}, i)
	return core.ReasonIntended
}

// toConfirm says whether the contact has an address for the channel that waits to be confirmed.
func toConfirm(contact core.Contact, ch core.Channel) bool {
	a, _ := contact.Address(ch)
	k := contact.Confirmation(a)
	return k != nil && k.At == 0
}

// purposeOf is what a journey's messages are for.
func (s *step) purposeOf(name core.Name) core.Purpose {
	j, _ := s.config.journey(name)
	return j.Purpose
}

// putIntent writes an intent and keeps the indexes of where intents stand.
func (s *step) putIntent(before, after core.Intent) {
	s.leaveIndex(before)
	switch after.At {
	case core.IntentDue:
		db.Due.Add(s.tx, after.Sender, db.DueIntent{Due: after.Due, Order: after.Order, Key: after.Key})
	case core.IntentClaimed:
		db.Claimed.Add(s.tx, struct{}{}, after.Key)
	case core.IntentHeld:
		db.Held.Add(s.tx, heldBy(after), after.Key)
	case core.IntentUnknown:
		db.Unknown.Add(s.tx, struct{}{}, after.Key)
	case core.IntentDropped:
		if after.Resent == (core.LedgerKey{}) {
			db.Dropped.Add(s.tx, after.Reason, db.EndedIntent{At: after.Ended, Key: after.Key})
		}
	}
	db.Intents.Set(s.tx, after.Key, after)
}

// leaveIndex takes an intent out of the index of where it stands.
func (s *step) leaveIndex(before core.Intent) {
	switch before.At {
	case core.IntentDue:
		db.Due.Remove(s.tx, before.Sender, db.DueIntent{Due: before.Due, Order: before.Order, Key: before.Key})
	case core.IntentClaimed:
		db.Claimed.Remove(s.tx, struct{}{}, before.Key)
	case core.IntentHeld:
		db.Held.Remove(s.tx, heldBy(before), before.Key)
	case core.IntentUnknown:
		db.Unknown.Remove(s.tx, struct{}{}, before.Key)
	case core.IntentDropped:
		db.Dropped.Remove(s.tx, before.Reason, db.EndedIntent{At: before.Ended, Key: before.Key})
	}
}

func (s *step) claim(keys []core.LedgerKey) {
	for _, k := range keys[:min(len(keys), core.MaxPageContacts)] {
		i, ok := db.Intents.Get(s.tx, k)
		if before := i; ok && notify.Claim(&i, s.position.Leader) {
			i.Called, i.Turn = s.now(), s.next()
			s.putIntent(before, i)
		}
	}
}

func (s *step) settle(outcomes []core.Outcome) {
	for _, o := range outcomes[:min(len(outcomes), core.MaxPageContacts)] {
		i, ok := db.Intents.Get(s.tx, o.Key)
		before := i
		if !ok || !notify.Settle(&i, o, s.position.Leader, s.now()) {
			continue
		}
		if o.About != nil {
			s.blame(&i, o)
		}
		if len(o.Browsers) > 0 {
			s.loseBrowsers(&i, o)
		}
		s.putIntent(before, i)
		s.count.Count("intent", i.Reason)
		s.countBroadcast(i)
		switch i.At {
		case core.IntentSent:
			s.told(i)
			s.beginTurn(i)
		case core.IntentUnknown:
			s.beginTurn(i)
		case core.IntentDropped:
			s.letGo(i.Activity.Restock, i.Contact)
		case core.IntentHeld:
			s.recheckHeld(i)
		}
	}
}

// told closes the place in line of a contact to whom a provider took a Back in stock message, which counts the orders that
// came meanwhile.
func (s *step) told(i core.Intent) {
	s.settled(i)
	a := i.Activity
	if a.Kind != core.BackInStock || i.Reminder || i.Free {
		return
	}
	key := db.EntryKey{Contact: i.Contact, Target: a.Asked}
	e, ok := db.Entries.Get(s.tx, key)
	if !ok || !e.Waiting() && !s.boughtMeanwhile(e, i) || e.CapturedAt > a.At {
		return // closed already, or asked anew since
	}
	remembered := false
	if e.Waiting() {
		remembered = s.remembersTold(a, e.CapturedAt)
		s.closeEntry(key, e, s.now(), core.ClosedTold)
	}
	if r, ok := db.Restocks.Get(s.tx, a.Restock); ok {
		r.Told++
		if remembered {
			s.settleLate(&r)
			s.call(&r)
		}
		db.Restocks.Set(s.tx, r.ID, r)
	}
}

// boughtMeanwhile says whether an entry was closed by an order while this message was on its way, the first that was taken.
func (s *step) boughtMeanwhile(e core.Entry, i core.Intent) bool {
	if e.Closed != core.ClosedBought || e.ClosedAt < i.Activity.AskedAt {
		return false
	}
	first := true
	db.IntentsOf.Scan(s.tx, i.Contact, func(k core.LedgerKey) bool {
		other, _ := db.Intents.Get(s.tx, k)
		first = k == i.Key || other.At != core.IntentSent || other.Activity.ID != i.Activity.ID
		return first
	})
	return first
}

// recheckHeld gives an intent back at once when what holds it changed while its outcome was on the way.
func (s *step) recheckHeld(i core.Intent) {
	if i.Reason == core.ReasonBroadcastPaused {
		if b, _ := db.Broadcasts.Get(s.tx, i.Broadcast); !b.Paused {
			s.releaseIntent(i.Key)
		}
		return
	}
	if r, ok := db.Restocks.Get(s.tx, i.Activity.Restock); ok && r.At != core.RestockPaused && r.Waves.Word != core.WordPaused {
		s.releaseIntent(i.Key)
	}
}

func (s *step) releaseIntent(k core.LedgerKey) {
	i, ok := db.Intents.Get(s.tx, k)
	if before := i; ok && notify.Release(&i, s.now()) {
		s.putIntent(before, i)
	}
}

// orphan settles a claim of a leader that is gone.
func (s *step) orphan(k core.LedgerKey) {
	i, ok := db.Intents.Get(s.tx, k)
	if !ok || i.At != core.IntentClaimed {
		return
	}
	before := i
	notify.Orphan(&i, s.config.senders[i.Sender].Idempotent(), s.now())
	s.putIntent(before, i)
	if i.At == core.IntentUnknown {
		s.beginTurn(i)
	}
}
