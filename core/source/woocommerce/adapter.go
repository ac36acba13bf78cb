// Package woocommerce reads WooCommerce's webhooks (https://developer.woocommerce.com/docs, REST API v3), versions 3.5 and
// later.
//
// WooCommerce has products and no inventory items. A simple product is bought as it is: it is a product and its one variant,
// under the same id. A variable product names its variations by id alone; each of them comes as a payload of its own, under
// the same topics, with its parent's id. An item is what is counted: the variation, or the parent where the parent's stock
// is counted for all of them. There are no locations, so every level is the sum.
//
// A body is what the REST API said when the delivery was made, not when something changed; RATIONALE.md says what follows.
package woocommerce

import (
	"restock/core"
	"restock/core/source"
)

// Adapter is WooCommerce's source.Adapter. It has no state.
type Adapter struct{}

var _ source.Adapter = Adapter{}

// What is read of a payload.
const (
	maxVariations = 2048 // per product; WooCommerce has no limit of its own
	maxImages     = 250  // per product
	maxWord       = 64   // bytes of a status
	maxNumber     = 64   // bytes of an order's number
)

// Facts reads product.created, updated and restored (simple and variable products, variations), product.deleted, which is
// the id of any of them alone, order.created, updated and restored. An order that was deleted was bought all the same. Other
// topics, and products that are bought elsewhere or made of others (external, grouped), are ErrUnhandled.
func (Adapter) Facts(src core.Source, d core.Delivery) (core.Facts, error) {
	topic := d.Header("x-wc-webhook-topic")
	read, ok := reader(topic)
	if !ok {
		return core.Facts{}, source.Unhandled(topic)
	}
	body := source.ParseObject(d.Body)
	if err := body.Err(); err != nil {
		return core.Facts{}, err
	}
	facts, ok := read(reading{src: src, body: body, topic: topic, received: d.ReceivedAt})
	if err := body.Err(); err != nil {
		return core.Facts{}, err
	}
	if !ok {
		return core.Facts{}, source.Unhandled(topic)
	}
	return facts, nil
}

// reader is what reads the bodies of a topic.
func reader(topic string) (read func(reading) (core.Facts, bool), ok bool) {
	switch topic {
	case "product.created", "product.updated", restored:
		read = reading.anyProduct
	case "product.deleted":
		read = reading.deleted
	case "order.created", "order.updated", "order.restored":
		read = reading.order
	}
	return read, read != nil
}

const restored = "product.restored"

// Dedupe is topic and delivery id. The id is a hash of webhook and second: what one webhook sends within a second shares
// it, and the body hash that the caller adds tells it apart.
func (Adapter) Dedupe(d core.Delivery) string {
	return short(d.Header("x-wc-webhook-topic")) + "\n" + short(d.Header("x-wc-webhook-delivery-id"))
}

// short bounds a header that nobody signed.
func short(s string) string { return s[:min(len(s), core.MaxExternalID)] }

// reading is one payload with what its facts need besides.
type reading struct {
	src      core.Source
	body     source.Object
	topic    string
	received core.Time      // the edge's clock
	parent   core.ProductID // of a variation that does not name it; "" when it does
}

// updated is when the shop last changed what the body describes, else when the edge took it. What comes back from the
// trash is as of now: its removal was timed by the edge, for want of any other time.
func (r reading) updated() core.Time {
	at := r.body.UTC("date_modified_gmt")
	if at == 0 || r.topic == restored {
		return max(at, r.received)
	}
	return at
}

// deleted reads an id alone. It may be a product's or a variation's.
func (r reading) deleted() (core.Facts, bool) {
	id := r.body.ID("id")
	return core.Facts{Removed: []core.Removal{{Product: core.ProductID(id), Variant: core.VariantID(id), At: r.received}}}, true
}
