package machine

import (
	"bytes"
	"slices"

	"restock/core"
	"restock/core/activity"
	"restock/core/db"
	"restock/core/wire"
)

// pageBytes bounds what a page writes, so that many journeys on one activity cannot make a transaction too large.
const pageBytes = 3 << 20

// proceed moves a work on by one page. It is void when the work is gone or its cursor has moved: the leader's view was
// older than the journal.
func (s *step) proceed(e wire.Continue) {
	w, ok := db.Works.Get(s.tx, e.Work)
	if !ok || w.Cursor != e.From {
		return
	}
	done := true
	switch w.Kind {
	case core.WorkRestock:
		done = s.restockPage(&w, e)
	case core.WorkRank:
		done = s.rankPage(&w, e)
	case core.WorkSettle:
		done = s.settlePage(&w)
	case core.WorkRelease:
		done = s.releasePage(&w)
	case core.WorkErase:
		done = s.erasePage(w.Contact)
	case core.WorkLeave:
		done = s.leaveOn(w.Contact)
	case core.WorkPending:
		done = s.pendingPage(&w)
	case core.WorkExpire:
		done = s.expirePage(&w)
	case core.WorkCohorts:
		done = s.cohortsPage(&w)
	case core.WorkSweep:
		done = s.sweepPage(&w)
	case core.WorkOrders:
		done = s.ordersPage(&w)
	case core.WorkApprove:
		done = s.approvePage(&w)
	case core.WorkDrop:
		done = s.dropPage(&w)
	case core.WorkLines:
		done = s.linesPage(&w)
	case core.WorkBroadcast:
		done = s.broadcastPage(&w)
	case core.WorkStand, core.WorkMove:
		done = s.standPage(&w)
	case core.WorkWatch:
		done = s.watchPage(&w)
	case core.WorkLow:
		done = s.lowPage(&w)
	case core.WorkJudge:
		done = s.judgePage(&w)
	}
	w.Pages++
	if done {
		db.Works.Delete(s.tx, w.ID)
		switch w.Kind {
		case core.WorkRelease:
			s.released(w)
		case core.WorkRestock, core.WorkRank:
			s.afterWork(w)
		case core.WorkLow:
			s.callOf(w.Restock)
		}
		return
	}
	db.Works.Set(s.tx, w.ID, w)
}

// place is a place in one of a restock's lines.
type place struct {
	db.Place
	target core.Target
	line   int    // which of the restock's lines
	rank   uint64 // core.Rank.Key, where the restock's order is written down
	note   []byte // beside it, while plugins are asked
}

// places are the next in line of a restock, from the work's cursor on, in the order that it tells in.
func (s *step) places(w *core.Work, r core.Restock) (places []place, done bool) {
	if r.Waves.Ranked {
		places = s.ranked(r, pageOf(w))
		return places, len(places) < pageOf(w)
	}
	return s.page(w, r)
}

// someAgain is how many places a page reads at least where those who were taken are passed over.
const someAgain = 256

// pageOf is how many places a page of a work reads at most: of a small wave, hardly more than it may take.
func pageOf(w *core.Work) int {
	switch {
	case w.Left == 0:
		return core.CohortContacts
	case w.Again:
		return int(min(core.CohortContacts, max(w.Left, someAgain)))
	}
	return int(min(core.CohortContacts, w.Left))
}

// page merges the restock's lines in order of captures, from the work's cursor on.
func (s *step) page(w *core.Work, r core.Restock) (places []place, done bool) {
	var lines [2][]place
	for i, t := range targetsOf(r.Variant, r.Product) {
		lines[i] = s.line(w, t.Waitlist(r.Market), i)
	}
	if len(lines[1]) == 0 { // as of most restocks
		return lines[0], len(lines[0]) < pageOf(w)
	}
	for len(places) < pageOf(w) && len(lines[0])+len(lines[1]) > 0 {
		i := 0
		if len(lines[0]) == 0 || (len(lines[1]) > 0 && before(lines[1][0], lines[0][0])) {
			i = 1
		}
		places = append(places, lines[i][0])
		lines[i] = lines[i][1:]
	}
	return places, len(places) < pageOf(w)
}

