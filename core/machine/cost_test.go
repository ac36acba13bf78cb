package machine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"restock/core"
)

// changedRows says which tables' rows differ after something happened, by their letters: k is stock, o a restock, W a work.
func (w *shopWorld) changedRows(happen func()) string {
	w.t.Helper()
	before := rowsOf(dump(w.t, w.db))
	happen()
	after := rowsOf(dump(w.t, w.db))
	letters := map[string]bool{}
	for key := range after {
		if before[key] != after[key] {
			letters[key[1:2]] = true
		}
	}
	for key := range before {
		if _, ok := after[key]; !ok {
			letters[key[1:2]] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(letters)), "")
}

func rowsOf(dump string) map[string]string {
	rows := map[string]string{}
	for line := range strings.Lines(dump) {
		i := strings.LastIndexByte(line, ' ')
		rows[line[:i]] = line[i:]
	}
	return rows
}

// TestARestockThatNobodyWaitsForCostsNothing: beside what a report costs that changes nothing (the position !, the edge's number
// e, the delivery d and its age f, the level l) only the variant's own row k is written, whatever becomes of the restock.
func TestARestockThatNobodyWaitsForCostsNothing(t *testing.T) {
	for _, confirm := range []core.Milliseconds{0, core.Minute} {
		w := newWorld(t)
		s := w.source()
		s.Stock.Confirm = confirm
		w.declare(core.Declaration{Sources: []core.Source{s}})
		w.drive()
		w.level(710, 0)
		for _, units := range []int{3, 5, 0, 2, 0, 4} {
			w.pass(2 * core.Minute)
			changed := w.changedRows(func() { w.level(710, units) })
			if changed != "!defkl" {
				t.Errorf("confirm %d: %d units wrote rows of %q", confirm, units, changed)
			}
		}
		w.pass(core.Hour)
		w.capture("ann@example.com", "72")
		w.drive()
		if changed := w.changedRows(func() { w.level(720, 1); w.drive() }); !strings.Contains(changed, "o") {
			t.Errorf("a restock that somebody waits for wrote rows of %q, and none of its own", changed)
		}
	}
}
