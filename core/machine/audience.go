package machine

import (
	"bytes"
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/filter"
)

// Audience finds the contacts that a saved filter holds for at a moment. It looks where the filter says that something must
// have occurred: at the activities of that time, one by one or by the cohort; only a filter that says no time goes through all
// contacts. An Audience is for one goroutine and one transaction; close it before that ends.
//
// A contact may have many activities in that time and is found once: by the last of them.
type Audience struct {
	core.Audience
	Now     core.Time
	tx      *db.Tx
	reader  *db.Reader
	where   *filter.Compiled
	spans   []filter.Span
	all     bool // contacts are looked at; there is no time
	cohorts pending
}

// AudienceCursor is how far the pages of an audience have come; its zero value is the beginning. It may be kept, and gone on
// from in another transaction with an audience of the same moment: contacts whose activities change meanwhile may be found
// twice, or not if they go.
type AudienceCursor struct {
	Part    int            // cohorts, then single activities, of each span
	Row     core.Row       // behind which the part goes on
	Contact core.ContactID // of the cohort at Row: behind whom it goes on; zero: the cohort is done
}

// maxLookedAt is how many activities, members or contacts a page looks at, however few of them it takes.
const maxLookedAt = core.MaxPageContacts

// Audience is the one of that name as of a moment, which should have passed: what occurs after it is not looked at.
func (m *Machine) Audience(tx *db.Tx, name core.Name, now core.Time) (*Audience, bool) {
	c := m.config.Load()
	saved, ok := c.audiences[name]
	if !ok {
		return nil, false
	}
	return newAudience(tx, saved, now), true
}

func newAudience(tx *db.Tx, saved audience, now core.Time) *Audience {
	a := &Audience{Audience: saved.Audience, Now: now, tx: tx, reader: tx.Reader(), where: saved.where, cohorts: pending{tx: tx}}
	spans, ok := a.where.Spans(now)
	a.spans, a.all = spans, !ok
	for i := range a.spans {
		a.spans[i].To = min(a.spans[i].To, now+1)
	}
	return a
}

// Close ends the audience.
func (a *Audience) Close() { a.reader.Close() }

// Page finds at most n contacts behind a cursor. It may find fewer, or none, and have more to look at: done is true when there
// are none behind next.
func (a *Audience) Page(after AudienceCursor, n int) (found []core.Contact, next AudienceCursor, done bool, err error) {
	page, next, done, err := a.page(after, n)
	for _, r := range page {
		found = append(found, r.contact)
	}
	return found, next, done, err
}

// recipient is a contact of an audience with the activity that it was found by; none: it was found among all contacts.
type recipient struct {
	contact  core.Contact
	activity core.Activity
	cohort   *core.Cohort // that the activity is of, be it written down yet or not; nil: none
}

// page is Page with what each was found by.
func (a *Audience) page(after AudienceCursor, n int) (found []recipient, next AudienceCursor, done bool, err error) {
	p := audiencePage{Audience: a, cursor: after, room: n}
	if a.all {
		p.contacts()
	}
	for !a.all && !p.full && p.cursor.Part < 2*len(a.spans) {
		if span := a.spans[p.cursor.Part/2]; p.cursor.Part%2 == 0 {
			p.members(span)
		} else {
			p.singles(span)
		}
		if !p.full {
			p.cursor = AudienceCursor{Part: p.cursor.Part + 1}
		}
	}
	return p.found, p.cursor, !p.full, a.tx.Err()
}

// audiencePage is a page in the making.
type audiencePage struct {
	*Audience
	cursor AudienceCursor
	room   int // contacts that may yet be found
	looked int
	found  []recipient
	full   bool
}

// more says whether another contact may be looked at.
func (p *audiencePage) more() bool {
	p.full = p.full || p.room == 0 || p.looked == maxLookedAt
	return !p.full
}

// contacts looks at all contacts.
func (p *audiencePage) contacts() {
	db.ContactsAfter(p.tx, p.cursor.Row, func(row core.Row, c core.Contact) bool {
		if !p.more() {
			return false
		}
		p.looked++
		p.cursor.Row = row
		if p.holds(&c, &past{tx: p.tx, reader: p.reader, contact: c.ID, cohorts: &p.cohorts}) {
			p.take(recipient{contact: c})
		}
		return true
	})
}

