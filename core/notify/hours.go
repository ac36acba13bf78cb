package notify

import (
	"slices"
	"time"

	"restock/core"
)

// Rule is when messages are held by one clock: on each weekday (time.Weekday) the hours that are quiet.
type Rule struct {
	Zone *time.Location
	Week [7]Hours
}

// Hours are quiet from a minute of the day to another; with From after To the day begins and ends quietly. Equal ones: never.
type Hours struct{ From, To int }

// quiet says whether a minute of the day is.
func (h Hours) quiet(minute int) bool {
	if h.From <= h.To {
		return h.From <= minute && minute < h.To
	}
	return minute >= h.From || minute < h.To
}

// Daily is a rule that is the same on every day.
func Daily(zone *time.Location, h Hours) Rule {
	return Rule{Zone: zone, Week: [7]Hours{h, h, h, h, h, h, h}}
}

// quiet says whether a moment is, by the rule's clock.
func (r Rule) quiet(at time.Time) bool {
	at = at.In(r.Zone)
	return r.Week[at.Weekday()].quiet(at.Hour()*60 + at.Minute())
}

// horizon is how many days ahead the next moment is looked for at which no rule is quiet: a week has every weekday, and one more has
// the hours of the first that are over.
const horizon = 8

// Opens is the next moment, now or later, at which no rule is quiet; ok is false when there is none, since the rules of several
// zones leave none. It is exact to the millisecond, over changes of clocks as well.
func Opens(rules []Rule, now core.Time) (at core.Time, ok bool) {
	start := now.Go()
	if open(rules, start) {
		return now, true
	}
	moments := ends(rules, start)
	slices.SortFunc(moments, time.Time.Compare)
	for _, m := range moments {
		if m.After(start) && open(rules, m) {
			return core.TimeOf(m), true
		}
	}
	return 0, false
}

func open(rules []Rule, at time.Time) bool {
	return !slices.ContainsFunc(rules, func(r Rule) bool { return r.quiet(at) })
}

// ends are the moments at which a rule may end to be quiet: where its hours end, where a day with other hours begins, and where clocks
// are put forward over an end of hours, or back.
func ends(rules []Rule, from time.Time) (all []time.Time) {
	for _, r := range rules {
		y, m, d := from.In(r.Zone).Date()
		for day := range horizon + 1 {
			midnight := time.Date(y, m, d+day, 0, 0, 0, 0, r.Zone)
			to := r.Week[midnight.Weekday()].To
			end := time.Date(y, m, d+day, to/60, to%60, 0, 0, r.Zone)
			all = append(all, midnight, end)
			if _, change := midnight.ZoneBounds(); !change.IsZero() && change.Before(midnight.AddDate(0, 0, 1)) {
				all = append(all, change, end.Add(shift(change)), end.Add(-shift(change))) // a clock that was put back shows the end twice
			}
		}
	}
	return all
}

// shift is by how much clocks are changed at a moment.
func shift(change time.Time) time.Duration {
	_, before := change.Add(-time.Millisecond).Zone()
	_, after := change.Zone()
	return time.Duration(before-after) * time.Second
}
