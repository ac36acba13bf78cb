package machine

import (
	"cmp"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// inWaves says whether a restock tells in waves; one that has begun to does so to its end, whatever the policy says by then.
func (s *step) inWaves(r *core.Restock) bool {
	return r.Waves.N > 0 || r.Waves.Led || s.wavesOf(r).InWaves()
}

func (s *step) wavesOf(r *core.Restock) core.WavePolicy {
	return s.config.sources[r.Variant.Source].Waves
}

// wave lets a restock begin what may begin now: the writing down of its order, the next wave, or the next slice of one that
// is spread; of one without waves, the whole line. It is called whenever one of the reasons not to may have gone, and leaves a
// timer where time is one.
func (s *step) wave(r *core.Restock) {
	p, v := s.wavesOf(r), &r.Waves
	if r.At != core.RestockOpen || v.Word == core.WordStopped || db.Works.Has(s.tx, r.Telling) || db.Works.Has(s.tx, r.Releasing) {
		return
	}
	s.giveLead(r)
	if !s.inWaves(r) {
		s.tellWhole(r)
		return
	}
	s.reorder(r, p)
	switch {
	case v.Ended:
	case p.Order != core.OrderOldest && !v.Ranked:
		r.Telling = s.begin(core.Work{Kind: core.WorkRank, Restock: r.ID, Until: r.Until, Again: v.Again, Early: v.Lead > 0})
	case v.Word == core.WordGo && (v.Left > 0 || s.nextWave(r, p)):
		s.slice(r, p)
	}
}

// tellWhole tells a restock without waves its whole line, if that has not begun: its source may have had waves when it opened.
func (s *step) tellWhole(r *core.Restock) {
	if r.Telling != (core.WorkID{}) || r.Waves.Word != core.WordGo {
		return
	}
	r.Waves.Ranked, r.Waves.By = false, core.OrderOldest
	r.Telling = s.begin(core.Work{Kind: core.WorkRestock, Restock: r.ID, Until: r.Until, Again: r.Matched > 0})
}

// reorder lets the line be gone down anew where somebody stands in front of who was taken last, and where the policy has
// another order by now. Who was taken is passed over.
func (s *step) reorder(r *core.Restock, p core.WavePolicy) {
	v := &r.Waves
	if v.By != p.Order && (v.Ranked || r.Matched > 0) || v.N == 0 && r.Matched > 0 && !v.Again {
		v.Behind = true
	}
	if v.By = p.Order; v.Behind {
		v.Behind, v.Again, v.Ended, v.Ranked, v.Cursor = false, true, false, false, core.Cursor{}
	}
}

// nextWave begins the next wave, if it is time and there is room for one.
func (s *step) nextWave(r *core.Restock, p core.WavePolicy) bool {
	v := &r.Waves
	if v.NextAt > 0 { // else an operator said now
		v.NextAt = v.BegunAt.Add(p.Every)
	}
	if s.now() < v.NextAt {
		s.waveTimer(r, v.NextAt)
		return false
	}
	s.endTurns(r)
	size, units := s.room(r, p)
	if p.Size > 0 {
		size = min(size, p.Size)
	}
	if size <= 0 {
		s.awaitTurn(r)
		return false
	}
	s.beginWave(r, p, size, units)
	return true
}

func (s *step) beginWave(r *core.Restock, p core.WavePolicy, size, units int64) {
	v := &r.Waves
	v.N++
	v.BegunAt, v.NextAt, v.Left = s.now(), s.now().Add(p.Every), size
	v.Slice, v.SliceAt, v.Pace, v.Said = 0, 0, 0, false
	if p.Spread > 0 {
		expected := max(1, min(size, s.waitFor(r)))
		n := max(1, min(expected, int64(p.Spread/shortestPace), mostSlices))
		v.Slice, v.Pace = (expected+n-1)/n, p.Spread/core.Milliseconds(n)
	}
	db.Waves.Set(s.tx, db.WaveKey{Restock: r.ID, N: v.N}, core.Wave{Restock: r.ID, N: v.N, BegunAt: v.BegunAt, Size: size, Units: units})
	s.count.Count("wave", core.ReasonBegun)
}

// Bounds of what a spread wave is told in.
const (
	shortestPace = core.Second
	mostSlices   = 1000
)

// waitFor is how many stand in a restock's lines.
func (s *step) waitFor(r *core.Restock) (n int64) {
	for _, t := range targetsOf(r.Variant, r.Product) {
		waiting, _ := db.Waiting.Get(s.tx, t.Waitlist(r.Market))
		n += waiting
	}
	return n
}

// room is how many contacts more units let a restock tell now, and how many units there are.
func (s *step) room(r *core.Restock, p core.WavePolicy) (contacts, units int64) {
	st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: r.Variant, Market: r.Market})
	if p.PerUnit == 0 || st.Buyable || st.Units > core.Everybody/p.PerUnit {
		return core.Everybody, st.Units
	}
	return p.PerUnit*st.Units - r.Waves.Out, st.Units
}

