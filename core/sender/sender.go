// Package sender says what it takes to hand a message to a provider. Each provider is a folder beside this file; each
// passes the suite in sendertest.
package sender

import (
	"context"

	"restock/core"
)

// Sender hands messages to one provider. Implementations are safe for concurrent use.
type Sender interface {
	// Send hands m over and says what came of it. It never panics, returns when ctx ends, and always returns an
	// Outcome whose Key is m.Key and whose Kind is one of these four:
	//
	//   - accepted (reason accepted): the provider took responsibility. Receipt is its own id of the message, or "".
	//   - temporary (provider_temporary): the provider certainly has not taken it; the same call may succeed later.
	//     Everything before the hand-over counts: no connection, a refused login, a time-out, ctx that ended.
	//   - permanent (provider_refused): the provider has not taken it and will not take this message to this address.
	//     Where it says so of the address, whatever the message, the reason is bounced (there is nobody), unsubscribed
	//     (its owner told the provider to stop) or address_gone (of a browser: it is deleted); the caller acts on it.
	//   - unknown (provider_unanswered): the connection was lost, or ctx ended, after the message was handed over and
	//     before the answer. Nobody knows; only an Idempotent sender may be called again with the same key.
	//
	// Detail is for operators: the provider's own words or what failed. It holds no address (MaskText) and no secret,
	// and is at most MaxDetail bytes. Retry and Shown stay zero: when to try again is the caller's to decide.
	Send(ctx context.Context, m core.Message) core.Outcome

	// Idempotent says whether calling twice with the same key makes one message.
	Idempotent() bool

	// Close gives connections and files back. Sends that run end first or with a temporary outcome; later ones are
	// temporary.
	Close() error
}
