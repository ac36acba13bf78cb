// Package plugin is the step frequency-cap: nobody is told more often than so many times in so many days, whatever the variants.
// It remembers by tags on the contact: told-2026-05-04-1 is the first time on that day.
package plugin

import (
	"strconv"
	"strings"
	"time"

	"frequency-cap/restock"
)

const prefix = "told-"

// Step lets a contact go on and tags it, or takes it out of the journey.
func Step(in *restock.Input, config *restock.Config) restock.Answer {
	most, days := config.Most.Or(1), config.Days.Or(7)
	if most < 1 || most > 9 || days < 1 || days > 366 {
		restock.Fail("most is 1 to 9, days 1 to 366")
	}
	now := in.Now.Std()
	first := now.AddDate(0, 0, 1-int(days)).Format(time.DateOnly)
	today := now.Format(time.DateOnly)
	var told, here int64
	for _, tag := range in.ContactTags {
		day, ok := dayOf(tag)
		if ok && day >= first && day <= today {
			told++
		}
		if ok && day == today {
			here++
		}
	}
	count := strconv.FormatInt(told, 10) + " in " + strconv.FormatInt(days, 10) + " days"
	if told >= most {
		return restock.Exit("was told " + count)
	}
	a := restock.Continue("was told " + count)
	a.Tags = []string{prefix + today + "-" + strconv.FormatInt(here+1, 10)}
	return a
}

// dayOf is the day of a tag of ours.
func dayOf(tag string) (day string, ok bool) {
	rest, ok := strings.CutPrefix(tag, prefix)
	if !ok || len(rest) < len(time.DateOnly)+2 {
		return "", false
	}
	return rest[:len(time.DateOnly)], rest[len(time.DateOnly)] == '-'
}
