// Package filter is the filter language: whom a journey lets in, whom an audience holds.
//
// A filter is data (core.Filter): groups (all, any, none) of conditions on fields of the activity that occurs, on fields of
// the contact, and on what occurred to the contact before. It has three forms. People write it as YAML or JSON, which Parse
// reads from a Doc, whoever parsed that, and Format writes again; Text says it in English; Compile makes of it what is
// evaluated, once per configuration.
//
//	where:
//	  sku: [TEE-M, TEE-L]                    # one of them
//	  price: {at most: 50.00 EUR}
//	  contact.tags: vip
//	  any:
//	    - waiting_on_stock: {first occurred: {in the last: 7 days}}
//	    - contact.consent.marketing: {has: email}
//	  none:
//	    - back_in_stock: {has occurred: {in the last: 30 days}, where: {sku: TEE-M}}
//
// Evaluation is pure: the same filter, subject, moment and zone give the same answer on every machine. It allocates nothing,
// and answers Maybe when it needs something of the subject that was not given; so whoever holds only the activity asks with
// that, and reads contact and history when there is no answer without them.
//
// Days are those of the workspace's zone, from midnight to midnight: "in the last 1 day" is today.
package filter

// Bounds of a filter; what is larger is refused.
const (
	MaxConditions = 256  // in a filter
	MaxDepth      = 8    // groups within groups
	MaxValues     = 1000 // in a condition
	MaxValue      = 256  // bytes of a value
	MaxDays       = 36_500
)
