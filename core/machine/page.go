package machine

import (
	"reflect"
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/source"
	"restock/core/wire"
)

// reading is what is read of a shop's API while a page of it is applied. Between the question and this moment webhooks may
// have come that know better; they are told by their place in the journal, which no clock can get wrong.
type reading struct {
	kind  core.ReadingKind
	after core.Sequence // what had been applied when the shop was asked
	asked core.Time
	first bool // nothing was read of the source before: what it finds is news, and corrects nothing
	fixed core.Corrections
	news  bool // it says something that was not known, be it that it is as of later
}

// shopPage takes a page of a source's API once, and moves its reading on.
func (s *step) shopPage(e wire.Page) { s.count.Count("page", s.takePage(e)) }

func (s *step) takePage(e wire.Page) core.Reason {
	src, ok := s.config.sources[e.Source]
	adapter, known := adapters[src.Platform]
	if !ok || !known {
		return core.ReasonUnknownSource
	}
	if src.Of() != e.Of {
		return core.ReasonOutdated
	}
	r, ok := s.turn(e)
	if !ok {
		return core.ReasonDuplicate
	}
	wrong := s.read(src, adapter, e, r)
	r.Fixed, s.reading = s.reading.fixed, nil
	r.Read, r.Bad = r.Read+e.Read, r.Bad+wrong+e.Skipped
	s.lookedUp(e.Source, e.Sought)
	s.moveOn(r, e)
	if wrong > 0 {
		return core.ReasonBadPayload
	}
	return core.ReasonApplied
}

// read takes over what a page says, and returns how many products (rows) of it could not be read.
func (s *step) read(src core.Source, adapter source.Adapter, e wire.Page, r core.Reading) (wrong int64) {
	s.reading = &reading{kind: e.Reading, after: e.After, asked: e.AskedAt, first: r.First, fixed: r.Fixed}
	var facts core.Facts
	if len(e.Body) > 0 {
		var errs []error
		facts, errs = adapter.Page(src, core.Page{Body: e.Body, As: e.As})
		wrong = int64(len(errs))
	}
	for _, id := range e.Missing {
		facts.Removed = append(facts.Removed, core.Removal{Product: id, At: s.now()})
	}
	s.guarded(src, facts, e)
	return wrong
}

// turn is the reading whose next page this is: one that goes on, or a new one. Any other page came before, or its leader
// began anew meanwhile.
func (s *step) turn(e wire.Page) (r core.Reading, ok bool) {
	r, _ = db.Readings.Get(s.tx, db.ReadingKey{Source: e.Source, Kind: e.Reading})
	switch {
	case e.Run == r.Run && r.Running:
		return r, e.From == r.Cursor && e.Of == r.Of
	case e.Run != r.Run+1 || e.From != "":
		return r, false
	}
	full, _ := db.Readings.Get(s.tx, db.ReadingKey{Source: e.Source, Kind: core.ReadingFull})
	return core.Reading{
		Source: e.Source, Kind: e.Reading, Of: e.Of, Run: e.Run, Running: true, BegunAt: min(e.BegunAt, s.now()),
		EndedAt: r.EndedAt, Covers: r.Covers, Total: r.Total, First: full.EndedAt == 0 || full.Of != e.Of,
	}, true
}

// moveOn keeps how far a reading is. One that has ended covers what changed in the shop before it began.
func (s *step) moveOn(r core.Reading, e wire.Page) {
	r.Cursor = e.Next
	if e.Total > 0 {
		r.Total = e.Total
	}
	if e.Next == "" {
		r.Running, r.EndedAt, r.Covers = false, s.now(), r.BegunAt
	}
	db.Readings.Set(s.tx, db.ReadingKey{Source: r.Source, Kind: r.Kind}, r)
}

// latest is the latest that a fact can be of: a clock that is ahead must not silence what comes next, and what was read is
// no later than the question.
func (s *step) latest() core.Time {
	if s.reading == nil {
		return s.now()
	}
	return min(s.reading.asked, s.now())
}

// readAfter says whether the shop was read after an entry had been applied; of webhooks it is false.
func (s *step) readAfter(seen core.Sequence) bool { return s.reading != nil && seen <= s.reading.after }

