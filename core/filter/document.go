package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Doc is a document, or a part of one, that Parse reads and Format writes: whoever knows YAML or JSON makes one of the other.
type Doc struct {
	Kind  DocKind
	Line  int    // where it begins, from 1 on; 0: it was not read from a file
	Text  string // a text's, numbers and truth as they are written
	Items []Doc  // a list's
	Keys  []Key  // a mapping's, in the order they were written
}

// Key is an entry of a mapping.
type Key struct {
	Name  string
	Line  int
	Value Doc
}

// DocKind is what a Doc is.
type DocKind uint8

// The kinds.
const (
	DocNothing DocKind = iota
	DocText
	DocList
	DocMapping
)

// String describes what was found where something else was wanted.
func (k DocKind) String() string {
	return [...]string{"nothing", "plain text", "a list", "a mapping"}[k]
}

// JSON writes the document; texts stay texts.
func (d Doc) JSON() []byte {
	var b bytes.Buffer
	d.appendJSON(&b)
	return b.Bytes()
}

func (d Doc) appendJSON(b *bytes.Buffer) {
	switch d.Kind {
	case DocText:
		b.Write(quoted(d.Text))
	case DocList:
		b.WriteByte('[')
		for i, item := range d.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.appendJSON(b)
		}
		b.WriteByte(']')
	case DocMapping:
		b.WriteByte('{')
		for i, k := range d.Keys {
			if i > 0 {
				b.WriteByte(',')
			}
			b.Write(quoted(k.Name))
			b.WriteByte(':')
			k.Value.appendJSON(b)
		}
		b.WriteByte('}')
	default:
		b.WriteString("null")
	}
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic("writing text as JSON: " + err.Error()) // texts only: cannot happen
	}
	return b
}

// maxNesting is how deep a document is read at all; filters end long before.
const maxNesting = 64

// ReadJSON reads a document in JSON. The error names the line.
func ReadJSON(b []byte) (Doc, error) {
	r := jsonReader{Decoder: json.NewDecoder(bytes.NewReader(b)), data: b}
	r.UseNumber()
	d, err := r.value(maxNesting)
	if err == nil {
		if _, err = r.Token(); err == io.EOF {
			return d, nil
		}
		err = fmt.Errorf("something follows behind its end (%v)", err)
	}
	return Doc{}, fmt.Errorf("reading JSON, line %d: %w", r.line(), err)
}

type jsonReader struct {
	*json.Decoder
	data []byte
}

func (r *jsonReader) line() int {
	return 1 + bytes.Count(r.data[:min(int(r.InputOffset()), len(r.data))], []byte("\n"))
}

func (r *jsonReader) value(depth int) (d Doc, err error) {
	token, err := r.Token()
	if err != nil {
		return d, err
	}
	d = Doc{Kind: DocText, Line: r.line()}
	switch v := token.(type) {
	case json.Delim:
		if depth == 0 {
			return d, fmt.Errorf("it is nested deeper than %d", maxNesting)
		}
		if v == '[' {
			return r.list(d, depth)
		}
		return r.mapping(d, depth)
	case nil:
		d.Kind = DocNothing
	default:
		d.Text = fmt.Sprint(v) // a text, a json.Number as it was written, true or false
	}
	return d, nil
}

func (r *jsonReader) list(d Doc, depth int) (Doc, error) {
	d.Kind = DocList
	for r.More() {
		item, err := r.value(depth - 1)
		if err != nil {
			return d, err
		}
		d.Items = append(d.Items, item)
	}
	_, err := r.Token()
	return d, err
}

func (r *jsonReader) mapping(d Doc, depth int) (Doc, error) {
	d.Kind = DocMapping
	for r.More() {
		name, err := r.Token()
		if err != nil {
			return d, err
		}
		k := Key{Name: fmt.Sprint(name), Line: r.line()}
		if k.Value, err = r.value(depth - 1); err != nil {
			return d, err
		}
		d.Keys = append(d.Keys, k)
	}
	_, err := r.Token()
	return d, err
}

// list writes words for people: "a, b or c".
func list[T ~string](names []T) string {
	var b strings.Builder
	for i, n := range names {
		switch {
		case i > 0 && i == len(names)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(n))
	}
	return b.String()
}
