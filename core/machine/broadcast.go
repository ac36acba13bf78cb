package machine

import (
	"bytes"
	"time"

	"restock/core"
	"restock/core/db"
	"restock/core/filter"
)

// declareBroadcasts takes over broadcasts as they shall be, and what operators say of them.
func (s *step) declareBroadcasts(d core.Declaration) {
	for _, b := range d.Broadcasts {
		s.declareBroadcast(b)
	}
	for _, w := range d.Words {
		if b, ok := db.Broadcasts.Get(s.tx, w.Broadcast); ok && w.Word.Fits(b) {
			s.tellBroadcast(&b, w.Word)
			db.Broadcasts.Set(s.tx, b.Broadcast.Name, b)
		}
	}
}

// declareBroadcast keeps the definition of one that has begun: some have got it as it was.
func (s *step) declareBroadcast(d core.DeclaredBroadcast) {
	b, ok := db.Broadcasts.Get(s.tx, d.Broadcast.Name)
	if !ok {
		b = core.Announcement{ID: core.NewBroadcastID(s.config.workspace.Name, d.Broadcast.Name), Phase: core.BroadcastOff}
	}
	moved := b.Broadcast.At != d.Broadcast.At
	if !b.Phase.Begun() {
		b.Broadcast = d.Broadcast
	}
	word := core.TurnOn
	switch {
	case d.State != nil && !*d.State:
		word = core.TurnOff
	case d.State == nil && (b.Phase != core.BroadcastPlanned || !moved):
		word = ""
	case d.State != nil && b.Phase == core.BroadcastMissed && !moved:
		word = "" // the same file once more is no wish that it go out late
	case b.Phase == core.BroadcastPlanned && moved:
		b.Phase = core.BroadcastOff // it is planned anew
	}
	if word.Fits(b) {
		s.tellBroadcast(&b, word)
	}
	db.Broadcasts.Set(s.tx, b.Broadcast.Name, b)
}

// tellBroadcast does what a word says that fits.
func (s *step) tellBroadcast(b *core.Announcement, word core.BroadcastVerb) {
	switch word {
	case core.TurnOn:
		s.planBroadcast(b)
	case core.PauseBroadcast:
		b.Paused = true
	case core.ResumeBroadcast:
		b.Paused = false
		s.releaseBroadcast(b)
	case core.TurnOff:
		if b.Phase != core.BroadcastGoing {
			b.Phase, b.Due = core.BroadcastOff, 0
			return
		}
		b.Phase, b.Paused, b.EndedAt = core.BroadcastStopped, false, s.now()
		db.Works.Delete(s.tx, b.Work)
		s.releaseBroadcast(b) // to the gates, which drop it
	}
}

// planBroadcast begins a broadcast, or has it begin when its time comes.
func (s *step) planBroadcast(b *core.Announcement) {
	b.Phase, b.Due = core.BroadcastPlanned, s.broadcastDue(b.Broadcast.At)
	switch late := s.now().Since(b.Due); {
	case late > core.BroadcastLate:
		b.Phase = core.BroadcastMissed
	case late >= 0:
		s.beginBroadcast(b)
	default:
		s.broadcastTimer(b, b.Due)
	}
}

// broadcastDue is the moment that is written at; what is not written, or this version cannot read, is now.
func (s *step) broadcastDue(at string) core.Time {
	t, err := time.ParseInLocation(core.BroadcastTime, at, readConfig(s.tx).zone)
	if err != nil {
		return s.now()
	}
	return core.TimeOf(t)
}

// broadcastTimer has the broadcast looked at when a moment has come. Timers that are not of its plan any more are passed over.
func (s *step) broadcastTimer(b *core.Announcement, due core.Time) {
	s.setTimer(db.Timer{Due: due, Run: core.RunID(b.ID), Broadcast: b.Broadcast.Name, Version: s.sequence})
}

func (s *step) broadcastTime(t db.Timer) {
	b, _ := db.Broadcasts.Get(s.tx, t.Broadcast)
	switch {
	case b.Phase == core.BroadcastPlanned && b.Due == t.Due:
		s.planBroadcast(&b)
	case b.Waits && b.NextAt == t.Due:
		b.Waits, b.Left = false, b.Broadcast.Rate.Contacts
		b.NextAt = s.now().Add(b.Broadcast.Rate.Every)
	default:
		return
	}
	db.Broadcasts.Set(s.tx, b.Broadcast.Name, b)
}

// beginBroadcast fixes to whom it goes: the filter as it is, and who fits it as of now.
func (s *step) beginBroadcast(b *core.Announcement) {
	if saved, ok := db.Audiences.Get(s.tx, b.Broadcast.Audience); ok {
		b.Broadcast.Where = saved.Where
	}
	b.Phase, b.BegunAt = core.BroadcastGoing, s.now()
	if rate := b.Broadcast.Rate; rate.Contacts > 0 {
		b.Left, b.NextAt = rate.Contacts, s.now().Add(rate.Every)
	}
	b.Work = s.begin(core.Work{Kind: core.WorkBroadcast, Broadcast: b.Broadcast.Name, Until: s.now()})
}

