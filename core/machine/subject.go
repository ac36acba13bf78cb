package machine

import (
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/journey"
	"restock/core/zone"
)

// compile makes the filters of journeys and audiences ready.
func (c *config) compile(tx *db.Tx) {
	settings, _ := db.Settings.Get(tx, struct{}{})
	var err error
	if c.zone, err = zone.Load(settings.Zone); err != nil {
		c.zone, _ = zone.Load("") // which every version has
	}
	env := c.env(tx)
	for _, j := range c.journeys {
		c.where = append(c.where, compiled(entryFilter(j.Enter), filter.Entry, env))
		c.compileRules(j, env)
	}
	c.audiences = map[core.Name]audience{}
	db.Audiences.All(tx, func(a core.Audience) bool {
		c.audiences[a.Name] = audience{a, compiled(a.Where, filter.Audience, env)}
		return true
	})
}

// compileRules makes the filters within a journey ready.
func (c *config) compileRules(j core.Journey, env filter.Env) {
	rule := func(shape string, f core.Filter) {
		c.rules[db.ShapeKey{Journey: j.Name, Shape: shape}] = compiled(f, filter.Entry, env)
	}
	for _, shape := range j.Shapes {
		if shape.Filter != nil {
			rule(shape.Name, shape.Filter.Where)
			c.watches[j.Name] = c.watches[j.Name] || shape.Filter.Within > 0
		}
	}
	if l := j.Leave; l != nil {
		c.watches[j.Name] = true
		if !filter.Everything(l.Where) {
			rule("", l.Where)
		}
	}
}

// compiled is a filter that is ready to be asked. What this version cannot read holds for nobody.
func compiled(f core.Filter, s filter.Scope, env filter.Env) *filter.Compiled {
	c, err := filter.Compile(f, s, env)
	if err != nil {
		return filter.Nobody()
	}
	return c
}

// env is what filters of the workspace mean something by.
func (c *config) env(tx *db.Tx) filter.Env {
	env := filter.Env{Zone: c.zone}
	db.Sources.All(tx, func(s core.Source) bool {
		env.Sources = append(env.Sources, filter.Source{Name: s.Name, Title: s.Title})
		return true
	})
	return env
}

// entryFilter is who enters, also where that was written before there were filters.
func entryFilter(e core.Enter) core.Filter {
	return filter.All(filter.OfMatches(e.Matches), e.Where)
}

// entrance is a journey with the filter of who enters.
func (c *config) entrance(n core.Name) (core.Journey, *filter.Compiled, bool) {
	for i, j := range c.journeys {
		if j.Name == n {
			return j, c.where[i], true
		}
	}
	return core.Journey{}, nil, false
}

// subject is whom filters are asked about: what occurs, and what the state knows of its contact, which is read when the
// answer depends on it.
type subject struct {
	filter.Subject
	past
	whole bool // contact and past can be asked
}

// subject is about an activity that was written down.
func (s *step) subject(a *core.Activity, now core.Time) *subject {
	return &subject{Subject: filter.Subject{Now: now, Activity: a}, past: past{tx: s.tx, contact: a.Contact, cohorts: s.pending()}}
}

// enters says whether the journey is on and takes the subject in; fits, whether it would if it were on.
func (s *subject) enters(j core.Journey, where *filter.Compiled) bool {
	return j.On && s.fits(j, where)
}

func (s *subject) fits(j core.Journey, where *filter.Compiled) bool {
	answer := journey.Fits(j, where, &s.Subject)
	if answer == filter.Maybe {
		s.complete()
		answer = journey.Fits(j, where, &s.Subject)
	}
	return answer == filter.Yes
}

// holds asks a filter within a journey.
func (s *subject) holds(rule *filter.Compiled) bool {
	answer := rule.Ask(&s.Subject)
	if answer == filter.Maybe {
		s.complete()
		answer = rule.Ask(&s.Subject)
	}
	return answer == filter.Yes
}

// complete lets filters ask for everything.
func (s *subject) complete() {
	if s.whole {
		return
	}
	contact, _ := db.Contacts.Get(s.tx, s.contact)
	s.Contact, s.History, s.whole = &contact, &s.past, true
}

// past is what the state knows to have occurred to a contact (filter.History). Rows are read once.
type past struct {
	tx         *db.Tx
	contact    core.ContactID
	occurring  *core.Activity // that may not be written down yet
	reader     *db.Reader     // nil: the rows are found anew
	cohorts    *pending       // shared by those who are asked about together
	read       bool
	activities []core.Activity
	faded      []core.Occurrences
}

// Activities are those of a kind: written down, or yet to be.
func (p *past) Activities(k core.ActivityKind) (some []core.Activity) {
	p.load()
	for _, a := range p.activities {
		if a.Kind == k {
			some = append(some, a)
		}
	}
	return some
}

// Faded are when those of a kind occurred whose details are gone.
func (p *past) Faded(k core.ActivityKind) (some []core.Occurrences) {
	p.load()
	for _, o := range p.faded {
		if o.Kind == k {
			some = append(some, o)
		}
	}
	return some
}

func (p *past) load() {
	if p.read {
		return
	}
	p.read = true
	activity := func(a core.Activity) bool { p.activities = append(p.activities, a); return true }
	faded := func(o core.Occurrences) bool { p.faded = append(p.faded, o); return true }
	if p.reader != nil {
		p.reader.ActivitiesOf(p.contact, activity)
		p.reader.OccurrencesOf(p.contact, faded)
	} else {
		db.ActivitiesOf(p.tx, p.contact, activity)
		db.OccurrencesOf(p.tx, p.contact, faded)
	}
	p.activities = append(p.activities, p.cohorts.of(p.contact, p.occurring)...)
	if p.occurring != nil && !slices.ContainsFunc(p.activities, func(a core.Activity) bool { return a.ID == p.occurring.ID }) {
		p.activities = append(p.activities, *p.occurring)
	}
}
