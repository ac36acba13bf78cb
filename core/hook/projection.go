package hook

import (
	"fmt"
	"strings"

	"restock/core/pack"
)

// Projection writes what one plugin reads, and nothing else. It is immutable.
type Projection struct{ fields []field }

// NewProjection prepares the declared fields of a manifest; a wrong one is a *core.InvalidError.
func NewProjection(m Manifest) (Projection, error) {
	if err := m.Validate(); err != nil {
		return Projection{}, fmt.Errorf("preparing the fields of plugin %q: %w", m.Name, err)
	}
	p := Projection{fields: make([]field, len(m.Reads))}
	for i, r := range m.Reads {
		p.fields[i], _ = lookup(r.Path)
	}
	return p, nil
}

// Append writes c as a msgpack array in the order of the manifest's reads: nil for what is missing, an empty list for no
// tags. It allocates only when dst has no room.
func (p Projection) Append(dst []byte, c *Context) []byte {
	dst = pack.AppendArray(dst, len(p.fields))
	for _, f := range p.fields {
		dst = f.append(dst, c)
	}
	return dst
}

// Prepared is a projection of which everything is written but what depends on the contact.
type Prepared struct{ pieces []piece }

// piece is bytes, then a field that is written for each contact; the last one may have none.
type piece struct {
	before []byte
	field  field
}

// Prepare writes the fields of c that all contacts of one activity share.
func (p Projection) Prepare(c *Context) Prepared {
	last := piece{before: pack.AppendArray(nil, len(p.fields))}
	var all []piece
	for _, f := range p.fields {
		if !perContact(f.Path) {
			last.before = f.append(last.before, c)
			continue
		}
		last.field = f
		all = append(all, last)
		last = piece{}
	}
	return Prepared{append(all, last)}
}

// Append is Projection.Append, with the shared fields of the context that Prepare was given. It allocates only when dst has
// no room.
func (p Prepared) Append(dst []byte, c *Context) []byte {
	for i := range p.pieces {
		dst = append(dst, p.pieces[i].before...)
		if f := &p.pieces[i].field; f.append != nil {
			dst = f.append(dst, c)
		}
	}
	return dst
}

// perContact says that a field differs between the contacts of one activity; every other one is the same for all.
func perContact(path string) bool {
	return strings.HasPrefix(path, "contact.") || path == "activity.asked_at"
}
