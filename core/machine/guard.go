package machine

import (
	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// guarded takes over what a page of a reading says, but for variants that it would bring back into stock: those wait for the
// reading's end, when it is known how many there are. As long as there are too few to be held they need not wait.
func (s *step) guarded(src core.Source, f core.Facts, e wire.Page) {
	key := db.ReadingKey{Source: src.Name, Kind: e.Reading}
	h, held := db.Holds.Get(s.tx, key)
	h.Source, h.Kind = key.Source, key.Kind
	if h.Run != e.Run {
		h.Run, h.Passed = e.Run, 0
	}
	back := s.comingBack(src, f)
	if n := int64(len(back)); h.Held == 0 && src.Guard.Few(h.Passed+n) {
		h.Passed += n
		s.facts(src, f)
	} else {
		s.isNews(len(back) > 0)
		split := s.split(src.Name, f, back)
		for _, id := range split.said {
			if split.each[id] == nil {
				s.unhold(&h, key, id) // the shop says otherwise by now
			}
		}
		for _, id := range back {
			s.hold(&h, key, core.HeldFacts{Variant: id, Facts: *split.each[id], After: e.After, AskedAt: e.AskedAt})
		}
		s.facts(src, split.kept)
	}
	if e.Next == "" {
		s.decide(src, &h)
	}
	if held || h.Held > 0 || h.Passed > 0 {
		db.Holds.Set(s.tx, key, h)
	}
}

// comingBack tries what a page says, and returns the variants that would be back in stock.
func (s *step) comingBack(src core.Source, f core.Facts) (back []core.VariantID) {
	trial, position := *s, *s.position
	trial.tx, trial.count, trial.position = s.tx.Try(), silent{}, &position
	if s.reading != nil {
		r := *s.reading
		trial.reading = &r
	}
	for _, k := range trial.takeOver(src, f) {
		if trial.comesBack(k, src) {
			back = append(back, k.Variant)
		}
	}
	return back
}

// hold keeps facts of a variant in place of what was held of it, since as long as that was.
func (s *step) hold(h *core.Hold, key db.ReadingKey, f core.HeldFacts) {
	k := db.HeldKey{ReadingKey: key, Variant: f.Variant}
	before, held := db.HeldFacts.Get(s.tx, k)
	if f.Seen = before.Seen; !held {
		f.Seen = s.sequence
		h.Held++
	}
	db.HeldFacts.Set(s.tx, k, f)
}

// unhold lets go of what was held of a variant, which is news even where all else that is said was known.
func (s *step) unhold(h *core.Hold, key db.ReadingKey, id core.VariantID) {
	if k := (db.HeldKey{ReadingKey: key, Variant: id}); db.HeldFacts.Has(s.tx, k) {
		s.isNews(true)
		h.Held--
		db.HeldFacts.Delete(s.tx, k)
	}
}

// decide says at a reading's end whether what it brings back is held for approval, or goes through. What is held already
// stays until the time that was set.
func (s *step) decide(src core.Source, h *core.Hold) {
	of, _ := db.Catalogues.Get(s.tx, src.Name)
	switch {
	case h.Held == 0 || db.Works.Has(s.tx, h.Work):
		h.Since, h.Until = 0, 0
	case !src.Guard.Holds(h.Passed+h.Held, of):
		s.endHold(h, core.WorkApprove)
	case h.Since == 0:
		h.Since, h.Until, h.Of = s.now(), src.Guard.Until(s.now()), of
		s.count.Count("page", core.ReasonHeld)
		s.setTimer(db.Timer{Due: h.Until, Variant: core.VariantKey{Source: h.Source}, Hold: h.Kind, Version: s.sequence})
	}
}

// endHold begins to let what is held through, or to let go of it.
func (s *step) endHold(h *core.Hold, kind core.WorkKind) {
	h.Since, h.Until = 0, 0
	h.Work = s.begin(core.Work{Kind: kind, Source: h.Source, Reading: h.Kind})
}

// releaseHold does what an operator says of a hold.
func (s *step) releaseHold(e wire.Release) {
	h, ok := db.Holds.Get(s.tx, db.ReadingKey{Source: e.Source, Kind: e.Reading})
	if !ok || h.Since == 0 || h.Since != e.Since {
		return
	}
	kind, reason := core.WorkApprove, core.ReasonApproved
	if e.Drop {
		kind, reason = core.WorkDrop, core.ReasonDropped
	}
	s.endHold(&h, kind)
	s.count.Count("page", reason)
	db.Holds.Set(s.tx, db.ReadingKey{Source: e.Source, Kind: e.Reading}, h)
}

// expireHold drops what nobody approved in time.
func (s *step) expireHold(k db.ReadingKey) {
	h, ok := db.Holds.Get(s.tx, k)
	if !ok || h.Since == 0 || h.Until > s.now() {
		return
	}
	s.endHold(&h, core.WorkDrop)
	s.count.Count("page", core.ReasonExpired)
	db.Holds.Set(s.tx, k, h)
}

// heldPage is the next page of what was held of a reading when the work began; what is done with a row takes it away. What is
// held since then is decided on at the end, unless its reading goes on.
func (s *step) heldPage(w *core.Work, with func(core.HeldFacts)) (done bool) {
	type row struct {
		core.Row
		core.HeldFacts
	}
	key := db.ReadingKey{Source: w.Source, Kind: w.Reading}
	var page []row
	db.HeldOf(s.tx, key, w.Cursor.Row, func(r core.Row, f core.HeldFacts) bool {
		page = append(page, row{r, f})
		return len(page) < core.PageContacts
	})
	h, _ := db.Holds.Get(s.tx, key)
	done = len(page) < core.PageContacts
	for begin, i := s.tx.Size(), 0; i < len(page); i++ {
		if s.tx.Size()-begin > pageBytes {
			done = false
			break
		}
		if w.Cursor.Row = page[i].Row; page[i].Seen <= w.ID.Sequence {
			s.unhold(&h, key, page[i].Variant)
			with(page[i].HeldFacts)
		}
	}
	if r, _ := db.Readings.Get(s.tx, key); done && !r.Running {
		h.Work = core.WorkID{}
		s.decide(s.config.sources[w.Source], &h)
	}
	db.Holds.Set(s.tx, key, h)
	return done
}

func (s *step) dropPage(w *core.Work) bool { return s.heldPage(w, func(core.HeldFacts) {}) }

// approvePage takes over what is held. Whatever a webhook said since the shop was asked stands.
func (s *step) approvePage(w *core.Work) (done bool) {
	src := s.config.sources[w.Source]
	key := db.ReadingKey{Source: w.Source, Kind: w.Reading}
	r, _ := db.Readings.Get(s.tx, key)
	fixed := r.Fixed
	done = s.heldPage(w, func(f core.HeldFacts) {
		s.reading = &reading{kind: w.Reading, after: f.After, asked: f.AskedAt, first: r.First, fixed: fixed}
		s.facts(src, f.Facts)
		fixed = s.reading.fixed
	})
	s.reading = nil
	if r.Fixed != fixed {
		r.Fixed = fixed
		db.Readings.Set(s.tx, key, r)
	}
	return done
}
