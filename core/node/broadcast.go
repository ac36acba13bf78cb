package node

import (
	"cmp"
	"context"
	"errors"
	"time"

	"restock/core"
	"restock/core/console"
	"restock/core/db"
	"restock/core/filter"
	"restock/core/manifest"
	"restock/core/notify"
	"restock/core/template"
	"restock/core/wire"
)

// broadcastMoves says whether messages of a broadcast may be made now: it goes, and its sender has little to do, so that they
// take no room, can be called off, and stand before no more than a few of a restock that happens meanwhile.
func broadcastMoves(tx *db.Tx, work core.Work) bool {
	b, ok := db.Broadcasts.Get(tx, work.Broadcast)
	if !ok || !b.Moves() {
		return ok && b.Phase != core.BroadcastGoing // its work is over, and ends with the next page
	}
	n := 0
	db.Due.Scan(tx, b.Broadcast.Send.Sender, func(db.DueIntent) bool { n++; return n < core.BroadcastPage })
	return n < core.BroadcastPage
}

// checkBroadcasts checks what broadcasts refer to. One that has begun stays as it is.
func (w *workspace) checkBroadcasts(d core.Declaration, wrong *core.InvalidError) {
	for _, declared := range d.Broadcasts {
		b := declared.Broadcast
		field := "broadcast " + string(b.Name)
		w.checkSends(field+"."+string(b.Channel)+".sender", b.Channel, b.Send.Sender, d, wrong)
		w.checkFilter(field+".where", b.Where, d, wrong)
		if b.Audience != "" && !w.hasAudience(b.Audience, d) {
			wrong.Add(field+".audience", "there is no audience %s", b.Audience)
		}
		checkWords(field+"."+string(b.Channel), b.Send.Template, manifest.AboutOf(w.whereOf(b, d)), d, wrong)
		if known, ok := w.broadcast(b.Name); ok && known.Phase.Begun() && known.Broadcast.Version != b.Version {
			wrong.Add(field, "it has begun and says what it says; to send something else, or once more, give it another name")
		}
	}
}

// whereOf is whom a broadcast goes to: its own filter, or that of its audience.
func (w *workspace) whereOf(b core.Broadcast, d core.Declaration) core.Filter {
	if b.Audience == "" {
		return b.Where
	}
	for _, a := range d.Audiences {
		if a.Name == b.Audience {
			return a.Where
		}
	}
	var saved core.Audience
	_ = w.view(func(tx *db.Tx) { saved, _ = db.Audiences.Get(tx, b.Audience) }) // one that cannot be read is refused as not there
	return saved.Where
}

// checkWords refuses a message that shows what is not there when it is about such an activity. The files' own are refused where they stand;
// here are those as well to which a changed template or audience comes.
func checkWords(field string, of core.Hash, about core.ActivityKind, d core.Declaration, wrong *core.InvalidError) {
	for _, t := range d.Templates {
		if core.HashTemplate(t) != of {
			continue
		}
		if missing := manifest.Lacking(template.Needs(t), about); len(missing) > 0 {
			wrong.Add(field, "%s", manifest.WhyLacking(missing, about))
		}
	}
}

func (w *workspace) hasAudience(name core.Name, d core.Declaration) (has bool) {
	for _, a := range d.Audiences {
		has = has || a.Name == name
	}
	_ = w.view(func(tx *db.Tx) { has = has || db.Audiences.Has(tx, name) }) // what cannot be read is refused as not there
	return has
}

func (w *workspace) broadcast(name core.Name) (a core.Announcement, ok bool) {
	_ = w.view(func(tx *db.Tx) { a, ok = db.Broadcasts.Get(tx, name) }) // what cannot be read is not there
	return a, ok
}

// Broadcasts are those of a workspace (console.Backend).
func (n *Node) Broadcasts(name core.WorkspaceName) (all []console.BroadcastReport, err error) {
	w, err := n.named(name)
	if err != nil {
		return nil, err
	}
	err = w.view(func(tx *db.Tx) {
		db.Broadcasts.All(tx, func(a core.Announcement) bool { all = append(all, broadcastReport(a)); return true })
	})
	return all, err
}

