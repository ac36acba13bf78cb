package sender

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMaskText(t *testing.T) {
	tests := []struct{ in, want string }{
		{"550 5.1.1 <ada@example.org>: no such box", "550 5.1.1 <a***@example.org>: no such box"},
		{"ada@example.org,bob@example.net", "a***@example.org,b***@example.net"},
		{"to +4915112345678 failed", "to +49***78 failed"},
		{"  two\r\nlines\x00 ", "two lines"},
		{"a@b@example.org", "a***@example.org"},
		{"queued as 4F2A", "queued as 4F2A"},
		{"bad \xff byte", "bad \uFFFD byte"},
		{strings.Repeat("ä", 200), strings.Repeat("ä", 148) + "…"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := MaskText(tt.in); got != tt.want {
			t.Errorf("MaskText(%q)\ngot  %q\nwant %q", tt.in, got, tt.want)
		}
	}
}

// FuzzMaskText: no answer of a provider breaks a line, outgrows the ledger or keeps a local part.
func FuzzMaskText(f *testing.F) {
	f.Add("550 <ada@example.org> x")
	f.Add("+491511234567 a@b@c")
	whole := regexp.MustCompile(`[a-z0-9.]{2,}@[a-z0-9]`)
	f.Fuzz(func(t *testing.T, s string) {
		got := MaskText(s)
		if len(got) > MaxDetail || !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00") || whole.MatchString(got) {
			t.Errorf("MaskText(%q) = %q", s, got)
		}
	})
}
