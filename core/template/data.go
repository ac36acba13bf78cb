package template

import (
	"cmp"
	"net/url"
	"strings"

	"restock/core"
)

// Data is what one e-mail is rendered with. Product, Variant and Restock may be zero (a catalogue forgets products
// sooner than a journey ends): the activity's own attributes stand in for them.
type Data struct {
	Contact  core.Contact
	Activity core.Activity
	Product  core.Product
	Variant  core.Variant
	Source   core.Source
	Restock  core.Restock
	Stock    core.Stock // of the variant in the activity's market, as it is now
	Links    Links
	Waitlist Waitlist   // of what tells the merchant of a line
	Vars     []core.Var // that plugins set on the contact's way
	// Item is what the back-in-stock block shows; nil: the product and variant above.
	Item *Item

	locale string // that the message is written in, which prices are written by; "" is English
}

// Links are the addresses at the edge that a message carries: absolute http or https URLs, or "".
type Links struct {
	Unsubscribe string // one click ends these messages
	Confirm     string // of a message that asks to confirm an address: a page with a button that does
	Buy         string // leads to the variant and counts the click; "": the variant's own URL is used
}

// Waitlist is a line that its merchant is told of.
type Waitlist struct {
	Reached int64 // the number that it was told for
	Waiting int64 // how many wait now
	Wanted  int64 // units that they want, at least one each
}

// Item is one restocked thing as the back-in-stock block shows it.
type Item struct {
	Title  string
	Choice string // the variant's title; "" when the product has only one
	URL    string // where the button leads, http or https
	Image  string // http or https; "": no image
	Price  core.Money
}

// item is what the block shows: the chosen item, or the entry's own. ok is false when there is nothing to name, and nowhere to go.
func (d Data) item() (Item, bool) {
	if d.Item != nil {
		return *d.Item, d.Item.Title != "" || safeURL(d.Item.URL) != ""
	}
	it := Item{
		Title:  d.title(),
		Choice: d.choice(),
		URL:    cmp.Or(d.Links.Buy, d.url()),
		Image:  d.image(),
		Price:  d.price(),
	}
	return it, it.Title != "" || safeURL(it.URL) != ""
}

// The catalogue is newer than the activity; the activity is what is left when the catalogue knows nothing.

func (d Data) title() string  { return cmp.Or(d.Product.Title, d.Activity.Title) }
func (d Data) choice() string { return cmp.Or(d.Variant.Title, d.Activity.Choice) }
func (d Data) image() string  { return cmp.Or(d.Variant.Image, d.Product.Image) }
func (d Data) url() string    { return cmp.Or(d.Variant.URL, d.Product.URL, d.Activity.URL) }

func (d Data) price() core.Money { return cmp.Or(d.Variant.Price, d.Activity.Price) }

func (d Data) sourceTitle() string { return cmp.Or(d.Source.Title, string(d.Source.Name)) }

// fields are the variables a template may use: root, then its fields in the order messages list them. The binding of
// each is made in bindings; TestBindingsMatchFields holds the two together.
var fields = map[string][]string{
	"contact":  {"first_name", "email", "phone", "locale", "region", "tags", "fields"},
	"activity": {"kind", "at", "asked_at", "title", "choice", "sku", "url", "price", "units", "market"},
	"product":  {"title", "url", "image", "vendor"},
	"variant":  {"title", "sku", "price", "url", "image", "stock", "supply", "units"},
	"source":   {"name", "title", "url"},
	"restock":  {"units", "opened_at"},
	"links":    {"unsubscribe", "buy", "confirm"},
	"waitlist": {"reached", "waiting", "wanted"},
	"plugin":   {}, // by plugin and variable: plugin.NAME.VARIABLE
}

