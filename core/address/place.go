package address

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Zones are the time zones that a number in normal form may be in, by its prefix, in order of their names; none when nobody knows. A mobile number
// says no more than its country, or in North America where it was first handed out.
func Zones(e164 string) []string { return zonesOf(e164) }

// RegionZones are the time zones of a country (ISO 3166 alpha-2), by its country code: of one that shares its code with others, theirs as well.
func RegionZones(region string) []string {
	code := phonenumbers.GetCountryCodeForRegion(strings.ToUpper(region))
	if code == 0 {
		return nil
	}
	return zonesOf(strconv.Itoa(code))
}

func zonesOf(prefix string) []string {
	zones, err := phonenumbers.GetTimezonesForPrefix(prefix)
	if err != nil {
		return nil
	}
	known := slices.DeleteFunc(slices.Clone(zones), func(z string) bool { return z == phonenumbers.UNKNOWN_TIMEZONE || z == "" })
	slices.Sort(known)
	return slices.Compact(known)
}

// Country is the country of a number in normal form (ISO 3166 alpha-2); "" when nobody knows.
func Country(e164 string) string {
	number, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(number)
}

// areaCodes are those of the US states that have hours of their own for messages (package notify), as the North American Numbering
// Plan Administrator lists them (nanpa.com, area codes in service or announced, 2025).
var areaCodes = [...]struct{ state, codes string }{
	{"CT", "203 475 860 959"},
	{"FL", "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954"},
	{"MD", "227 240 301 410 443 667"},
	{"MS", "228 471 601 662 769"},
	{"NJ", "201 551 609 640 732 848 856 862 908 973"},
	{"OK", "405 539 572 580 918"},
	{"RI", "401"},
	{"TX", "210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940 945 956 972 979"},
}

// State is the US state that a number in normal form has the area code of, if it is one of those with hours of their own; else "".
func State(e164 string) string {
	national, ok := strings.CutPrefix(e164, "+1")
	if !ok || len(national) < 3 {
		return ""
	}
	for _, a := range areaCodes {
		for rest := a.codes; len(rest) >= 3; rest = rest[min(4, len(rest)):] {
			if rest[:3] == national[:3] {
				return a.state
			}
		}
	}
	return ""
}
