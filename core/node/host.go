package node

import (
	"net/url"
	"strings"
	"sync"
	"time"

	"restock/core"
)

// hosts are the paces of push services. Which one a push goes to a shopper's browser says, so that what a service answers is about that
// service alone: a stranger who names a server of its own would else decide when anybody is told.
type hosts struct {
	mu    sync.Mutex
	known map[string]*pace
}

// maxHosts bounds the push services whose troubles are remembered. There are a handful, but whoever asks to be told may name any.
const maxHosts = 1000

// of is the pace at which a sender calls an endpoint's service.
func (h *hosts) of(by core.Name, endpoint string, now time.Time) *pace {
	name := string(by) + "\n"
	if u, err := url.Parse(endpoint); err == nil {
		name += strings.ToLower(u.Host)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if p, ok := h.known[name]; ok {
		return p
	}
	if len(h.known) >= maxHosts {
		h.forget(now)
	}
	p := &pace{}
	if len(h.known) < maxHosts {
		if h.known == nil {
			h.known = map[string]*pace{}
		}
		h.known[name] = p
	}
	return p
}

// forget lets go of services that are in no trouble, and, if all are, of those whose time to be asked again has come.
func (h *hosts) forget(now time.Time) {
	for name, p := range h.known {
		if p.calm(now) {
			delete(h.known, name)
		}
	}
	if len(h.known) < maxHosts {
		return
	}
	for name, p := range h.known {
		if p.closed(now).IsZero() {
			delete(h.known, name)
		}
	}
}

// calm says whether nothing is known against whom it is the pace of.
func (p *pace) calm(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed == 0 && p.opened == 0 && !now.Before(p.until)
}

// probeSoon is when a service is looked at again that somebody else's call is finding out about.
const probeSoon = 5 * time.Second

// mayCall says whether a service may be called now, and if not, when to look again and why.
func (p *pace) mayCall(now time.Time) (ok bool, again time.Time, why string) {
	n, again := p.take(1, core.SendRate{}, now)
	if n > 0 {
		return true, time.Time{}, ""
	}
	if again.IsZero() {
		again = now.Add(probeSoon)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return false, again, p.why
}
