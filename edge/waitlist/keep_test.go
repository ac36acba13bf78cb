package waitlist

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"restock/core"
)

// TestWhatIsKept holds pages of captures, made in any order, with orders to forget and new starts between them, against
// the plain rule: of each address and target the capture that was made last, unless its address was forgotten since.
func TestWhatIsKept(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 0))
		s := openStore(t)
		want := map[string]core.Time{} // by address
		forgotten := map[string]core.Time{}
		clock := core.Time(1000)
		for range 40 {
			switch random.IntN(8) {
			case 0:
				s = reopen(t, s)
			case 1:
				email, before := fmt.Sprintf("a%d@example.com", random.IntN(40)), clock+10-core.Time(random.IntN(60))
				forget(t, s, email, before)
				forgotten[email] = max(forgotten[email], before)
				if want[email] <= before {
					delete(want, email)
				}
			default:
				var page []core.Capture
				for range random.IntN(30) {
					clock += core.Time(random.IntN(3))
					email, at := fmt.Sprintf("a%d@example.com", random.IntN(40)), clock-core.Time(random.IntN(8)*random.IntN(8))
					page = append(page, asked(email, "71", at))
					if at > forgotten[email] && at >= want[email] {
						want[email] = at
					}
				}
				took(t, s, page...)
			}
			kept := []string{}
			for email, at := range want {
				kept = append(kept, fmt.Sprintf("%s 71 %d", email, at))
			}
			slices.Sort(kept)
			if got := keptIn(t, s); !slices.Equal(got, kept) {
				t.Fatalf("seed %d: kept are %q, want %q", seed, got, kept)
			}
		}
	}
}
