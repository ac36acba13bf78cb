package machine

import (
	"cmp"

	"restock/core"
	"restock/core/db"
)

// Where a wave may have so many contacts per unit, each contact that is taken has a turn: the restock counts it as about to
// buy, from the wave on until its turn ends, it bought, or it is certain that no message reaches it.

// givesTurns says whether who is taken for the restock now has a turn.
func (s *step) givesTurns(r core.RestockID) bool {
	if r == (core.RestockID{}) || !s.config.turns {
		return false
	}
	known, ok := db.Restocks.Get(s.tx, r)
	return ok && known.At != core.RestockClosed && s.wavesOf(&known).PerUnit > 0
}

// takeTurn gives a contact that was taken its turn, if a message may come of it; counted, if the restock counts it already.
func (s *step) takeTurn(r core.RestockID, c core.ContactID, counted bool) {
	change := 0
	if counted {
		change = -1
	}
	if s.givesTurns(r) && s.coming(r, c) {
		db.Turns.Set(s.tx, db.TurnKey{Restock: r, Contact: c}, core.Turn{})
		change++
	}
	s.countOut(r, change)
}

// countOut changes how many contacts count as about to buy: those who have a turn, and those in cohorts that have yet to
// be expanded.
func (s *step) countOut(id core.RestockID, by int) {
	if by == 0 {
		return
	}
	if r, ok := db.Restocks.Get(s.tx, id); ok {
		r.Waves.Out = max(0, r.Waves.Out+int64(by))
		db.Restocks.Set(s.tx, id, r)
	}
}

// coming says whether a message about the restock may yet reach the contact.
func (s *step) coming(r core.RestockID, c core.ContactID) (is bool) {
	db.RunsOf.Scan(s.tx, c, func(id core.RunID) bool {
		run, ok := db.Runs.Get(s.tx, id)
		is = ok && run.Entered.Restock == r && run.At != core.RunOver && s.tells(run.Journey)
		return !is
	})
	if is {
		return true
	}
	db.IntentsOf.Scan(s.tx, c, func(k core.LedgerKey) bool {
		i, ok := db.Intents.Get(s.tx, k)
		open := i.At == core.IntentDue || i.At == core.IntentClaimed || i.At == core.IntentHeld
		is = ok && open && i.Activity.Restock == r && !i.Reminder
		return !is
	})
	return is
}

// tells says whether a journey may tell a contact, rather than remind who was told.
func (s *step) tells(name core.Name) bool {
	j, _ := s.config.journey(name)
	return tells(j)
}

func tells(j core.Journey) bool {
	for _, shape := range j.Shapes {
		if _, send, ok := shape.Sends(); ok && !send.Reminder && j.Enter.Occurs != core.RunningLow {
			return true
		}
	}
	return false
}

// letGo ends the turn of a contact that no message reaches any more; the next in line may have it.
func (s *step) letGo(r core.RestockID, c core.ContactID) {
	if r == (core.RestockID{}) || !s.config.turns {
		return
	}
	key := db.TurnKey{Restock: r, Contact: c}
	if t, ok := db.Turns.Get(s.tx, key); !ok || t.Until != 0 || s.coming(r, c) {
		return
	}
	db.Turns.Delete(s.tx, key)
	s.countOut(r, -1)
	s.waveOf(r)
}

// beginTurn is when a provider took the message, or nobody knows whether it did.
func (s *step) beginTurn(i core.Intent) {
	if i.Reminder || i.Free || !s.config.turns {
		return
	}
	key := db.TurnKey{Restock: i.Activity.Restock, Contact: i.Contact}
	t, has := db.Turns.Get(s.tx, key)
	if has && t.Until != 0 || !has && !s.givesTurns(key.Restock) {
		return
	}
	if !has {
		s.countOut(key.Restock, 1)
	}
	r, _ := db.Restocks.Get(s.tx, key.Restock)
	s.endTurnAt(&r, key, s.turnEnd(&r))
}

// eraseTurn ends the turn of who is erased.
func (s *step) eraseTurn(r core.RestockID, c core.ContactID) {
	if s.config.turns && db.Turns.Has(s.tx, db.TurnKey{Restock: r, Contact: c}) {
		s.dropTurn(r, c)
		s.countOut(r, -1)
		s.waveOf(r)
	}
}

func (s *step) dropTurn(r core.RestockID, c core.ContactID) {
	key := db.TurnKey{Restock: r, Contact: c}
	t, _ := db.Turns.Get(s.tx, key)
	db.TurnEnds.Remove(s.tx, r, db.TurnEnd{At: t.Until, Contact: c})
	db.Turns.Delete(s.tx, key)
}

func (s *step) endTurnAt(r *core.Restock, key db.TurnKey, at core.Time) {
	t, _ := db.Turns.Get(s.tx, key)
	db.TurnEnds.Remove(s.tx, r.ID, db.TurnEnd{At: t.Until, Contact: key.Contact})
	db.Turns.Set(s.tx, key, core.Turn{Until: at})
	db.TurnEnds.Add(s.tx, r.ID, db.TurnEnd{At: at, Contact: key.Contact})
	s.waveTimer(r, at)
}

