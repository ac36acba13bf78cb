package machine

import (
	"slices"

	"restock/core"
	"restock/core/activity"
	"restock/core/db"
	"restock/core/wire"
)

// Catalogue is what the state knows of a variant and its product.
type Catalogue = activity.Catalogue

// capture gives a contact its place in line. An edge's clock decides the place, but never later than the journal's.
func (s *step) capture(c core.Capture) {
	reason := s.takeCapture(c)
	s.count.Count("capture", reason)
}

func (s *step) takeCapture(c core.Capture) core.Reason {
	if _, ok := s.config.sources[c.Source]; !ok {
		return core.ReasonUnknownSource
	}
	if c.Trapped != "" {
		return core.ReasonTrapped
	}
	c.CapturedAt = min(c.CapturedAt, s.now())
	if activity.Expired(core.Entry{CapturedAt: c.CapturedAt}, s.config.sources[c.Source].Retention, s.now()) {
		return core.ReasonExpired // its edge was cut off for that long
	}
	c = s.withoutErased(c)
	if c.Address().Value == "" {
		return core.ReasonErased
	}
	contact := s.contactOf(c)
	key := db.EntryKey{Contact: contact.ID, Target: c.Target}
	e, known := db.Entries.Get(s.tx, key)
	switch {
	case known && c.CapturedAt <= e.ClosedAt: // also of who asked anew since, whose place it is not
		return core.ReasonAlreadyClosed
	case known && e.Waiting():
		s.merge(key, e, c)
		return core.ReasonMerged
	}
	s.join(key, e, c)
	return core.ReasonWaiting
}

// contactOf finds or makes the contact of a capture. Its e-mail address decides; a phone number that belongs to
// somebody else stays theirs: two contacts are never merged.
func (s *step) contactOf(c core.Capture) core.Contact {
	contact, found := s.find(core.Email, c.Email)
	if !found {
		contact, found = s.findByPhone(c)
	}
	if !found && c.Email == "" && c.Phone == "" {
		contact, found = s.find(core.Push, c.Push.Endpoint)
	}
	if !found {
		contact = core.Contact{ID: s.newContactID(c.Address()), CreatedAt: s.now()}
	}
	before := contact.Traits()
	s.describe(&contact, c)
	db.Contacts.Set(s.tx, contact.ID, contact)
	if t := contact.Traits(); found && !t.Equal(before) {
		s.note(t)
	}
	s.touch(contact.ID)
	return contact
}

func (s *step) find(ch core.Channel, value string) (core.Contact, bool) {
	if value == "" {
		return core.Contact{}, false
	}
	id, ok := db.Addresses.Get(s.tx, core.Address{Channel: ch, Value: value})
	if !ok {
		return core.Contact{}, false
	}
	return db.Contacts.Get(s.tx, id)
}

// findByPhone finds the contact by its phone, unless the capture's e-mail address says that this is somebody else.
func (s *step) findByPhone(c core.Capture) (core.Contact, bool) {
	contact, ok := s.find(core.SMS, c.Phone)
	if ok && c.Email != "" && contact.Email != "" && contact.Email != c.Email {
		return core.Contact{}, false
	}
	return contact, ok
}

// describe takes over what the capture tells of the contact. What was asked last counts, not what came last: an edge that
// was cut off, or sends its waitlist again, tells what was true before.
func (s *step) describe(contact *core.Contact, c core.Capture) {
	if c.Email != "" && contact.Email == "" {
		contact.Email = c.Email
	}
	s.own(core.Address{Channel: core.Email, Value: c.Email}, contact.ID)
	if s.own(core.Address{Channel: core.SMS, Value: c.Phone}, contact.ID) {
		s.keepPhone(contact, c)
	}
	if c.Push.Endpoint != "" && s.own(core.Address{Channel: core.Push, Value: c.Push.Endpoint}, contact.ID) {
		c.Push.At = c.CapturedAt
		s.keepPush(contact, c.Push)
	}
	if c.Locale != "" && c.CapturedAt >= contact.LocaleAt {
		contact.Locale, contact.LocaleAt = c.Locale, c.CapturedAt
	}
	if c.Region != "" && c.CapturedAt >= contact.RegionAt {
		contact.Region, contact.RegionAt = c.Region, c.CapturedAt
	}
	for _, asked := range []struct {
		ch    core.Channel
		value string
	}{{core.Email, c.Email}, {core.SMS, c.Phone}, {core.Push, c.Push.Endpoint}} {
		if asked.value != "" {
			consent(contact, asked.ch, c)
		}
	}
}

