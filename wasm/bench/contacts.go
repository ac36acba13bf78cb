package main

import (
	"fmt"

	"restock/core"
	"restock/core/hook"
)

// The condition: the SKU is the wanted one, the contact was not told within the window, and its country is on the list.
const (
	wantedSKU = "TEE-BLACK-M"
	day       = 24 * 60 * 60 * 1000
	window    = 7 * day // ms
	now       = int64(1_700_000_000_000)
)

func countries() []string { return []string{"AT", "BE", "CH", "DE", "NL"} }

// reads is what the condition is handed, in this order. When a contact was told last is no field of ours: the time at which
// it asked stands in, which costs the same.
func reads() []hook.Field {
	return []hook.Field{
		{Path: "now", Type: hook.Time},
		{Path: "variant.sku", Type: hook.String},
		{Path: "activity.asked_at", Type: hook.Time},
		{Path: "contact.region", Type: hook.String},
	}
}

// contactCount is how many different contacts there are: enough that a processor does not learn their verdicts by heart.
const contactCount = 4096

// contacts makes contacts of all kinds: most pass, and each rule stops some.
func contacts() []hook.Context {
	all := make([]hook.Context, contactCount)
	list := countries()
	for i := range all {
		h := uint32(i) * 2654435761 >> 7 // mixes, the same each time
		c := &all[i]
		c.Now = core.Time(now)
		c.Variant = core.Variant{ID: "1", SKU: wantedSKU}
		c.Contact.Region = list[h%5]
		c.Activity.AskedAt = core.Time(now - window - int64(h%1000)*day)
		switch h / 1000 % 8 {
		case 0:
			c.Variant.SKU = fmt.Sprintf("TEE-WHITE-%d", h%10)
		case 1:
			c.Activity.AskedAt = core.Time(now - int64(h%7)*day)
		case 2:
			c.Contact.Region = "FR"
		}
	}
	return all
}
