package hook

import (
	"fmt"
	"maps"
	"slices"

	"restock/core"
	"restock/core/pack"
)

// Values are fields by their paths, as files hold them: string, int64 (for Int and Time), or []string by the field's type. What
// a case does not have is not in it.
type Values map[string]any

// AppendValues is Append of a case that is told by its fields. A path that is no field, or a value of another type than the
// field's, is a *core.InvalidError, be it read or not.
func (p Projection) AppendValues(dst []byte, v Values) ([]byte, error) {
	if err := v.check(); err != nil {
		return dst, err
	}
	dst = pack.AppendArray(dst, len(p.fields))
	for _, f := range p.fields {
		dst = appendFieldValue(dst, f.Field, v[f.Path])
	}
	return dst, nil
}

func (v Values) check() error {
	var bad core.InvalidError
	for _, path := range slices.Sorted(maps.Keys(v)) {
		f, ok := lookup(path)
		if !ok {
			bad.Add(path, "is no field; there are: %s%s", paths(), meant(path))
			continue
		}
		t := f.Type
		if t == Time {
			t = Int
		}
		if !t.holds(v[path]) {
			bad.Add(path, "is %s; want %s", inWords(v[path]), f.Type)
		}
	}
	return bad.OrNil()
}

// inWords is what a value is, as files have it.
func inWords(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the text %q", v)
	case int64, int:
		return fmt.Sprintf("the number %d", v)
	case bool:
		return fmt.Sprint(v)
	case []string:
		return "a list of texts"
	}
	return fmt.Sprintf("%v", v)
}

func appendFieldValue(dst []byte, f Field, value any) []byte {
	switch v := value.(type) {
	case string:
		return textOrNil(dst, v)
	case int64:
		return intIf(dst, f.Type != Time || v != 0, v)
	case int:
		return intIf(dst, f.Type != Time || v != 0, int64(v))
	}
	if list, ok := listOf(value); ok || f.Type == Strings {
		return pack.AppendStrings(dst, list)
	}
	return pack.AppendNil(dst)
}

// Values reads what Append wrote. Bytes that it cannot have written are an error.
func (p Projection) Values(input []byte) (Values, error) {
	r := pack.NewReader(input)
	if n := r.Array(MaxFields); n != len(p.fields) && r.Err() == nil {
		r.Fail(fmt.Errorf("holds %d fields, the manifest reads %d", n, len(p.fields)))
	}
	v := Values{}
	for _, f := range p.fields {
		if r.Err() != nil {
			break
		}
		readFieldValue(r, f.Field, v)
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("reading input: it %w", err)
	}
	return v, nil
}

// readFieldValue takes the value of one field, unless it is missing.
func readFieldValue(r *pack.Reader, f Field, v Values) {
	if r.Nil() {
		return
	}
	switch f.Type {
	case Strings:
		if list := readTexts(r, BufferSize, BufferSize); len(list) > 0 {
			v[f.Path] = list
		}
	case String:
		if s := r.Text(BufferSize); s != "" {
			v[f.Path] = s
		}
	case Time:
		if t := r.Int(); t != 0 {
			v[f.Path] = t
		}
	default:
		v[f.Path] = r.Int()
	}
}
