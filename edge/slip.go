package edge

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"restock/core/address"
)

// slips remembers for the domains that were typed of late whether they are slips of well-known ones: comparing a domain
// with all of those takes longer than the rest of a capture.
type slips struct {
	seed  maphash.Seed
	known [4096]atomic.Pointer[slip] // by the domain's hash; who comes later takes the place
}

// slip is a domain that was typed, and the one that was probably meant; "" when it looks right.
type slip struct{ typed, meant string }

func newSlips() *slips { return &slips{seed: maphash.MakeSeed()} }

// meant is the address that was probably meant by one in normal form; "" when it looks right.
func (s *slips) meant(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return ""
	}
	domain := email[at+1:]
	place := &s.known[maphash.String(s.seed, domain)%uint64(len(s.known))]
	found := place.Load()
	if found == nil || found.typed != domain {
		found = &slip{typed: strings.Clone(domain)}
		if guess := address.Suggest(email); guess != "" {
			found.meant = strings.Clone(guess[strings.LastIndexByte(guess, '@')+1:])
		}
		place.Store(found)
	}
	if found.meant == "" {
		return ""
	}
	return email[:at+1] + found.meant
}