// keepPhone makes a phone number the contact's, unless a newer one is; the other is noted as one that leads here.
func (s *step) keepPhone(contact *core.Contact, c core.Capture) {
	other := c.Phone
	if c.CapturedAt >= contact.PhoneAt {
		other = contact.Phone
		contact.Phone, contact.PhoneAt = c.Phone, c.CapturedAt
	}
	if other != contact.Phone {
		s.former(contact.ID, core.Address{Channel: core.SMS, Value: other})
	}
}

// keepPush puts a browser among the contact's where its time belongs; one that a newer capture told stays as it is.
func (s *step) keepPush(contact *core.Contact, p core.PushSubscription) {
	for i, known := range contact.Pushes {
		if known.Endpoint == p.Endpoint {
			if known.At > p.At {
				return
			}
			contact.Pushes = slices.Delete(contact.Pushes, i, i+1)
			break
		}
	}
	at := len(contact.Pushes)
	for at > 0 && contact.Pushes[at-1].At > p.At {
		at--
	}
	contact.Pushes = slices.Insert(contact.Pushes, at, p)
	for ; len(contact.Pushes) > core.MaxPushes; contact.Pushes = contact.Pushes[1:] {
		s.former(contact.ID, core.Address{Channel: core.Push, Value: contact.Pushes[0].Endpoint})
	}
}

// former notes an address that leads to the contact and that its record is about to name no more: an erasure takes it along.
func (s *step) former(id core.ContactID, a core.Address) {
	if a.Value != "" {
		db.Formers.Set(s.tx, db.FormerAddress{Contact: id, Address: a}, a)
	}
}

// own gives the address to the contact unless it is somebody else's; it says whose it is now.
func (s *step) own(a core.Address, id core.ContactID) bool {
	if a.Value == "" {
		return false
	}
	owner, ok := db.Addresses.Get(s.tx, a)
	if !ok || owner != id && !db.Contacts.Has(s.tx, owner) { // whose it was is being erased
		db.Addresses.Set(s.tx, a, id)
		return true
	}
	return owner == id
}

// consent keeps the proof: that a stock alert was asked for, and marketing when its own box was ticked.
func consent(contact *core.Contact, ch core.Channel, c core.Capture) {
	purposes := []core.Purpose{core.StockAlert}
	if c.Consent.Marketing {
		purposes = append(purposes, core.Marketing)
	}
	for _, p := range purposes {
		contact.Consents = prove(contact.Consents, core.Consent{
			Channel: ch, Purpose: p, Text: c.Consent.Text, At: c.CapturedAt,
			IP: c.Consent.IP, Page: c.Consent.Page, Form: c.Consent.Form,
		})
	}
	for len(contact.Consents) > core.MaxConsents {
		i := oldestRepeat(contact.Consents)
		contact.Consents = append(contact.Consents[:i], contact.Consents[i+1:]...)
	}
}

// prove puts a proof where its time belongs. Of proofs of one kind that say the same one after the other only the oldest
// stays, whatever order they come in.
func prove(proofs []core.Consent, proof core.Consent) []core.Consent {
	at := len(proofs)
	for at > 0 && proofs[at-1].At > proof.At {
		at--
	}
	kind := func(k core.Consent) bool { return k.Channel == proof.Channel && k.Purpose == proof.Purpose }
	for i := at - 1; i >= 0; i-- {
		if kind(proofs[i]) {
			if alike(proofs[i], proof) {
				return proofs
			}
			break
		}
	}
	if i := slices.IndexFunc(proofs[at:], kind); i >= 0 && alike(proofs[at+i], proof) {
		proofs = slices.Delete(proofs, at+i, at+i+1)
	}
	return slices.Insert(proofs, at, proof)
}

// alike says whether two proofs of a kind differ in time and IP only.
func alike(a, b core.Consent) bool {
	a.At, a.IP = b.At, b.IP
	return a == b
}

// oldestRepeat is the oldest proof that is not the first of its channel and purpose.
func oldestRepeat(proofs []core.Consent) int {
	type kind struct {
		ch core.Channel
		p  core.Purpose
	}
	seen := map[kind]bool{}
	for i, p := range proofs {
		k := kind{p.Channel, p.Purpose}
		if seen[k] {
			return i
		}
		seen[k] = true
	}
	return len(proofs) - 1
}

// optOut suppresses the address that a link was sent to: from here on no message goes there.
func (s *step) optOut(e wire.OptOut) {
	contact, known := db.Contacts.Get(s.tx, e.Contact)
	if !known {
		s.optOutErased(e)
		return
	}
	a, ok := contact.Address(e.Channel)
	if !ok || db.Suppressions.Has(s.tx, a) {
		return
	}
	db.Suppressions.Set(s.tx, a, db.Suppression{Address: a, Reason: core.ReasonUnsubscribed, At: min(e.At, s.now())})
	s.touch(contact.ID)
}