// releaseBroadcast gives what is held of it back to the gates.
func (s *step) releaseBroadcast(b *core.Announcement) {
	any := false
	db.Held.Scan(s.tx, core.RestockID(b.ID), func(core.LedgerKey) bool { any = true; return false })
	if any {
		s.begin(core.Work{Kind: core.WorkRelease, Restock: core.RestockID(b.ID)})
	}
}

// heldBy is under what a held intent is found: the restock that it is about, or the broadcast that pauses.
func heldBy(i core.Intent) core.RestockID {
	if i.Reason == core.ReasonBroadcastPaused {
		return core.RestockID(i.Run) // where others have their run, it has its broadcast
	}
	return i.Activity.Restock
}

// broadcastPage makes the messages for the next contacts of a broadcast's audience.
func (s *step) broadcastPage(w *core.Work) (done bool) {
	b, ok := db.Broadcasts.Get(s.tx, w.Broadcast)
	if !ok || b.Work != w.ID || b.Phase != core.BroadcastGoing {
		return true
	}
	if !b.Moves() {
		return false
	}
	room := core.BroadcastPage
	if b.Broadcast.Rate.Contacts > 0 {
		room = int(min(int64(room), b.Left))
	}
	found, next, done := s.recipients(&b, broadcastCursor(w.Cursor), room)
	made := b.Made
	for i := range found {
		s.announce(&b, &found[i])
	}
	w.Cursor = core.Cursor{Row: next.Row, Contact: next.Contact, Rank: uint64(next.Part)}
	if done {
		b.Phase, b.EndedAt = core.BroadcastDone, s.now()
	} else if b.Broadcast.Rate.Contacts > 0 {
		s.pace(&b, b.Made-made)
	}
	db.Broadcasts.Set(s.tx, b.Broadcast.Name, b)
	return done
}

// pace counts what a page made against the rate. When that is used up, the broadcast waits for the next stretch of time.
func (s *step) pace(b *core.Announcement, made int64) {
	if s.now() >= b.NextAt { // it took longer than the stretch: another has begun
		b.Left, b.NextAt = b.Broadcast.Rate.Contacts, s.now().Add(b.Broadcast.Rate.Every)
	}
	if b.Left -= made; b.Left <= 0 {
		b.Left, b.Waits = 0, true
		s.broadcastTimer(b, b.NextAt)
	}
}

func broadcastCursor(c core.Cursor) AudienceCursor {
	return AudienceCursor{Part: int(c.Rank), Row: c.Row, Contact: c.Contact} //nolint:gosec // as broadcastPage wrote it
}

// recipients are the next contacts of a broadcast's audience, as of its beginning.
func (s *step) recipients(b *core.Announcement, after AudienceCursor, room int) (found []recipient, next AudienceCursor, done bool) {
	saved := audience{core.Audience{Name: b.Broadcast.Name, Where: b.Broadcast.Where}, compiled(b.Broadcast.Where, filter.Audience, s.config.env(s.tx))}
	a := newAudience(s.tx, saved, b.BegunAt)
	defer a.Close()
	found, next, done, err := a.page(after, room)
	return found, next, done && err == nil // whoever commits finds the error
}

// announce makes the message for a contact, or counts why there is none.
func (s *step) announce(b *core.Announcement, r *recipient) {
	if db.Intents.Has(s.tx, s.announcementKey(b, r.contact.ID)) {
		return // found twice: something of it has changed places meanwhile
	}
	i, reason := s.announcement(b, r)
	if reason != "" {
		b.Passed = core.CountReason(b.Passed, reason)
		s.count.Count("broadcast", reason)
		return
	}
	i.Order = s.next()
	db.IntentsOf.Add(s.tx, i.Contact, i.Key)
	s.putIntent(core.Intent{}, i)
	b.Made++
	s.count.Count("broadcast", core.ReasonIntended)
}

// broadcastShape stands in ledger keys where a journey's messages have their shape.
const broadcastShape = "broadcast"

// announcementKey is the same for a contact however often it is found, and by whichever leader.
func (s *step) announcementKey(b *core.Announcement, c core.ContactID) core.LedgerKey {
	return core.NewLedgerKey(s.config.workspace.Name, core.RunID(b.ID), broadcastShape, 1, c, b.Broadcast.Channel)
}

// announcement is the message of a broadcast for a contact, or the reason for none.
func (s *step) announcement(b *core.Announcement, r *recipient) (i core.Intent, why core.Reason) {
	d := &b.Broadcast
	to, ok := r.contact.Address(d.Channel)
	var refused core.Reason // a webhook goes to the operator's own programs, which ask nobody
	if d.Channel != core.Webhook {
		refused = r.contact.Allows(d.Channel, d.Purpose, r.activity.AskedAt)
	}
	switch {
	case r.contact.CreatedAt > b.BegunAt:
		return i, core.ReasonJoinedLater
	case !ok:
		return i, core.ReasonNoAddress
	case db.SuppressedFor(s.tx, to) != "":
		return i, core.ReasonSuppressed
	case refused != "":
		return i, refused
	case !d.Told && s.toldOf(b, r):
		return i, core.ReasonAlreadyTold
	}
	return core.Intent{
		Key: s.announcementKey(b, r.contact.ID), Contact: r.contact.ID, Channel: d.Channel,
		Broadcast: d.Name, Run: core.RunID(b.ID), Shape: broadcastShape,
		Sender: d.Send.Sender, Template: d.Send.Template, Activity: r.activity, Purpose: d.Purpose,
		Free: d.Stock || r.activity.Kind != core.BackInStock,
		At:   core.IntentDue, Due: s.now(), Made: s.now(),
	}, ""
}

