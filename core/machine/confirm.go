package machine

import (
	"slices"

	"restock/core"
	"restock/core/activity"
	"restock/core/db"
	"restock/core/wire"
)

// Double opt-in: a capture by an address that its source wants confirmed is pending. The contact is asked by the journeys that
// are entered by Confirmation asked; the link in the message confirms the address, and what is pending by it joins the lines, at
// the places that it was captured for.

// addressesOf are those that a capture gives.
func addressesOf(c core.Capture) (all []core.Address) {
	for _, a := range []core.Address{{Channel: core.Email, Value: c.Email}, {Channel: core.SMS, Value: c.Phone}, {Channel: core.Push, Value: c.Push.Endpoint}} {
		if a.Value != "" {
			all = append(all, a)
		}
	}
	return all
}

// tooLateToConfirm says of a capture that comes late, or once more, that nobody could confirm it any more. No contact is made of it.
func (s *step) tooLateToConfirm(c core.Capture) bool {
	d := s.config.sources[c.Source].DoubleOptIn
	if len(d.Channels) == 0 || s.now().Since(c.CapturedAt) <= d.Period() {
		return false
	}
	return !slices.ContainsFunc(addressesOf(c), func(a core.Address) bool {
		contact, _ := s.find(a.Channel, a.Value)
		return !d.Asks(a.Channel) || confirmed(&contact, a, c.CapturedAt)
	})
}

// confirmed says whether an address was confirmed, and its consent was not taken back between that and the capture.
func confirmed(contact *core.Contact, a core.Address, captured core.Time) bool {
	k := contact.Confirmation(a)
	if k == nil || k.At == 0 {
		return false
	}
	ended := contact.WithdrawnAt(a.Channel, core.StockAlert)
	return ended < k.At || ended >= captured
}

// mustConfirm asks the owners of a capture's addresses to confirm them, where its source wants that. It says whether the capture has to wait: none
// of them may be written to so far.
func (s *step) mustConfirm(contact core.Contact, c core.Capture) bool {
	d := s.config.sources[c.Source].DoubleOptIn
	if len(d.Channels) == 0 {
		return false
	}
	var open []core.Channel
	addresses := addressesOf(c)
	for _, a := range addresses {
		if d.Asks(a.Channel) && !confirmed(&contact, a, c.CapturedAt) {
			open = append(open, a.Channel)
		}
	}
	if len(open) == 0 {
		return false
	}
	waits := len(open) == len(addresses)
	if waits {
		s.keepPending(core.Pending{
			Contact: contact.ID, Target: c.Target, Market: c.Market, Quantity: c.Quantity, CapturedAt: c.CapturedAt, Channels: open,
		})
	}
	s.askToConfirm(contact, c, open)
	return waits
}

// keepPending keeps a capture until it is confirmed. The earliest for a target decides the place in line.
func (s *step) keepPending(p core.Pending) {
	key := db.EntryKey{Contact: p.Contact, Target: p.Target}
	if known, ok := db.Pendings.Get(s.tx, key); ok {
		p.CapturedAt = min(p.CapturedAt, known.CapturedAt)
	} else {
		s.makeRoom(p.Contact)
	}
	db.Pendings.Set(s.tx, key, p)
}

// makeRoom lets go of a contact's oldest pending capture when it has as many as there may be.
func (s *step) makeRoom(id core.ContactID) {
	var all []core.Pending
	db.PendingsOf(s.tx, id, func(p core.Pending) bool { all = append(all, p); return true })
	if len(all) < core.MaxPending {
		return
	}
	oldest := slices.MinFunc(all, func(a, b core.Pending) int { return int(a.CapturedAt - b.CapturedAt) })
	db.Pendings.Delete(s.tx, db.EntryKey{Contact: id, Target: oldest.Target})
	s.count.Count("confirm", core.ReasonTooMany)
}

// askToConfirm lets Confirmation asked occur, unless the addresses were asked a moment ago, or often enough: whoever types somebody
// else's address must not be able to fill its mailbox.
func (s *step) askToConfirm(contact core.Contact, c core.Capture, open []core.Channel) {
	asks := false
	for _, a := range addressesOf(c) {
		if slices.Contains(open, a.Channel) {
			asks = s.asksAgain(&contact, a, c.CapturedAt) || asks
		}
	}
	db.Contacts.Set(s.tx, contact.ID, contact)
	if !asks {
		return
	}
	e := core.Entry{Contact: contact.ID, Target: c.Target, CapturedAt: c.CapturedAt, Market: c.Market, Line: s.config.sources[c.Source].MarketOf(c.Market)}
	s.occurs(activity.Confirmation(e, s.catalogueIn(e.Line, c.Target)))
}

// asksAgain notes that an address is asked for at a time, and says whether it is.
func (s *step) asksAgain(contact *core.Contact, a core.Address, at core.Time) bool {
	k := contact.Confirmation(a)
	if k == nil {
		k = contact.Confirms(core.Confirmation{Channel: a.Channel, Tag: a.Tag(), AskedAt: at})
	}
	if k.At != 0 { // taken back since
		*k = core.Confirmation{Channel: k.Channel, Tag: k.Tag, AskedAt: at}
	}
	if k.Told > 0 && at.Since(k.ToldAt) < core.ConfirmationAgain || k.Told >= core.MaxConfirmations {
		return false
	}
	k.Told, k.ToldAt = k.Told+1, at
	return true
}

