package plugin

import (
	"strconv"
	"strings"
	"time"

	"quiet-hours/restock"
)

// zone is how far clocks are ahead of UTC, and when they change. A plugin has no files, so time.LoadLocation finds no zones; two
// rules serve most shops.
type zone struct {
	usual time.Duration
	rule  string // EU, US, or "" where clocks do not change
}

// readZone reads minutes and rule: 60/EU, -300/US, 540.
func readZone(text string) zone {
	minutes, rule, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(minutes)
	if err != nil || n < -12*60 || n > 14*60 || rule != "" && rule != "EU" && rule != "US" {
		restock.Fail("a zone is minutes east of UTC, and EU or US where clocks change as there: 60/EU, not " + text)
	}
	return zone{time.Duration(n) * time.Minute, rule}
}

// at is how far the clocks are ahead at a moment in UTC.
func (z zone) at(t time.Time) time.Duration {
	var begin, end time.Time // of summer time
	switch z.rule {
	case "EU": // at 01:00 UTC of the last Sundays in March and October (Directive 2000/84/EC)
		begin = sunday(t.Year(), time.April, 0).Add(time.Hour)
		end = sunday(t.Year(), time.November, 0).Add(time.Hour)
	case "US": // at 02:00 of the second Sunday in March and the first in November (15 U.S.C. 260a)
		begin = sunday(t.Year(), time.March, 2).Add(2*time.Hour - z.usual)
		end = sunday(t.Year(), time.November, 1).Add(time.Hour - z.usual)
	default:
		return z.usual
	}
	if t.Before(begin) || !t.Before(end) {
		return z.usual
	}
	return z.usual + time.Hour
}

// sunday is the n-th Sunday of a month in UTC; with 0 the last one before it.
func sunday(year int, month time.Month, n int) time.Time {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, (7-int(first.Weekday()))%7+7*(n-1))
}
