package hook

import "testing"

// No plugin writes lines that look like ours, or works a terminal.
func TestLine(t *testing.T) {
	for said, want := range map[string]string{
		"größe M, \"ok\" مرحبا": "größe M, \"ok\" مرحبا", "a\nMessage sent": "a Message sent", "\x1b[2Jgone": " [2Jgone", "a\u2028b\u202ec\u0085d": "a b c d", "": "",
	} {
		if got := Line(said); got != want {
			t.Errorf("%q is %q, want %q", said, got, want)
		}
	}
	var said string
	if n := testing.AllocsPerRun(10, func() { said = Line("domain example.com may be told") }); n != 0 || said == "" {
		t.Errorf("it allocates %v times", n)
	}
	if a, err := DecodeCondition([]byte("\x92\xc3\xa3a\nb")); err != nil || a.Reason != "a b" {
		t.Errorf("a condition's reason is %q, %v", a.Reason, err)
	}
	m := Manifest{Kind: KindStep, Name: "x", Version: "1"}
	if a, err := m.DecodeStep([]byte("\x82\xa1a\xa8continue\xa6reason\xa3a\x1bb")); err != nil || a.Reason != "a b" {
		t.Errorf("a step's reason is %q, %v", a.Reason, err)
	}
}
