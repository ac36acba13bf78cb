package sender

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSegments(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct {
		name string
		text string
		n    int
		e    Encoding
	}{
		{"nothing", "", 0, GSM7},
		{"one character", "a", 1, GSM7},
		{"the whole alphabet", gsmBasic, 1, GSM7},
		{"160 characters", x(160), 1, GSM7},
		{"161 characters", x(161), 2, GSM7},
		{"two full segments", x(306), 2, GSM7},
		{"one more", x(307), 3, GSM7},
		{"extended characters take two", strings.Repeat("€", 80), 1, GSM7},
		{"81 of them", strings.Repeat("€", 81), 2, GSM7},
		{"one does not fit the rest of a segment", x(152) + "€" + x(152), 3, GSM7},
		{"it would, if it could be cut", x(153) + "€" + x(151), 2, GSM7},
		{"beyond the alphabet", "ç", 1, UCS2},
		{"the alphabet has a capital one", "Ç", 1, GSM7},
		{"70 units", strings.Repeat("ж", 70), 1, UCS2},
		{"71 units", strings.Repeat("ж", 71), 2, UCS2},
		{"one emoji turns it all", x(70) + "👟", 2, UCS2},
		{"35 emoji", strings.Repeat("👟", 35), 1, UCS2},
		{"36 emoji, 33 to a segment", strings.Repeat("👟", 36), 2, UCS2},
		{"67 emoji, which 134 units would hold", strings.Repeat("👟", 67), 3, UCS2},
		{"no text at all", "\xff", 1, UCS2},
	} {
		if n, e := Segments(tt.text); n != tt.n || e != tt.e {
			t.Errorf("%s: %d in %s, want %d in %s", tt.name, n, e, tt.n, tt.e)
		}
	}
}

func TestTheAlphabetHas127Characters(t *testing.T) {
	if n := utf8.RuneCountInString(gsmBasic); n != 127 { // 128 places, of which one is the escape
		t.Errorf("%d characters", n)
	}
}

// FuzzSegments: no text is counted as less than it must be, or as more than twice as many as its units would fill.
func FuzzSegments(f *testing.F) {
	f.Add(strings.Repeat("€x", 200))
	f.Add("👟\xff")
	f.Fuzz(func(t *testing.T, text string) {
		n, e := Segments(text)
		sizes, _ := sizesOf(text)
		units := 0
		for _, s := range sizes {
			units += s
		}
		most := map[Encoding]int{GSM7: gsmAlone, UCS2: ucsAlone}[e]
		if (n == 0) != (text == "") || n*most < units || n > 1+2*units/ucsJoined {
			t.Errorf("%d units in %s are %d segments", units, e, n)
		}
	})
}
