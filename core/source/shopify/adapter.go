// Package shopify reads Shopify's webhooks (https://shopify.dev/docs/api/webhooks) of API versions 2023-01 and later.
//
// Two kinds of payload matter. inventory_levels/* state what is available of an inventory item at one location and name
// no variant. products/* state a whole product with its variants, their items and the sum over all locations; they are
// what ties an item to its variant. Everything else is ErrUnhandled.
package shopify

import (
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
	maxTitle    = 512  // bytes of a title, option names joined
	maxVendor   = 255  // bytes
	maxSKU      = 255  // bytes
	maxHandle   = 1024 // bytes: 255 characters of any script
	maxURL      = 2048 // bytes of an image's address
)

// Facts reads inventory_levels/update and connect, products/create and update; connect has the body of update and says
// what is there from the start. disconnect is not read: it names no quantity.
//
// Ids come out as the digits that Shopify's REST payloads and storefronts use, GIDs without their prefix. Errors name
// the field by its path in the body.
func (Adapter) Facts(src core.Source, d core.Delivery) (core.Facts, error) {
	topic := d.Header("x-shopify-topic")
	var read func(reading) core.Facts
	switch topic {
	case "inventory_levels/update", "inventory_levels/connect":
		read = reading.level
	case "products/create", "products/update":
		read = reading.product
	default:
		return core.Facts{}, source.Unhandled(topic)
	}
	body := source.ParseObject(d.Body)
	if err := body.Err(); err != nil {
		return core.Facts{}, err
	}
	facts := read(reading{src: src, body: body, told: toldAt(d)})
	if err := body.Err(); err != nil {
		return core.Facts{}, err
	}
	return facts, nil
}

// Dedupe is topic and webhook id. Shopify repeats the webhook id with each try of a delivery; the event id is shared by
// several subscriptions, whose payloads may differ by their fields, so it is not taken.
func (Adapter) Dedupe(d core.Delivery) string {
	return short(d.Header("x-shopify-topic")) + "\n" + short(d.Header("x-shopify-webhook-id"))
}

// short bounds a header that nobody signed; the caller's body hash tells apart what this makes equal.
func short(s string) string { return s[:min(len(s), core.MaxExternalID)] }

// toldAt is when Shopify says it made the delivery, else when the edge took it: the time of payloads that state none.
func toldAt(d core.Delivery) core.Time {
	if t, ok := source.ParseTime(d.Header("x-shopify-triggered-at")); ok {
		return t
	}
	return d.ReceivedAt
}

// reading is one payload with what its facts need besides.
type reading struct {
	src  core.Source
	body source.Object
	told core.Time
}

// level reads an InventoryLevel: one inventory item at one location, with no word about the variant it belongs to. available null means that the item is not tracked there, which is not zero.
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
