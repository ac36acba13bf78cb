// Package edge is the node that faces the internet: captures, shops' webhooks and the links in messages end here.
//
// A request is checked, becomes a journal entry (wire.Raw), and is answered once the entry is synced to this edge's disk
// (package waitlist); the uplink takes it to the journal behind the answer. So an edge answers from its own disk and
// keeps taking captures while core or journal are away. It interprets no payload: a webhook's signature is verified by its
// source's scheme, and its bytes are forwarded.
//
// Answers to captures never depend on what is known about the shopper: every valid capture is committed without a
// look-up, and repeats are merged at the core.
package edge