// beats says whether what is reported as of at replaces what an entry (seen) had said as of known. The newer wins. Of the
// same time, which shops' clocks count in seconds, reports count in the order they come; but a page only if the shop was
// asked after the other one had come.
func (s *step) beats(known core.Time, seen core.Sequence, at core.Time) bool {
	if at != known {
		return at > known
	}
	return s.reading == nil || s.readAfter(seen)
}

// removes is beats for a product that is not there. A shop that was asked for it knows better than any older word of it.
func (s *step) removes(known core.Time, seen core.Sequence, at core.Time) bool {
	return known <= at && (s.reading == nil || s.readAfter(seen))
}

// stocked takes an item's levels away where it is not stocked any more.
func (s *step) stocked(src core.Source, f core.Stocked) []core.VariantKey {
	key := core.ItemKey{Source: src.Name, Item: f.Item}
	levels, _ := db.Levels.Get(s.tx, key)
	there := make(map[core.LocationID]bool, len(f.Locations))
	for _, l := range f.Locations {
		there[l] = true
	}
	changed := false
	for i, l := range levels {
		if l.Location == "" || l.Gone || there[l.Location] || !s.readAfter(l.Seen) {
			continue
		}
		s.isNews(true)
		levels[i].Gone, levels[i].Available, levels[i].Seen = true, core.Quantity{}, s.sequence
		s.corrects(true, core.ReasonRemovalCorrected)
		changed = true
	}
	if changed {
		db.Levels.Set(s.tx, key, levels)
	}
	return s.variantOf(key)
}

// corrects counts what a page found to differ from what was known.
func (s *step) corrects(differs bool, what core.Reason) {
	if s.reading == nil || !differs {
		return
	}
	switch f := &s.reading.fixed; what {
	case core.ReasonProductCorrected:
		f.Products++
	case core.ReasonVariantCorrected:
		f.Variants++
	case core.ReasonLevelCorrected:
		f.Levels++
	case core.ReasonRemovalCorrected:
		f.Removed++
	case core.ReasonRestockFound:
		f.Restocks++
	}
	if !s.reading.first {
		s.count.Count("correction", what)
	}
}

// isNews notes what a page says that was not known; what was known need not be written. Of webhooks everything is.
func (s *step) isNews(differs bool) bool {
	if s.reading == nil {
		return true
	}
	s.reading.news = s.reading.news || differs
	return differs
}

func (s *step) isNewVariant(v core.Variant) bool {
	if s.reading == nil {
		return true
	}
	known, _ := db.Variants.Get(s.tx, v.Key())
	s.corrects(!sameVariant(known, v), core.ReasonVariantCorrected)
	return s.isNews(!sameVariant(known, v) || known.UpdatedAt != v.UpdatedAt)
}

// News says whether a page would tell the state anything. One that does not need not go into the journal: polls read the same
// again and again. It writes to tx, which the caller throws away.
func (m *Machine) News(tx *db.Tx, e wire.Page) (bool, error) {
	p, _ := db.Positions.Get(tx, struct{}{})
	p.Now = max(p.Now, e.AskedAt)
	s := &step{tx: tx, config: m.config.Load(), count: silent{}, position: &p, sequence: p.Sequence + 1}
	src := s.config.sources[e.Source]
	adapter, ok := adapters[src.Platform]
	if !ok || src.Of() != e.Of {
		return true, tx.Err()
	}
	wrong := s.read(src, adapter, e, core.Reading{})
	return s.reading.news || wrong > 0, tx.Err()
}

// sameProduct and the two below compare what is said, not when and by whom.
func sameProduct(a, b core.Product) bool {
	a.UpdatedAt, a.Seen = b.UpdatedAt, b.Seen
	return reflect.DeepEqual(a, b)
}

func sameVariant(a, b core.Variant) bool {
	a.UpdatedAt, a.Seen = b.UpdatedAt, b.Seen
	return reflect.DeepEqual(a, b)
}

// counts says whether a level has a say: the sum that a product states has none beside levels of real locations.
func counts(levels []core.Level, l core.Level) bool {
	return l.Location != "" || !slices.ContainsFunc(levels, func(k core.Level) bool { return k.Location != "" })
}

func sameLevel(a, b core.Level) bool { return a.Available == b.Available && a.Gone == b.Gone }