// slice tells the next part of the wave, or all of it where it is not spread; as many as units let by now, unless an operator
// said how many.
func (s *step) slice(r *core.Restock, p core.WavePolicy) {
	v, n := &r.Waves, r.Waves.Left
	if s.now() < v.SliceAt {
		s.waveTimer(r, v.SliceAt)
		return
	}
	if v.Slice > 0 {
		n = min(n, v.Slice)
	}
	if !v.Said {
		s.endTurns(r)
		room, _ := s.room(r, p)
		n = min(n, room)
	}
	if n <= 0 {
		s.awaitTurn(r)
		return
	}
	v.Left -= n
	v.SliceAt = s.now().Add(v.Pace)
	r.Telling = s.begin(core.Work{Kind: core.WorkRestock, Restock: r.ID, Until: r.Until, Left: n, Again: v.Again, Cursor: v.Cursor, Early: v.Lead > 0})
}

// waveTimer looks at the restock again at a moment. However often it is set for the same moment, it is one timer.
func (s *step) waveTimer(r *core.Restock, at core.Time) {
	s.setTimer(db.Timer{Due: at, Variant: r.Variant})
}

// waveWork notes how far a work of the restock's came that is over, or is ended before it was.
func (s *step) waveWork(r *core.Restock, w core.Work, over bool) {
	v := &r.Waves
	if w.Kind == core.WorkRank {
		v.Ranked = over
		return
	}
	if w.Left == 0 && w.Taken == 0 {
		return // it tells the line as a whole
	}
	v.Cursor = w.Cursor
	v.Left += w.Left
	if over && w.Left > 0 { // there was nobody else
		v.Left, v.Ended = 0, true
	}
	key := db.WaveKey{Restock: r.ID, N: v.N}
	wave, _ := db.Waves.Get(s.tx, key)
	if wave.Taken += w.Taken; v.Ended && wave.Taken == 0 { // the wave before had taken the last
		db.Waves.Delete(s.tx, key)
		s.unbegin(r)
		if v.Lead > 0 && v.N == 0 { // nobody has a head start, and nobody waits for that
			s.endLead(r)
		}
		return
	}
	db.Waves.Set(s.tx, key, wave)
}

// unbegin takes a wave back that found nobody: the next one need not wait for it.
func (s *step) unbegin(r *core.Restock) {
	v := &r.Waves
	v.N--
	before, _ := db.Waves.Get(s.tx, db.WaveKey{Restock: r.ID, N: v.N})
	v.BegunAt, v.NextAt = before.BegunAt, 0
	if v.N > 0 {
		v.NextAt = v.BegunAt.Add(s.wavesOf(r).Every)
	}
}

// afterWork goes on once a work of a restock is over. A wave follows an order that was written down, whoever came meanwhile:
// else a line to which somebody comes all the time would be ordered again and again, and never told.
func (s *step) afterWork(w core.Work) {
	r, ok := db.Restocks.Get(s.tx, w.Restock)
	if !ok || r.Telling != w.ID {
		return
	}
	s.waveWork(&r, w, true)
	if w.Kind == core.WorkRank {
		r.Telling = core.WorkID{}
		behind := r.Waves.Behind
		r.Waves.Behind = false
		s.wave(&r)
		r.Waves.Behind = r.Waves.Behind || behind
	} else if s.inWaves(&r) {
		s.wave(&r)
	}
	db.Restocks.Set(s.tx, r.ID, r)
}

// waveOf is wave of a restock by its id.
func (s *step) waveOf(id core.RestockID) {
	r, ok := db.Restocks.Get(s.tx, id)
	if ok && (s.inWaves(&r) || r.Telling == (core.WorkID{})) {
		s.wave(&r)
		db.Restocks.Set(s.tx, id, r)
	}
}

// joinWaves lets an entry take part in the waves of a restock that goes on.
func (s *step) joinWaves(r *core.Restock, e core.Entry) {
	if !s.rankLate(r, e) {
		if s.isAhead(r, e) {
			r.Waves.Ended = false
		} else {
			r.Waves.Behind = true
		}
	}
	s.wave(r)
}

// isAhead says whether a line that is gone down in the order of asking has yet to come to an entry.
func (s *step) isAhead(r *core.Restock, e core.Entry) bool {
	v := &r.Waves
	cursor := place{Place: db.Place{At: v.Cursor.At, Contact: v.Cursor.Contact}}
	return v.By == core.OrderOldest && before(cursor, place{Place: db.Place{At: e.CapturedAt, Contact: e.Contact}})
}