// toldOf says whether a message about the restock that a contact was found by has reached it, or is about to.
func (s *step) toldOf(b *core.Announcement, r *recipient) (told bool) {
	about := r.activity.Restock
	if about == (core.RestockID{}) {
		return false
	}
	if !db.Activities.Has(s.tx, db.ActivityKey{Contact: r.contact.ID, ID: r.activity.ID}) {
		return r.cohort == nil || r.cohort.Activity.Restock != about || s.anyTells(r.cohort.Journeys)
	}
	if s.coming(about, r.contact.ID) {
		return true
	}
	db.IntentsOf.Scan(s.tx, r.contact.ID, func(k core.LedgerKey) bool {
		i, _ := db.Intents.Get(s.tx, k)
		told = i.Activity.Restock == about && i.Broadcast != b.Broadcast.Name && (i.At == core.IntentSent || i.At == core.IntentUnknown)
		return !told
	})
	return told
}

// anyTells says whether a journey that is on, of these, tells a contact.
func (s *step) anyTells(names []core.Name) bool {
	for _, name := range names {
		if j, ok := s.config.journey(name); ok && j.On && s.tells(name) {
			return true
		}
	}
	return false
}

// about is the newest of a contact's activities that a filter asks for; the zero one, when their details are gone.
func (p *past) about(where *filter.Compiled, now core.Time) (newest core.Activity) {
	p.load()
	for i := range p.activities {
		a := &p.activities[i]
		if a.At <= now && where.Means(a, now) && (newest.ID == core.ActivityID{} || a.At > newest.At || a.At == newest.At && bytes.Compare(a.ID[:], newest.ID[:]) > 0) {
			newest = *a
		}
	}
	return newest
}

// countBroadcast counts what came of a broadcast's message.
func (s *step) countBroadcast(i core.Intent) {
	if i.Broadcast == "" || i.At != core.IntentSent && i.At != core.IntentDropped {
		return
	}
	b, ok := db.Broadcasts.Get(s.tx, i.Broadcast)
	if !ok {
		return
	}
	if i.At == core.IntentSent {
		b.Sent++
	} else {
		b.Dropped = core.CountReason(b.Dropped, i.Reason)
	}
	db.Broadcasts.Set(s.tx, i.Broadcast, b)
}

// Trial is what a broadcast would do now.
type Trial struct {
	Found  int64 // contacts that the audience has
	Passed []core.ReasonCount
	Reach  [len(trialChannels)]int64 // of those found, who has an address for the channel and wants messages of the purpose there
}

var trialChannels = [...]core.Channel{core.Email, core.SMS, core.Push}

// ReachedBy is how many can be reached by a channel.
func (t Trial) ReachedBy() map[core.Channel]int64 {
	by := map[core.Channel]int64{}
	for i, ch := range trialChannels {
		by[ch] = t.Reach[i]
	}
	return by
}

// count counts a contact by the channels that it can be reached by.
func (t *Trial) count(s *step, b *core.Announcement, r *recipient) {
	t.Found++
	for i, ch := range trialChannels {
		to, ok := r.contact.Address(ch)
		if ok && db.SuppressedFor(s.tx, to) == "" && r.contact.Allows(ch, b.Broadcast.Purpose, r.activity.AskedAt) == "" {
			t.Reach[i]++
		}
	}
}

// Try goes through the audience of a broadcast as if it began at a moment, for whoever asks what would come of it. Visit gets
// each message that would be made; it returns false to end. It writes to tx, which the caller throws away.
func (m *Machine) Try(tx *db.Tx, name core.Name, now core.Time, visit func(core.Contact, core.Intent) bool) (t Trial, ok bool, err error) {
	b, ok := db.Broadcasts.Get(tx, name)
	if !ok {
		return t, false, tx.Err()
	}
	s := m.scratch(tx)
	s.position.Now = max(s.position.Now, now)
	if !b.Phase.Begun() {
		s.beginBroadcast(&b)
	}
	seen := map[core.ContactID]bool{}
	for after, done := (AudienceCursor{}), false; !done && tx.Err() == nil; {
		var found []recipient
		found, after, done = s.recipients(&b, after, core.BroadcastPage)
		for i := range found {
			r := &found[i]
			if seen[r.contact.ID] {
				continue
			}
			seen[r.contact.ID] = true
			t.count(s, &b, r)
			intent, why := s.announcement(&b, r)
			if why != "" {
				t.Passed = core.CountReason(t.Passed, why)
			} else if !visit(r.contact, intent) {
				return t, true, tx.Err()
			}
		}
	}
	return t, true, tx.Err()
}
