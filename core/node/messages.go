package node

import (
	"context"
	"fmt"
	"slices"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/notify"
	"restock/core/wire"
)

// maxLooked bounds how many lines of the ledger are looked at for one list.
const maxLooked = 20_000

// Messages are those that an operator asks for (console.Backend), the newest first.
func (n *Node) Messages(name core.WorkspaceName, q console.MessageQuery) (all []console.MessageReport, err error) {
	w, err := n.named(name)
	if err != nil {
		return nil, err
	}
	err = w.view(func(tx *db.Tx) {
		var found []core.Intent
		walk(tx, q, func(k core.LedgerKey) {
			if i, ok := db.Intents.Get(tx, k); ok && i.Resent == (core.LedgerKey{}) && (q.Reason == "" || i.Reason == q.Reason) && (q.Until == 0 || i.Made <= q.Until) {
				found = append(found, i)
			}
		})
		slices.SortStableFunc(found, func(a, b core.Intent) int { return int(latest(b) - latest(a)) })
		for _, i := range found[:min(len(found), q.Limit)] {
			all = append(all, w.messageReport(tx, i))
		}
	})
	return all, err
}

func latest(i core.Intent) core.Time { return max(i.Made, i.Called, i.Ended) }

// walk visits the keys of the messages that stand where the query says.
func walk(tx *db.Tx, q console.MessageQuery, visit func(core.LedgerKey)) {
	looked := 0
	take := func(k core.LedgerKey) bool {
		visit(k)
		looked++
		return looked < maxLooked
	}
	switch q.At {
	case core.IntentUnknown:
		db.Unknown.Scan(tx, struct{}{}, take)
	case core.IntentHeld:
		db.AllHeld(tx, take)
	case core.IntentDue:
		db.Senders.All(tx, func(s core.Sender) bool {
			db.Due.Scan(tx, s.Name, func(d db.DueIntent) bool { return take(d.Key) })
			return true
		})
	default:
		db.DroppedFrom(tx, q.Reason, take)
	}
}

// Message is one line of the ledger (console.Backend).
func (n *Node) Message(name core.WorkspaceName, key core.LedgerKey) (m console.MessageReport, ok bool, err error) {
	w, err := n.named(name)
	if err != nil {
		return m, false, err
	}
	err = w.view(func(tx *db.Tx) {
		var i core.Intent
		if i, ok = db.Intents.Get(tx, key); ok {
			m = w.messageReport(tx, i)
		}
	})
	return m, ok, err
}

func (w *workspace) messageReport(tx *db.Tx, i core.Intent) console.MessageReport {
	m := console.MessageReport{
		Key: i.Key.String(), At: i.At, Reason: i.Reason, Detail: i.Detail, Channel: i.Channel, Purpose: i.Purpose, Journey: i.Journey, Broadcast: i.Broadcast, Shape: i.Shape,
		Sender: i.Sender, Activity: i.Activity.Kind, Title: i.Activity.Title, Attempts: i.Attempts, MadeAt: i.Made.String(), EndedAt: exportTime(i.Ended),
		Receipt: i.Receipt, Became: i.Became, Clicks: i.Clicks, ClickedAt: exportTime(i.ClickedAt), Again: keyOf(i.Again), Resent: keyOf(i.Resent),
	}
	if i.At == core.IntentDue {
		m.DueAt = exportTime(i.Due)
	}
	to := core.Address{Channel: core.Email, Value: w.machine.Sources()[i.Activity.Source].Alert.Email}
	if i.Contact != (core.ContactID{}) {
		m.Contact = i.Contact.String()
		contact, _ := db.Contacts.Get(tx, i.Contact)
		to, _ = contact.Address(i.Channel)
	}
	m.Address = to.Masked()
	return m
}

func keyOf(k core.LedgerKey) string {
	if k == (core.LedgerKey{}) {
		return ""
	}
	return k.String()
}

// Resend has messages sent again (console.Backend).
func (n *Node) Resend(ctx context.Context, name core.WorkspaceName, keys []core.LedgerKey) (resent int, err error) {
	w, err := n.named(name)
	if err != nil {
		return 0, err
	}
	var some []core.LedgerKey
	err = w.view(func(tx *db.Tx) {
		for _, k := range keys {
			if i, ok := db.Intents.Get(tx, k); ok && notify.MayResend(i) && len(some) < core.PageContacts {
				some = append(some, k)
			}
		}
	})
	if err != nil || len(some) == 0 {
		return 0, err
	}
	if err := w.append(ctx, 0, wire.Resend{Keys: some}); err != nil {
		return 0, fmt.Errorf("sending messages again: %w", err)
	}
	return len(some), nil
}
