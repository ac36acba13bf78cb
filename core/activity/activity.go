// Package activity makes the facts about contacts: what an activity carries, and for how long it counts. It is pure.
package activity

import (
	"cmp"

	"restock/core"
)

// Catalogue is what we know of the thing that an activity is about; any part may still be unknown (zero).
type Catalogue struct {
	Product core.Product
	Variant core.Variant
}

// Waiting is the activity of asking.
func Waiting(e core.Entry, c Catalogue) core.Activity {
	a := describe(e, c)
	a.ID = core.NewWaitingID(e.Contact, e.Target, e.CapturedAt)
	a.Kind, a.At = core.WaitingOnStock, e.CapturedAt
	if a.Variant == "" && a.Product == "" {
		a.Variant, a.Product = e.Target.Variant, e.Target.Product
	}
	return a
}

// Back is the activity of a waiting contact whose variant restocked.
func Back(e core.Entry, r core.Restock, units int64, c Catalogue, now core.Time) core.Activity {
	a := describe(e, c)
	a.ID = core.NewBackID(e.Contact, r.ID)
	a.Kind, a.At = core.BackInStock, now
	a.Variant, a.Product, a.Market = r.Variant.Variant, r.Product, r.Market
	a.Restock, a.Units = r.ID, units
	return a
}

// Low is the activity of a contact who was told of a restock that runs low.
func Low(e core.Entry, r core.Restock, units int64, c Catalogue, now core.Time) core.Activity {
	a := Back(e, r, units, c, now)
	a.ID = core.NewLowID(e.Contact, r.ID)
	a.Kind = core.RunningLow
	return a
}

// Confirmation is the activity of a contact that is asked to confirm what it asked for.
func Confirmation(e core.Entry, c Catalogue) core.Activity {
	a := Waiting(e, c)
	a.ID = core.NewConfirmationID(e.Contact, e.Target, e.CapturedAt)
	a.Kind = core.ConfirmationAsked
	return a
}

// Reached is the activity of a line in which n wait, of which its merchant is told.
func Reached(w core.Waitlist, n int64, c Catalogue, now core.Time) core.Activity {
	a := describe(core.Entry{Target: w.Target(), Line: w.Market, CapturedAt: now}, c)
	a.ID = core.NewReachedID(w, n, now)
	a.Kind, a.At, a.Units = core.WaitlistReached, now, n
	if a.Variant == "" && a.Product == "" {
		a.Variant, a.Product = w.Target().Variant, w.Target().Product
	}
	return a
}

func describe(e core.Entry, c Catalogue) core.Activity {
	a := core.Activity{
		Contact: e.Contact, Source: e.Target.Source, Asked: e.Target, AskedAt: e.CapturedAt, Market: cmp.Or(e.Line, e.Market),
		Variant: c.Variant.ID, Product: c.Product.ID, SKU: c.Variant.SKU, Price: c.Variant.Price,
		Title: c.Product.Title, Choice: c.Variant.Title, URL: c.Variant.Link(c.Product),
	}
	return a
}

// Faded says whether an activity's details are older than its source keeps them, by the policy as it is now.
func Faded(a core.Activity, r core.Retention, now core.Time) bool {
	return now.Since(a.At) > r.For(a.Kind)
}

// Expired says whether an entry has waited longer than its source keeps Waiting on stock. It is computed from the
// policy as it is now, so that extending the policy serves entries that exist.
func Expired(e core.Entry, r core.Retention, now core.Time) bool {
	return now.Since(e.CapturedAt) > r.For(core.WaitingOnStock)
}
