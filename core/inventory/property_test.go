package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"restock/core"
	"restock/core/inventory"
)

// follows says what may come right after a change, and where the restock then stands; "" is before any.
var follows = map[inventory.Change]struct {
	next []inventory.Change
	at   []core.RestockAt
}{
	"":                  {[]inventory.Change{inventory.Opened}, []core.RestockAt{core.RestockNone}},
	inventory.Opened:    {[]inventory.Change{inventory.Confirmed, inventory.Closed}, []core.RestockAt{core.RestockConfirming}},
	inventory.Confirmed: {[]inventory.Change{inventory.Paused}, []core.RestockAt{core.RestockOpen}},
	inventory.Paused:    {[]inventory.Change{inventory.Resumed, inventory.Closed}, []core.RestockAt{core.RestockPaused}},
	inventory.Resumed:   {[]inventory.Change{inventory.Paused}, []core.RestockAt{core.RestockOpen}},
	inventory.Closed:    {[]inventory.Change{inventory.Opened}, []core.RestockAt{core.RestockClosed}},
}

// run judges what the bytes say: three make the policy, each further pair one report. It returns how the rules of
// transitions are broken, "" when they are not.
func run(script []byte) string {
	if len(script) < 3 {
		return ""
	}
	p := core.StockPolicy{
		Minimum: 1 + int64(script[0]%4),
		Confirm: core.Milliseconds(script[1]%3) * 7 * core.Second,
		Close:   core.Milliseconds(script[2]%4) * 20 * core.Second,
	}
	w := watcher{policy: p}
	now := birth
	for i := 3; i+1 < len(script); i += 2 {
		now = now.Add(core.Milliseconds(script[i]%32) * core.Second)
		kind := script[i+1]
		a := core.Availability{Known: kind%16 != 0, Buyable: kind%16 == 1, Units: int64(kind/32) - 2}
		if wrong := w.judge(a, kind&16 != 0, now); wrong != "" {
			return fmt.Sprintf("report %d (%+v at %s, %+v): %s", (i-3)/2, a, now, p, wrong)
		}
	}
	return ""
}

// watcher follows one variant and knows the rules without knowing how they are kept.
type watcher struct {
	policy   core.StockPolicy
	stock    core.Stock
	last     inventory.Change
	pausedAt core.Time
	openedAt core.Time
}

func (w *watcher) judge(a core.Availability, waiting bool, now core.Time) string {
	before := w.stock
	after, changes := inventory.Judge(before, a, w.policy, waiting, now)
	w.stock = after
	if !a.Known {
		if after != before || len(changes) > 0 {
			return "something changed although nothing is known"
		}
		return ""
	}
	in := a.Buyable || a.Units >= w.policy.Minimum
	if in != (after.Phase == core.InStock) || !in != (after.Phase == core.SoldOut) {
		return fmt.Sprintf("the phase is %q", after.Phase)
	}
	if after.Units != a.Units || after.Buyable != a.Buyable {
		return fmt.Sprintf("%d units are remembered", after.Units)
	}
	if moved := after.Since == now; moved != (before.Phase != after.Phase) && before.Since != now {
		return fmt.Sprintf("the phase %s began at %s", after.Phase, after.Since)
	}
	for _, c := range changes {
		if wrong := w.change(c, before, in, waiting, now); wrong != "" {
			return wrong
		}
	}
	return w.missed(in, before, now)
}

// change checks one change against the one before it and against the clock.
func (w *watcher) change(c inventory.Change, before core.Stock, in, waiting bool, now core.Time) string {
	if !contains(follows[w.last].next, c) {
		return fmt.Sprintf("%s after %q", c, w.last)
	}
	if opens := c == inventory.Opened || c == inventory.Confirmed || c == inventory.Resumed; opens && !in {
		return fmt.Sprintf("%s with nothing to buy", c)
	}
	switch c {
	case inventory.Opened:
		w.openedAt = now
		if before.Phase == core.InStock || before.Phase == core.StockUnknown && !waiting {
			return "opened what was not sold out"
		}
	case inventory.Confirmed:
		if now.Since(w.openedAt) < w.policy.Confirm {
			return "confirmed too early"
		}
	case inventory.Paused:
		w.pausedAt = now
		if in {
			return "paused with something to buy"
		}
	case inventory.Resumed:
		if now.Since(w.pausedAt) >= w.policy.Close {
			return "resumed after the close window"
		}
	case inventory.Closed:
		if w.last == inventory.Paused && now.Since(w.pausedAt) < w.policy.Close {
			return "closed inside the close window"
		}
	}
	w.last = c
	return ""
}

