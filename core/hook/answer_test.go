package hook

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDecodeCondition(t *testing.T) {
	long := strings.Repeat("x", MaxReason)
	tests := []struct {
		name string
		out  string
		want Answer
	}{
		{"yes", "\x92\xc3\xa2ok", Answer{Pass: true, Reason: "ok"}},
		{"no", "\x92\xc2\xa4nein", Answer{Reason: "nein"}},
		{"no words", "\x92\xc3\xa0", Answer{Pass: true}},
		{"score", "\x93\xc3\xa2ok\xcd\x01\x00", Answer{Pass: true, Reason: "ok", Score: 256, Scored: true}},
		{"score below zero", "\x93\xc3\xa2ok\xff", Answer{Pass: true, Reason: "ok", Score: -1, Scored: true}},
		{"longest reason", "\x92\xc3\xda\x01\x00" + long, Answer{Pass: true, Reason: long}},
		{"long form", "\xdd\x00\x00\x00\x02\xc3\xdb\x00\x00\x00\x02ok", Answer{Pass: true, Reason: "ok"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := DecodeCondition([]byte(tt.out)); err != nil || got != tt.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestDecodeConditionRefuses(t *testing.T) {
	tests := []struct{ name, out, want string }{
		{"nothing", "", "ends early"},
		{"too long", strings.Repeat("\xc0", MaxAnswer+1), "the limit is 4096"},
		{"a map", "\x80", "where an array belongs"},
		{"only a bool", "\x91\xc3", "1 elements, at least 2"},
		{"four elements", "\x94\xc3\xa0\x00\x00", "4 elements, the limit is 3"},
		{"an int as answer", "\x92\x01\xa0", "where a bool belongs"},
		{"nil as reason", "\x92\xc3\xc0", "where text belongs"},
		{"reason of 257", "\x92\xc3\xda\x01\x01" + strings.Repeat("x", 257), "257 bytes, the limit is 256"},
		{"reason of 4 G", "\x92\xc3\xdb\xff\xff\xff\xffx", "ends early"},
		{"not UTF-8", "\x92\xc3\xa1\xff", "not UTF-8"},
		{"float as score", "\x93\xc3\xa0\xcb\x00\x00\x00\x00\x00\x00\x00\x00", "where an int belongs"},
		{"score over int64", "\x93\xc3\xa0\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "over 9223372036854775807"},
		{"something behind it", "\x92\xc3\xa0\x00", "goes on for 1 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := DecodeCondition([]byte(tt.out))
			if errors.Is(err, ErrTooLarge) != (len(tt.out) > MaxAnswer) {
				t.Errorf("%v is, or is not, ErrTooLarge", err)
			}
			if !errors.Is(err, ErrAnswer) || !strings.Contains(err.Error(), tt.want) || got != (Answer{}) {
				t.Errorf("got %+v, %v, want an error that says %q", got, err, tt.want)
			}
		})
	}
}

func FuzzDecodeCondition(f *testing.F) {
	f.Add([]byte("\x92\xc3\xa2ok"))
	f.Add([]byte("\x93\xc2\xd9\x02ok\xd3\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("\xdd\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := DecodeCondition(b)
		if err != nil {
			if !errors.Is(err, ErrAnswer) {
				t.Errorf("error %v does not wrap ErrAnswer", err)
			}
			return
		}
		if len(a.Reason) > MaxReason || !utf8.ValidString(a.Reason) || a.Score != 0 && !a.Scored {
			t.Errorf("answer out of bounds: %+v", a)
		}
	})
}
