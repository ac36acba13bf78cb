package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"restock/core"
)

// Object is a JSON object of a payload. Its methods read fields by their exact names, in any order; encoding/json into
// structs would take "ID" for "id" as well. Numbers stay text until somebody asks for an int64, so no id passes a float.
//
// The first field that is wrong is remembered for the whole payload and found by Err at the end; until then the methods
// return zero values. So an adapter reads like a list of fields. An Object is for one goroutine.
type Object struct {
	path   string
	fields map[string]json.RawMessage
	err    **PayloadError // shared by all objects of a payload
}

// ParseObject reads a body that must be one JSON object (RFC 8259) in UTF-8 with nothing behind it. After an error the
// object is empty and Err tells what was wrong.
func ParseObject(body []byte) Object {
	o := Object{err: new(*PayloadError)}
	switch {
	case !utf8.Valid(body):
		o.fail(Body, "UTF-8")
	case !isObject(body):
		o.fail(Body, "a JSON object")
	case json.Unmarshal(body, &o.fields) != nil:
		o.fail(Body, "one well-formed JSON object")
	}
	return o
}

// Err is what was wrong first, a *PayloadError, or nil.
func (o Object) Err() error {
	if *o.err == nil {
		return nil
	}
	return *o.err
}

// Fail notes that a field is not what was expected; only the first one counts.
func (o Object) Fail(name, want string) { o.fail(o.path+name, want) }

func (o Object) fail(path, want string) {
	if *o.err == nil {
		*o.err = &PayloadError{Field: path, Want: want}
	}
}

// Has says whether the field is there, be it null.
func (o Object) Has(name string) bool { return o.fields[name] != nil }

// Null says whether the field is there and null.
func (o Object) Null(name string) bool { return string(o.fields[name]) == "null" }

// Absent says whether the field is missing or null.
func (o Object) Absent(name string) bool { return !o.Has(name) || o.Null(name) }

// ID reads an external id: a whole number of any length or a string, with none but printable ASCII characters, at most
// core.MaxExternalID bytes. It fails when the field is missing or null.
func (o Object) ID(name string) string {
	id := o.OptionalID(name)
	if id == "" {
		o.Fail(name, wantID)
	}
	return id
}

// OptionalID is ID, but "" for a field that is missing or null.
func (o Object) OptionalID(name string) string {
	if o.Absent(name) {
		return ""
	}
	id, ok := readID(o.fields[name])
	if !ok {
		o.Fail(name, wantID)
	}
	return id
}

// readID reads an id; it is "" when ok is false.
func readID(raw json.RawMessage) (id string, ok bool) {
	id, ok = unquote(raw)
	if !ok {
		id = string(raw)
		ok = isWhole(id) && id[0] != '-'
	}
	if !ok || !printable(id) || len(id) > core.MaxExternalID {
		return "", false
	}
	return id, true
}

const wantID = "an id: a whole number or a string without spaces, at most 128 bytes"

// Text reads a string and cuts it to at most limit bytes at the boundary of a character; "" when missing or null.
func (o Object) Text(name string, limit int) string {
	if o.Absent(name) {
		return ""
	}
	s, ok := unquote(o.fields[name])
	if !ok {
		o.Fail(name, "a string")
	}
	return cut(s, limit)
}

// NeedText reads a string of 1 to limit bytes; it is for what would be wrong when cut.
func (o Object) NeedText(name string, limit int) string {
	s, ok := unquote(o.fields[name])
	if !ok || s == "" || len(s) > limit {
		o.Fail(name, fmt.Sprintf("a string of 1 to %d bytes", limit))
		return ""
	}
	return s
}

// Int reads a whole number of 64 bits; it fails when the field is missing or null.
func (o Object) Int(name string) int64 {
	text := string(o.fields[name])
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !isWhole(text) {
		o.Fail(name, "a whole number of 64 bits")
		return 0
	}
	return n
}

// Amount reads a price that is not negative, written as a string or a number ("19.99", 19.99).
func (o Object) Amount(name, currency string) core.Money {
	text, ok := unquote(o.fields[name])
	if !ok {
		text = string(o.fields[name])
	}
	m, err := core.ParseMoney(text, currency)
	if err != nil || strings.Trim(text, "0123456789.") != "" {
		o.Fail(name, fmt.Sprintf("an amount such as 19.99 with at most %d decimals (%s)", core.Decimals(currency), currency))
		return core.Money{}
	}
	return m
}

// Time reads an instant of RFC 3339 with any offset, after 1970; 0 when missing or null.
func (o Object) Time(name string) core.Time {
	if o.Absent(name) {
		return 0
	}
	text, _ := unquote(o.fields[name])
	t, ok := ParseTime(text)
	if !ok {
		o.Fail(name, "a time of RFC 3339 such as 2026-01-31T12:00:00+01:00")
	}
	return t
}

// Object reads a field that is an object; ok is false when it is missing or null.
func (o Object) Object(name string) (child Object, ok bool) {
	if o.Absent(name) {
		return Object{err: o.err}, false
	}
	return o.child(name, o.fields[name]), true
}

// List reads a field that is a list of objects, at most the first limit of them; nil when it is missing or null.
func (o Object) List(name string, limit int) []Object {
	if o.Absent(name) {
		return nil
	}
	raw, _ := o.elements(name)
	list := make([]Object, 0, min(len(raw), limit))
	for i, item := range raw[:cap(list)] {
		list = append(list, o.child(name+"["+strconv.Itoa(i)+"]", item))
	}
	return list
}

// elements reads a field that is a list.
func (o Object) elements(name string) (raw []json.RawMessage, ok bool) {
	if json.Unmarshal(o.fields[name], &raw) != nil {
		o.Fail(name, "a list")
		return nil, false
	}
	return raw, true
}

// child reads raw, which is well-formed already, as the object at name.
func (o Object) child(name string, raw json.RawMessage) Object {
	c := Object{path: o.path + name + ".", err: o.err}
	if !isObject(raw) || json.Unmarshal(raw, &c.fields) != nil {
		o.Fail(name, "an object")
	}
	return c
}

// ParseTime reads an instant of RFC 3339, cut to milliseconds; ok is false for anything else and for instants of 1970
// and before, since core.Time 0 means "not known".
func ParseTime(s string) (t core.Time, ok bool) {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.UnixMilli() <= 0 {
		return 0, false
	}
	return core.TimeOf(at), true
}

func isObject(raw []byte) bool {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	return len(raw) > 0 && raw[0] == '{'
}

// isWhole says whether JSON number text has neither fraction nor exponent.
func isWhole(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// unquote reads a JSON string into memory of its own; ok is false when raw is anything else.
func unquote(raw json.RawMessage) (s string, ok bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true // most strings have no escapes, and the syntax was checked before
	}
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// cut shortens s to at most limit bytes without breaking a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