// bindings makes the variables of a rendering. What is empty is nil, so that {% if product.image %} and the default
// filter mean what they say (in Liquid an empty string counts as true).
func bindings(d Data) map[string]any {
	a := d.Activity
	return map[string]any{
		"contact": contactBindings(d.Contact),
		"activity": map[string]any{
			"kind": text(string(a.Kind)), "at": instant(a.At), "asked_at": instant(a.AskedAt),
			"title": text(a.Title), "choice": text(a.Choice), "sku": text(a.SKU), "url": link(a.URL),
			"price": d.priceOf(a.Price), "units": int(a.Units), "market": text(string(a.Market)),
		},
		"product": map[string]any{
			"title": text(d.title()), "url": link(cmp.Or(d.Product.URL, d.url())),
			"image": link(cmp.Or(d.Product.Image, d.image())), "vendor": text(d.Product.Vendor),
		},
		"variant": map[string]any{
			"title": text(d.choice()), "sku": text(cmp.Or(d.Variant.SKU, a.SKU)), "price": d.priceOf(d.price()),
			"url": link(d.url()), "image": link(d.image()),
			"stock": text(string(d.Stock.Phase)), "supply": text(string(d.Stock.Supply)), "units": units(d.Stock),
		},
		"source": map[string]any{
			"name": text(string(d.Source.Name)), "title": text(d.sourceTitle()), "url": link(d.Source.URL),
		},
		"plugin":  pluginBindings(d.Vars),
		"restock": map[string]any{"units": unitsOf(d.Restock), "opened_at": instant(d.Restock.OpenedAt)},
		"links": map[string]any{
			"unsubscribe": link(d.Links.Unsubscribe), "buy": link(cmp.Or(d.Links.Buy, d.url())), "confirm": link(d.Links.Confirm),
		},
		"waitlist": map[string]any{
			"reached": int(d.Waitlist.Reached), "waiting": int(d.Waitlist.Waiting), "wanted": int(d.Waitlist.Wanted),
		},
	}
}

func contactBindings(c core.Contact) map[string]any {
	own := make(map[string]any, len(c.Fields))
	for k, v := range c.Fields {
		own[k] = text(v)
	}
	return map[string]any{
		"first_name": text(c.FirstName), "email": text(c.Email), "phone": text(c.Phone),
		"locale": text(c.Locale), "region": text(c.Region), "tags": tagsOf(c), "fields": own,
	}
}

// tagsOf is nil for none: in Liquid an empty list counts as true.
func tagsOf(c core.Contact) any {
	if len(c.Tags) == 0 {
		return nil
	}
	return c.Tags
}

// pluginBindings are variables by the plugin that set them.
func pluginBindings(vars []core.Var) map[string]any {
	all := map[string]any{}
	for _, v := range vars {
		of, ok := all[string(v.Plugin)].(map[string]any)
		if !ok {
			of = map[string]any{}
			all[string(v.Plugin)] = of
		}
		switch v.Kind {
		case core.VarNumber:
			of[v.Name] = int(v.Number)
		case core.VarFlag:
			of[v.Name] = v.Flag
		case core.VarTexts:
			of[v.Name] = v.Texts
		default:
			of[v.Name] = text(v.Text)
		}
	}
	return all
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// unitsOf is how many there were when a restock opened; nil of none.
func unitsOf(r core.Restock) any {
	if r.OpenedAt == 0 {
		return nil
	}
	return int(r.Units)
}

// units is how many are left; nil where that says nothing.
func units(s core.Stock) any {
	if s.Phase == core.StockUnknown || s.Supply == core.SupplyUntracked {
		return nil
	}
	return int(s.Units)
}

func (d Data) priceOf(m core.Money) any { return text(formatMoney(m, d.locale)) }

func instant(t core.Time) any {
	if t == 0 {
		return nil
	}
	return t.Go()
}

func link(s string) any { return text(safeURL(s)) }

// safeURL returns s when it is an absolute http or https URL, else "": no other scheme may reach a href or src.
func safeURL(s string) string {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return s
}
