package machine

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"restock/core"
	"restock/core/address"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/journey"
	"restock/core/zone"
)

// facts are what the state knows around runs. They write nothing.
type facts struct {
	tx        *db.Tx
	config    *config
	at        core.Time
	cohorts   *pending
	occurring *core.Activity // that is not written down yet; nil: it is
}

func (s *step) knows() facts {
	return facts{tx: s.tx, config: s.config, at: s.now(), cohorts: s.pending()}
}

// about is what filters are asked about a run: what it entered by, its contact, and the contact's past.
func (f facts) about(r *core.Run) *subject {
	return &subject{
		Subject: filter.Subject{Now: f.at, Activity: &r.Entered},
		past:    past{tx: f.tx, contact: r.Contact, occurring: f.occurring, cohorts: f.cohorts},
	}
}

func (f facts) rule(j core.Name, shape string) *filter.Compiled {
	if rule, ok := f.config.rules[db.ShapeKey{Journey: j, Shape: shape}]; ok {
		return rule
	}
	return filter.Nobody()
}

// Holds asks a filter shape's filter (journey.Facts). One that counts days is asked again when the workspace's next day begins.
func (f facts) Holds(r *core.Run, s core.Shape) (holds bool, look core.Time) {
	rule := f.rule(r.Journey, s.Name)
	if f.about(r).holds(rule) {
		return true, 0
	}
	if rule.CountsDays() {
		look = journey.Midnight(f.config.zone, f.at)
	}
	return false, look
}

// Leaves finds the exit criterion that is met (journey.Facts).
func (f facts) Leaves(r *core.Run, l *core.Leave) core.Reason {
	switch {
	case l.Bought && f.bought(r):
		return core.ReasonLeftBought
	case l.Unsubscribed && f.unsubscribed(r):
		return core.ReasonLeftUnsub
	case l.SoldOut && f.soldOut(r):
		return core.ReasonLeftSoldOut
	case !filter.Everything(l.Where) && f.about(r).holds(f.rule(r.Journey, "")):
		return core.ReasonLeftWhere
	}
	return ""
}

// bought says whether the contact bought what the run is about since it entered.
func (f facts) bought(r *core.Run) bool {
	e, ok := db.Entries.Get(f.tx, db.EntryKey{Contact: r.Contact, Target: r.Entered.Asked})
	return ok && !e.Waiting() && e.Closed == core.ClosedBought && e.ClosedAt >= r.Entered.At
}

// unsubscribed says whether the contact wants nothing more by a channel that the journey sends by, or has complained of it.
func (f facts) unsubscribed(r *core.Run) bool {
	j, _ := f.config.journey(r.Journey)
	contact, _ := db.Contacts.Get(f.tx, r.Contact)
	for _, ch := range channels(j) {
		a, ok := contact.Address(ch)
		if why := db.SuppressedFor(f.tx, a); ok && (why == core.ReasonUnsubscribed || why == core.ReasonComplained) {
			return true
		}
		if ok && contact.Allows(ch, cmp.Or(j.Purpose, core.StockAlert), r.Entered.AskedAt) == core.ReasonWithdrawn {
			return true
		}
	}
	return false
}

// channels are those that a journey sends by.
func channels(j core.Journey) (all []core.Channel) {
	for _, s := range j.Shapes {
		if ch, _, ok := s.Sends(); ok && !slices.Contains(all, ch) {
			all = append(all, ch)
		}
	}
	return all
}

// soldOut says whether the restock that the run is about is over. While it pauses it may yet go on.
func (f facts) soldOut(r *core.Run) bool {
	a := &r.Entered
	if a.Kind != core.BackInStock && a.Kind != core.RunningLow {
		return false
	}
	st, _ := db.Stocks.Get(f.tx, db.StockKey{Variant: a.VariantKey(), Market: a.Market})
	return st.Restock != a.Restock || st.RestockAt == core.RestockClosed
}

// Zone is whose clocks a delay goes by (journey.Facts). A contact's are those of the zone that is noted of it, or else of the
// country of its phone number or its region, where all of that country keeps one time; else the workspace's.
func (f facts) Zone(r *core.Run, whose core.Clocks) (z *time.Location, how string) {
	own := f.config.zone
	if whose != core.ClocksOfContact {
		return own, own.String() + " (the workspace's)"
	}
	contact, _ := db.Contacts.Get(f.tx, r.Contact)
	if z, ok := f.config.zones.load(contact.Fields[core.ZoneField]); ok {
		return z, z.String() + " (the contact's)"
	}
	if z, ok := f.config.zones.load(contact.Zone); ok && contact.Zone != "" {
		return z, z.String() + " (the contact's browser)"
	}
	if _, country, err := address.Phone(contact.Phone, ""); err == nil {
		if z, ok := f.config.zones.load(zone.Of(country)); ok {
			return z, z.String() + " (the contact's phone is of " + country + ")"
		}
	}
	if z, ok := f.config.zones.load(zone.Of(contact.Region)); ok {
		return z, z.String() + " (the contact's region is " + contact.Region + ")"
	}
	return own, own.String() + " (the workspace's; the contact's is not known)"
}

// Limited says whether the contact passed the shape as often as it may (journey.Facts): of a message, those count that were not
// called off.
func (f facts) Limited(r *core.Run, s core.Shape) bool {
	var since core.Time
	if s.Allowance.Within > 0 {
		since = f.at.Add(-s.Allowance.Within) + 1
	}
	n := int64(0)
	if _, _, sends := s.Sends(); sends {
		n = f.messages(r, s, since)
	} else {
		n = passed(r, s, since)
		db.RunsOf.Scan(f.tx, r.Contact, func(id core.RunID) bool {
			if other, ok := db.Runs.Get(f.tx, id); ok && id != r.ID && other.Journey == r.Journey {
				n += passed(&other, s, since)
			}
			return n < s.Allowance.Times
		})
	}
	return n >= s.Allowance.Times
}

func (f facts) messages(r *core.Run, s core.Shape, since core.Time) (n int64) {
	db.IntentsOf.Scan(f.tx, r.Contact, func(k core.LedgerKey) bool {
		i, ok := db.Intents.Get(f.tx, k)
		if ok && i.Journey == r.Journey && i.Shape == s.Name && i.Made >= since && i.At != core.IntentDropped {
			n++
		}
		return n < s.Allowance.Times
	})
	return n
}

// passed counts how often a run did what a shape does.
func passed(r *core.Run, s core.Shape, since core.Time) (n int64) {
	for _, step := range r.Steps {
		if step.Shape == s.Name && step.At >= since && journey.Did(step.Reason) {
			n++
		}
	}
	return n
}

// zones are those that were asked for, loaded once. It may be asked by several goroutines.
type zones struct {
	mu    sync.Mutex
	known map[string]*time.Location // nil: there is none of that name
}

// maxZones bounds the names that are kept: contacts' fields may say anything.
const maxZones = 1000

func (k *zones) load(name string) (*time.Location, bool) {
	if name == "" {
		return nil, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	z, known := k.known[name]
	if !known {
		z, _ = zone.Load(name) // nil when there is none
		if len(k.known) < maxZones {
			k.known[name] = z
		}
	}
	return z, z != nil
}