// confirm is the word of whom a link to confirm was sent to. What was captured too long ago stays out.
func (s *step) confirm(e wire.Confirm) {
	s.count.Count("confirm", s.takeConfirm(e))
}

func (s *step) takeConfirm(e wire.Confirm) core.Reason {
	contact, ok := db.Contacts.Get(s.tx, e.Contact)
	if !ok {
		return core.ReasonNotAsked
	}
	k := contact.ConfirmationOf(e.Channel, e.Tag)
	if k == nil {
		return core.ReasonNotAsked
	}
	at := min(e.At, s.now())
	news := k.At == 0
	if news {
		k.At, k.Told = at, 0
		db.Contacts.Set(s.tx, contact.ID, contact)
		s.touch(contact.ID)
	}
	if admitted := s.admitPending(contact.ID, e.Channel, at); !news && admitted == 0 {
		return core.ReasonNotPending
	}
	return core.ReasonConfirmed
}

// admitPending lets what is pending by a channel join its lines.
func (s *step) admitPending(id core.ContactID, ch core.Channel, at core.Time) (n int) {
	var all []core.Pending
	db.PendingsOf(s.tx, id, func(p core.Pending) bool { all = append(all, p); return true })
	for _, p := range all {
		d := s.config.sources[p.Target.Source]
		if !slices.Contains(p.Channels, ch) || at.Since(p.CapturedAt) > d.DoubleOptIn.Period() {
			continue
		}
		db.Pendings.Delete(s.tx, db.EntryKey{Contact: id, Target: p.Target})
		c := core.Capture{Target: p.Target, Market: p.Market, Quantity: p.Quantity, CapturedAt: p.CapturedAt}
		s.count.Count("capture", s.admit(id, c))
		n++
	}
	return n
}

// dropPending lets go of a contact's pending captures that are over.
func (s *step) dropPending(id core.ContactID, over func(core.Pending) bool) (n int) {
	var all []core.Pending
	db.PendingsOf(s.tx, id, func(p core.Pending) bool {
		if over(p) {
			all = append(all, p)
		}
		return true
	})
	for _, p := range all {
		db.Pendings.Delete(s.tx, db.EntryKey{Contact: id, Target: p.Target})
	}
	return len(all)
}

// sweepPendings begins to let go of what nobody confirmed, if there is anything.
func (s *step) sweepPendings() {
	any := false
	db.Pendings.All(s.tx, func(core.Pending) bool { any = true; return false })
	if any {
		s.begin(core.Work{Kind: core.WorkPending})
	}
}

// pendingPage looks at a page of what is pending. Whose last capture goes, and of whom nothing else is known, is forgotten: nobody
// has ever said that the address is theirs.
func (s *step) pendingPage(w *core.Work) (done bool) {
	rows := 0
	var over []core.Pending
	db.PendingsAfter(s.tx, w.Cursor.Row, func(row core.Row, p core.Pending) bool {
		if s.now().Since(p.CapturedAt) > s.config.sources[p.Target.Source].DoubleOptIn.Period() {
			over = append(over, p)
		}
		w.Cursor.Row = row
		rows++
		return rows < core.PageContacts
	})
	for _, p := range over {
		db.Pendings.Delete(s.tx, db.EntryKey{Contact: p.Contact, Target: p.Target})
		s.count.Count("confirm", core.ReasonExpired)
		s.forgetUnconfirmed(p.Contact)
	}
	return rows < core.PageContacts
}

// forgetUnconfirmed lets go of a contact that never confirmed anything and has nothing left to confirm.
func (s *step) forgetUnconfirmed(id core.ContactID) {
	contact, ok := db.Contacts.Get(s.tx, id)
	if !ok || slices.ContainsFunc(contact.Confirmations, func(k core.Confirmation) bool { return k.At != 0 }) {
		return
	}
	known := false
	db.PendingsOf(s.tx, id, func(core.Pending) bool { known = true; return false })
	db.EntriesOf(s.tx, id, func(core.Entry) bool { known = true; return false })
	if known {
		return
	}
	s.disown(id, contact.Addresses())
	var formers []core.Address
	db.FormersOf(s.tx, id, func(a core.Address) bool { formers = append(formers, a); return len(formers) < core.PageContacts })
	s.disown(id, formers)
	s.eraseRuns(id, core.PageContacts)
	s.eraseIntents(id, core.PageContacts)
	s.eraseActivities(id, core.PageContacts)
	db.Contacts.Delete(s.tx, id)
}

// disown takes addresses from a contact. They were never its own: what edges know of them stays.
func (s *step) disown(id core.ContactID, addresses []core.Address) {
	for _, a := range addresses {
		db.Formers.Delete(s.tx, db.FormerAddress{Contact: id, Address: a})
		if owner, _ := db.Addresses.Get(s.tx, a); owner == id {
			db.Addresses.Delete(s.tx, a)
		}
	}
}