// singles looks at activities that occurred to one contact each.
func (p *audiencePage) singles(span filter.Span) {
	type place struct {
		core.Row
		db.Occurred
	}
	var page []place
	db.OccurredBetween(p.tx, span.Kind, span.From, span.To, p.cursor.Row, func(row core.Row, o db.Occurred) bool {
		if len(page) == maxLookedAt-p.looked {
			return false
		}
		page = append(page, place{row, o})
		return true
	})
	for _, o := range page {
		if !p.more() {
			return
		}
		p.cursor.Row = o.Row
		p.look(o.Occurred, nil, nil)
	}
	p.more()
}

// members looks at the members of cohorts.
func (p *audiencePage) members(span filter.Span) {
	for !p.full {
		row, cohort, ok := p.cohort(span)
		if !ok {
			return
		}
		c, _ := db.Cohorts.Get(p.tx, cohort)
		p.membersOf(&c)
		if !p.full {
			p.cursor.Row, p.cursor.Contact = row, core.ContactID{}
		}
		p.more()
	}
}

// cohort is the next behind the cursor.
func (p *audiencePage) cohort(span filter.Span) (row core.Row, cohort core.WorkID, ok bool) {
	db.CohortsBetween(p.tx, span.Kind, span.From, span.To, p.cursor.Row, func(r core.Row, k db.OccurredKey, _ db.OccurredIn) bool {
		row, cohort, ok = r, k.Cohort, true
		return false
	})
	return row, cohort, ok
}

// membersOf looks at a cohort's members in the order of their ids, from behind the cursor, each once.
func (p *audiencePage) membersOf(c *core.Cohort) {
	members := make([]core.Member, c.Len())
	for n := range members {
		members[n] = c.Member(n)
	}
	slices.SortFunc(members, func(a, b core.Member) int { return bytes.Compare(a.Contact[:], b.Contact[:]) })
	for _, m := range members {
		if bytes.Compare(m.Contact[:], p.cursor.Contact[:]) <= 0 {
			continue // erased, looked at, or here twice
		}
		if !p.more() {
			return
		}
		p.cursor.Contact = m.Contact
		activity := c.ActivityOf(m)
		p.look(db.Occurred{At: activity.At, Contact: m.Contact, ID: activity.ID}, &activity, c)
	}
}

// look takes the contact of an activity if that is its last in any of the spans, and the filter holds. member is the activity
// of a cohort's member, which may not be written down yet.
func (p *audiencePage) look(o db.Occurred, member *core.Activity, cohort *core.Cohort) {
	p.looked++
	past := &past{tx: p.tx, reader: p.reader, contact: o.Contact, cohorts: &p.cohorts, occurring: member}
	if p.last(past) != o {
		return
	}
	if c, ok := db.Contacts.Get(p.tx, o.Contact); ok && p.holds(&c, past) {
		p.take(recipient{c, past.about(p.where, p.Now), cohort})
	}
}

func (p *audiencePage) holds(c *core.Contact, past *past) bool {
	return p.where.Holds(&filter.Subject{Now: p.Now, Contact: c, History: past})
}

func (p *audiencePage) take(r recipient) {
	p.found = append(p.found, r)
	p.room--
}

// last is a contact's last activity in any of the spans.
func (p *audiencePage) last(h *past) (last db.Occurred) {
	h.load()
	for _, a := range h.activities {
		last = p.later(last, a.Kind, db.Occurred{At: a.At, Contact: a.Contact, ID: a.ID})
	}
	for _, o := range h.faded {
		for _, end := range fadedEnds(o) {
			last = p.later(last, o.Kind, end)
		}
	}
	return last
}

func (p *audiencePage) later(last db.Occurred, k core.ActivityKind, o db.Occurred) db.Occurred {
	in := func(s filter.Span) bool { return s.Kind == k && s.From <= o.At && o.At < s.To }
	if !slices.ContainsFunc(p.spans, in) {
		return last
	}
	if last == (db.Occurred{}) || o.At > last.At || o.At == last.At && bytes.Compare(o.ID[:], last.ID[:]) > 0 {
		return o
	}
	return last
}
