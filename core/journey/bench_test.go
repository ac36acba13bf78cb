package journey_test

import (
	"testing"
	"time"

	"restock/core"
	"restock/core/journey"
)

// BenchmarkAdvance moves runs through a journey of ten shapes, to its end: the engine alone.
func BenchmarkAdvance(b *testing.B) {
	filter := func(name, yes, no string) core.Shape {
		return core.Shape{Name: name, Kind: core.ShapeFilter, Filter: &core.FilterShape{}, Next: yes, No: no}
	}
	j := on(
		filter("a", "b", "c"), email("b", "d"), email("c", "d"),
		core.Shape{Name: "d", Kind: core.ShapeSplit, Split: []core.Share{{To: "e", Percent: 50}, {To: "f", Percent: 50}}},
		delay("e", core.Hour, "f"), condition("f", core.FailSkip, "g", "h"),
		core.Shape{Name: "g", Kind: core.ShapeAction, Action: &core.Action{AddTags: []string{"vip"}}, Next: "h"},
		core.Shape{Name: "h", Kind: core.ShapeDelay, Until: &core.Until{Clock: 9 * core.Hour, Whose: core.ClocksOfContact}, Next: "i"},
		email("i", "j"), core.Shape{Name: "j", Kind: core.ShapeExit, Why: "done"},
	)
	w := world{holds: map[string]bool{"a": true}, verdicts: map[string]core.Verdict{"f": {Pass: true}}, zone: time.UTC}
	b.ReportAllocs()
	for b.Loop() {
		r := journey.Start(j, entered, now)
		w.sent, w.asked, w.acted, w.came = w.sent[:0], w.asked[:0], w.acted[:0], w.came[:0]
		for at := now; r.At != core.RunOver; at = max(at, r.Due) {
			journey.Advance(&r, j, &w, at)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "journeys/s")
}
