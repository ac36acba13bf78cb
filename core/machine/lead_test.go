package machine_test

import (
	"slices"
	"strings"
	"testing"
)

// TestACrowdIsToldEarlyAndCalled: of more contacts than a page holds, those with a head start are told first, all others when it is
// over, and each of them hears once that few are left.
func TestACrowdIsToldEarlyAndCalled(t *testing.T) {
	s := newJourneyText(t)
	tell := func(line, under string) (happened []string) {
		t.Helper()
		if err := s.tell(strings.Fields(line), under); err != nil {
			t.Fatal(err)
		}
		return s.happened()
	}
	tell("shop low=3,1h", "")
	for name, spec := range map[string]string{
		"tell": "    enter: {occurs: back_in_stock}\n    shapes: [{name: mail, email: back}]",
		"vip":  "    enter: {occurs: back_in_stock, where: {contact.email: {starts with: c00}}, early: 2h}\n    shapes: [{name: mail, email: early}]",
		"call": "    enter: {occurs: running_low}\n    shapes: [{name: mail, email: last}]",
	} {
		tell("journey "+name, spec)
	}
	tell("crowd 2100 tee-m", "")
	told := func(line, what string, want int) {
		t.Helper()
		var who []string
		for _, h := range tell(line, "") {
			if name, subject, ok := strings.Cut(h, ": "); ok && subject == what {
				who = append(who, name)
			}
		}
		slices.Sort(who)
		if n := len(slices.Compact(who)); n != want || len(who) != want {
			t.Errorf("%s: %d messages %q to %d contacts, want %d", line, len(who), what, n, want)
		}
	}
	told("level tee-m berlin 5000", "early", 99)
	told("pass 2h", "back", 2001)
	told("level tee-m berlin 2", "last", 99) // the others were told a moment ago
	told("pass 1h", "last", 2001)
}
