package core

import "encoding/binary"

// Cohort is a page of a restock's line to whom Back in stock occurred at one moment. It is a fact about all of them: each
// member's activity, runs and messages follow from it, and are written down when the cohort is expanded, no sooner than
// somebody has use for them. So a restock costs its million contacts a few bytes each before the first is told.
type Cohort struct {
	Activity Activity  `msgpack:"a"` // what members' activities have in common; Contact, ID, Asked and AskedAt are each one's own
	Journeys []Name    `msgpack:"j"` // that it lets them into: on, and fitting, when it occurred; by name
	Lines    [2]Target `msgpack:"l"` // what members wait for: Member.Line counts them
	Members  []byte    `msgpack:"m"` // MemberBytes each, in order of the line; Member reads them
	Answers  []Answers `msgpack:"v,omitempty"`
}

// CohortHead is what is looked at and changed most of a cohort, and kept apart from its members.
type CohortHead struct {
	ID      WorkID    `msgpack:"id"`
	Restock RestockID `msgpack:"r"`
	Members int       `msgpack:"n"`
	Done    int       `msgpack:"d"`           // members that were expanded, from the first on
	Senders []Name    `msgpack:"s,omitempty"` // of the journeys' e-mails: whom the members' messages may wait for
	Turns   bool      `msgpack:"t,omitempty"` // its restock counts the members who are not expanded among Waves.Out
}

// Member is a contact in a cohort.
type Member struct {
	At      Time      // its place in line
	Contact ContactID // zero: erased since
	Line    int       // which of the cohort's lines it stands in
}

// CohortContacts is how many members a cohort has at most: with what plugins answered it is a row that the database keeps
// beside the others. Larger values go to a log of their own, whose sync takes a tenth of a second.
const CohortContacts = 2048

// MemberBytes is how much a member takes in Cohort.Members.
const MemberBytes = 25

// AppendMember adds a member to Cohort.Members.
func AppendMember(b []byte, m Member) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(m.At))
	return append(append(b, m.Contact[:]...), byte(m.Line))
}

// Len is how many members the cohort has.
func (c *Cohort) Len() int { return len(c.Members) / MemberBytes }

// Member reads member n.
func (c *Cohort) Member(n int) Member {
	b := c.Members[n*MemberBytes:]
	return Member{Time(binary.BigEndian.Uint64(b)), ContactID(b[8:24]), int(b[24] & 1)}
}

// Find is a contact's number in the cohort.
func (c *Cohort) Find(id ContactID) (n int, ok bool) {
	for n := range c.Len() {
		if ContactID(c.Members[n*MemberBytes+8:n*MemberBytes+24]) == id {
			return n, true
		}
	}
	return 0, false
}

// Forget takes a member's contact out, and what was answered about it alone; its place stays.
func (c *Cohort) Forget(n int) {
	clear(c.Members[n*MemberBytes+8 : n*MemberBytes+24])
	for i := range c.Answers {
		c.Answers[i].forget(n)
	}
}

// ForgetAll is Forget of every place that a contact has; it says whether there was one.
func (c *Cohort) ForgetAll(id ContactID) (any bool) {
	for n, ok := c.Find(id); ok; n, ok = c.Find(id) {
		c.Forget(n)
		any = true
	}
	return any
}

// ActivityOf is what occurred to a member.
func (c *Cohort) ActivityOf(m Member) Activity {
	a := c.Activity
	a.ID, a.Contact = NewBackID(m.Contact, a.Restock), m.Contact
	a.Asked, a.AskedAt = c.Lines[m.Line], m.At
	return a
}

// Answers are what a condition plugin said of a cohort's members at one shape. Answers repeat, so each is written once.
type Answers struct {
	Journey Name     `msgpack:"j"`
	Shape   string   `msgpack:"s"`
	Plugin  Hash     `msgpack:"p"`
	Kinds   []Answer `msgpack:"k"`
	Of      []byte   `msgpack:"of"` // per member two bytes, big-endian: 0 for none, else 1 + the index of its answer in Kinds
}

// forget takes member n's answer out, with its text if nobody else was answered the same.
func (a *Answers) forget(n int) {
	kind := a.kind(n)
	if kind == 0 {
		return
	}
	clear(a.Of[2*n : 2*n+2])
	for other := range len(a.Of) / 2 {
		if a.kind(other) == kind {
			return
		}
	}
	a.Kinds[kind-1] = Answer{}
}

// kind is 1 + the index of member n's answer; 0 when it was not asked about.
func (a *Answers) kind(n int) int {
	if len(a.Of) < 2*n+2 {
		return 0
	}
	if kind := int(binary.BigEndian.Uint16(a.Of[2*n:])); kind <= len(a.Kinds) {
		return kind
	}
	return 0
}

// Answer is a verdict without whom it is about.
type Answer struct {
	Pass   bool   `msgpack:"y"`
	Reason string `msgpack:"r,omitempty"` // the plugin's own words
	Failed Reason `msgpack:"f,omitempty"` // "" unless it could not be asked; then why
	Score  int64  `msgpack:"n,omitempty"` // holds only when Scored
	Scored bool   `msgpack:"o,omitempty"`
}

// Answer is the answer about member n; ok is false when it was not asked about.
func (a *Answers) Answer(n int) (answer Answer, ok bool) {
	if kind := a.kind(n); kind > 0 {
		return a.Kinds[kind-1], true
	}
	return Answer{}, false
}
