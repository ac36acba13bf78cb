package machine

import (
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

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
		}, contact.WithdrawnAt(ch, p))
	}
	for len(contact.Consents) > core.MaxConsents {
		i := oldestRepeat(contact.Consents)
		contact.Consents = append(contact.Consents[:i], contact.Consents[i+1:]...)
	}
}

// prove puts a proof where its time belongs. Of proofs of one kind that say the same one after the other only the oldest
// stays, whatever order they come in; one that was given after a withdrawal stays beside one from before it.
func prove(proofs []core.Consent, proof core.Consent, withdrawn core.Time) []core.Consent {
	at := len(proofs)
	for at > 0 && proofs[at-1].At > proof.At {
		at--
	}
	kind := func(k core.Consent) bool { return k.Channel == proof.Channel && k.Purpose == proof.Purpose }
	for i := at - 1; i >= 0; i-- {
		if kind(proofs[i]) {
			if alike(proofs[i], proof, withdrawn) {
				return proofs
			}
			break
		}
	}
	if i := slices.IndexFunc(proofs[at:], kind); i >= 0 && alike(proofs[at+i], proof, withdrawn) {
		proofs = slices.Delete(proofs, at+i, at+i+1)
	}
	return slices.Insert(proofs, at, proof)
}

// alike says whether two proofs of a kind differ in time and IP only, and no withdrawal lies between them.
func alike(a, b core.Consent, withdrawn core.Time) bool {
	if withdrawn != 0 && (a.At > withdrawn) != (b.At > withdrawn) {
		return false
	}
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

// optOut is the wish of whom a link was sent to. Of one purpose, what was agreed to is taken back; of all, no message goes to the
// address any more.
func (s *step) optOut(e wire.OptOut) {
	contact, known := db.Contacts.Get(s.tx, e.Contact)
	if !known {
		s.optOutErased(e)
		return
	}
	at := min(e.At, s.now())
	if e.Purpose != "" {
		s.withdraw(contact, core.Withdrawal{Channel: e.Channel, Purpose: e.Purpose, At: at})
		return
	}
	for _, a := range contact.Addresses() { // of browsers it may have several
		if a.Channel != e.Channel || db.Suppressions.Has(s.tx, a) {
			continue
		}
		s.count.Count("consent", core.ReasonUnsubscribed)
		db.Suppressions.Set(s.tx, a, db.Suppression{Address: a, Reason: core.ReasonUnsubscribed, At: at})
		s.touch(contact.ID)
	}
}

// withdraw takes a consent back. Who has no channel left to be told by leaves the lines that it stands in.
func (s *step) withdraw(contact core.Contact, w core.Withdrawal) {
	if !contact.Withdraw(w) {
		return
	}
	db.Contacts.Set(s.tx, contact.ID, contact)
	s.touch(contact.ID)
	s.count.Count("consent", core.ReasonWithdrawn)
	if w.Purpose == core.StockAlert && !s.reachable(contact) && !s.leavePage(contact) {
		s.begin(core.Work{Kind: core.WorkLeave, Contact: contact.ID})
	}
}

// reachable says whether stock alerts may go to the contact by any of its channels.
func (s *step) reachable(contact core.Contact) bool {
	return slices.ContainsFunc(contact.Addresses(), func(a core.Address) bool {
		return contact.Allows(a.Channel, core.StockAlert, 0) == ""
	})
}

// leavePage takes a contact out of lines that it joined before it took its consents back, and lets go of what it has yet to
// confirm; done is false when more are left.
func (s *step) leavePage(contact core.Contact) (done bool) {
	var ended core.Time
	for _, w := range contact.Withdrawn {
		if w.Purpose == core.StockAlert {
			ended = max(ended, w.At)
		}
	}
	s.dropPending(contact.ID, func(p core.Pending) bool { return p.CapturedAt <= ended })
	var all []core.Entry
	db.EntriesOf(s.tx, contact.ID, func(e core.Entry) bool {
		if e.Waiting() && e.LastAt <= ended {
			all = append(all, e)
		}
		return len(all) < core.PageContacts
	})
	for _, e := range all {
		s.closeEntry(db.EntryKey{Contact: contact.ID, Target: e.Target}, e, ended, core.ClosedUnsubscribed)
	}
	return len(all) < core.PageContacts
}

// leaveOn goes on with leavePage.
func (s *step) leaveOn(id core.ContactID) (done bool) {
	contact, ok := db.Contacts.Get(s.tx, id)
	return !ok || s.leavePage(contact)
}
