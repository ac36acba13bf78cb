package machine

import (
	"errors"

	"restock/core"
	"restock/core/db"
	"restock/core/source"
	"restock/core/source/generic"
	"restock/core/source/shopify"
	"restock/core/source/woocommerce"
	"restock/core/wire"
)

// adapters are the platforms whose payloads we read; one line each.
var adapters = map[core.Platform]source.Adapter{
	core.Shopify:     shopify.Adapter{},
	core.WooCommerce: woocommerce.Adapter{},
	core.Generic:     generic.Adapter{},
}

// KnownPlatform says whether there is an adapter for the platform.
func KnownPlatform(p core.Platform) bool { _, ok := adapters[p]; return ok }

// webhook takes a delivery once: shops send them twice, late and out of order.
func (s *step) webhook(e wire.Webhook) {
	s.count.Count("webhook", s.takeWebhook(core.Delivery(e)))
}

func (s *step) takeWebhook(d core.Delivery) core.Reason {
	src, ok := s.config.sources[d.Source]
	adapter, known := adapters[src.Platform]
	if !ok || !known {
		return core.ReasonUnknownSource
	}
	if !s.firstTime(core.NewDeliveryID(d.Source, adapter.Dedupe(d), d.Body)) {
		return core.ReasonDuplicate
	}
	facts, err := adapter.Facts(src, d)
	switch {
	case errors.Is(err, source.ErrUnhandled):
		return core.ReasonUnhandledTopic
	case err != nil:
		return core.ReasonBadPayload
	}
	s.facts(src, facts)
	return core.ReasonApplied
}

// How long a delivery is remembered: longer than any shop tries again (Shopify: 4 hours; BigCommerce: 48 hours).
const (
	rememberDeliveries = 30 * core.Day
	forgetPerDelivery  = 8 // old ones that go when a new one comes, so that forgetting keeps up and never stalls
)

// firstTime remembers a delivery; it is false when it was seen before.
func (s *step) firstTime(id core.ID) bool {
	if db.Deliveries.Has(s.tx, struct{}{}, id) {
		return false
	}
	var old []db.Seen
	db.DeliveryAge.Scan(s.tx, struct{}{}, func(seen db.Seen) bool {
		if seen.At.Add(rememberDeliveries) >= s.now() || len(old) == forgetPerDelivery {
			return false
		}
		old = append(old, seen)
		return true
	})
	for _, seen := range old {
		db.DeliveryAge.Remove(s.tx, struct{}{}, seen)
		db.Deliveries.Remove(s.tx, struct{}{}, seen.ID)
	}
	db.Deliveries.Add(s.tx, struct{}{}, id)
	db.DeliveryAge.Add(s.tx, struct{}{}, db.Seen{At: s.now(), ID: id})
	return true
}
