package hook

import (
	"strings"
	"unicode"
)

// Line is what a plugin says as it may stand in a line of a terminal, a log or a page: whatever moves a cursor, begins a line that would
// look like ours, or turns the direction of writing is a blank. It is never longer than s, in bytes.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || moves(r) {
			return ' '
		}
		return r
	}, s)
}

// moves says whether a rune separates lines or paragraphs, or embeds, overrides or isolates a direction (Unicode Annex 9, 2.1 to 2.5).
func moves(r rune) bool {
	return r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
