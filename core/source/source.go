// Package source is how shops' payloads become facts.
//
// The edge has checked a delivery's signature, stored it and forwarded it without looking inside. An Adapter, one per
// platform in a folder below, reads it into core.Facts; the state machine applies the facts. Adapters run inside that
// machine, so they are pure: no I/O, no clock, no map order, no float, nothing kept between calls. They judge no stock
// either: late, repeated and contradicting deliveries are settled by the state machine, which knows what came before.
//
// A new platform copies the folder shopify, passes sourcetest.Run with deliveries of its own, and gets one line in the
// explicit list of the core node. Object reads JSON the way all of them need it.
package source

import (
	"errors"
	"fmt"

	"restock/core"
)

// Adapter reads one platform's deliveries and pages. Its methods may be called by many goroutines.
type Adapter interface {
	// Facts returns what the delivery says about products, stock and orders of the source, every id as the platform's own
	// digits and every time on the platform's clock (Delivery.ReceivedAt where the platform tells none). It gives the
	// same facts for the same arguments, changes neither of them, and keeps no memory of the body in its result.
	//
	// The error wraps ErrUnhandled for a topic that says nothing about any of these, and is a *PayloadError for
	// anything that cannot be read; the facts are then zero. A payload is read as a whole or not at all.
	Facts(core.Source, core.Delivery) (core.Facts, error)

	// Dedupe returns what the platform itself calls this delivery: the topic and the delivery id, bounded, and the same
	// for each repetition. The caller adds source and body hash, so a platform without ids may return the topic alone.
	Dedupe(core.Delivery) string

	// Page returns what a page of the source's API says, as the platform's client made it, and what is wrong with those
	// of its products (rows) that say nothing: the others stand. It is as pure as Facts.
	Page(core.Source, core.Page) (core.Facts, []error)
}

// ErrUnhandled is for topics that the adapter knows nothing to do with. It is no fault of the payload.
var ErrUnhandled = errors.New("topic is not handled; take it off the webhook subscription")

// PayloadError says which field of a payload is not what the platform documents. The value is left out: payloads hold
// personal data, and errors go to logs.
type PayloadError struct {
	Field string // path as "variants[2].price"; Body for the payload as a whole
	Want  string // what was expected there
}

// Body is the field of a PayloadError about the payload as a whole.
const Body = "body"

func (e *PayloadError) Error() string {
	return fmt.Sprintf("reading payload: %s: want %s", e.Field, e.Want)
}

// Unhandled wraps ErrUnhandled with the start of the topic, which is a stranger's text.
func Unhandled(topic string) error {
	return fmt.Errorf("reading topic %.64q: %w", topic, ErrUnhandled)
}
