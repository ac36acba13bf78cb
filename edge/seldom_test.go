package edge

import (
	"testing"
	"time"
)

// TestSeldom: once, and again when the time has passed or the clock was put back.
func TestSeldom(t *testing.T) {
	var s seldom
	if !s.due() || s.due() {
		t.Error("not once")
	}
	for name, last := range map[string]time.Duration{"later": -2 * complainEvery, "with a clock that was put back": time.Hour} {
		s.last.Store(time.Now().Add(last).UnixNano())
		if !s.due() || s.due() {
			t.Errorf("%s: not once", name)
		}
	}
}
