package db

import (
	"fmt"

	"restock/core"
	"restock/core/pack"
)

// traitFields is how many elements the note beside a place has. New ones go to the end.
const traitFields = 5

// Bounds of what is read of a note.
const (
	maxTraitText  = 64 << 10 // bytes of one text
	maxTraits     = 1 << 10
	maxTags       = 64 << 10
	maxTraitDepth = 16 // nesting of a field that a later version added
)

// AppendTraits appends the note beside a contact's places in line (Waitlists): its traits but the id, which is in the key.
// Of a contact with fields of the merchant's own it appends nothing: they would be as long as its record, which is read instead.
func AppendTraits(dst []byte, t core.Traits) []byte {
	if len(t.Fields) > 0 {
		return dst
	}
	dst = pack.AppendString(pack.AppendArray(dst, traitFields), t.EmailDomain)
	dst = pack.AppendString(pack.AppendString(dst, t.Locale), t.Region)
	return pack.AppendInt(pack.AppendStrings(dst, t.Tags), int64(t.CreatedAt))
}

// ReadTraits reads what AppendTraits wrote of a contact.
func ReadTraits(id core.ContactID, note []byte) (t core.Traits, err error) {
	r := pack.NewReader(note)
	n := r.Array(maxTraits)
	if n < traitFields {
		r.Fail(fmt.Errorf("has %d elements, want at least %d", n, traitFields))
	}
	t.ID = id
	t.EmailDomain, t.Locale, t.Region = r.Text(maxTraitText), r.Text(maxTraitText), r.Text(maxTraitText)
	for left := r.Array(maxTags); left > 0 && r.Err() == nil; left-- {
		t.Tags = append(t.Tags, r.Text(maxTraitText))
	}
	t.CreatedAt = core.Time(r.Int())
	for i := traitFields; i < n; i++ {
		r.Skip(maxTraitDepth)
	}
	if err := r.End(); err != nil {
		return core.Traits{}, fmt.Errorf("reading the note beside a place in line: it %w", err)
	}
	return t, nil
}
