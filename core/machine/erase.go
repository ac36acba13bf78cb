package machine

import (
	"cmp"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// erase lets go of all that is known of a person, in this entry: from here on nothing leads to the contact, nothing of it
// is due, and an outcome that is still on its way settles nothing. Of a contact with more rows than an entry may touch,
// the record and its addresses go here and the rest page by page. An address that nobody has is noted all the same: edges
// may hold what has not come up yet.
func (s *step) erase(e wire.Erase) {
	if known, ok := db.Erasures.Get(s.tx, e.Address); ok && known.Asked == e.Asked {
		return // appended twice
	}
	s.erased(e.Address, e.Channel, e.Tag, core.Erasure{Asked: e.Asked})
	s.count.Count("erase", core.ReasonErased)
	contact, known := db.Contacts.Get(s.tx, e.Contact)
	if !known {
		return
	}
	s.forgetMember(contact.ID)
	addresses := contact.Addresses()
	s.remember(contact.ID, addresses)
	for _, a := range addresses {
		s.eraseAddress(contact.ID, a)
	}
	db.Contacts.Delete(s.tx, contact.ID)
	if !s.erasePage(contact.ID) {
		s.begin(core.Work{Kind: core.WorkErase, Contact: contact.ID})
	}
}

// addressID is an address's keyed hash.
func (s *step) addressID(a core.Address) core.ContactID {
	return core.NewContactID(s.config.workspace.Key, a)
}

// eraseAddress takes an address from its contact and remembers it by its keyed hash. What it was suppressed for stays:
// being forgotten is no consent.
func (s *step) eraseAddress(owner core.ContactID, a core.Address) {
	e := core.Erasure{Suppressed: db.SuppressedFor(s.tx, a)}
	db.Suppressions.Delete(s.tx, a)
	db.Formers.Delete(s.tx, db.FormerAddress{Contact: owner, Address: a})
	if id, _ := db.Addresses.Get(s.tx, a); id == owner {
		db.Addresses.Delete(s.tx, a)
	}
	s.erased(s.addressID(a), a.Channel, a.Tag(), e)
}

// erased writes down that an address was erased now, and gives edges the order to forget it. An address has one order, the
// newest.
func (s *step) erased(id core.ContactID, ch core.Channel, tag core.AddressTag, e core.Erasure) {
	before, _ := db.Erasures.Get(s.tx, id)
	if before.Order != (core.WorkID{}) {
		db.Forgets.Delete(s.tx, before.Order)
	}
	e.At, e.Channel, e.Order, e.Gone = s.now(), ch, s.next(), before.Gone
	e.Suppressed, e.Asked = cmp.Or(e.Suppressed, before.Suppressed), cmp.Or(e.Asked, before.Asked)
	db.Erasures.Set(s.tx, id, e)
	db.Forgets.Set(s.tx, e.Order, core.Forget{Tag: tag, Before: e.At})
}

// remember keeps which addresses a contact had, by their hashes: a link in a message that it got may yet be used.
func (s *step) remember(id core.ContactID, addresses []core.Address) {
	e, _ := db.Erasures.Get(s.tx, id)
	e.At = s.now()
	for _, a := range addresses {
		e.Gone = append(e.Gone, core.Gone{Channel: a.Channel, ID: s.addressID(a)})
	}
	db.Erasures.Set(s.tx, id, e)
}

// optOutErased notes the wish of whoever was erased since the message was sent, for when the address comes back.
func (s *step) optOutErased(o wire.OptOut) {
	contact, _ := db.Erasures.Get(s.tx, o.Contact)
	for _, gone := range contact.Gone {
		if e, ok := db.Erasures.Get(s.tx, gone.ID); ok && gone.Channel == o.Channel && e.Suppressed == "" {
			e.Suppressed = core.ReasonUnsubscribed
			db.Erasures.Set(s.tx, gone.ID, e)
		}
	}
}

// withoutErased is a capture without those of its addresses that were erased since. When the one that it stands under was,
// nothing of it may be used.
func (s *step) withoutErased(c core.Capture) core.Capture {
	if s.erasedSince(c.Address(), c.CapturedAt) {
		c.Email, c.Phone, c.Push = "", "", core.PushSubscription{}
		return c
	}
	if c.Email != "" && c.Phone != "" && s.erasedSince(core.Address{Channel: core.SMS, Value: c.Phone}, c.CapturedAt) {
		c.Phone = ""
	}
	if c.Push.Endpoint != "" && c.Email+c.Phone != "" && s.erasedSince(core.Address{Channel: core.Push, Value: c.Push.Endpoint}, c.CapturedAt) {
		c.Push = core.PushSubscription{}
	}
	return c
}

func (s *step) erasedSince(a core.Address, captured core.Time) bool {
	e, ok := db.Erasures.Get(s.tx, s.addressID(a))
	return ok && e.Order != (core.WorkID{}) && captured <= e.At
}

// newContactID is the id of the contact that an address makes.
func (s *step) newContactID(a core.Address) core.ContactID {
	id := s.addressID(a)
	if e, ok := db.Erasures.Get(s.tx, id); ok {
		return core.NewContactIDAfter(s.config.workspace.Key, a, e.At)
	}
	return id
}

// erasePage lets go of a page of a contact's rows: first the addresses that it had, then its places in line, so that no
// activity is made any more, then its runs, so that none sends, then what they intended, then the rest. done is false when
// some are left.
func (s *step) erasePage(id core.ContactID) (done bool) {
	room := core.PageContacts
	for _, some := range []func(core.ContactID, int) int{s.eraseFormers, s.erasePendings, s.eraseEntries, s.eraseRuns, s.eraseIntents, s.eraseActivities, s.eraseOccurrences} {
		if room -= some(id, room); room <= 0 {
			return false
		}
	}
	return true
}

func (s *step) eraseFormers(id core.ContactID, room int) int {
	var all []core.Address
	db.FormersOf(s.tx, id, func(a core.Address) bool { all = append(all, a); return len(all) < room })
	for _, a := range all {
		s.eraseAddress(id, a)
	}
	return len(all)
}

func (s *step) erasePendings(id core.ContactID, _ int) int {
	return s.dropPending(id, func(core.Pending) bool { return true })
}

func (s *step) eraseEntries(id core.ContactID, room int) int {
	var all []core.Entry
	db.EntriesOf(s.tx, id, func(e core.Entry) bool { all = append(all, e); return len(all) < room })
	for _, e := range all {
		if e.Waiting() {
			s.leaveLine(e)
		}
		db.Entries.Delete(s.tx, db.EntryKey{Contact: id, Target: e.Target})
	}
	return len(all)
}

func (s *step) eraseRuns(id core.ContactID, room int) int {
	var all []core.RunID
	db.RunsOf.Scan(s.tx, id, func(r core.RunID) bool { all = append(all, r); return len(all) < room })
	for _, run := range all {
		s.eraseRun(id, run)
	}
	return len(all)
}

// eraseRun lets go of a run, and of what would wake it.
func (s *step) eraseRun(id core.ContactID, run core.RunID) {
	r, _ := db.Runs.Get(s.tx, run)
	var timers []db.Timer // as they were before runs had a table of their own
	db.TimersOf(s.tx, run, r.Due, func(t db.Timer) bool { timers = append(timers, t); return true })
	for _, t := range timers {
		db.Timers.Delete(s.tx, t)
	}
	s.endTally(&r, s.unstand(&r))
	s.eraseTurn(r.Entered.Restock, id)
	if r.At != core.RunOver {
		s.count.Count("step", core.ReasonErased)
	}
	db.Runs.Delete(s.tx, run)
	db.RunsOf.Remove(s.tx, id, run)
}

func (s *step) eraseIntents(id core.ContactID, room int) int {
	var all []core.LedgerKey
	db.IntentsOf.Scan(s.tx, id, func(k core.LedgerKey) bool { all = append(all, k); return len(all) < room })
	for _, k := range all {
		i, _ := db.Intents.Get(s.tx, k)
		if i.Ended == 0 {
			s.count.Count("intent", core.ReasonErased)
		}
		s.leaveIndex(i)
		s.eraseTold(i)
		db.Intents.Delete(s.tx, k)
		db.IntentsOf.Remove(s.tx, id, k)
	}
	return len(all)
}

// eraseTold lets go of a restock's note that it told the contact by this message.
func (s *step) eraseTold(i core.Intent) {
	if i.At != core.IntentSent || i.Activity.Kind != core.BackInStock {
		return
	}
	var all []db.Told
	db.ToldsAt(s.tx, i.Activity.Restock, i.Ended, func(t db.Told) bool {
		if t.Contact == i.Contact {
			all = append(all, t)
		}
		return true
	})
	for _, t := range all {
		db.Tolds.Remove(s.tx, i.Activity.Restock, t)
	}
}

// eraseActivities lets go of activities, and of the contact's places in the cohorts that they were made in. A cohort is written
// anew for that, so a page of them may be short.
func (s *step) eraseActivities(id core.ContactID, room int) int {
	var all []core.Activity
	db.ActivitiesOf(s.tx, id, func(a core.Activity) bool { all = append(all, a); return len(all) < room })
	begin := s.tx.Size()
	for _, a := range all {
		if s.tx.Size()-begin > pageBytes {
			return room // there are more
		}
		s.unindex(a)
		db.Activities.Delete(s.tx, db.ActivityKey{Contact: id, ID: a.ID})
	}
	return len(all)
}

func (s *step) eraseOccurrences(id core.ContactID, room int) int {
	var all []core.Occurrences
	db.OccurrencesOf(s.tx, id, func(o core.Occurrences) bool { all = append(all, o); return len(all) < room })
	for _, o := range all {
		s.unindexFaded(o)
		db.Occurrences.Delete(s.tx, db.OccurrencesKey{Contact: id, Source: o.Source, Kind: o.Kind})
	}
	return len(all)
}
