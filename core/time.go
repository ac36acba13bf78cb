package core

import (
	"cmp"
	"strconv"
	"time"
)

// Time is an instant in milliseconds since 1970-01-01T00:00:00Z; 0 means "never" or "not known".
// State and wire hold only this form: it has no zone, no monotonic part and one encoding.
type Time int64

// Milliseconds is a span of time in ms.
type Milliseconds int64

// TimeOf cuts t to milliseconds.
func TimeOf(t time.Time) Time { return Time(t.UnixMilli()) }

// Go returns t as a time.Time in UTC.
func (t Time) Go() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Add moves t by d.
func (t Time) Add(d Milliseconds) Time { return t + Time(d) }

// Since is how long before t the instant u was; negative when u is later.
func (t Time) Since(u Time) Milliseconds { return Milliseconds(t - u) }

// String is RFC 3339 in UTC with milliseconds.
func (t Time) String() string { return t.Go().Format("2006-01-02T15:04:05.000Z07:00") }

// MillisecondsOf cuts d to milliseconds.
func MillisecondsOf(d time.Duration) Milliseconds { return Milliseconds(d.Milliseconds()) }

// Go returns d as a time.Duration.
func (d Milliseconds) Go() time.Duration { return time.Duration(d) * time.Millisecond }

// String writes the span as manifests do: 90d, 36h is 1d12h, 10m; what is less than a second at the end in ms.
func (d Milliseconds) String() string {
	if d < 0 {
		return "-" + (-d).String()
	}
	text := ""
	for _, u := range []struct {
		span Milliseconds
		name string
	}{{Day, "d"}, {Hour, "h"}, {Minute, "m"}, {Second, "s"}, {1, "ms"}} {
		if n := int64(d / u.span); n > 0 {
			text += strconv.FormatInt(n, 10) + u.name
			d %= u.span
		}
	}
	return cmp.Or(text, "0s")
}

// Spans that rules of the domain are written in.
const (
	Second Milliseconds = 1000
	Minute              = 60 * Second
	Hour                = 60 * Minute
	Day                 = 24 * Hour
)