// missed says which change did not happen although it had to.
func (w *watcher) missed(in bool, before core.Stock, now core.Time) string {
	s := w.stock
	switch {
	case !contains(follows[w.last].at, s.RestockAt):
		return fmt.Sprintf("after %q the restock stands at %q", w.last, s.RestockAt)
	case s.RestockAt == core.RestockOpen && !in:
		return "a restock is open with nothing to buy"
	case s.RestockAt == core.RestockConfirming && (!in || now.Since(w.openedAt) >= w.policy.Confirm):
		return "a restock still confirms"
	case s.RestockAt == core.RestockPaused && (in || now.Since(w.pausedAt) >= w.policy.Close):
		return "a restock still pauses"
	case in && before.Phase == core.SoldOut && s.RestockAt != core.RestockOpen && s.RestockAt != core.RestockConfirming:
		return "what was sold out is back, and no restock is open"
	}
	return ""
}

func contains[T comparable](all []T, one T) bool {
	for _, a := range all {
		if a == one {
			return true
		}
	}
	return false
}

// TestTransitionsKeepTheirOrder: never two restocks at once; confirmed only once opened, resumed only once paused; the
// phase is what is available; the windows are kept to the millisecond.
func TestTransitionsKeepTheirOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		script := make([]byte, 3+2*(5+random.IntN(40)))
		for i := range script {
			script[i] = byte(random.Uint32())
		}
		if wrong := run(script); wrong != "" {
			t.Fatalf("%x: %s", script, wrong)
		}
	}
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte{0, 0, 1, 1, 66, 1, 98, 1, 66, 1, 98, 31, 66, 31, 98})
	f.Add([]byte{2, 1, 2, 1, 16, 9, 255, 9, 255})
	f.Fuzz(func(t *testing.T, script []byte) {
		if wrong := run(script); wrong != "" {
			t.Error(wrong)
		}
	})
}

// FuzzAvailable: whatever the order of the levels, those count that serve the variant, and the product's own sum only
// when there is no other.
func FuzzAvailable(f *testing.F) {
	f.Add([]byte{0, 3, 1, 250, 2, 128}, byte(3), false)
	f.Add([]byte{0, 3}, byte(0), true)
	places := []core.LocationID{"", "paris", "lyon", "nice"}
	f.Fuzz(func(t *testing.T, script []byte, mask byte, selling bool) {
		var locations []core.LocationID
		for i, l := range places[1:] {
			if mask&(1<<i) != 0 {
				locations = append(locations, l)
			}
		}
		levels := map[core.LocationID]core.Level{}
		for i := 0; i+1 < len(script); i += 2 {
			l := core.Level{Location: places[script[i]%4]}
			if script[i+1] != 128 {
				l.Available = core.Quantity{Units: int64(int8(script[i+1])), Tracked: true}
			}
			levels[l.Location] = l
		}
		if wrong := count(levels, locations, selling); wrong != "" {
			t.Error(wrong)
		}
	})
}

// count says how Available miscounts the levels.
func count(levels map[core.LocationID]core.Level, locations []core.LocationID, selling bool) string {
	want := core.Availability{Known: selling || len(levels) > 0, Buyable: selling}
	var some []core.Level
	sum, only := levels[""]
	only = only && len(levels) == 1
	for l, level := range levels {
		some = append(some, level) // in any order: it must not matter
		if l != "" && (len(locations) == 0 || contains(locations, l)) {
			want.Units += level.Available.Units
			want.Buyable = want.Buyable || !level.Available.Tracked
		}
	}
	if only {
		want.Units, want.Buyable = sum.Available.Units, selling || !sum.Available.Tracked
	}
	got := inventory.Available(some, locations, core.Variant{ContinueSelling: selling}, core.DefaultStockPolicy)
	got.Supply = core.SupplyCounted // the stories tell it
	if got != want {
		return fmt.Sprintf("%+v at %v is %+v, want %+v", some, locations, got, want)
	}
	return ""
}
