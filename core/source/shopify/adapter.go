// Package shopify reads Shopify's webhooks (https://shopify.dev/docs/api/webhooks) of API versions 2023-01 and later.
//
// inventory_levels/* state what is available of an inventory item at one location and name no variant; inventory_items/*
// whether an item is tracked. products/* state a whole product with its variants, their items and the sum over all
// locations; they are what ties an item to its variant. variants/* state one variant and name no item. orders/* state what
// was bought and by whom. Everything else is ErrUnhandled.
package shopify

import (
	"cmp"
	"strings"

	"restock/core"
	"restock/core/source"
)

// Adapter is Shopify's source.Adapter. It has no state.
type Adapter struct{}

var _ source.Adapter = Adapter{}

// What is read of a payload; Shopify's own limits are no larger.
const (
	maxVariants = 2048 // per product
	maxImages   = 250  // per product
	maxOptions  = 3    // per product
	maxHandle   = 1024 // bytes: 255 characters of any script
	maxNumber   = 64   // bytes of an order's name
	maxWord     = 64   // bytes of a status
)

// Facts reads, with the body each of them has:
//
//	inventory_levels/update, connect     a level; connect says what is there from the start
//	inventory_levels/disconnect          the ids alone: the item is not stocked at that location any more
//	inventory_items/create, update       tracked and sku; an item that is deleted goes with its variant, by products/update
//	products/create, update              the whole product
//	products/delete                      the id alone
//	variants/in_stock, out_of_stock      one variant with the sum of its stock
//	orders/create, updated, paid, cancelled, fulfilled, partially_fulfilled
//
// Ids come out as the digits that Shopify's REST payloads and storefronts use, GIDs without their prefix. Errors name
// the field by its path in the body.
func (Adapter) Facts(src core.Source, d core.Delivery) (core.Facts, error) {
	topic := d.Header("x-shopify-topic")
	read, ok := reader(topic)
	if !ok {
		return core.Facts{}, source.Unhandled(topic)
	}
	body := source.ParseObject(d.Body)
	if err := body.Err(); err != nil {
		return core.Facts{}, err
	}
	triggered, _ := source.ParseTime(d.Header("x-shopify-triggered-at"))
	facts := read(reading{src: src, body: body, triggered: triggered, told: cmp.Or(triggered, d.ReceivedAt)})
	if err := body.Err(); err != nil {
		return core.Facts{}, err
	}
	return facts, nil
}

// reader is what reads the bodies of a topic.
func reader(topic string) (read func(reading) core.Facts, ok bool) {
	switch topic {
	case "inventory_levels/update", "inventory_levels/connect":
		read = reading.level
	case "inventory_levels/disconnect":
		read = reading.disconnected
	case "inventory_items/create", "inventory_items/update":
		read = reading.item
	case "products/create", "products/update":
		read = reading.product
	case "products/delete":
		read = reading.deleted
	case "variants/in_stock", "variants/out_of_stock":
		read = reading.total
	case "orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled", "orders/partially_fulfilled":
		read = reading.order
	}
	return read, read != nil
}

// Dedupe is topic and webhook id. Shopify repeats the webhook id with each try of a delivery; the event id is shared by
// several subscriptions, whose payloads may differ by their fields, so it is not taken.
func (Adapter) Dedupe(d core.Delivery) string {
	return short(d.Header("x-shopify-topic")) + "\n" + short(d.Header("x-shopify-webhook-id"))
}

// short bounds a header that nobody signed; the caller's body hash tells apart what this makes equal.
func short(s string) string { return s[:min(len(s), core.MaxExternalID)] }

// reading is one payload with what its facts need besides.
type reading struct {
	src       core.Source
	body      source.Object
	triggered core.Time // when Shopify says it made the delivery; 0: it does not say
	told      core.Time // the same, else when the edge took it: the time of payloads that state none
}

// level reads an InventoryLevel: one inventory item at one location, with no word about the variant it belongs to.
// available null means that the item is not tracked there, which is not zero.
func (r reading) level() core.Facts {
	level := core.Level{
		Item:      core.ItemID(needID(r.body, "inventory_item_id")),
		Location:  core.LocationID(needID(r.body, "location_id")),
		UpdatedAt: r.updated(),
	}
	if !r.body.Null("available") {
		level.Available = core.Quantity{Units: r.body.Int("available"), Tracked: true}
	}
	return core.Facts{Levels: []core.Level{level}}
}

// disconnected reads an InventoryLevel that is no more: it has the two ids and nothing else.
func (r reading) disconnected() core.Facts {
	return core.Facts{Levels: []core.Level{{
		Item:      core.ItemID(needID(r.body, "inventory_item_id")),
		Location:  core.LocationID(needID(r.body, "location_id")),
		UpdatedAt: r.updated(),
		Gone:      true,
	}}}
}

// item reads an InventoryItem: whether anybody counts it, and the SKU that it shares with its variant.
func (r reading) item() core.Facts {
	item := core.ItemFact{
		Item:      core.ItemID(needID(r.body, "id")),
		Tracked:   r.body.Bool("tracked"),
		UpdatedAt: r.updated(),
	}
	if r.body.Has("sku") {
		sku := r.body.Text("sku", source.MaxSKU)
		item.SKU = &sku
	}
	return core.Facts{Items: []core.ItemFact{item}}
}

// total reads a variant's sum over all locations. The variant's own updated_at says nothing of it, since stock that
// changes does not touch the variant; so it holds as of the delivery, if that says when it was made.
func (r reading) total() core.Facts {
	total := core.Total{
		Variant:   core.VariantID(needID(r.body, "id")),
		Available: core.Quantity{Units: r.body.Int("inventory_quantity"), Tracked: true},
		UpdatedAt: r.triggered,
	}
	if updated := r.updated(); total.UpdatedAt == 0 {
		total.UpdatedAt = updated
	}
	return core.Facts{Totals: []core.Total{total}}
}

// deleted reads a product that is no more: its id alone.
func (r reading) deleted() core.Facts {
	id := core.ProductID(needID(r.body, "id"))
	return core.Facts{Removed: []core.Removal{{Product: id, At: r.told}}}
}

// updated is when the shop last changed what the body describes. Test deliveries, and subscriptions whose include_fields
// leave it out, have no such time: then the delivery's own stands in, which orders facts almost as well.
func (r reading) updated() core.Time {
	if t := r.body.Time("updated_at"); t != 0 {
		return t
	}
	return r.told
}

// needID reads an id as its digits, whether it is written as number, string or GID.
func needID(o source.Object, name string) string {
	id := bare(o.ID(name))
	if id == "" {
		o.Fail(name, "an id")
	}
	return id
}

// bare strips what GIDs add to an id: "gid://shopify/Product/1?x=y" is "1".
func bare(id string) string {
	if rest, ok := strings.CutPrefix(id, "gid://shopify/"); ok {
		id = rest[strings.IndexByte(rest, '/')+1:]
	}
	id, _, _ = strings.Cut(id, "?")
	return id
}
