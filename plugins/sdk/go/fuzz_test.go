package restock

import (
	"math"
	"reflect"
	"testing"
	"unicode/utf8"
)

// Whatever comes, reading ends, panics only by Fail, and believes no length before it saw the bytes.
func FuzzReader(f *testing.F) {
	f.Add([]byte("\x94\x05\x91\xa1a\xa2DE\xc0"))
	f.Add([]byte("\x84\xa4flag\xc3\xa4list\x91\xa1a\xa6number\xd3\xff\xff\xff\xff\xff\xff\xff\xff\xa4word\xa1x"))
	f.Add([]byte("\xdd\xff\xff\xff\xff"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		readInput(&reader{b: b})
		readConfig(&reader{b: b})
		config = Config{}
	})
}

func FuzzWriter(f *testing.F) {
	f.Add("ö", int64(-1), true)
	f.Add("", int64(math.MaxInt64), false)
	f.Fuzz(func(t *testing.T, s string, n int64, yes bool) {
		if !utf8.ValidString(s) || len(s) > 60_000 {
			return
		}
		b := appendTexts(appendBool(appendInt(appendText(nil, s), n), yes), []string{s, ""})
		r := reader{b: b}
		if r.text() != s || r.int() != IntOf(n) || r.bool() != yes || !reflect.DeepEqual(r.texts(), []string{s, ""}) || r.bad || len(r.b) > 0 {
			t.Errorf("%q, %d, %v is not read back", s, n, yes)
		}
		if c := cut(s); len(c) > maxReason || !utf8.ValidString(c) {
			t.Errorf("%q is cut to %q", s, c)
		}
	})
}
