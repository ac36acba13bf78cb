package address_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"restock/core/address"
)

func TestZones(t *testing.T) {
	tests := []struct{ number, want string }{
		{"+4915112345678", "Europe/Berlin"},
		{"+12125550100", "America/New_York"},
		{"+19155550100", "America/Denver"}, // El Paso, Texas
		{"+18085550100", "Pacific/Honolulu"},
		{"+999", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(address.Zones(tt.number), " "); got != tt.want {
			t.Errorf("%q is in %q, want %q", tt.number, got, tt.want)
		}
	}
	if got := address.RegionZones("de"); len(got) == 0 || got[0] != "Europe/Berlin" {
		t.Errorf("Germany has the zones %q", got)
	}
	us := address.RegionZones("US")
	if !slices.Contains(us, "America/New_York") || !slices.Contains(us, "Pacific/Honolulu") || !slices.IsSorted(us) {
		t.Errorf("the United States have the zones %q", us)
	}
	if got := address.RegionZones("ZZ"); got != nil {
		t.Errorf("nowhere has the zones %q", got)
	}
}

func TestCountry(t *testing.T) {
	for number, want := range map[string]string{"+12125550100": "US", "+14165550100": "CA", "+4915112345678": "DE", "nonsense": ""} {
		if got := address.Country(number); got != want {
			t.Errorf("%q is in %q, want %q", number, got, want)
		}
	}
}

// TestState holds the area codes against the library's own knowledge of where numbers are: every code that it knows to be in one of
// the states is in the table, and no other.
func TestState(t *testing.T) {
	names := map[string]string{
		"Connecticut": "CT", "Florida": "FL", "Maryland": "MD", "Mississippi": "MS", "New Jersey": "NJ", "Oklahoma": "OK", "Rhode Island": "RI", "Texas": "TX",
	}
	known := 0
	for code := range 1000 {
		if code < 200 {
			continue // area codes begin with 2 to 9
		}
		number := fmt.Sprintf("+1%d5550100", code)
		parsed, err := phonenumbers.Parse(number, "")
		if err != nil {
			t.Fatal(err)
		}
		if phonenumbers.GetRegionCodeForNumber(parsed) == "" {
			continue // no such code
		}
		place, err := phonenumbers.GetGeocodingForNumber(parsed, "en")
		if err != nil {
			t.Fatal(err)
		}
		want := names[place]
		if at := strings.LastIndex(place, ", "); at >= 0 {
			for _, short := range names {
				if place[at+2:] == short {
					want = short
				}
			}
		}
		got := address.State(number)
		if want != "" {
			known++
		}
		if got != want && place != "" && place != "United States" {
			t.Errorf("area code %d is of %q, and the library says %q", code, got, place)
		}
		if want != "" && got == "" {
			t.Errorf("area code %d is of %s, and not in the table", code, want)
		}
	}
	if known < 60 {
		t.Errorf("the library knew %d codes of these states: nothing was compared", known)
	}
	for _, number := range []string{"", "+1", "+49203", "+12", "203"} {
		if got := address.State(number); got != "" {
			t.Errorf("%q is in %s", number, got)
		}
	}
}
