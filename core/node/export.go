package node

import (
	"errors"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
)

// Export is all that the state holds of a person (console.Backend).
func (n *Node) Export(name core.WorkspaceName, raw string) (r console.ContactExport, ok bool, err error) {
	w, err := n.named(name)
	if err != nil {
		return r, false, err
	}
	var failed error
	err = w.reveal(func(tx *db.Tx) core.ContactID {
		contact, _, _, _ := w.person(tx, raw)
		return contact.ID
	}, func(tx *db.Tx) {
		var contact core.Contact
		if contact, _, ok, failed = w.person(tx, raw); ok {
			r = export(tx, contact)
			r.Workspace = name
		}
	})
	return r, ok, errors.Join(err, failed)
}

// export gathers a contact from every table that holds something of it, each in its table's order.
func export(tx *db.Tx, c core.Contact) console.ContactExport {
	r := console.ContactExport{
		Contact: c.ID.String(), Email: c.Email, Phone: c.Phone, Locale: c.Locale, Region: c.Region, FirstName: c.FirstName,
		Tags: c.Tags, Fields: c.Fields, CreatedAt: c.CreatedAt.String(), Zone: c.Zone,
	}
	for _, p := range c.Pushes {
		r.Pushes = append(r.Pushes, console.ExportedPush{Endpoint: p.Endpoint, P256DH: p.P256DH, Auth: p.Auth})
	}
	db.FormersOf(tx, c.ID, func(a core.Address) bool {
		r.Former = append(r.Former, console.ExportedAddress{Channel: a.Channel, Address: a.Value})
		return true
	})
	exportConsents(tx, c, &r)
	db.EntriesOf(tx, c.ID, func(e core.Entry) bool { r.Entries = append(r.Entries, exportEntry(e)); return true })
	db.ActivitiesOf(tx, c.ID, func(a core.Activity) bool { r.Activities = append(r.Activities, exportActivity(a)); return true })
	db.OccurrencesOf(tx, c.ID, func(o core.Occurrences) bool {
		r.Occurred = append(r.Occurred, console.ExportedOccurrences{
			Kind: o.Kind, Source: o.Source, FirstAt: o.First.String(), LastAt: o.Last.String(), Times: o.Times,
		})
		return true
	})
	db.RunsOf.Scan(tx, c.ID, func(id core.RunID) bool {
		run, _ := db.Runs.Get(tx, id)
		r.Runs = append(r.Runs, exportRun(run))
		return true
	})
	db.IntentsOf.Scan(tx, c.ID, func(k core.LedgerKey) bool {
		i, _ := db.Intents.Get(tx, k)
		r.Messages = append(r.Messages, exportMessage(i))
		return true
	})
	return r
}

// exportConsents adds what was agreed to, and which addresses must not be sent to.
func exportConsents(tx *db.Tx, c core.Contact, r *console.ContactExport) {
	for _, k := range c.Consents {
		r.Consents = append(r.Consents, console.ExportedConsent{
			Channel: k.Channel, Purpose: k.Purpose, Text: k.Text, At: k.At.String(), IP: k.IP, Page: k.Page, Form: k.Form,
		})
	}
	for _, x := range c.Withdrawn {
		r.Withdrawn = append(r.Withdrawn, console.ExportedWithdrawal{Channel: x.Channel, Purpose: x.Purpose, At: x.At.String()})
	}
	for _, k := range c.Confirmations {
		r.Confirmations = append(r.Confirmations, console.ExportedConfirmation{Channel: k.Channel, AskedAt: k.AskedAt.String(), ConfirmedAt: exportTime(k.At)})
	}
	db.PendingsOf(tx, c.ID, func(p core.Pending) bool {
		r.Pending = append(r.Pending, console.ExportedEntry{
			Source: p.Target.Source, Variant: p.Target.Variant, Product: p.Target.Product, Market: p.Market, Quantity: p.Quantity, AskedAt: p.CapturedAt.String(),
		})
		return true
	})
	for _, a := range c.Addresses() {
		if why := db.SuppressedFor(tx, a); why != "" {
			r.Suppressed = append(r.Suppressed, console.ExportedSuppression{Channel: a.Channel, Address: a.Value, Reason: why})
		}
	}
}

func exportEntry(e core.Entry) console.ExportedEntry {
	return console.ExportedEntry{
		Source: e.Target.Source, Variant: e.Target.Variant, Product: e.Target.Product, Market: e.Market, Quantity: e.Quantity, Waiting: e.Waiting(),
		AskedAt: exportTime(e.CapturedAt), FirstAt: exportTime(e.FirstAt), LastAt: exportTime(e.LastAt), Repeats: e.Repeats,
		ClosedAt: exportTime(e.ClosedAt), Closed: e.Closed,
	}
}

func exportActivity(a core.Activity) console.ExportedActivity {
	return console.ExportedActivity{
		Kind: a.Kind, At: a.At.String(), Source: a.Source, Variant: a.Variant, Product: a.Product, SKU: a.SKU, Title: a.Title, Choice: a.Choice, URL: a.URL,
	}
}

func exportRun(run core.Run) console.ExportedRun {
	r := console.ExportedRun{Run: run.ID.String(), Journey: run.Journey, Entered: run.Entered.Kind, At: string(run.At), Shape: run.Shape, Due: exportTime(run.Due)}
	for _, s := range run.Steps {
		r.Steps = append(r.Steps, console.ExportedStep{Shape: s.Shape, At: s.At.String(), Reason: s.Reason, Detail: s.Detail})
	}
	return r
}

func exportMessage(i core.Intent) console.ExportedMessage {
	e := console.ExportedMessage{
		Key: i.Key.String(), Channel: i.Channel, Journey: i.Journey, Shape: i.Shape, Sender: i.Sender, At: i.At, Reason: i.Reason, Detail: i.Detail,
		Receipt: i.Receipt, MadeAt: i.Made.String(), EndedAt: exportTime(i.Ended),
	}
	for _, p := range i.Bought {
		e.Orders = append(e.Orders, console.ExportedOrder{
			Order: string(p.Order), Number: p.Number, PlacedAt: exportTime(p.PlacedAt), Units: p.Units, Paid: console.NewMoneyReport(p.Paid), Counted: p.Counted,
		})
	}
	return e
}

// exportTime is "" for never.
func exportTime(t core.Time) string {
	if t == 0 {
		return ""
	}
	return t.String()
}
