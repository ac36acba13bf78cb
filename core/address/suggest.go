package address

import (
	"slices"
	"strings"
)

// Suggest returns the address that was probably meant by raw, in normal form, or "" when raw looks right or there is no
// good guess. It reads what a person typed, also where Email refuses it: "bob@gmial.com", "bob@gmail" and
// "bob@gmail,com" all give "bob@gmail.com". A guess is only ever shown, never used in place of what was typed.
func Suggest(raw string) string {
	if len(raw) > maxRawEmail {
		return ""
	}
	typed := strings.Trim(raw, asciiSpace)
	at := strings.LastIndexByte(typed, '@')
	if at < 0 {
		return ""
	}
	local := strings.TrimFunc(typed[:at], isBlank)
	if checkLocal(local) != "" {
		return ""
	}
	domain := tidyDomain(typed[at+1:])
	if known := nearest(domain); known != "" {
		domain = known
	}
	guess, reason := normalEmail(local + "@" + domain)
	if reason != "" {
		return ""
	}
	if normal, reason := normalEmail(typed); reason == "" && normal == guess {
		return ""
	}
	return guess
}

// tidyDomain mends what the eye does not see: wrong dots, stray spaces and dots at the end.
func tidyDomain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case isBlank(r):
			return -1
		case r == ',', r == ';':
			return '.'
		}
		return r
	}, s)
	for strings.Contains(s, "..") {
		s = strings.ReplaceAll(s, "..", ".")
	}
	return strings.ToLower(strings.Trim(s, "."))
}

// How far a slip may be from what was meant: one edit, two in names long enough to stay recognisable, and none in names
// so short that every other name is near (any three letters are one edit away from somebody's company).
const (
	longDomain = 11 // bytes from which two edits after the first letter count as a slip: hotmail.com
	shortName  = 4  // names up to this length must be right; only their top-level domain may be mistyped
)

// nearest returns the well-known mail domain that domain is a slip of, the likeliest first, or "".
func nearest(domain string) string {
	if len(domain) > maxSlip || domain == "" || slices.Contains(mailDomains, domain) || slices.Contains(alsoRight, domain) {
		return ""
	}
	best, least := "", 3
	for _, known := range mailDomains {
		if d := slip(domain, known); d < least {
			best, least = known, d
		}
	}
	return best
}

// slip is how many edits lead from typed to known, or 3 when that is not a likely slip.
func slip(typed, known string) int {
	name, top, _ := strings.Cut(known, ".")
	dotted := strings.Contains(typed, ".")
	if !dotted && (len(name) > shortName || typed == name) {
		if d := edits(typed, name); d <= 1 {
			return d // "gmail", "gmial": the top-level domain was forgotten
		}
	}
	if len(name) <= shortName && (!strings.HasPrefix(typed, name+".") || len(top) < 3) {
		return 3
	}
	if dotted && !likelyTop(lastLabel(typed), lastLabel(known)) {
		return 3
	}
	d := edits(typed, known)
	if d <= 1 || d == 2 && len(known) >= longDomain && typed[0] == known[0] {
		return d
	}
	return 3
}

// likelyTop says whether a person who typed a could have meant the top-level domain b. Another country is no slip.
func likelyTop(a, b string) bool {
	return a == b || edits(a, b) == 1 && (len(a) != 2 || len(b) != 2)
}

// lastLabel is the top-level domain, or all of a name without dots.
func lastLabel(domain string) string { return domain[strings.LastIndexByte(domain, '.')+1:] }

// maxSlip bounds the length of what is compared, in bytes; known domains are shorter.
const maxSlip = 31

// edits is the Damerau-Levenshtein distance of a and b in bytes (optimal string alignment: insert, delete, replace,
// swap two neighbours). It answers 3 for "more than two" as soon as the lengths show it; both have at most maxSlip bytes.
func edits(a, b string) int {
	if gap := len(a) - len(b); gap > 2 || gap < -2 {
		return 3
	}
	var rows [3][maxSlip + 1]int
	before, above, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return min(above[len(b)], 3)
}
