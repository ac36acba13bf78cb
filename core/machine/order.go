package machine

import (
	"restock/core"
	"restock/core/db"
)

// order takes the buyer off the lines for what was bought, and counts it for the restocks whose messages led to it. It may come
// often (created, paid, updated) and in any order: nobody leaves a line twice, and who asked again after buying stays.
func (s *step) order(o core.Order) {
	buyers := s.buyers(o)
	s.count.Count("order", s.takeOrder(o, buyers))
	s.attribute(o, buyers)
}

func (s *step) takeOrder(o core.Order, buyers []core.ContactID) core.Reason {
	if !o.State.Bought() {
		return core.ReasonNotBought
	}
	at, left := min(o.PlacedAt, s.now()), false
	for _, contact := range buyers {
		for _, l := range o.Lines {
			for _, t := range s.bought(o.Source, l) {
				left = s.buy(db.EntryKey{Contact: contact, Target: t}, at) || left
			}
			s.boughtTurn(core.VariantKey{Source: o.Source, Variant: l.Variant}, contact)
		}
		s.touch(contact)
	}
	if !left {
		return core.ReasonNobodyWaits
	}
	return core.Reason(core.ClosedBought)
}

// buyers are the contacts that the order's addresses belong to: none that we know, one, or two when somebody asked by
// e-mail and somebody by phone. Whoever it was, the wish is fulfilled.
func (s *step) buyers(o core.Order) (ids []core.ContactID) {
	byEmail, ok := s.find(core.Email, o.Email)
	if ok {
		ids = append(ids, byEmail.ID)
	}
	if byPhone, found := s.find(core.SMS, o.Phone); found && (!ok || byPhone.ID != byEmail.ID) {
		ids = append(ids, byPhone.ID)
	}
	return ids
}

// productOf is the product of a line's variant, which the catalogue knows best.
func (s *step) productOf(src core.SourceName, l core.OrderLine) core.ProductID {
	if v, ok := db.Variants.Get(s.tx, core.VariantKey{Source: src, Variant: l.Variant}); ok && v.Product != "" {
		return v.Product
	}
	return l.Product
}

// bought are the targets that a line of an order fulfils.
func (s *step) bought(src core.SourceName, l core.OrderLine) []core.Target {
	product := s.productOf(src, l)
	targets := targetsOf(core.VariantKey{Source: src, Variant: l.Variant}, product)
	if product == "" {
		return targets[:1]
	}
	return targets[:]
}

// buy closes an entry that was asked for before the purchase. It closes as of the purchase, so that a capture from before,
// still on its way, changes nothing, and one from after it is a new wish.
func (s *step) buy(key db.EntryKey, at core.Time) bool {
	e, ok := db.Entries.Get(s.tx, key)
	if ok && e.Closed == core.ClosedTold && e.LastAt <= at {
		e.Closed, e.ClosedAt = core.ClosedBought, max(e.ClosedAt, at)
		db.Entries.Set(s.tx, key, e)
		return true
	}
	if !ok || !e.Waiting() || max(e.CapturedAt, e.LastAt) > at {
		return false
	}
	s.closeEntry(key, e, at, core.ClosedBought)
	return true
}

// closeEntry takes a contact out of a line, as of at.
func (s *step) closeEntry(key db.EntryKey, e core.Entry, at core.Time, why core.CloseReason) {
	s.leaveLine(e)
	e.CapturedAt, e.ClosedAt, e.Closed = 0, at, why
	db.Entries.Set(s.tx, key, e)
	s.count.Count("left", core.Reason(why))
}
