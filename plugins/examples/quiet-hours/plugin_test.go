package plugin

import (
	"testing"
	"time"
)

func TestQuiet(t *testing.T) {
	tests := []struct {
		at, from, until string
		want            bool
	}{
		{"20:59", "21:00", "08:00", false},
		{"21:00", "21:00", "08:00", true},
		{"00:00", "21:00", "08:00", true},
		{"08:00", "21:00", "08:00", false},
		{"13:00", "12:00", "14:00", true},
		{"14:00", "12:00", "14:00", false},
		{"05:00", "00:00", "00:00", false}, // no quiet hours at all
	}
	for _, tt := range tests {
		if got := quiet(clock(tt.at, ""), clock(tt.from, ""), clock(tt.until, "")); got != tt.want {
			t.Errorf("quiet(%s, %s, %s) = %v", tt.at, tt.from, tt.until, got)
		}
	}
}

// The rules agree with the time zone database, every hour of many years.
func TestZones(t *testing.T) {
	for name, text := range map[string]string{"Europe/Berlin": "60/EU", "Europe/Lisbon": "0/EU", "America/New_York": "-300/US", "America/Los_Angeles": "-480/US", "Asia/Tokyo": "540"} {
		want, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		z := readZone(text)
		end := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
		for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); at = at.Add(time.Hour) {
			_, seconds := at.In(want).Zone()
			if got := z.at(at); got != time.Duration(seconds)*time.Second {
				t.Fatalf("%s at %s: %s, want %ds", name, at, got, seconds)
			}
		}
	}
}
