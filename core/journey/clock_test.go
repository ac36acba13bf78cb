package journey_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"restock/core"
	"restock/core/journey"
	"restock/core/zone"
)

func in(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := zone.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func at(t testing.TB, s string) core.Time {
	t.Helper()
	parsed, err := time.Parse("2006-01-02T15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return core.TimeOf(parsed)
}

// TestMoment: dates and times of day as clocks show them, also in the nights in which clocks are put forward or back.
func TestMoment(t *testing.T) {
	tests := []struct{ zone, local, want string }{
		{"UTC", "2027-01-15T09:00", "2027-01-15T09:00"},
		{"Europe/Berlin", "2027-01-15T09:00", "2027-01-15T08:00"},
		{"Europe/Berlin", "2027-07-15T09:00", "2027-07-15T07:00"},
		{"America/New_York", "2027-07-15T09:00", "2027-07-15T13:00"},
		{"Asia/Kathmandu", "2027-01-15T09:00", "2027-01-15T03:15"},
		{"Pacific/Kiritimati", "2027-01-15T09:00", "2027-01-14T19:00"},
		// 28 March 2027, 02:00 becomes 03:00.
		{"Europe/Berlin", "2027-03-28T01:59", "2027-03-28T00:59"},
		{"Europe/Berlin", "2027-03-28T02:00", "2027-03-28T01:00"},
		{"Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:00"},
		{"Europe/Berlin", "2027-03-28T02:59", "2027-03-28T01:00"},
		{"Europe/Berlin", "2027-03-28T03:00", "2027-03-28T01:00"},
		{"Europe/Berlin", "2027-03-28T03:01", "2027-03-28T01:01"},
		// 31 October 2027, 03:00 becomes 02:00: of two the first.
		{"Europe/Berlin", "2027-10-31T01:59", "2027-10-30T23:59"},
		{"Europe/Berlin", "2027-10-31T02:00", "2027-10-31T00:00"},
		{"Europe/Berlin", "2027-10-31T02:59", "2027-10-31T00:59"},
		{"Europe/Berlin", "2027-10-31T03:00", "2027-10-31T02:00"},
		// Lord Howe puts its clocks by half an hour; Santiago at midnight, which there is not.
		{"Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-02T15:30"},
		{"Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45"},
		{"America/Santiago", "2027-09-05T00:00", "2027-09-05T04:00"},
		// Samoa left out 30 December 2011.
		{"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"},
	}
	for _, tt := range tests {
		if got := journey.Moment(at(t, tt.local), in(t, tt.zone)); got != at(t, tt.want) {
			t.Errorf("%s in %s is %s, want %s", tt.local, tt.zone, got, tt.want)
		}
	}
}

func TestNext(t *testing.T) {
	const nine, half = 9 * core.Hour, 2*core.Hour + 30*core.Minute
	workdays := core.Weekdays(1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday)
	tests := []struct {
		name, zone, now string
		clock           core.Milliseconds
		days            core.Weekdays
		want            string
	}{
		{"later today", "Europe/Berlin", "2027-01-15T07:59", nine, 0, "2027-01-15T08:00"},
		{"just now is tomorrow", "Europe/Berlin", "2027-01-15T08:00", nine, 0, "2027-01-16T08:00"},
		{"it is tomorrow there already", "Asia/Tokyo", "2027-01-15T23:00", nine, 0, "2027-01-16T00:00"},
		{"it is still yesterday there", "America/Los_Angeles", "2027-01-15T07:00", nine, 0, "2027-01-15T17:00"},
		{"Friday noon to Monday", "Europe/Berlin", "2027-01-15T11:00", nine, workdays, "2027-01-18T08:00"},
		{"only Sundays", "Europe/Berlin", "2027-01-15T11:00", nine, 1 << time.Sunday, "2027-01-17T08:00"},
		{"only the day that it is", "Europe/Berlin", "2027-01-15T11:00", nine, 1 << time.Friday, "2027-01-22T08:00"},
		{"clocks are put forward before", "Europe/Berlin", "2027-03-27T20:00", nine, 0, "2027-03-28T07:00"},
		{"clocks are put back before", "Europe/Berlin", "2027-10-30T20:00", nine, 0, "2027-10-31T08:00"},
		{"a time that there is not", "Europe/Berlin", "2027-03-27T20:00", half, 0, "2027-03-28T01:00"},
		{"after a time that there is not", "Europe/Berlin", "2027-03-28T01:00", half, 0, "2027-03-29T00:30"},
		{"a time that comes twice", "Europe/Berlin", "2027-10-30T20:00", half, 0, "2027-10-31T00:30"},
		{"between the two", "Europe/Berlin", "2027-10-31T00:45", half, 0, "2027-11-01T01:30"},
		{"a day that there is not", "Pacific/Apia", "2011-12-29T20:00", nine, 0, "2011-12-30T10:00"},
	}
	for _, tt := range tests {
		u := core.Until{Clock: tt.clock, Days: tt.days}
		if got := journey.Next(u, in(t, tt.zone), at(t, tt.now)); got != at(t, tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestNextIsSound: of any zone, moment and time of day, the next time lies ahead, by no more than two days, and clocks show it
// unless they jump over it.
func TestNextIsSound(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "Africa/Casablanca", "Pacific/Chatham"}
	loaded := map[string]*time.Location{}
	for _, name := range zones {
		loaded[name] = in(t, name)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		name := zones[random.IntN(len(zones))]
		z, now := loaded[name], core.Time(1_800_000_000_000+random.Int64N(10*365*int64(core.Day)))
		u := core.Until{Clock: core.Milliseconds(random.Int64N(24*60)) * core.Minute}
		got := journey.Next(u, z, now)
		local := got.Go().In(z)
		shows := core.Milliseconds(local.Hour())*core.Hour + core.Milliseconds(local.Minute())*core.Minute
		begins, _ := local.ZoneBounds()
		if got <= now || got > now.Add(2*core.Day) || shows != u.Clock && !begins.Equal(got.Go()) {
			t.Fatalf("%s, %s: next %s is %s, where clocks show %s", name, now, u.Clock, got, fmt.Sprint(local))
		}
	}
}
