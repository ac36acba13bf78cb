package shop

import (
	"strconv"
	"sync"
	"time"
)

// maxUnits bounds what the demo controls may put into stock, in units.
const maxUnits = 10_000

// stock is how much the shop has of each variant.
type stock struct {
	now func() time.Time

	mu    sync.Mutex // guards what follows
	units map[int64]int64
	last  time.Time // of the latest change
}

// level is the stock of a variant as of At.
type level struct {
	Item, Units int64
	At          time.Time
}

// newStock has of everything what the catalogue says. now is the clock that changes are dated by.
func newStock(all []product, now func() time.Time) *stock {
	s := &stock{now: now, units: map[int64]int64{}}
	for _, p := range all {
		for _, v := range p.Variants {
			s.units[v.ID] = v.Units
		}
	}
	return s
}

// of returns the units of a variant.
func (s *stock) of(variant int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.units[variant]
}

// change adds n units, which may be negative; there are never less than 0 and never more than maxUnits. Every change is
// at least a millisecond later than the one before, so that whoever hears of two knows which is newer.
func (s *stock) change(v variant, n int64) level {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units[v.ID] = min(max(s.units[v.ID]+n, 0), maxUnits)
	at := s.now().UTC().Truncate(time.Millisecond)
	if !at.After(s.last) {
		at = s.last.Add(time.Millisecond)
	}
	s.last = at
	return level{Item: v.Item, Units: s.units[v.ID], At: at}
}

// parseUnits reads a quantity from a form; "" is fallback.
func parseUnits(text string, fallback int64) (int64, bool) {
	if text == "" {
		return fallback, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 1 && n <= maxUnits
}
