package node

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/notify"
	"restock/core/template"
)

// about is everything around an intent at the moment of the call.
type about struct {
	subject  notify.Subject
	template core.Template
	sender   core.Sender
	data     template.Data
	shows    core.ActivityID // what the back-in-stock block would show
	askedOf  core.Activity

	browsers []core.PushSubscription // of a push: those that it goes to, the newest first

	suppressed map[core.Channel]bool // addresses of the contact that must not be sent to
}

// about reads the state around an intent.
func (w *workspace) about(i core.Intent) (a about, err error) {
	act := i.Activity
	if act.Kind == core.WaitlistReached {
		return w.aboutAlert(i)
	}
	a.askedOf = act
	senders, sources := w.machine.Senders(), w.machine.Sources()
	err = w.view(func(tx *db.Tx) {
		contact, _ := db.Contacts.Get(tx, i.Contact)
		to, _ := contact.Address(i.Channel)
		entry, _ := db.Entries.Get(tx, db.EntryKey{Contact: i.Contact, Target: act.Asked})
		stock, _ := db.Stocks.Get(tx, db.StockKey{Variant: act.VariantKey(), Market: sources[act.Source].MarketOf(act.Market)})
		j, _ := db.Journeys.Get(tx, i.Journey)
		announced, _ := db.Broadcasts.Get(tx, i.Broadcast)
		a.sender = senders[i.Sender]
		a.subject = notify.Subject{
			Now: core.TimeOf(time.Now()), Intent: i, JourneyOn: j.On || i.Broadcast != "", Broadcast: announced, SenderOK: a.sender.Name != "",
			Suppressed: db.SuppressedFor(tx, to) != "", Entry: entry, Stock: stock, Contact: contact, To: to,
		}
		if i.Channel == core.Push {
			a.choose(tx)
		}
		w.guard(tx, &a.subject, a.sender, j)
		a.suppressed = map[core.Channel]bool{}
		for _, known := range contact.Addresses() {
			if db.SuppressedFor(tx, known) != "" {
				a.suppressed[known.Channel] = true
			}
		}
		a.template, _ = db.Templates.Get(tx, i.Template)
		a.data = template.Data{Contact: contact, Activity: act, Source: sources[act.Source], Stock: stock}
		run, _ := db.Runs.Get(tx, i.Run)
		a.data.Vars = run.Vars
		a.data.Product, a.data.Variant = catalogueFor(tx, sources[act.Source], act)
		a.data.Restock, _ = db.Restocks.Get(tx, act.Restock)
		a.subject.Word = a.data.Restock.Waves.Word
		a.data.Item, a.shows = w.item(tx, i, a.data.Product, a.data.Variant)
	})
	return a, err
}

func catalogue(tx *db.Tx, a core.Activity) (core.Product, core.Variant) {
	v, _ := db.Variants.Get(tx, a.VariantKey())
	product := a.Product
	if v.Product != "" {
		product = v.Product
	}
	p, _ := db.Products.Get(tx, core.ProductKey{Source: a.Source, Product: product})
	v.URL = v.Link(p)
	return p, v
}

// catalogueFor is what the activity is about, with links for the shoppers of its market.
func catalogueFor(tx *db.Tx, src core.Source, a core.Activity) (core.Product, core.Variant) {
	p, v := catalogue(tx, a)
	p.URL, v.URL = src.LinkIn(a.Market, p.URL), src.LinkIn(a.Market, v.URL)
	return p, v
}

// item is what the back-in-stock block shows: the most recently restocked variant that the contact was waiting on,
// still available and not yet shown to this contact by this journey; otherwise the entry's own (nil).
func (w *workspace) item(tx *db.Tx, i core.Intent, p core.Product, v core.Variant) (*template.Item, core.ActivityID) {
	newest := i.Activity
	if newest.Kind == core.RunningLow { // what runs low, and nothing else
		return itemOf(p, v), newest.ID
	}
	shown := shownBy(tx, i)
	fits := i.Activity.Kind == core.BackInStock && !shown[newest.ID]
	db.ActivitiesOf(tx, i.Contact, func(a core.Activity) bool {
		if a.Kind == core.BackInStock && !shown[a.ID] && (!fits || later(a, newest)) && available(tx, a) {
			newest, fits = a, true
		}
		return true
	})
	if newest.ID != i.Activity.ID {
		src, _ := db.Sources.Get(tx, newest.Source)
		p, v = catalogueFor(tx, src, newest)
	}
	if v.ID == "" && p.ID == "" {
		return nil, newest.ID
	}
	return itemOf(p, v), newest.ID
}

