package machine

import (
	"reflect"
	"slices"

	"restock/core"
	"restock/core/db"
)

// reconsider begins what a source's new markets and stock policy ask for: first who waits moves into the lines of the
// markets as they are now, then its variants are judged anew. What was begun for an older policy ends.
func (s *step) reconsider(before, after core.Source) {
	lines, judge := !sameMarkets(before, after), !sameStock(before, after) || !reflect.DeepEqual(before.Waves, after.Waves)
	if !lines && !judge {
		return
	}
	id, _ := db.Policies.Get(s.tx, after.Name)
	if old, going := db.Works.Get(s.tx, id); going {
		lines = lines || old.Kind == core.WorkLines
		db.Works.Delete(s.tx, id)
	}
	kind := core.WorkJudge
	if lines {
		kind = core.WorkLines
	}
	s.enforce(kind, after.Name)
}

// enforce begins a work that puts a source's policy into effect; there is one at a time.
func (s *step) enforce(kind core.WorkKind, name core.SourceName) {
	db.Policies.Set(s.tx, name, s.begin(core.Work{Kind: kind, Source: name}))
}

func sameMarkets(a, b core.Source) bool {
	return slices.EqualFunc(a.Markets, b.Markets, func(x, y core.ServedMarket) bool { return x.Name == y.Name })
}

// sameStock says whether two descriptions of a source see the same stock in the same levels.
func sameStock(a, b core.Source) bool {
	return a.Stock == b.Stock && slices.EqualFunc(a.Served(), b.Served(), func(x, y core.ServedMarket) bool {
		return x.Name == y.Name && slices.Equal(x.Locations, y.Locations)
	})
}

// linesMove says whether who waits at a source is being moved into other lines.
func (s *step) linesMove(name core.SourceName) bool {
	w, ok := db.Policies.Get(s.tx, name)
	k, going := db.Works.Get(s.tx, w)
	return ok && going && k.Kind == core.WorkLines
}

// standsIn says whether who stands at a place belongs there, by the source's markets as they are.
func (s *step) standsIn(p place, m core.Market) bool {
	e, _ := db.Entries.Get(s.tx, db.EntryKey{Contact: p.Contact, Target: p.target})
	return s.config.sources[p.target.Source].MarketOf(e.Market) == m
}

// linesPage moves the next page of a source's places into the lines that they belong to, and begins judging at the end.
func (s *step) linesPage(w *core.Work) (done bool) {
	src, ok := s.config.sources[w.Source]
	type row struct {
		core.Row
		core.Entry
	}
	var page []row
	db.PlacesOf(s.tx, w.Source, w.Cursor.Row, func(r core.Row, line core.Waitlist, p db.Place) bool {
		e, _ := db.Entries.Get(s.tx, db.EntryKey{Contact: p.Contact, Target: line.Target()})
		page = append(page, row{r, e})
		return len(page) < core.PageContacts
	})
	for begin, i := s.tx.Size(), 0; i < len(page); i++ {
		e := page[i].Entry
		e.Line = src.MarketOf(e.Market)
		if w.Cursor.Row = page[i].Row; e.Waiting() && e.Line != page[i].Line {
			db.Entries.Set(s.tx, db.EntryKey{Contact: e.Contact, Target: e.Target}, e)
			s.move(page[i].Entry, e)
		}
		if s.tx.Size()-begin > pageBytes {
			return false
		}
	}
	if ok && len(page) < core.PageContacts {
		s.enforce(core.WorkJudge, w.Source)
	}
	return len(page) < core.PageContacts
}

// judgePage judges the next page of a source's variants, after letting go of their stock in markets that are no more.
func (s *step) judgePage(w *core.Work) (done bool) {
	type row struct {
		core.Row
		core.VariantKey
	}
	var page []row
	db.VariantsOf(s.tx, w.Source, w.Cursor.Row, func(r core.Row, v core.Variant) bool {
		page = append(page, row{r, v.Key()})
		return len(page) < core.PageContacts
	})
	if len(page) == 0 {
		return true
	}
	left := s.leftMarkets(page[0].VariantKey, page[len(page)-1].VariantKey)
	for begin, i := s.tx.Size(), 0; i < len(page); i++ {
		for ; len(left) > 0 && left[0].Variant == page[i].VariantKey; left = left[1:] {
			s.leaveMarket(left[0])
		}
		s.judge(page[i].VariantKey)
		if w.Cursor.Row = page[i].Row; s.tx.Size()-begin > pageBytes {
			return false
		}
	}
	return len(page) < core.PageContacts
}

// leftMarkets are the stocks of variants, from one to another, in markets that their source has no more.
func (s *step) leftMarkets(from, to core.VariantKey) (all []db.StockKey) {
	src := s.config.sources[from.Source]
	db.StocksBetween(s.tx, from, to, func(k db.StockKey, _ core.Stock) bool {
		if src.MarketOf(k.Market) != k.Market {
			all = append(all, k)
		}
		return true
	})
	return all
}

// leaveMarket forgets a stock, and ends the restock that it has, if there is one that goes on.
func (s *step) leaveMarket(k db.StockKey) {
	st, _ := db.Stocks.Get(s.tx, k)
	db.Stocks.Delete(s.tx, k)
	if st.RestockAt != core.RestockNone && st.RestockAt != core.RestockClosed {
		st.RestockAt = core.RestockClosed
		s.setRestock(&st)
	}
}
