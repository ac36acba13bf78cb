package node

import (
	"fmt"
	"sync"
	"time"

	"restock/core"
	"restock/core/console"
)

// pace is how fast a sender is called: by its rate, and not at all while its provider is in trouble or asked to be left in peace. The
// leader's loop of the sender asks it; status reads it.
type pace struct {
	mu     sync.Mutex
	room   float64   // calls that the rate leaves now, at most one period's
	at     time.Time // when room was counted
	failed int       // calls in a row that the provider did not take, for a reason that passes
	opened int       // how often in a row the breaker was opened
	until  time.Time // nothing is called before
	why    string
	asked  bool // the provider said until when; else it is our breaker
	probe  bool // one call finds out whether the provider works again
}

// The breaker: after so many failures in a row a provider is left in peace, for twice as long each time; then one call finds out.
const (
	breakAfter = 10
	breakFirst = 10 * time.Second
	breakLast  = 10 * time.Minute
)

// take says how many of at most want calls may begin now; with none, when to look again (zero: when a call ends).
func (p *pace) take(want int, r core.SendRate, now time.Time) (n int, again time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if want <= 0 {
		return 0, time.Time{}
	}
	if now.Before(p.until) {
		return 0, p.until
	}
	if p.opened > 0 { // half open
		if p.probe {
			return 0, time.Time{}
		}
		want = 1
	}
	n, again = p.spend(want, r, now)
	p.probe = p.opened > 0 && n > 0
	return n, again
}

// spend takes calls from what the rate leaves. Half a second's worth comes back in half a second, so that calls are spread over the
// period; what was not used for longer than a period is lost.
func (p *pace) spend(want int, r core.SendRate, now time.Time) (n int, again time.Time) {
	if r.Messages <= 0 {
		return want, time.Time{}
	}
	each := r.Every.Go() / time.Duration(r.Messages)
	if p.at.IsZero() {
		p.room = 1
	} else {
		p.room = min(p.room+float64(now.Sub(p.at))/float64(each), max(1, float64(time.Second)/float64(each)))
	}
	p.at = now
	n = min(want, int(p.room))
	p.room -= float64(n)
	if n == 0 {
		again = now.Add(time.Duration((1 - p.room) * float64(each)))
	}
	return n, again
}

// back gives calls back that were not made after all.
func (p *pace) back(n int) {
	if n == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.room += float64(n)
	p.probe = false
}

// heard notes what came of a call. called is false when a gate decided, and the provider was not asked.
func (p *pace) heard(o core.Outcome, called bool, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.probe = false
	if !called {
		return
	}
	if o.Kind != core.OutcomeTemporary && o.Kind != core.OutcomeUnknown {
		p.failed, p.opened, p.asked = 0, 0, false
		return
	}
	p.failed++
	if until := o.Retry.Go(); o.Retry != 0 && until.After(p.until) { // Retry-After is about the provider, not about one message
		p.until, p.why, p.asked = until, o.Detail, true
		return
	}
	if p.failed >= breakAfter || p.opened > 0 {
		wait := min(breakFirst<<min(p.opened, 16), breakLast)
		p.opened++
		p.failed = 0
		if until := now.Add(wait); until.After(p.until) {
			p.until, p.why, p.asked = until, o.Detail, false
		}
	}
}

// report is what status shows.
func (p *pace) report(s core.Sender, now time.Time) console.SenderReport {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := console.SenderReport{Name: s.Name, Type: s.Kind, Concurrency: s.Concurrency, Failures: p.failed}
	if s.Rate.Messages > 0 {
		r.Rate = fmt.Sprintf("%d per %s", s.Rate.Messages, s.Rate.Every)
	}
	if now.Before(p.until) {
		r.PausedUntil, r.Why, r.Asked = core.TimeOf(p.until).String(), p.why, p.asked
	}
	return r
}

// closed is until when nothing may be called; zero when it may.
func (p *pace) closed(now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.until) {
		return p.until
	}
	return time.Time{}
}
