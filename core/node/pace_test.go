package node

import (
	"testing"
	"time"

	"restock/core"
)

var started = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// TestRate: no second has more calls than the rate and one, and none is lost.
func TestRate(t *testing.T) {
	for _, r := range []core.SendRate{{Messages: 10, Every: core.Second}, {Messages: 3, Every: core.Minute}, {Messages: 500, Every: core.Second}} {
		p := &pace{}
		now, begun := started, []time.Time{}
		for len(begun) < 50 {
			n, again := p.take(256, r, now)
			for range n {
				begun = append(begun, now)
			}
			if n > 0 {
				continue
			}
			if !again.After(now) {
				t.Fatalf("%+v: at %s it says to look again at %s", r, now, again)
			}
			now = again
		}
		period := r.Every.Go()
		for i := range begun {
			within := 0
			for _, b := range begun[i:] {
				if b.Sub(begun[i]) < period {
					within++
				}
			}
			if allowed := int(r.Messages) + max(1, int(r.Messages)); within > allowed {
				t.Errorf("%+v: %d calls within %s", r, within, period)
			}
		}
		if took := begun[len(begun)-1].Sub(started); took > 50*period/time.Duration(r.Messages)+period {
			t.Errorf("%+v: 50 calls took %s", r, took)
		}
	}
}

// TestBreaker: after ten failures in a row nothing is called for a while, then one call finds out; each time it fails the while doubles.
func TestBreaker(t *testing.T) {
	p := &pace{}
	failed := core.Outcome{Kind: core.OutcomeTemporary, Detail: "421 busy"}
	now := started
	for range breakAfter - 1 {
		p.heard(failed, true, now)
	}
	if n, _ := p.take(4, core.SendRate{}, now); n != 4 {
		t.Errorf("after %d failures %d calls may begin, want 4", breakAfter-1, n)
	}
	p.heard(core.Outcome{Kind: core.OutcomePermanent}, true, now) // the provider works: it is the message
	p.heard(failed, false, now)                                   // no call was made
	for range breakAfter {
		p.heard(failed, true, now)
	}
	for _, want := range []time.Duration{breakFirst, 2 * breakFirst, 4 * breakFirst} {
		n, again := p.take(4, core.SendRate{}, now)
		if n != 0 || again.Sub(now) != want || p.closed(now) != again {
			t.Fatalf("%d calls may begin, else again in %s, want none for %s", n, again.Sub(now), want)
		}
		if r := p.report(core.Sender{Name: "post", Kind: "smtp"}, now); r.PausedUntil == "" || r.Why != "421 busy" || r.Asked {
			t.Errorf("status shows %+v", r)
		}
		now = again
		if n, _ := p.take(4, core.SendRate{}, now); n != 1 {
			t.Fatalf("%d calls may find out, want one", n)
		}
		if n, _ := p.take(4, core.SendRate{}, now); n != 0 {
			t.Fatalf("%d more calls may begin while one finds out", n)
		}
		p.heard(failed, true, now)
	}
	now = now.Add(breakLast)
	p.take(4, core.SendRate{}, now)
	p.heard(core.Outcome{Kind: core.OutcomeAccepted}, true, now)
	if n, _ := p.take(4, core.SendRate{}, now); n != 4 {
		t.Errorf("it works again, and %d calls may begin", n)
	}
}

// TestRetryAfter: a provider that asks for patience is asked nothing until then.
func TestRetryAfter(t *testing.T) {
	p := &pace{}
	until := started.Add(100 * time.Second)
	p.heard(core.Outcome{Kind: core.OutcomeTemporary, Retry: core.TimeOf(until), Detail: "429"}, true, started)
	if n, again := p.take(4, core.SendRate{}, started.Add(99*time.Second)); n != 0 || !again.Equal(until) {
		t.Errorf("%d calls may begin, else at %s, want none before %s", n, again, until)
	}
	if r := p.report(core.Sender{Rate: core.SendRate{Messages: 10, Every: core.Second}}, started); !r.Asked || r.Rate != "10 per 1s" {
		t.Errorf("status shows %+v", r)
	}
	if n, _ := p.take(4, core.SendRate{}, until); n != 4 {
		t.Errorf("then %d calls may begin, want 4", n)
	}
}
