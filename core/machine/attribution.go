package machine

import (
	"bytes"
	"cmp"
	"slices"

	"restock/core"
	"restock/core/db"
)

// attribute counts an order for the restocks whose messages led its buyer to it, and takes back what it counted for before:
// what stands in the payload that was updated last holds, however often and in whatever order they come. An order of
// somebody whom we do not know costs one look-up.
func (s *step) attribute(o core.Order, buyers []core.ContactID) {
	key := core.NewOrderKey(s.config.workspace.Key, o.Source, o.ID)
	before, known := db.Attributions.Get(s.tx, key)
	o.PlacedAt, o.UpdatedAt = min(o.PlacedAt, s.now()), min(o.UpdatedAt, s.now())
	if known {
		o.PlacedAt = min(o.PlacedAt, before.PlacedAt)
	}
	if known && o.UpdatedAt < before.UpdatedAt || !known && s.now().Since(o.PlacedAt) > core.KeepAttributions {
		return
	}
	a := attributing{step: s, order: o, before: before, messages: s.messagesBefore(o, buyers)}
	if !known && len(a.messages) == 0 {
		return
	}
	after := core.Attribution{PlacedAt: o.PlacedAt, UpdatedAt: o.UpdatedAt, Lines: a.lines()}
	db.Attributions.Set(s.tx, key, after)
	a.note(after)
	s.count.Count("attribution", s.account(before, after))
}

// account changes what restocks sold from what an order counted for before to what it does now, and says what that comes to.
func (s *step) account(before, after core.Attribution) core.Reason {
	var counted, counts bool
	for _, id := range (core.Attribution{Lines: slices.Concat(before.Lines, after.Lines)}).Restocks() {
		was, is := before.Of(id), after.Of(id)
		counted, counts = counted || was.Orders > 0, counts || is.Orders > 0
		if r, ok := db.Restocks.Get(s.tx, id); ok {
			r.Sales.Replace(was, is)
			db.Restocks.Set(s.tx, id, r)
			s.ring(was, is)
		}
	}
	switch {
	case counts && counted:
		return core.ReasonAmended
	case counts:
		return core.ReasonAttributed
	case counted:
		return core.ReasonTakenBack
	}
	return core.ReasonUnsettled
}

// ring tells what a restock sold otherwise than before.
func (s *step) ring(was, is core.Sales) {
	till, ok := s.count.(Till)
	if !ok {
		return
	}
	var change core.Sales
	change.Replace(was, is)
	for _, m := range change.Revenue {
		till.Ring(core.Money{Minor: max(m.Minor, -m.Minor), Currency: m.Currency}, m.Minor < 0)
	}
}

// maxMessages bounds how many of a contact's messages are looked at for an order.
const maxMessages = core.PageContacts

// messagesBefore are the Back in stock messages to an order's buyers that its attribution depends on: those that can have led
// to it, the last one first, and behind them those beside which it is noted.
func (s *step) messagesBefore(o core.Order, buyers []core.ContactID) (all []core.Intent) {
	window, on := s.config.sources[o.Source].AttributionWindow()
	for _, contact := range buyers {
		n := 0
		db.IntentsOf.Scan(s.tx, contact, func(k core.LedgerKey) bool {
			i, _ := db.Intents.Get(s.tx, k)
			if (i.Activity.Kind == core.BackInStock || i.Activity.Kind == core.RunningLow) && i.Activity.Source == o.Source && (on && leadsTo(i, o.PlacedAt, window) || notedAt(i, o.ID) >= 0) {
				all = append(all, i)
			}
			n++
			return n < maxMessages
		})
	}
	slices.SortFunc(all, func(a, b core.Intent) int {
		return cmp.Or(cmp.Compare(b.ReadFrom(), a.ReadFrom()), bytes.Compare(a.Key[:], b.Key[:]))
	})
	return all
}

// leadsTo says whether a message can have led to an order that was placed then: it had been handed to a provider by then, and
// no longer before than the window.
func leadsTo(i core.Intent, placed core.Time, window core.Milliseconds) bool {
	since := placed.Since(i.ReadFrom())
	return (i.At == core.IntentSent || unsettled(i)) && since >= -core.ClockSkew && since <= window
}

// unsettled says whether a message was handed to a provider of whom we do not know yet whether it was taken.
func unsettled(i core.Intent) bool { return i.At == core.IntentClaimed || i.At == core.IntentUnknown }

// isAbout says whether a message is about what a line of an order bought: its variant, or any variant of its product where
// that is what the contact asked for.
func isAbout(i core.Intent, v core.VariantID, p core.ProductID) bool {
	return i.Activity.Variant == v || i.Activity.Asked.Variant == "" && p != "" && i.Activity.Product == p
}

// notedAt is where an order is noted beside a message; -1: it is not.
func notedAt(i core.Intent, o core.OrderID) int {
	return slices.IndexFunc(i.Bought, func(p core.Purchase) bool { return p.Order == o })
}

// attributing is the attribution of one order.
type attributing struct {
	*step
	order    core.Order
	before   core.Attribution
	messages []core.Intent
}

