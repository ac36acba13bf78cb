package node

import (
	"encoding/json"
	"fmt"

	"restock/core"
)

// posted is what a webhook shape tells of a contact and of what happened: the data of a Standard Webhook, whose type is the
// activity's kind. Names are only ever added.
type posted struct {
	Journey  core.Name       `json:"journey"`
	Shape    string          `json:"shape"`
	Contact  postedContact   `json:"contact"`
	Activity postedActivity  `json:"activity"`
	Product  postedProduct   `json:"product"`
	Variant  postedVariant   `json:"variant"`
	Source   core.SourceName `json:"source"`
	Restock  *postedRestock  `json:"restock,omitempty"`
}

// postedContact names no address that must not be sent to.
type postedContact struct {
	ID        string            `json:"id"`
	Email     string            `json:"email,omitempty"`
	Phone     string            `json:"phone,omitempty"`
	FirstName string            `json:"first_name,omitempty"`
	Locale    string            `json:"locale,omitempty"`
	Region    string            `json:"region,omitempty"`
	Tags      []string          `json:"tags,omitempty"`
	Fields    map[string]string `json:"fields,omitempty"`
}

type postedActivity struct {
	Kind    core.ActivityKind `json:"kind"`
	At      string            `json:"at"`
	AskedAt string            `json:"asked_at,omitempty"`
	Market  core.Market       `json:"market,omitempty"`
}

type postedProduct struct {
	ID    core.ProductID `json:"id"`
	Title string         `json:"title"`
	URL   string         `json:"url,omitempty"`
	Image string         `json:"image,omitempty"`
}

type postedVariant struct {
	ID    core.VariantID `json:"id"`
	Title string         `json:"title,omitempty"`
	SKU   string         `json:"sku,omitempty"`
	URL   string         `json:"url,omitempty"`
	Price *postedPrice   `json:"price,omitempty"`
	Units *int64         `json:"units,omitempty"` // how many are left; not there where nobody counts
}

type postedPrice struct {
	Minor    int64  `json:"minor"` // in the currency's smallest unit
	Currency string `json:"currency,omitempty"`
}

type postedRestock struct {
	ID       string `json:"id"`
	Units    int64  `json:"units"`
	OpenedAt string `json:"opened_at"`
}

// renderWebhook makes the text of a webhook's message, which is JSON, and its subject, the activity's kind.
func renderWebhook(a about, m *core.Message) error {
	i, d := a.subject.Intent, a.data
	p := posted{
		Journey: i.Journey, Shape: i.Shape, Source: i.Activity.Source, Contact: postedOf(d.Contact, a.suppressed),
		Activity: postedActivity{Kind: i.Activity.Kind, At: i.Activity.At.String(), Market: i.Activity.Market},
		Product:  postedProduct{ID: d.Product.ID, Title: d.Product.Title, URL: d.Product.URL, Image: d.Product.Image},
		Variant:  postedVariant{ID: d.Variant.ID, Title: d.Variant.Title, SKU: d.Variant.SKU, URL: d.Variant.URL},
	}
	if at := i.Activity.AskedAt; at != 0 {
		p.Activity.AskedAt = at.String()
	}
	if price := d.Variant.Price; price != (core.Money{}) {
		p.Variant.Price = &postedPrice{price.Minor, price.Currency}
	}
	if s := d.Stock; s.Phase != core.StockUnknown && s.Supply != core.SupplyUntracked {
		p.Variant.Units = &s.Units
	}
	if r := d.Restock; r.ID != (core.RestockID{}) {
		p.Restock = &postedRestock{r.ID.String(), r.Units, r.OpenedAt.String()}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing the webhook: %w", err)
	}
	m.Subject, m.Text = string(i.Activity.Kind), string(text)
	return nil
}

// postedOf is a contact without the addresses that are suppressed.
func postedOf(c core.Contact, suppressed map[core.Channel]bool) postedContact {
	p := postedContact{ID: c.ID.String(), Email: c.Email, Phone: c.Phone, FirstName: c.FirstName, Locale: c.Locale, Region: c.Region, Tags: c.Tags, Fields: c.Fields}
	if suppressed[core.Email] {
		p.Email = ""
	}
	if suppressed[core.SMS] {
		p.Phone = ""
	}
	return p
}