func broadcastReport(a core.Announcement) console.BroadcastReport {
	b := a.Broadcast
	r := console.BroadcastReport{
		Name: b.Name, Title: b.Title, To: cmp.Or(string(b.Audience), filter.Text(b.Where)), Channel: b.Channel, Purpose: b.Purpose,
		Phase: a.Phase, Paused: a.Paused, At: b.At, Made: a.Made, Sent: a.Sent, Dropped: reasons(a.Dropped), Passed: reasons(a.Passed),
	}
	if a.Phase == core.BroadcastPlanned {
		r.Due = a.Due.String()
	}
	if a.BegunAt != 0 {
		r.BegunAt = a.BegunAt.String()
	}
	if a.EndedAt != 0 {
		r.EndedAt = a.EndedAt.String()
	}
	if a.Waits {
		r.NextAt = a.NextAt.String()
	}
	return r
}

func reasons(all []core.ReasonCount) map[core.Reason]int64 {
	m := map[core.Reason]int64{}
	for _, c := range all {
		m[c.Reason] += c.N
	}
	return m
}

// SetBroadcast says an operator's word about a broadcast (console.Backend).
func (n *Node) SetBroadcast(ctx context.Context, name core.WorkspaceName, b core.Name, word core.BroadcastVerb) (r console.BroadcastReport, ok bool, err error) {
	w, found := n.workspace(name)
	if !found {
		return r, false, nil
	}
	a, ok := w.broadcast(b)
	if !ok {
		return r, false, nil
	}
	if !word.Fits(a) {
		return broadcastReport(a), true, &core.InvalidError{Fields: []core.FieldError{{Field: "verb", Message: futileWord(a)}}}
	}
	d := core.Declaration{Words: []core.BroadcastWord{{Broadcast: b, Word: word}}}
	if err := w.append(ctx, 0, wire.Declare{Declaration: d}); err != nil {
		return r, true, err
	}
	a, _ = w.broadcast(b)
	return broadcastReport(a), true, nil
}

// futileWord says why a word about a broadcast changes nothing.
func futileWord(a core.Announcement) string {
	switch {
	case a.Phase == core.BroadcastStopped:
		return "the broadcast was stopped, which is for good; to send the rest, write one of another name"
	case a.Phase == core.BroadcastDone && !a.Paused:
		return "the broadcast has gone out to its whole audience; to send it once more, write one of another name"
	case a.Paused:
		return "the broadcast is paused: resume it or turn it off"
	}
	return "the broadcast is " + string(a.Phase)
}

// TryBroadcast counts who would get a broadcast (console.Backend). Each message that would be made is asked about at the gates
// that it would come to.
func (n *Node) TryBroadcast(ctx context.Context, name core.WorkspaceName, b core.Name, sample int) (r console.BroadcastTrial, ok bool, err error) {
	w, err := n.named(name)
	if err != nil {
		return r, false, err
	}
	tx := w.db.Begin() // what is written to it is thrown away
	defer tx.Discard()
	now, end := core.TimeOf(time.Now()), time.Now().Add(audienceTime)
	r = console.BroadcastTrial{Name: b, At: now.String(), Passed: map[core.Reason]int64{}}
	var failed error
	t, ok, err := w.machine.Try(tx, b, now, func(c core.Contact, i core.Intent) bool {
		if failed = ctx.Err(); failed != nil || time.Now().After(end) {
			r.More = true
			return false
		}
		var about about
		if about, failed = w.about(i); failed != nil {
			return false
		}
		if d := notify.Decide(&about.subject); d.Kind != "" {
			r.Passed[d.Reason]++
			return true
		}
		r.Messages++
		if len(r.Sample) < sample {
			r.Sample = append(r.Sample, console.AudienceContact{Contact: c.ID.String(), Address: masked(c)})
		}
		return true
	})
	r.Audience, r.Reach = t.Found, t.ReachedBy()
	for _, c := range t.Passed {
		r.Passed[c.Reason] += c.N
	}
	return r, ok, errors.Join(err, failed)
}
