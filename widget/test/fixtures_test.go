package test

import (
	"fmt"
	"testing"
)

// TestFixtures holds the fixtures to what they are to be, without the widget: themes that know after each switch which
// variant is chosen, and write it where the real ones do.
func TestFixtures(t *testing.T) {
	t.Parallel()
	for _, p := range platforms() {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			v := p.visit
			v.late, v.variant = true, blackM
			tb := open(t, p.name, v)
			tb.until("theme.known !== undefined")
			tb.knows("first", blackM, false)
			for _, step := range []struct {
				value, id string
				available bool
			}{{"L", blackL, false}, {"S", blackS, true}, {"Oat", oatS, false}, {"L", "", false}, {"M", oatM, true}} {
				tb.choose(step.value)
				tb.settled()
				tb.knows(step.value, step.id, step.available)
			}
			tb.run("theme.replace()")
			tb.choose("S")
			tb.settled()
			tb.knows("being replaced", oatS, false)
			tb.clean()
		})
	}
}

// knows checks what the theme believes, and what its form would put into the cart.
func (tb *tab) knows(step, id string, available bool) {
	tb.Helper()
	want := fmt.Sprintf("%s %t", id, available)
	if id == "" {
		want = "null"
	}
	got := eval[string](tb, "theme.known ? theme.known.id + ' ' + theme.known.available : String(theme.known)")
	if got != want {
		tb.Errorf("%s: after %s the theme believes %s, want %s", tb.shop.platform, step, got, want)
	}
}