// turnEnd is when a turn that begins now ends: with the beginning of a wave where waves have their times, so that the next one
// takes as many as the last left room for.
func (s *step) turnEnd(r *core.Restock) core.Time {
	p := s.wavesOf(r)
	end := s.now().Add(cmp.Or(p.Turn, p.Every, core.DefaultTurn))
	if p.Every <= 0 || r.Waves.NextAt <= 0 {
		return end
	}
	waves := max(0, (end.Since(r.Waves.NextAt)+p.Every/2)/p.Every)
	if at := r.Waves.NextAt.Add(waves * p.Every); at > s.now() {
		return at
	}
	return end
}

// endTurns ends the turns that are over, at most a page of them.
func (s *step) endTurns(r *core.Restock) {
	var over []db.TurnEnd
	db.TurnEnds.Scan(s.tx, r.ID, func(e db.TurnEnd) bool {
		if e.At > s.now() {
			return false
		}
		over = append(over, e)
		return len(over) < core.PageContacts
	})
	for _, e := range over {
		db.TurnEnds.Remove(s.tx, r.ID, e)
		db.Turns.Delete(s.tx, db.TurnKey{Restock: r.ID, Contact: e.Contact})
	}
	r.Waves.Out = max(0, r.Waves.Out-int64(len(over)))
}

// awaitTurn looks at the restock again when the next turn ends.
func (s *step) awaitTurn(r *core.Restock) {
	db.TurnEnds.Scan(s.tx, r.ID, func(e db.TurnEnd) bool {
		s.waveTimer(r, max(e.At, s.now()))
		return false
	})
}

// boughtGrace is how long after an order its buyer still counts as about to buy: the level that the order lowers may come
// later than the order.
const boughtGrace = core.Minute

// boughtTurn ends the turns of a buyer for a variant.
func (s *step) boughtTurn(v core.VariantKey, c core.ContactID) {
	if !s.config.turns {
		return
	}
	for _, m := range s.config.sources[v.Source].Served() {
		st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: v, Market: m.Name})
		key := db.TurnKey{Restock: st.Restock, Contact: c}
		r, ok := db.Restocks.Get(s.tx, st.Restock)
		t, has := db.Turns.Get(s.tx, key)
		if end := s.now().Add(boughtGrace); ok && has && (t.Until == 0 || t.Until > end) {
			s.endTurnAt(&r, key, end)
		}
	}
}

func (s *step) dropTurns(w *core.Work, room int) int {
	var all []core.ContactID
	db.TurnsAfter(s.tx, w.Restock, core.ContactID{}, func(c core.ContactID) bool { all = append(all, c); return len(all) < room })
	for _, c := range all {
		s.dropTurn(w.Restock, c)
	}
	return len(all)
}

// remembersTold keeps who was told of a restock, if its source puts back in line who could not buy, or a journey tells who did not that
// it runs low.
func (s *step) remembersTold(a core.Activity, place core.Time) bool {
	if s.config.sources[a.Source].Waves.Again == 0 && !s.config.calls {
		return false
	}
	line := 0
	if a.Asked.Variant == "" {
		line = 1
	}
	db.Tolds.Add(s.tx, a.Restock, db.Told{At: s.now(), Place: place, Contact: a.Contact, Line: line})
	return true
}

// returnTold puts those back in line, where they stood, who were told so shortly before the restock sold out that they could
// not buy. Nobody is put back more often than the source's policy says, nor who bought, asked anew or left otherwise.
func (s *step) returnTold(w *core.Work, room int) int {
	begin := s.tx.Size()
	var all []db.Told
	db.Tolds.Scan(s.tx, w.Restock, func(t db.Told) bool { all = append(all, t); return len(all) < room })
	r, _ := db.Restocks.Get(s.tx, w.Restock)
	p := s.wavesOf(&r)
	lines := targetsOf(r.Variant, r.Product)
	for _, t := range all {
		db.Tolds.Remove(s.tx, w.Restock, t)
		key := db.EntryKey{Contact: t.Contact, Target: lines[t.Line]}
		e, ok := db.Entries.Get(s.tx, key)
		told := ok && e.Closed == core.ClosedTold && e.ClosedAt == t.At
		if told && t.At >= w.Until.Add(-p.Within) && e.Returned < p.Again {
			s.putBack(key, e, t.Place)
		}
		if s.tx.Size()-begin > pageBytes {
			return room // there may be more
		}
	}
	return len(all)
}

func (s *step) putBack(key db.EntryKey, e core.Entry, place core.Time) {
	e.CapturedAt, e.Closed = place, ""
	e.Returned++
	db.Entries.Set(s.tx, key, e)
	s.enterLine(e)
	s.count.Count("returned", core.ReasonWaiting)
	s.joinTail(e)
}
