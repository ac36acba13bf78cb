package machine

import (
	"cmp"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// inWaves says whether a restock tells in waves; one that has begun to does so to its end, whatever the policy says by then.
func (s *step) inWaves(r *core.Restock) bool {
	return r.Waves.N > 0 || s.wavesOf(r).InWaves()
}

func (s *step) wavesOf(r *core.Restock) core.WavePolicy {
	return s.config.sources[r.Variant.Source].Waves
}

// wave lets a restock begin what may begin now: the writing down of its order, the next wave, or the next slice of one that
// is spread. It is called whenever one of the reasons not to may have gone, and leaves a timer where time is one.
func (s *step) wave(r *core.Restock) {
	p, v := s.wavesOf(r), &r.Waves
	if r.At != core.RestockOpen || v.Word == core.WordStopped || db.Works.Has(s.tx, r.Telling) || db.Works.Has(s.tx, r.Releasing) {
		return
	}
	if v.Behind {
		v.Behind, v.Again, v.Ended, v.Ranked, v.Cursor = false, true, false, false, core.Cursor{}
	}
	switch {
	case v.Ended:
	case p.Order != core.OrderOldest && !v.Ranked:
		r.Telling = s.begin(core.Work{Kind: core.WorkRank, Restock: r.ID, Until: r.Until, Again: v.Again})
	case v.Word == core.WordGo && (v.Left > 0 || s.nextWave(r, p)):
		s.slice(r)
	}
}

// nextWave begins the next wave, if it is time and there is room for one.
func (s *step) nextWave(r *core.Restock, p core.WavePolicy) bool {
	v := &r.Waves
	if v.NextAt = min(v.NextAt, v.BegunAt.Add(p.Every)); s.now() < v.NextAt {
		s.waveTimer(r, v.NextAt)
		return false
	}
	s.endTurns(r)
	size, units := s.waveSize(r, p)
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
	v.Slice, v.SliceAt, v.Pace = 0, 0, 0
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

// waveSize is how many contacts a wave may take now, and how many units there are.
func (s *step) waveSize(r *core.Restock, p core.WavePolicy) (size, units int64) {
	st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: r.Variant, Market: r.Market})
	size = core.Everybody
	if p.Size > 0 {
		size = p.Size
	}
	if p.PerUnit > 0 && !st.Buyable {
		size = min(size, p.PerUnit*st.Units-r.Waves.Out)
	}
	return size, st.Units
}

// slice tells the next part of the wave, or all of it where it is not spread.
func (s *step) slice(r *core.Restock) {
	v, n := &r.Waves, r.Waves.Left
	if s.now() < v.SliceAt {
		s.waveTimer(r, v.SliceAt)
		return
	}
	if v.Slice > 0 {
		n, v.SliceAt = min(n, v.Slice), s.now().Add(v.Pace)
	}
	v.Left -= n
	r.Telling = s.begin(core.Work{Kind: core.WorkRestock, Restock: r.ID, Until: r.Until, Left: n, Again: v.Again, Cursor: v.Cursor})
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
		v.N--
		return
	}
	db.Waves.Set(s.tx, key, wave)
}

// afterWork goes on once a work of a restock is over.
func (s *step) afterWork(w core.Work) {
	if r, ok := db.Restocks.Get(s.tx, w.Restock); ok && r.Telling == w.ID && s.inWaves(&r) {
		s.waveWork(&r, w, true)
		s.wave(&r)
		db.Restocks.Set(s.tx, r.ID, r)
	}
}

// waveOf is wave of a restock by its id.
func (s *step) waveOf(id core.RestockID) {
	if r, ok := db.Restocks.Get(s.tx, id); ok && s.inWaves(&r) {
		s.wave(&r)
		db.Restocks.Set(s.tx, id, r)
	}
}

// joinWaves lets an entry take part in the waves of a restock that goes on.
func (s *step) joinWaves(r *core.Restock, e core.Entry) {
	v := &r.Waves
	here := place{Place: db.Place{At: e.CapturedAt, Contact: e.Contact}}
	cursor := place{Place: db.Place{At: v.Cursor.At, Contact: v.Cursor.Contact}}
	switch order := s.wavesOf(r).Order; {
	case order == core.OrderOldest && before(cursor, here):
		v.Ended = false
	case order == core.OrderNewest && v.Ranked:
		s.rank(r, e, core.ScoreKey(int64(e.CapturedAt)))
	case order == core.OrderRandom && v.Ranked:
		s.rank(r, e, core.DrawKey(r.ID, e.Contact))
	default:
		v.Behind = true
	}
	s.wave(r)
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
		s.waveNow(&r, e.Size)
	default:
		return core.ReasonUnreadable
	}
	if s.inWaves(&r) {
		s.wave(&r)
	}
	db.Restocks.Set(s.tx, r.ID, r)
	return core.ReasonApplied
}

// waveNow lets the next wave begin now: of a size, or as large as the policy has it. One that is spread goes out at once as
// far as it is left.
func (s *step) waveNow(r *core.Restock, size int64) {
	v := &r.Waves
	if !s.inWaves(r) || v.Word != core.WordGo || r.At != core.RestockOpen {
		return
	}
	v.NextAt, v.Slice, v.SliceAt = 0, 0, 0
	if size > 0 && (v.Behind || !v.Ended) {
		st, _ := db.Stocks.Get(s.tx, db.StockKey{Variant: r.Variant, Market: r.Market})
		s.beginWave(r, core.WavePolicy{Every: s.wavesOf(r).Every}, size, st.Units)
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
		s.begin(core.Work{Kind: core.WorkSettle, Restock: r.ID, Until: cmp.Or(soldOut, s.now())})
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

func (s *step) dropRanks(w *core.Work, room int) int {
	var all []core.Rank
	db.Ranks.Scan(s.tx, w.Restock, func(r core.Rank) bool { all = append(all, r); return len(all) < room })
	for _, r := range all {
		db.Ranks.Remove(s.tx, w.Restock, r)
	}
	return len(all)
}
