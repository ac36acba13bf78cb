package manifest

import (
	"net/mail"
	"slices"

	"restock/core"
)

// attribution reads how long before an order a message may have gone out that led to it; 0s attributes nothing.
func (v value) attribution() core.Milliseconds {
	if !v.given() {
		return 0
	}
	before := len(v.faults.all)
	window := v.duration(0, MaxWindow)
	if window == 0 && len(v.faults.all) == before {
		return core.AttributionOff
	}
	return window
}

// alert reads at how many the merchant is told of a line, and where.
func (v value) alert() (a core.Alert) {
	if !v.given() {
		return a
	}
	o := v.fields("at", "email", "sender")
	at := o.need("at", "a list of how many wait, such as [50, 200]")
	for _, item := range at.items() {
		n := item.integer(1, MaxReached)
		if n > 0 && slices.Contains(a.At, n) {
			item.wrong("is there twice; keep one")
		}
		a.At = append(a.At, n)
	}
	if len(a.At) > core.MaxAlerts {
		at.wrong("names %d numbers; want at most %d", len(a.At), core.MaxAlerts)
	}
	slices.Sort(a.At)
	a.Email = o.need("email", "where the merchant is told, such as buyer@shop.example").email()
	a.Sender = core.Name(o.get("sender").name())
	return a
}

// email reads an e-mail address alone, as it is written in an envelope.
func (v value) email() string {
	s := v.line()
	if s == "" {
		return ""
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		v.wrong("want one e-mail address alone, such as buyer@shop.example, found %s", quote(s))
		return ""
	}
	return s
}
