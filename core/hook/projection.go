package hook

import (
	"fmt"

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
