package filter

import (
	"math"
	"slices"

	"restock/core"
)

// occurred answers a condition on a contact's past.
func (c *Compiled) occurred(at int, s *Subject) Answer {
	if s.History == nil {
		return Maybe
	}
	n := &c.nodes[at]
	p := past{compiled: c, at: at, days: n.fixed, subject: Subject{Now: s.Now}}
	if n.counts {
		p.days = p.days.and(n.relative.after(dayOf(s.Now, c.zone)))
	}
	activities := s.History.Activities(n.kind)
	for i := range activities {
		p.subject.Activity = &activities[i]
		if p.asks() && c.ask(at+1, &p.subject) != Yes {
			continue
		}
		if p.occurred(activities[i].At); p.found && n.which == core.OccurredAny {
			return Yes
		}
	}
	if !p.asks() { // of what has faded is known when it was, not what
		for _, o := range s.History.Faded(n.kind) {
			p.occurred(o.First)
			p.occurred(o.Last)
		}
	}
	if p.holds(n.which) {
		return Yes
	}
	return No
}

// past is what has occurred, as far as it was looked at.
type past struct {
	compiled    *Compiled
	at          int
	days        days
	subject     Subject
	any, found  bool // something occurred; on one of the days
	first, last core.Time
}

// asks says whether not every activity of the kind counts.
func (p *past) asks() bool { return p.compiled.nodes[p.at].end > p.at+1 }

func (p *past) occurred(t core.Time) {
	if !p.any || t < p.first {
		p.first = t
	}
	if !p.any || t > p.last {
		p.last = t
	}
	p.any = true
	p.found = p.found || p.on(t)
}

// on says whether an instant is on one of the days.
func (p *past) on(t core.Time) bool {
	return p.days == always || p.days.has(dayOf(t, p.compiled.zone))
}

func (p *past) holds(which core.Occurrence) bool {
	switch which {
	case core.OccurredFirst:
		return p.any && p.on(p.first)
	case core.OccurredLast:
		return p.any && p.on(p.last)
	}
	return p.found
}

// Span is a stretch of time in which activities of a kind occurred.
type Span struct {
	Kind     core.ActivityKind
	From, To core.Time // To is not in it
}

// Spans are stretches of which each contact that the filter holds for at that moment has an activity in at least one: who
// looks for contacts looks there. ok is false when there are no such stretches and every contact must be looked at. Spans of
// a kind do not overlap.
func (c *Compiled) Spans(now core.Time) (spans []Span, ok bool) {
	spans, ok = c.spans(0, now)
	return join(spans), ok
}

func (c *Compiled) spans(at int, now core.Time) (best []Span, ok bool) {
	n := &c.nodes[at]
	switch n.do {
	case doOccurred:
		return []Span{c.span(n, now)}, true
	case doNothing:
		return nil, true
	case doAll:
		for i := at + 1; i < n.end; i = c.nodes[i].end {
			if spans, some := c.spans(i, now); some && (!ok || width(spans, now) < width(best, now)) {
				best, ok = spans, true
			}
		}
	case doAny:
		for i := at + 1; i < n.end; i = c.nodes[i].end {
			spans, some := c.spans(i, now)
			if !some {
				return nil, false
			}
			best, ok = append(best, spans...), true
		}
	}
	return best, ok
}

// span is where an activity that a condition means lies, and somewhat more where clocks are put forward or back.
func (c *Compiled) span(n *node, now core.Time) Span {
	d := n.fixed
	if n.counts {
		d = d.and(n.relative.after(dayOf(now, c.zone)))
	}
	s := Span{n.kind, core.Time(math.MinInt64), core.Time(math.MaxInt64)}
	if d.from != always.from {
		s.From, _ = c.midnight(d.from)
	}
	if d.to != always.to {
		_, s.To = c.midnight(d.to + 1)
	}
	return s
}

// midnight is when a day begins, as the clocks before, at and behind it have it: the earliest and the latest.
func (c *Compiled) midnight(day int64) (earliest, latest core.Time) {
	t := core.Time(day * msPerDay)
	earliest, latest = core.Time(math.MaxInt64), core.Time(math.MinInt64)
	for _, near := range [3]core.Time{t.Add(-core.Day), t, t.Add(core.Day)} {
		begins := t.Add(-core.Milliseconds(offset(near, c.zone)))
		earliest, latest = min(earliest, begins), max(latest, begins)
	}
	return earliest, latest
}

// width is how long spans are together, as far as they lie in the ten years before now.
func width(spans []Span, now core.Time) (ms int64) {
	for _, s := range spans {
		ms += max(0, int64(min(s.To, now.Add(core.Day)))-int64(max(s.From, now.Add(-3650*core.Day))))
	}
	return ms
}

// join makes one of spans of a kind that overlap, and sorts them.
func join(spans []Span) (joined []Span) {
	slices.SortFunc(spans, func(a, b Span) int {
		switch {
		case a.Kind != b.Kind && a.Kind < b.Kind, a.Kind == b.Kind && a.From < b.From:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	for _, s := range spans {
		if s.From >= s.To {
			continue
		}
		if last := len(joined) - 1; last >= 0 && joined[last].Kind == s.Kind && s.From <= joined[last].To {
			joined[last].To = max(joined[last].To, s.To)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// Means says whether a condition of the filter on what has occurred is about this activity, as one of those that it asks for.
func (c *Compiled) Means(a *core.Activity, now core.Time) bool {
	for at := range c.nodes {
		n := &c.nodes[at]
		if n.do != doOccurred || n.kind != a.Kind {
			continue
		}
		p := past{compiled: c, at: at, days: n.fixed, subject: Subject{Now: now, Activity: a}}
		if n.counts {
			p.days = p.days.and(n.relative.after(dayOf(now, c.zone)))
		}
		if p.on(a.At) && (!p.asks() || c.ask(at+1, &p.subject) == Yes) {
			return true
		}
	}
	return false
}

// AsksPast says whether a filter asks, anywhere but in a group of which none may hold, what has occurred to a contact.
func AsksPast(f core.Filter) bool {
	return f.Occurred != nil || f.Group != core.FilterNone && slices.ContainsFunc(f.Of, AsksPast)
}
