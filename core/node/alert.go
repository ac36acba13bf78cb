package node

import (
	"time"

	"restock/core"
	"restock/core/address"
	"restock/core/console"
	"restock/core/db"
	"restock/core/notify"
	"restock/core/template"
)

// aboutAlert reads the state around an intent that tells a merchant of a line. It goes to the address that the source names
// now. Nobody consents to it and nobody waits, but what providers refuse is not written to again; having unsubscribed as a
// shopper is no reason.
func (w *workspace) aboutAlert(i core.Intent) (a about, err error) {
	act := i.Activity
	senders, source := w.machine.Senders(), w.machine.Sources()[act.Source]
	line := act.Asked.Waitlist(act.Market)
	a.askedOf, a.sender = act, senders[i.Sender]
	err = w.view(func(tx *db.Tx) {
		j, _ := db.Journeys.Get(tx, i.Journey)
		to := source.Alert.Email
		if normal, err := address.Email(to); err == nil {
			to = normal
		}
		why := db.SuppressedFor(tx, core.Address{Channel: core.Email, Value: to})
		a.subject = notify.Subject{
			Now: core.TimeOf(time.Now()), Intent: i, JourneyOn: j.On, SenderOK: a.sender.Name != "", To: core.Address{Channel: core.Email, Value: to},
			Suppressed: why != "" && why != core.ReasonUnsubscribed,
		}
		a.template, _ = db.Templates.Get(tx, i.Template)
		a.data = template.Data{Contact: core.Contact{Email: source.Alert.Email}, Activity: act, Source: source}
		a.data.Product, a.data.Variant = catalogueFor(tx, source, act)
		a.data.Stock, _ = db.Stocks.Get(tx, db.StockKey{Variant: act.VariantKey(), Market: act.Market})
		a.data.Waitlist.Reached = act.Units
		a.data.Waitlist.Waiting, _ = db.Waiting.Get(tx, line)
		surplus, _ := db.Surplus.Get(tx, line)
		a.data.Waitlist.Wanted = a.data.Waitlist.Waiting + surplus
	})
	return a, err
}

// alertsOf are the numbers of which a line's merchant was told, and what became of the messages.
func alertsOf(tx *db.Tx, line core.Waitlist) (all []console.AlertReport) {
	told, _ := db.Alerts.Get(tx, line)
	for _, a := range told {
		for _, k := range a.Keys {
			i, _ := db.Intents.Get(tx, k)
			all = append(all, console.AlertReport{Reached: a.At, At: a.Time.String(), Message: i.At, Reason: i.Reason})
		}
	}
	return all
}
