package cli

import (
	"bytes"
	"testing"
)

// TestPlain: a product's title clears no screen and writes no line over ours; text in any language stays as it is.
func TestPlain(t *testing.T) {
	for said, want := range map[string]string{
		"Tee\t3\nörtliche Größe 寸法 é\u00a0€\n": "Tee\t3\nörtliche Größe 寸法 é\u00a0€\n",
		"\x1b[2J\x1b]0;pwned\a\rTee\x7f\x00":   "?[2J?]0;pwned??Tee??",
		"a\u009b31mb":                          "a?31mb",
		"cut \xc2":                             "cut \xc2",
	} {
		var b bytes.Buffer
		n, err := plain{&b}.Write([]byte(said))
		if n != len(said) || err != nil || b.String() != want {
			t.Errorf("%q is shown as %q (%d, %v), want %q", said, b.String(), n, err, want)
		}
	}
}
