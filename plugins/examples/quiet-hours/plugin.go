// Package plugin is the step quiet-hours: who would be told at night is told in the morning, by the contact's own clock.
package plugin

import (
	"strings"
	"time"

	"quiet-hours/restock"
)

// Step lets a contact go on at once by day, and when the quiet hours end by night.
func Step(in *restock.Input, config *restock.Config) restock.Answer {
	from, until := clock(config.From, "21:00"), clock(config.Until, "08:00")
	zone := zoneOf(in, config)
	now := in.Now.Std()
	local := now.Add(zone.at(now))
	if !quiet(sinceMidnight(local), from, until) {
		return restock.Continue("it is " + local.Format("15:04") + " there")
	}
	wait := until - sinceMidnight(local)
	if wait <= 0 {
		wait += 24 * time.Hour
	}
	wait += zone.at(now) - zone.at(now.Add(wait)) // the clocks change this night
	return restock.Delay(restock.Milliseconds(max(wait, time.Second).Milliseconds()), "it is "+local.Format("15:04")+" there")
}

func sinceMidnight(t time.Time) time.Duration {
	return t.Sub(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC))
}

// quiet says whether a time of day lies in the quiet hours, which may go past midnight.
func quiet(at, from, until time.Duration) bool {
	if from <= until {
		return at >= from && at < until
	}
	return at >= from || at < until
}

// clock reads a time of day such as 21:00.
func clock(text, usual string) time.Duration {
	if text == "" {
		text = usual
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		restock.Fail("from and until are times of day such as 21:00, not " + text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// zoneOf is the contact's own zone, its region's, or that of all others.
func zoneOf(in *restock.Input, config *restock.Config) zone {
	if in.ContactFieldsUtcOffset != "" {
		return readZone(in.ContactFieldsUtcOffset)
	}
	for _, z := range config.Zones {
		if region, rest, _ := strings.Cut(z, "="); in.ContactRegion != "" && region == in.ContactRegion {
			return readZone(rest)
		}
	}
	if config.Zone != "" {
		return readZone(config.Zone)
	}
	return zone{}
}
