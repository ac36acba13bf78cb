package machine

import (
	"slices"

	"restock/core"
	"restock/core/db"
	"restock/core/wire"
)

// unknown notes what a webhook speaks of and nobody has described, for the leader to look it up in the shop. Feeds are read
// as a whole anyway.
func (s *step) unknown(src core.Source, u core.Unknown) {
	if s.reading != nil || src.API.URL == "" || src.API.Full == 0 {
		return
	}
	all, _ := db.Sought.Get(s.tx, src.Name)
	if len(all) < core.MaxUnknown && !slices.Contains(all, u) {
		db.Sought.Set(s.tx, src.Name, append(all, u))
	}
}

// unknownVariants notes a product whose payload names variants that nobody has described.
func (s *step) unknownVariants(src core.Source, p core.ProductID, named []core.VariantID) {
	missing := func(id core.VariantID) bool {
		return !db.Variants.Has(s.tx, core.VariantKey{Source: src.Name, Variant: id})
	}
	if s.reading == nil && slices.ContainsFunc(named, missing) {
		s.unknown(src, core.Unknown{Product: p})
	}
}

// lookedUp takes off the list what was looked up, found or not.
func (s *step) lookedUp(source core.SourceName, some []core.Unknown) {
	all, ok := db.Sought.Get(s.tx, source)
	if !ok || len(some) == 0 {
		return
	}
	all = slices.DeleteFunc(all, func(u core.Unknown) bool { return slices.Contains(some, u) })
	if len(all) == 0 {
		db.Sought.Delete(s.tx, source)
		return
	}
	db.Sought.Set(s.tx, source, all)
}

// readNow notes that an operator wants a source to be read at once; the run that follows takes the note away. A catalogue
// that is being read need not be read twice.
func (s *step) readNow(e wire.Read) {
	src, ok := s.config.sources[e.Source]
	known := e.Reading == core.ReadingFull || e.Reading == core.ReadingPoll && src.API.Full != 0
	if !ok || !known || src.API.URL == "" {
		return
	}
	key := db.ReadingKey{Source: e.Source, Kind: e.Reading}
	r, _ := db.Readings.Get(s.tx, key)
	if e.Reading == core.ReadingFull && src.API.Full != 0 && r.Running && r.Of == src.Of() {
		return
	}
	r.Source, r.Kind, r.Wanted = e.Source, e.Reading, s.now()
	db.Readings.Set(s.tx, key, r)
}
