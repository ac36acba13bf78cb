package machine

import (
	"errors"
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/notify"
	"restock/core/sender/feedback"
)

// posting takes in what a sender's provider tells. It may come in any order, and before our own call was settled: what is known of a
// message only moves forward, and an address is suppressed once. What comes again, byte for byte, is no news, whoever repeats it: a
// START that was said before the last STOP lifts nothing. (Replies carry an id of their own, so that who says STOP twice is heard twice.)
func (s *step) posting(p core.Posting) {
	by, ok := s.config.senders[p.Sender]
	if !ok {
		s.count.Count("feedback", core.ReasonSenderGone)
		return
	}
	facts, err := feedback.Read(by, p)
	switch {
	case errors.Is(err, feedback.ErrUnhandled) || errors.Is(err, feedback.ErrNobody):
		s.count.Count("feedback", core.ReasonUnhandledTopic)
	case err != nil:
		s.count.Count("feedback", core.ReasonBadPayload)
	case !s.firstTime(core.NewPostingID(p.Sender, p.Query, p.Body)):
		s.count.Count("feedback", core.ReasonDuplicate)
		return
	}
	for _, f := range facts {
		s.count.Count("feedback", core.Reason(f.Kind))
		s.hear(by, f)
	}
}

// hear takes in one fact. A message of another sender's is not this provider's to tell of.
func (s *step) hear(by core.Sender, f core.Feedback) {
	i, known := db.Intents.Get(s.tx, f.Key)
	known = known && i.Sender == by.Name
	if known {
		s.became(i, f)
	}
	a, ok := s.addressOf(f, i, known)
	if !ok {
		return
	}
	switch why := f.Kind.Suppresses(); {
	case why != "":
		s.suppress(a, why)
	case f.Kind == core.FeedbackStarted:
		s.welcomeBack(a)
	}
}

// became notes what became of a message, and settles it where nobody knew.
func (s *step) became(i core.Intent, f core.Feedback) {
	before := i
	if !notify.Hear(&i, f, s.now()) {
		return
	}
	s.putIntent(before, i)
	if before.At == i.At {
		return
	}
	s.count.Count("intent", i.Reason)
	switch i.At {
	case core.IntentSent:
		s.told(i)
		if before.At != core.IntentUnknown { // its turn began when nobody knew any more
			s.beginTurn(i)
		}
	case core.IntentDropped:
		s.letGo(i.Activity.Restock, i.Contact)
	}
}

// addressOf is whose address a fact is about. What is said of an address is believed of any; hearsay, only of the contact that the
// message was for, since a stranger may have written the rest.
func (s *step) addressOf(f core.Feedback, i core.Intent, known bool) (a core.Address, ok bool) {
	if f.Address.Value != "" && !f.Hearsay {
		return f.Address, true
	}
	if !known {
		return a, false
	}
	if owner, ok := db.Addresses.Get(s.tx, f.Address); ok && owner == i.Contact {
		return f.Address, true
	}
	contact, _ := db.Contacts.Get(s.tx, i.Contact)
	return contact.Address(i.Channel)
}

// outranks says whether one reason not to send to an address weighs more than another: an answer START lifts the least.
func outranks(a, b core.Reason) bool {
	rank := []core.Reason{"", core.ReasonUnsubscribed, core.ReasonBounced, core.ReasonComplained}
	return slices.Index(rank, a) > slices.Index(rank, b)
}

// suppress keeps messages from an address from here on. One that was erased is remembered by its keyed hash alone, as before.
func (s *step) suppress(a core.Address, why core.Reason) {
	if !outranks(why, db.SuppressedFor(s.tx, a)) {
		return
	}
	if e, ok := db.Erasures.Get(s.tx, s.addressID(a)); ok && !db.Addresses.Has(s.tx, a) {
		e.Suppressed = why
		db.Erasures.Set(s.tx, s.addressID(a), e)
		return
	}
	db.Suppressions.Set(s.tx, a, db.Suppression{Address: a, Reason: why, At: s.now()})
	if owner, ok := db.Addresses.Get(s.tx, a); ok {
		s.touch(owner)
	}
}

// welcomeBack lifts what the owner of an address asked for; what providers said of it stays.
func (s *step) welcomeBack(a core.Address) {
	if x, ok := db.Suppressions.Get(s.tx, a); ok && x.Reason == core.ReasonUnsubscribed {
		db.Suppressions.Delete(s.tx, a)
	}
	if e, ok := db.Erasures.Get(s.tx, s.addressID(a)); ok && e.Suppressed == core.ReasonUnsubscribed {
		e.Suppressed = ""
		db.Erasures.Set(s.tx, s.addressID(a), e)
	}
}

// blame does to an address what its provider said of it when it refused the message: it is suppressed, or, of a browser whose
// subscription has ended, deleted. Where the contact has another browser, the message goes there.
func (s *step) blame(i *core.Intent, o core.Outcome) {
	contact, ok := db.Contacts.Get(s.tx, i.Contact)
	if !ok || i.At != core.IntentDropped {
		return
	}
	for _, a := range contact.Addresses() {
		if a.Channel != i.Channel || a.Tag() != *o.About {
			continue
		}
		if o.Reason != core.ReasonGone {
			s.suppress(a, o.Reason)
			return
		}
		contact.Pushes = slices.DeleteFunc(contact.Pushes, func(p core.PushSubscription) bool { return p.Endpoint == a.Value })
		s.former(contact.ID, a)
		db.Contacts.Set(s.tx, contact.ID, contact)
		break
	}
	if _, another := contact.Address(i.Channel); another && o.Reason == core.ReasonGone {
		notify.Again(i, s.now())
	}
}

// loseBrowsers deletes those of a contact's browsers whose subscriptions have ended. A message that found no other goes to one that
// was told of meanwhile.
func (s *step) loseBrowsers(i *core.Intent, o core.Outcome) {
	contact, ok := db.Contacts.Get(s.tx, i.Contact)
	if !ok || !slices.ContainsFunc(o.Browsers, func(b core.BrowserOutcome) bool { return b.Gone }) {
		return
	}
	left := 0
	contact.Pushes = slices.DeleteFunc(contact.Pushes, func(p core.PushSubscription) bool {
		a := core.Address{Channel: core.Push, Value: p.Endpoint}
		tag := a.Tag()
		if slices.Contains(o.Browsers, core.BrowserOutcome{Tag: tag, Kind: core.OutcomePermanent, Gone: true}) {
			s.former(contact.ID, a)
			return true
		}
		if !slices.ContainsFunc(i.Browsers, func(b core.BrowserOutcome) bool { return b.Tag == tag }) {
			left++
		}
		return false
	})
	db.Contacts.Set(s.tx, contact.ID, contact)
	if i.At == core.IntentDropped && left > 0 {
		notify.Again(i, s.now())
	}
}
