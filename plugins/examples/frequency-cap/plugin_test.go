package plugin

import "testing"

func TestDayOf(t *testing.T) {
	for tag, want := range map[string]string{"told-2026-05-04-1": "2026-05-04", "told-2026-05-04": "", "told-": "", "vip": "", "told-2026-05-0411": ""} {
		if got, ok := dayOf(tag); ok != (want != "") || ok && got != want {
			t.Errorf("dayOf(%q) = %q, %v", tag, got, ok)
		}
	}
}
