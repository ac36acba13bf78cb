// Package inventory turns what shops say about stock into restocks. It is pure: levels, policy and the journal's time
// in; a new stock and what happened out. It never sees a contact.
package inventory

import (
	"math"

	"restock/core"
)

// Newer says whether a report replaces the level we know: the newest time of the source's clock wins per item and
// location. Reports of the same time (shops' clocks show seconds) are taken in the order they came.
func Newer(known *core.Level, report core.Level) bool {
	return known == nil || report.UpdatedAt >= known.UpdatedAt
}

// Available is what can be bought of a variant: the sum over the locations that serve it. Location "" is the sum that
// a product payload states; it counts only until a level of a real location was seen, and, where not all locations serve, only
// for too little: enough of it may lie elsewhere.
func Available(levels []core.Level, locations []core.LocationID, v core.Variant, p core.StockPolicy) core.Availability {
	beyond := v.Beyond(p)
	a := core.Availability{Buyable: beyond, Known: beyond}
	real, untracked := false, false
	for _, l := range levels {
		real = real || l.Location != ""
	}
	for _, l := range levels {
		if l.Gone || real && (l.Location == "" || !serves(locations, l.Location)) {
			continue // an item that is stocked nowhere is known, and none is left
		}
		if l.Location == "" && len(locations) > 0 && l.Available.Tracked && l.Available.Units >= p.Minimum {
			continue
		}
		a.Known = true
		untracked = untracked || !l.Available.Tracked
		a.Units = sum(a.Units, l.Available.Units)
	}
	a.Known = a.Known || real
	a.Buyable = a.Buyable || untracked && !p.UntrackedOut
	if a.Units < p.Minimum {
		a.Supply = supply(untracked, v)
	}
	return a
}

// sum adds units, as far as they can be counted: what nobody can have must not turn into less than nothing.
func sum(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

// supply is where a variant comes from of which too little is counted.
func supply(untracked bool, v core.Variant) core.Supply {
	switch {
	case untracked:
		return core.SupplyUntracked
	case v.Selling == core.SellingBackorder:
		return core.SupplyBackorder
	case v.Selling == core.SellingPreorder:
		return core.SupplyPreorder
	case v.ContinueSelling:
		return core.SupplyContinue
	}
	return core.SupplyCounted
}

// Stopped is what can be bought of a variant that is not sold.
func Stopped() core.Availability { return core.Availability{Known: true, Supply: core.SupplyStopped} }

// Track is an item's levels after its shop said whether it is tracked. Levels that were reported later stay as they are.
// Without tracking, no number means anything; with it, a level that was not tracked says nothing until it is reported anew.
func Track(levels []core.Level, f core.ItemFact) (after []core.Level) {
	for _, l := range levels {
		if l.UpdatedAt <= f.UpdatedAt && !l.Gone {
			if f.Tracked && !l.Available.Tracked {
				continue
			}
			if !f.Tracked {
				l.Available, l.UpdatedAt = core.Quantity{}, f.UpdatedAt
			}
		}
		after = append(after, l)
	}
	if len(after) == 0 && !f.Tracked {
		after = []core.Level{{Item: f.Item, UpdatedAt: f.UpdatedAt}}
	}
	return after
}

func serves(locations []core.LocationID, l core.LocationID) bool {
	if len(locations) == 0 {
		return true
	}
	for _, s := range locations {
		if s == l {
			return true
		}
	}
	return false
}

// Change is what happened to a variant's stock.
type Change string

// The changes. Opened is followed by Confirmed when the policy asks for confirmation; a Resumed restock is the same
// restock.
const (
	Opened    Change = "opened"
	Confirmed Change = "confirmed" // people may be told from here on
	Paused    Change = "paused"
	Resumed   Change = "resumed"
	Closed    Change = "closed"
)

// Judge compares what is available with what was remembered. A restock is the transition from below the minimum to
// at least it, and from unknown only when somebody waits. Falling below pauses the restock; it closes when that lasts
// for the close window, judged whenever the variant is judged next (the machine sets a timer).
func Judge(s core.Stock, a core.Availability, p core.StockPolicy, waiting bool, now core.Time) (core.Stock, []Change) {
	if !a.Known {
		return s, nil
	}
	j := judgement{Stock: s, policy: p, now: now}
	j.Units, j.Buyable, j.Supply = a.Units, a.Buyable, a.Supply
	j.closeIfLong()
	if in := a.Buyable || a.Units >= p.Minimum; in {
		j.in(waiting)
	} else {
		j.out()
	}
	j.amount(a)
	return j.Stock, j.changes
}

// amount says how much of the restock is left. What nobody counts never runs low.
func (j *judgement) amount(a core.Availability) {
	low := j.policy.LowAt()
	switch {
	case j.RestockAt != core.RestockOpen && j.RestockAt != core.RestockPaused:
		j.Amount = core.AmountFew
	case a.Buyable || j.Amount == core.AmountFew && a.Units > low || j.Amount == core.AmountLow && a.Units/2 >= low:
		j.Amount = core.AmountPlenty
	case j.Amount == core.AmountPlenty && a.Units <= low:
		j.Amount = core.AmountLow
	}
}

type judgement struct {
	core.Stock
	policy  core.StockPolicy
	now     core.Time
	changes []Change
}

func (j *judgement) note(at core.RestockAt, changes ...Change) {
	j.RestockAt = at
	j.changes = append(j.changes, changes...)
}

func (j *judgement) phase(p core.StockPhase) { j.Phase, j.Since = p, j.now }

func (j *judgement) closeIfLong() {
	if j.RestockAt == core.RestockPaused && j.now >= j.PausedAt.Add(j.policy.Close) {
		j.note(core.RestockClosed, Closed)
	}
}

func (j *judgement) in(waiting bool) {
	was := j.Phase
	if was != core.InStock {
		j.phase(core.InStock)
	}
	switch {
	case was == core.InStock && j.RestockAt == core.RestockConfirming && j.now >= j.ConfirmBy:
		j.note(core.RestockOpen, Confirmed)
	case was == core.InStock:
	case j.RestockAt == core.RestockPaused:
		j.PausedAt = 0
		j.note(core.RestockOpen, Resumed)
	case was == core.SoldOut || waiting:
		j.open()
	}
}

func (j *judgement) open() {
	j.PausedAt, j.Amount = 0, core.AmountFew
	if j.policy.Confirm > 0 {
		j.ConfirmBy = j.now.Add(j.policy.Confirm)
		j.note(core.RestockConfirming, Opened)
		return
	}
	j.note(core.RestockOpen, Opened, Confirmed)
}

func (j *judgement) out() {
	if j.Phase != core.SoldOut {
		j.phase(core.SoldOut)
	}
	switch j.RestockAt {
	case core.RestockOpen:
		j.PausedAt = j.now
		j.note(core.RestockPaused, Paused)
		if j.policy.Close <= 0 {
			j.note(core.RestockClosed, Closed)
		}
	case core.RestockConfirming: // nobody was told yet: it never was a restock
		j.note(core.RestockClosed, Closed)
	}
}