// joinLater notes an entry that takes part in a restock if that resumes: it pauses, or somebody asked while it goes on.
func (s *step) joinLater(e core.Entry, st core.Stock) {
	r, ok := db.Restocks.Get(s.tx, st.Restock)
	switch {
	case !ok || r.Waves.Later || !s.inWaves(&r) || s.isAhead(&r, e):
		return
	case r.At == core.RestockPaused && !db.Works.Has(s.tx, r.Telling) && s.rankLate(&r, e):
	default:
		r.Waves.Later = true
	}
	db.Restocks.Set(s.tx, r.ID, r)
}

// resumeWaves looks at the line again after a pause, from where it stands; from its head, if somebody came in front of that.
func (s *step) resumeWaves(r *core.Restock) {
	v := &r.Waves
	v.Behind, v.Later = v.Behind || v.Later, false
	v.Ended = v.Ended && v.By != core.OrderOldest
}

// steer takes over an operator's word about a restock.
func (s *step) steer(e wire.Steer) { s.count.Count("steer", s.takeWord(e)) }

func (s *step) takeWord(e wire.Steer) core.Reason {
	r, ok := db.Restocks.Get(s.tx, e.Restock)
	if !ok || r.At == core.RestockClosed || r.Waves.Word == core.WordStopped {
		return core.ReasonRestockOver
	}
	switch e.Word {
	case core.WordPaused:
		r.Waves.Word = core.WordPaused
	case core.WordStopped:
		s.endTelling(&r)
		r.Waves.Word = core.WordStopped
		s.release(&r) // to the gate that drops them
	case core.WordGo:
		r.Waves.Word = core.WordGo
		if r.At == core.RestockOpen {
			s.release(&r)
		}
	case core.WordNext:
		s.waveNow(&r, e)
	default:
		return core.ReasonUnreadable
	}
	s.wave(&r)
	s.call(&r)
	db.Restocks.Set(s.tx, r.ID, r)
	return core.ReasonApplied
}

// waveNow lets the next wave begin now: of a size, or as large as the policy has it. One that is spread goes out at once as
// far as it is left. Nothing follows from it while a wave is being taken, nor when the wave that was meant has begun.
func (s *step) waveNow(r *core.Restock, e wire.Steer) {
	v, size := &r.Waves, e.Size
	if !s.inWaves(r) || v.Word != core.WordGo || r.At != core.RestockOpen || e.Wave > 0 && e.Wave != v.N+1 {
		return
	}
	if w, _ := db.Works.Get(s.tx, r.Telling); w.Kind == core.WorkRestock {
		return
	}
	v.NextAt, v.Slice, v.SliceAt = 0, 0, 0
	if v.Lead > 0 { // the others are meant
		s.endLead(r)
	}
	if size > 0 && (v.Behind || !v.Ended) {
		st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: r.Variant, Market: r.Market})
		s.beginWave(r, core.WavePolicy{Every: s.wavesOf(r).Every}, size, st.Units)
		v.Said = true
	}
}

// settleWaves begins to clear up after a restock that closes, if it left anything.
func (s *step) settleWaves(r *core.Restock, soldOut core.Time) {
	any := false
	see := func() bool { any = true; return false }
	db.Ranks.Scan(s.tx, r.ID, func(core.Rank) bool { return see() })
	db.TurnsAfter(s.tx, r.ID, core.ContactID{}, func(core.ContactID) bool { return see() })
	db.Tolds.Scan(s.tx, r.ID, func(db.Told) bool { return see() })
	if any {
		r.Telling = s.begin(core.Work{Kind: core.WorkSettle, Restock: r.ID, Until: cmp.Or(soldOut, s.now())})
	}
}

// settlePage lets go of a page of what a closed restock's waves left, and puts who could not buy back in line.
func (s *step) settlePage(w *core.Work) (done bool) {
	room := core.PageContacts
	for _, some := range []func(*core.Work, int) int{s.dropRanks, s.dropTurns, s.returnTold} {
		if room -= some(w, room); room <= 0 {
			return false
		}
	}
	return true
}

// settleLate clears up after a message that was taken when its restock had closed.
func (s *step) settleLate(r *core.Restock) {
	if r.At == core.RestockClosed && !db.Works.Has(s.tx, r.Telling) {
		r.Telling = s.begin(core.Work{Kind: core.WorkSettle, Restock: r.ID, Until: r.ClosedAt})
	}
}

func (s *step) dropRanks(w *core.Work, room int) int {
	var all []core.Rank
	db.Ranks.Scan(s.tx, w.Restock, func(r core.Rank) bool { all = append(all, r); return len(all) < room })
	for _, r := range all {
		db.Ranks.Remove(s.tx, w.Restock, r)
	}
	return len(all)
}
