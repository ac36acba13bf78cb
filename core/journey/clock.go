package journey

import (
	"time"

	"restock/core"
)

// Where clocks are put forward, some times of day do not exist; where they are put back, some come twice. A time that does not
// exist is taken for the moment at which the clocks were put forward, and of two the first is meant.

// Moment is when clocks in a zone show a date and time of day, which is written as if clocks showed UTC.
func Moment(local core.Time, z *time.Location) core.Time {
	before, after := offset(local.Add(-core.Day), z), offset(local.Add(core.Day), z)
	early, late := local.Add(-max(before, after)), local.Add(-min(before, after))
	switch {
	case shows(early, z) == local:
		return early
	case shows(late, z) == local:
		return late
	}
	begins, _ := late.Go().In(z).ZoneBounds() // the clocks jumped over it
	if t := core.TimeOf(begins); !begins.IsZero() && t > early && t <= late {
		return t
	}
	return late
}

// Next is the next time, later than now, that clocks in a zone show u.Clock on one of u.Days. A time that comes twice in a day
// is meant the first time alone.
func Next(u core.Until, z *time.Location, now core.Time) core.Time {
	day := core.Day
	midnight := core.Time(floor(int64(shows(now, z)), int64(day)))
	for n := range core.Milliseconds(9) { // a week, and days that a zone leaves out
		local := midnight.Add(n * day)
		if at := Moment(local.Add(u.Clock), z); at > now && u.Days.Has(int(local.Go().Weekday())) {
			return at
		}
	}
	return now.Add(day)
}

// Midnight is when the day after now begins in a zone.
func Midnight(z *time.Location, now core.Time) core.Time { return Next(core.Until{}, z, now) }

// shows is what clocks in a zone show at a moment, as if they showed UTC.
func shows(t core.Time, z *time.Location) core.Time { return t.Add(offset(t, z)) }

func offset(t core.Time, z *time.Location) core.Milliseconds {
	_, seconds := t.Go().In(z).Zone()
	return core.Milliseconds(seconds) * core.Second
}

// floor is the multiple of n at or before v.
func floor(v, n int64) int64 {
	if r := v % n; r < 0 {
		return v - r - n
	} else {
		return v - r
	}
}
