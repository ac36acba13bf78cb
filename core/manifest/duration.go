package manifest

import (
	"fmt"
	"strconv"
	"strings"

	"restock/core"
)

// MaxDuration is the longest span that can be written: a hundred years.
const MaxDuration = 36_500 * core.Day

// units are what durations are written in, largest first.
var units = []struct {
	letter byte
	span   core.Milliseconds
}{{'d', core.Day}, {'h', core.Hour}, {'m', core.Minute}, {'s', core.Second}}

// ParseDuration reads a span of time as files write it: whole numbers with the units d (of 24 hours), h, m and s, the
// largest first and each at most once, like 90d, 36h, 10m, 0s or 1d12h; at most MaxDuration.
func ParseDuration(s string) (core.Milliseconds, error) {
	var total core.Milliseconds
	rest := s
	for _, u := range units {
		digits, after, found := strings.Cut(rest, string(u.letter))
		if !found {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || core.Milliseconds(n) > (MaxDuration-total)/u.span {
			break
		}
		total, rest = total+core.Milliseconds(n)*u.span, after
	}
	if s == "" || rest != "" {
		return 0, fmt.Errorf("parsing duration %q: want whole numbers with d, h, m or s, largest first, such as 90d or 1d12h, up to %s",
			s, MaxDuration)
	}
	return total, nil
}
