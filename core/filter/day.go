package filter

import (
	"math"
	"time"

	"restock/core"
)

const (
	secondsPerDay = 24 * 60 * 60
	msPerDay      = int64(core.Day)
)

// dayOf is the day of an instant in a zone, counted from 1970-01-01.
func dayOf(t core.Time, z *time.Location) int64 {
	return floorDiv(int64(t)+offset(t, z), msPerDay)
}

// offset is how far a zone is ahead of UTC at an instant, in ms.
func offset(t core.Time, z *time.Location) int64 {
	if z == time.UTC {
		return 0
	}
	_, seconds := time.UnixMilli(int64(t)).In(z).Zone()
	return int64(seconds) * 1000
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// anniversary says whether today is day's in a later year.
func anniversary(day, today int64) bool {
	was, is := civil(day), civil(today)
	if is.Year() <= was.Year() {
		return false
	}
	if was.Month() == time.February && was.Day() == 29 && !leap(is.Year()) {
		return is.Month() == time.February && is.Day() == 28
	}
	return is.Month() == was.Month() && is.Day() == was.Day()
}

func civil(day int64) time.Time { return time.Unix(day*secondsPerDay, 0).UTC() }

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// days is an interval of days, both ends included.
type days struct{ from, to int64 }

// always has every day.
var always = days{math.MinInt64, math.MaxInt64}

func (d days) has(day int64) bool { return d.from <= day && day <= d.to }

// and is what two intervals share.
func (d days) and(o days) days { return days{max(d.from, o.from), min(d.to, o.to)} }

// after moves an interval by a number of days; an open end stays open.
func (d days) after(today int64) days {
	if d.from != always.from {
		d.from += today
	}
	if d.to != always.to {
		d.to += today
	}
	return d
}

// window is the interval that an operator on time means; relative ones count from today.
func window(op core.FilterOp, n []int64) (d days, relative bool) {
	switch op {
	case core.OpInTheLast:
		return days{1 - n[0], 0}, true
	case core.OpMoreAgo:
		return days{always.from, -n[0] - 1}, true
	case core.OpExactlyAgo:
		return days{-n[0], -n[0]}, true
	case core.OpIn:
		return days{n[0], n[0]}, true
	case core.OpInLess:
		return days{0, n[0] - 1}, true
	case core.OpInMore:
		return days{n[0] + 1, always.to}, true
	case core.OpBefore:
		return days{always.from, n[0] - 1}, false
	case core.OpAfter:
		return days{n[0] + 1, always.to}, false
	case core.OpOn:
		return days{n[0], n[0]}, false
	}
	return days{n[0], n[1]}, false // OpWithin
}