// later orders activities by time, and those of the same moment by their ids.
func later(a, b core.Activity) bool {
	if a.At != b.At {
		return a.At > b.At
	}
	return string(a.ID[:]) > string(b.ID[:])
}

func available(tx *db.Tx, a core.Activity) bool {
	st, _ := db.Stocks.Get(tx, db.StockKey{Variant: a.VariantKey(), Market: a.Market})
	return st.Phase == core.InStock
}

// shownBy are the activities whose items the intent's journey has shown to its contact.
func shownBy(tx *db.Tx, i core.Intent) map[core.ActivityID]bool {
	shown := map[core.ActivityID]bool{}
	db.IntentsOf.Scan(tx, i.Contact, func(k core.LedgerKey) bool {
		sent, _ := db.Intents.Get(tx, k)
		if sent.Journey == i.Journey && sent.At == core.IntentSent {
			for _, a := range sent.Shown {
				shown[a] = true
			}
		}
		return true
	})
	return shown
}

func itemOf(p core.Product, v core.Variant) *template.Item {
	item := &template.Item{Title: p.Title, Choice: v.Title, URL: v.URL, Image: v.Image, Price: v.Price}
	if item.URL == "" {
		item.URL = p.URL
	}
	if item.Image == "" {
		item.Image = p.Image
	}
	return item
}

// render makes the message; shown is what its back-in-stock block showed.
func (w *workspace) render(ctx context.Context, a about) (m core.Message, shown []core.ActivityID, err error) {
	i := a.subject.Intent
	m = core.Message{Key: i.Key, Channel: i.Channel, From: from(a), At: core.TimeOf(time.Now())}
	m.To = a.subject.To
	switch i.Channel {
	case core.Email:
		shown, err = w.renderEmail(ctx, a, &m)
	case core.Webhook:
		err = renderWebhook(a, &m)
	default:
		err = w.renderShort(ctx, a, &m)
	}
	if err != nil {
		return m, nil, fmt.Errorf("rendering %s/%s: %w", i.Journey, i.Shape, err)
	}
	return m, shown, nil
}

func (w *workspace) renderEmail(ctx context.Context, a about, m *core.Message) (shown []core.ActivityID, err error) {
	i := a.subject.Intent
	if i.Contact != (core.ContactID{}) { // a merchant has nothing to unsubscribe from but its own source
		if err := w.links(ctx, &a); err != nil {
			return nil, err
		}
	}
	r, err := w.node.renderer.Render(i.Template, a.template, a.data)
	if err != nil {
		return nil, err
	}
	m.Subject, m.HTML, m.Text = r.Subject, r.HTML, r.Text
	if a.data.Links.Unsubscribe != "" {
		m.Headers = []core.Header{ // RFC 8058
			{Name: "List-Unsubscribe", Value: "<" + a.data.Links.Unsubscribe + ">"},
			{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
		}
	}
	if r.ShowedBlock {
		shown = []core.ActivityID{a.shows}
	}
	return shown, nil
}

// renderShort makes an SMS or a push.
func (w *workspace) renderShort(ctx context.Context, a about, m *core.Message) error {
	i := a.subject.Intent
	a.data.Item = nil // what it is about is the entry's item: there is no block that would show another
	if err := w.links(ctx, &a); err != nil {
		return err
	}
	r, err := w.node.renderer.RenderShort(i.Template, a.template, a.data)
	if err != nil {
		return err
	}
	m.Subject, m.Text = r.Subject, r.Text
	if i.Channel != core.Push {
		return nil
	}
	m.URL, m.Image = a.data.Link(), cmp.Or(r.Icon, a.data.Picture())
	m.Topic = topicOf(i)
	return nil
}

// topicOf is what a push is about: a later one about the same restock, or the same variant, is enough for a browser that was
// away.
func topicOf(i core.Intent) string {
	act := i.Activity
	return strings.Join([]string{string(i.Journey), i.Shape, string(act.Source), string(act.Variant), string(act.Product), act.Restock.String()}, "\n")
}

// from is the sender's From; a sender that has none (the built-in inbox) writes in the source's name.
func from(a about) string {
	if a.sender.From != "" {
		return a.sender.From
	}
	title := strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r == '<' || r == '>' {
			return -1
		}
		return r
	}, a.data.Source.Title)
	return fmt.Sprintf("%q <restock@localhost>", title)
}
