package core_test

import (
	"testing"

	"restock/core"
)

// TestGuardHolds what is more than the share, from the least number on; a share of all holds nothing.
func TestGuardHolds(t *testing.T) {
	for _, c := range []struct {
		guard    core.Guard
		back, of int64
		want     bool
	}{
		{core.Guard{}, 20, 100, false},
		{core.Guard{}, 21, 100, true},
		{core.Guard{}, 9, 9, false},
		{core.Guard{}, 10, 10, true},
		{core.Guard{Share: 50, Variants: 1}, 1, 2, false},
		{core.Guard{Share: 50, Variants: 1}, 2, 3, true},
		{core.Guard{Share: 100}, 1000, 1000, false},
	} {
		if got := c.guard.Holds(c.back, c.of); got != c.want {
			t.Errorf("%+v holds %d of %d: %t, want %t", c.guard, c.back, c.of, got, c.want)
		}
	}
}
