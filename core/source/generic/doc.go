// Package generic reads what any shop can send: pushes in JSON that a shop signs itself, and feeds in CSV or JSON.
//
// # Pushes
//
// A push is a POST to /v1/sources/{source}/webhooks, signed by Standard Webhooks (https://www.standardwebhooks.com) with the
// source's secret: the headers webhook-id (the same for each try), webhook-timestamp and webhook-signature. Its body is a
// JSON object in UTF-8 of at most 4 MiB whose type says what its list holds. A body is taken as a whole or not at all; a
// field that is not described here is refused by its name, so that a slip of the pen is not a field that was left out.
//
// Ids are strings or whole numbers of at most 128 printable ASCII characters without spaces. Times are RFC 3339; a fact
// without updated_at is as of webhook-timestamp, so who tries again later should say it. The newest updated_at wins, whatever the order in which pushes arrive. null is the
// same as leaving a field out, except for available.
//
// Levels say what is available of a variant at a location:
//
//	{"type": "levels", "levels": [
//	  {"variant": "tee-m", "location": "berlin", "available": 5, "updated_at": "2026-03-01T09:30:00+01:00"}
//	]}
//
//	variant      required
//	location     where it lies; left out for shops that have one stock, whose source names no locations
//	available    units, may be below zero; null: nobody counts, it can always be bought. Required unless removed
//	removed      true: it is not stocked at that location any more
//	updated_at
//
// Products are pushed with all their variants; a variant that is missing is gone:
//
//	{"type": "products", "products": [
//	  {"id": "tee", "title": "Tee", "url": "https://shop.example/tee", "image": "https://shop.example/tee.jpg",
//	   "options": ["Size"], "updated_at": "2026-03-01T09:30:00+01:00",
//	   "variants": [
//	     {"id": "tee-m", "sku": "TEE-M", "title": "M", "options": ["M"], "price": "19.90", "currency": "EUR", "available": 0},
//	     {"id": "tee-l", "sku": "TEE-L", "title": "L", "options": ["L"], "price": "19.90", "selling": "preorder", "available": 0}
//	   ]},
//	  {"id": "cap", "removed": true}
//	]}
//
//	id           required
//	title, url   required unless removed
//	image, images, vendor
//	options      names of what the variants differ by, at most 10
//	markets      where it is sold, at most 64; none: everywhere
//	published    false: shoppers do not see it; true when left out
//	removed      true: it was deleted, and nothing else need be said
//	variants     required unless removed
//	updated_at
//
// and of a variant:
//
//	id           required
//	sku, image, options
//	title        what tells it from its siblings
//	url          its own page; the product's when left out
//	price        in currency (ISO 4217), the source's when left out
//	selling      how it is sold when none is left: "stock" (not at all), "continue", "backorder", "preorder";
//	             "stopped": not at all, whatever the stock. "stock" when left out
//	available    units over all locations, or null as above; left out when levels say it
//
// Orders take their buyers off the lines for what they bought:
//
//	{"type": "orders", "orders": [
//	  {"id": "1001", "state": "paid", "email": "ann@example.com", "total": "19.90", "currency": "EUR",
//	   "placed_at": "2026-03-01T09:30:00+01:00", "lines": [{"variant": "tee-m", "product": "tee", "quantity": 1, "price": "19.90"}]}
//	]}
//
//	id, state, placed_at, lines   required; state is "begun", "placed", "paid" or "cancelled"
//	number, email, phone          a number without country code is dialled in region, else in the source's
//	region, total, currency, updated_at
//
// and of a line: variant and quantity (at least 1) are required; product, price.
//
// # Feeds
//
// ReadFeed reads a table, one row a variant, or a variant at a location. See Feed for its columns.
package generic
