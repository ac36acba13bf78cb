// Package sign makes and checks signatures for both roles: the core signs, the edge verifies.
//
// A Scheme is how a shop platform signs its webhooks; SignStandard is what one of them needs on the other side. A Ring of keys seals the tokens in confirm, unsubscribe and click
// links. Both compare in constant time, take work in proportion to bounded input only, and know nothing of what the
// signed bytes mean.
package sign
