// Package shop is the sample shop of the demo: a few products, a shopper's form, and controls that play the platform.
//
// The shop stands on the edge's own origin and keeps its stock in memory. It knows Restock from the outside only: its
// sold-out pages post to /v1/captures, as the widget does, and when its stock changes it sends the signed webhook that
// Shopify would send, over HTTP, to the edge. Nothing in it works without the edge's public contract.
package shop