func before(a, b place) bool {
	if a.At != b.At {
		return a.At < b.At
	}
	return bytes.Compare(a.Contact[:], b.Contact[:]) < 0
}

// few is for how many places there is room at first: most lines are short, and of the others a page is full.
const few = 32

// line reads at most a page of one line.
func (s *step) line(w *core.Work, line core.Waitlist, n int) (places []place) {
	target := line.Target()
	take := func(p db.Place, note []byte) bool {
		if p.At > w.Until {
			return false
		}
		switch len(places) {
		case 0:
			places = make([]place, 0, min(few, pageOf(w)))
		case few:
			places = slices.Grow(places, pageOf(w)-few)
		}
		places = append(places, place{p, target, n, 0, note})
		return len(places) < pageOf(w)
	}
	if s.traits != nil {
		s.notedLine(w, line, take)
		return places
	}
	scan := func(p db.Place) bool { return take(p, nil) }
	if w.Cursor == (core.Cursor{}) {
		db.Waitlists.Scan(s.tx, line, scan)
	} else {
		db.Waitlists.After(s.tx, line, db.Place{At: w.Cursor.At, Contact: w.Cursor.Contact}, scan)
	}
	return places
}

// notedLine is line with the notes beside the places, which plugins are told.
func (s *step) notedLine(w *core.Work, line core.Waitlist, take func(p db.Place, note []byte) bool) {
	var cursor *db.Place
	if w.Cursor != (core.Cursor{}) {
		cursor = &db.Place{At: w.Cursor.At, Contact: w.Cursor.Contact}
	}
	var notes []byte // one after the other: a copy of each would be most of what a page allocates
	db.Waitlists.Noted(s.tx, line, cursor, func(p db.Place, note []byte) bool {
		begin := len(notes)
		notes = append(notes, note...)
		return take(p, notes[begin:len(notes):len(notes)])
	})
}

// backInStock makes the activities of a restock.
type backInStock struct {
	*step
	restock   core.Restock
	catalogue activity.Catalogue
	source    core.Source
	units     int64
	matched   int64
}

func (s *step) backInStock(r core.Restock) *backInStock {
	st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: r.Variant, Market: r.Market})
	return &backInStock{
		step: s, restock: r, units: st.Units, source: s.config.sources[r.Variant.Source],
		catalogue: s.catalogueIn(r.Market, core.Target{Source: r.Variant.Source, Variant: r.Variant.Variant}),
	}
}

// tell makes the contact's Back in stock activity, at most once per restock.
func (b *backInStock) tell(p place) {
	e, ok := db.Entries.Get(b.tx, db.EntryKey{Contact: p.Contact, Target: p.target})
	if !ok || !e.Waiting() {
		return
	}
	if !b.standsIn(p, b.restock.Market) {
		return // the source's markets have changed, and the entry is about to move into its own line
	}
	if activity.Expired(e, b.source.Retention, b.now()) {
		b.count.Count("match", core.ReasonExpired)
		return
	}
	a := activity.Back(e, b.restock, b.units, b.catalogue, b.now())
	if b.occurs(a) {
		b.matched++
	}
}

// releasePage gives a page of held intents back to the gates.
func (s *step) releasePage(w *core.Work) (done bool) {
	var keys []core.LedgerKey
	take := func(k core.LedgerKey) bool {
		keys = append(keys, k)
		return len(keys) < core.PageContacts
	}
	if w.Cursor == (core.Cursor{}) {
		db.Held.Scan(s.tx, w.Restock, take)
	} else {
		db.Held.After(s.tx, w.Restock, w.Cursor.Key, take)
	}
	begin := s.tx.Size()
	for _, k := range keys {
		s.releaseIntent(k)
		w.Cursor.Key = k
		if s.tx.Size()-begin > pageBytes {
			return false
		}
	}
	return len(keys) < core.PageContacts
}
