package machine

import (
	"encoding/binary"
	"slices"
	"strings"

	"restock/core"
	"restock/core/db"
)

// Act changes what is noted of the contact (journey.Effects). What a contact has no room for is left out, and said.
func (w world) Act(r *core.Run, a core.Action) (detail string, ok bool) {
	contact, known := db.Contacts.Get(w.step.tx, r.Contact)
	if !known {
		return "the contact is gone", true
	}
	before := contact.Traits()
	c := change{contact: &contact}
	contact.Tags = slices.Clone(contact.Tags)
	for _, tag := range a.RemoveTags {
		c.removeTag(tag)
	}
	for _, tag := range a.AddTags {
		c.addTag(tag)
	}
	for _, f := range a.Set {
		c.set(f)
	}
	if c.changed {
		db.Contacts.Set(w.step.tx, contact.ID, contact)
		w.touch(contact.ID)
		if t := contact.Traits(); !t.Equal(before) {
			w.note(t)
		}
	}
	if len(c.did) == 0 {
		return "nothing to change", true
	}
	return strings.Join(c.did, ", "), true
}

// change is a contact while it is changed.
type change struct {
	contact *core.Contact
	changed bool
	did     []string
}

func (c *change) removeTag(tag string) {
	if i := slices.Index(c.contact.Tags, tag); i >= 0 {
		c.contact.Tags = slices.Delete(c.contact.Tags, i, i+1)
		c.changed = true
		c.did = append(c.did, "took the tag "+tag)
	}
}

func (c *change) addTag(tag string) {
	switch {
	case slices.Contains(c.contact.Tags, tag):
	case len(c.contact.Tags) >= core.MaxTags:
		c.did = append(c.did, "no room for the tag "+tag)
	default:
		c.contact.Tags = append(c.contact.Tags, tag)
		c.changed = true
		c.did = append(c.did, "gave the tag "+tag)
	}
}

func (c *change) set(f core.Field) {
	was, has := c.contact.Fields[f.Name]
	switch {
	case f.Value == was && (has || f.Value == ""):
	case f.Value == "":
		delete(c.contact.Fields, f.Name) // of a record that was just read
		c.changed = true
		c.did = append(c.did, "took "+f.Name)
	case !has && len(c.contact.Fields) >= core.MaxFields:
		c.did = append(c.did, "no room for "+f.Name)
	default:
		if c.contact.Fields == nil {
			c.contact.Fields = map[string]string{}
		}
		c.contact.Fields[f.Name] = f.Value
		c.changed = true
		c.did = append(c.did, "set "+f.Name)
	}
}

// Draw shares runs out among a split's paths (journey.Turns): to the path that is furthest behind its share, and where several
// are, as at the beginning, by lot. The lot hangs on contact, journey and shape.
func (w world) Draw(r *core.Run, s core.Shape) (path int, ok bool) {
	key := db.ShapeKey{Journey: r.Journey, Shape: s.Name}
	sp, _ := db.Splits.Get(w.step.tx, key)
	if !slices.Equal(sp.Shares, s.Split) {
		sp = db.Split{Shares: s.Split, Taken: make([]int64, len(s.Split))}
	}
	path = draw(sp, lot(r, s))
	sp.Taken[path]++
	db.Splits.Set(w.step.tx, key, sp)
	return path, true
}

// draw picks the next path; lot decides between those that are equally far behind, each by its share.
func draw(sp db.Split, lot uint64) int {
	total := int64(1)
	for _, n := range sp.Taken {
		total += n
	}
	var best []int
	most := int64(-1 << 62)
	for i, share := range sp.Shares {
		behind := int64(share.Percent)*total - 100*sp.Taken[i]
		if total == 1 { // nobody came before: all are in the lot
			behind = 0
		}
		if share.Percent > 0 && behind > most {
			best, most = best[:0], behind
		}
		if share.Percent > 0 && behind == most {
			best = append(best, i)
		}
	}
	sum := uint64(0)
	for _, i := range best {
		sum += uint64(sp.Shares[i].Percent)
	}
	for at := lot % sum; ; best = best[1:] {
		if p := uint64(sp.Shares[best[0]].Percent); at >= p {
			at -= p
			continue
		}
		return best[0]
	}
}

// lot is a number that nobody can foresee, and that is the same in every replay.
func lot(r *core.Run, s core.Shape) uint64 {
	h := core.HashOf([]byte(string(r.Contact[:]) + "\x00" + string(r.Journey) + "\x00" + s.Name))
	return binary.BigEndian.Uint64(h[:])
}

// Turn gives out the next turn at a shape with a rate (journey.Turns): one after the other, at even intervals, and the first at
// once when the last was long enough ago.
func (w world) Turn(r *core.Run, s core.Shape) (at core.Time, ok bool) {
	key := db.ShapeKey{Journey: r.Journey, Shape: s.Name}
	p, _ := db.Paces.Get(w.step.tx, key)
	if p.Rate != *s.Rate {
		p = db.Pace{Rate: *s.Rate, From: w.now()}
	}
	at = p.From.Add(core.Milliseconds(p.N) * p.Rate.Every / core.Milliseconds(p.Rate.Contacts))
	if at < w.now() {
		at = w.now()
		p.From, p.N = at, 0
	}
	if p.N++; p.N >= p.Rate.Contacts { // exact, and never large
		p.From, p.N = p.From.Add(p.Rate.Every), 0
	}
	db.Paces.Set(w.step.tx, key, p)
	return at, true
}