// lines are the order's lines that a message can have led to, by variant and currency.
func (a *attributing) lines() (all []core.AttributedLine) {
	for _, l := range a.order.Lines {
		line := a.line(l)
		at := slices.IndexFunc(all, func(k core.AttributedLine) bool {
			return k.Variant == line.Variant && k.Paid.Currency == line.Paid.Currency
		})
		if at >= 0 {
			all[at].Units += line.Units
			all[at].Paid.Minor += line.Paid.Minor
		} else {
			all = append(all, line)
		}
	}
	return slices.DeleteFunc(all, func(l core.AttributedLine) bool { return l.Restock == (core.RestockID{}) && !a.pending(l) })
}

// line attributes a line to the last message about it that a provider took. One whose message is not known any more stays
// where it was.
func (a *attributing) line(l core.OrderLine) core.AttributedLine {
	line := core.AttributedLine{Variant: l.Variant, Product: a.productOf(a.order.Source, l)}
	if line.Paid = core.PaidFor(l.Price, l.Quantity); a.order.State.Bought() {
		line.Units = core.BoundedUnits(l.Quantity)
	} else {
		line.Paid.Minor = 0
	}
	if i, ok := a.last(line); ok {
		line.Restock = i.Activity.Restock
		return line
	}
	for _, known := range a.before.Lines {
		if known.Variant == l.Variant {
			line.Restock = known.Restock
		}
	}
	return line
}

// last is the last message about a line that a provider took before the order; one that seems to be later, by no more than
// clocks may differ, if there is no other.
func (a *attributing) last(l core.AttributedLine) (last core.Intent, ok bool) {
	for _, i := range a.messages {
		if i.At != core.IntentSent || !isAbout(i, l.Variant, l.Product) {
			continue
		}
		if last, ok = i, true; i.ReadFrom() <= a.order.PlacedAt {
			break
		}
	}
	return last, ok
}

// pending says whether a message about the line is under way, or nobody knows whether it was taken.
func (a *attributing) pending(l core.AttributedLine) bool {
	return slices.ContainsFunc(a.messages, func(i core.Intent) bool { return unsettled(i) && isAbout(i, l.Variant, l.Product) })
}

// note writes the order down beside the messages that it was attributed to, and beside those that it may yet be. There it is
// the contact's, and goes with it.
func (a *attributing) note(after core.Attribution) {
	for n := range a.messages {
		i := &a.messages[n]
		p := core.Purchase{Order: a.order.ID, Number: a.order.Number, PlacedAt: after.PlacedAt, Counted: i.At == core.IntentSent}
		led := false
		for _, l := range after.Lines {
			if a.leads(*i, l) {
				led = true
				p.Units += l.Units
				p.Paid = core.Money{Minor: p.Paid.Minor + l.Paid.Minor, Currency: l.Paid.Currency}
			}
		}
		if at := notedAt(*i, p.Order); at >= 0 {
			p.Counted = p.Counted || i.Bought[at].Counted
			i.Bought = slices.Delete(i.Bought, at, at+1)
		} else if !led {
			continue
		}
		i.Bought = append(i.Bought, p)
		i.Bought = i.Bought[max(0, len(i.Bought)-core.MaxPurchases):]
		db.Intents.Set(a.tx, i.Key, *i)
	}
}

// leads says whether a line is to be noted beside a message: it was attributed to it, or may yet be.
func (a *attributing) leads(i core.Intent, l core.AttributedLine) bool {
	switch last, ok := a.last(l); {
	case !isAbout(i, l.Variant, l.Product):
		return false
	case ok:
		return last.Key == i.Key
	}
	return l.Restock == (core.RestockID{}) || l.Restock == i.Activity.Restock
}

// settled counts the orders that came before it was known that a provider had taken the message. An order that was attributed
// to an earlier message meanwhile stays there until it comes again.
func (s *step) settled(i core.Intent) {
	changed := false
	for n := range i.Bought {
		p := &i.Bought[n]
		key := core.NewOrderKey(s.config.workspace.Key, i.Activity.Source, p.Order)
		before, ok := db.Attributions.Get(s.tx, key)
		if p.Counted || !ok || before.PlacedAt.Since(i.ReadFrom()) < -core.ClockSkew { // else it was sent anew, after the order
			continue
		}
		after := before
		after.Lines = slices.Clone(before.Lines)
		p.Units, p.Paid.Minor, p.Counted, changed = 0, 0, true, true
		for n := range after.Lines {
			if l := &after.Lines[n]; l.Restock == (core.RestockID{}) && isAbout(i, l.Variant, l.Product) {
				l.Restock = i.Activity.Restock
				p.Units, p.Paid.Minor = p.Units+l.Units, p.Paid.Minor+l.Paid.Minor
			}
		}
		db.Attributions.Set(s.tx, key, after)
		s.count.Count("attribution", s.account(before, after))
	}
	if changed {
		db.Intents.Set(s.tx, i.Key, i)
	}
}

// ordersPage lets go of what the next orders were attributed to that are too old to be refunded. What restocks sold stays.
func (s *step) ordersPage(w *core.Work) (done bool) {
	var old []core.ID
	rows := 0
	db.AttributionsAfter(s.tx, w.Cursor.Row, func(row core.Row, order core.ID, a core.Attribution) bool {
		if s.now().Since(a.PlacedAt) > core.KeepAttributions+sweepEvery { // later than orders are taken: a clock may have been ahead
			old = append(old, order)
		}
		w.Cursor.Row = row
		rows++
		return rows < sweepRows
	})
	for _, order := range old {
		db.Attributions.Delete(s.tx, order)
	}
	return rows < sweepRows
}
