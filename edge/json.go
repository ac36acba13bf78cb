package edge

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonReader reads the JSON of a capture by hand: a fifth of the time of encoding/json, and nearly no allocations, since
// texts without escapes are parts of the body. It takes what RFC 8259 takes and refuses the rest; FuzzJSON holds it
// against encoding/json. Errors stick.
type jsonReader struct {
	s   string // the whole body, valid UTF-8
	at  int
	err error
}

// maxJSONDepth bounds the nesting of fields that are passed over.
const maxJSONDepth = 32

var errEndsEarly = errors.New("the JSON ends early")

func (r *jsonReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.at = len(r.s)
}

func (r *jsonReader) wrong(want string) {
	if r.at >= len(r.s) {
		r.fail(errEndsEarly)
		return
	}
	r.fail(fmt.Errorf("byte %d of the JSON: want %s", r.at+1, want))
}

// peek is the next byte that is no space; 0 at the end.
func (r *jsonReader) peek() byte {
	for r.at < len(r.s) {
		switch c := r.s[r.at]; c {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return c
		}
	}
	return 0
}

// take reads the byte c.
func (r *jsonReader) take(c byte) bool {
	if r.peek() != c {
		r.wrong(strconv.QuoteRune(rune(c)))
		return false
	}
	r.at++
	return true
}

// object reads an object and hands each key to field, which must read its value.
func (r *jsonReader) object(field func(key string)) {
	if !r.take('{') {
		return
	}
	if r.peek() == '}' {
		r.at++
		return
	}
	for r.err == nil {
		key := r.text()
		if !r.take(':') {
			return
		}
		field(key)
		if r.peek() == '}' {
			r.at++
			return
		}
		r.take(',')
	}
}

// end fails when something follows.
func (r *jsonReader) end() {
	if r.peek(); r.at < len(r.s) {
		r.wrong("nothing after the object")
	}
}

// text reads a string.
func (r *jsonReader) text() string {
	if !r.take('"') {
		return ""
	}
	for i := r.at; i < len(r.s); i++ {
		switch c := r.s[i]; {
		case c == '"':
			t := r.s[r.at:i]
			r.at = i + 1
			return t
		case c == '\\':
			return r.escaped(i)
		case c < ' ':
			r.at = i
			r.wrong("no control character in a text")
			return ""
		}
	}
	r.fail(errEndsEarly)
	return ""
}

// escaped reads the rest of a string whose first escape stands at i.
func (r *jsonReader) escaped(i int) string {
	var b strings.Builder
	b.WriteString(r.s[r.at:i])
	for r.at = i; r.at < len(r.s); {
		switch c := r.s[r.at]; {
		case c == '"':
			r.at++
			return b.String()
		case c < ' ':
			r.wrong("no control character in a text")
			return ""
		case c == '\\':
			r.escape(&b)
		default:
			b.WriteByte(c)
			r.at++
		}
	}
	r.fail(errEndsEarly)
	return ""
}

// escapes are the letters that stand for one character.
const (
	escapeLetters = `"\/bfnrt`
	escapeMeans   = "\"\\/\b\f\n\r\t"
)

func (r *jsonReader) escape(b *strings.Builder) {
	if r.at+1 >= len(r.s) {
		r.fail(errEndsEarly)
		return
	}
	c := r.s[r.at+1]
	if i := strings.IndexByte(escapeLetters, c); i >= 0 {
		b.WriteByte(escapeMeans[i])
		r.at += 2
		return
	}
	first, ok := r.hex()
	if !ok {
		r.wrong("an escape of RFC 8259")
		return
	}
	r.at += 6
	if utf16.IsSurrogate(first) {
		second, ok := r.hex()
		if both := utf16.DecodeRune(first, second); ok && both != utf8.RuneError {
			r.at += 6
			first = both
		} else {
			first = utf8.RuneError // half a pair, as encoding/json reads it
		}
	}
	b.WriteRune(first)
}

// hex looks at a \uXXXX.
func (r *jsonReader) hex() (rune, bool) {
	if r.at+6 > len(r.s) || r.s[r.at] != '\\' || r.s[r.at+1] != 'u' {
		return 0, false
	}
	digits := r.s[r.at+2 : r.at+6]
	for i := range 4 {
		if !isHex(digits[i]) {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	return rune(n), err == nil
}

func isHex(c byte) bool {
	return isDigit(c) || (c|0x20 >= 'a' && c|0x20 <= 'f')
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// literal reads null, true or false when it is next.
func (r *jsonReader) literal(word string) bool {
	r.peek()
	if !strings.HasPrefix(r.s[r.at:], word) {
		return false
	}
	r.at += len(word)
	return true
}

// number reads a number as it is written.
func (r *jsonReader) number() string {
	r.peek()
	begin := r.at
	digits := func() bool {
		from := r.at
		for r.at < len(r.s) && isDigit(r.s[r.at]) {
			r.at++
		}
		return r.at > from
	}
	next := func(set string) bool {
		if r.at < len(r.s) && strings.IndexByte(set, r.s[r.at]) >= 0 {
			r.at++
			return true
		}
		return false
	}
	next("-")
	whole := r.at
	ok := digits() && (r.s[whole] != '0' || r.at == whole+1)
	if ok && next(".") {
		ok = digits()
	}
	if ok && next("eE") {
		next("+-")
		ok = digits()
	}
	if !ok {
		r.at = begin
		r.wrong("a value")
		return ""
	}
	return r.s[begin:r.at]
}

// skip passes over a value of any kind.
func (r *jsonReader) skip(depth int) {
	if depth == 0 {
		r.fail(errors.New("the JSON is nested too deep"))
		return
	}
	switch r.peek() {
	case '"':
		r.text()
	case '{':
		r.object(func(string) { r.skip(depth - 1) })
	case '[':
		r.array(depth)
	default:
		if !r.literal("null") && !r.literal("true") && !r.literal("false") {
			r.number()
		}
	}
}

func (r *jsonReader) array(depth int) {
	r.take('[')
	if r.peek() == ']' {
		r.at++
		return
	}
	for r.err == nil {
		r.skip(depth - 1)
		if r.peek() == ']' {
			r.at++
			return
		}
		r.take(',')
	}
}

// The fields of a capture. null leaves a field as it is; a value of another type is an error that names the field.

func (r *jsonReader) textField(name string, into *string) {
	switch {
	case r.peek() == '"':
		*into = r.text()
	case r.literal("null"):
	default:
		r.fail(fmt.Errorf("%s must be a text", name))
	}
}

func (r *jsonReader) idField(name string, into *externalID) {
	switch c := r.peek(); {
	case c == '"':
		*into = cleanID(r.text())
	case isDigit(c):
		n := r.number()
		if strings.Trim(n, "0123456789") != "" {
			r.fail(fmt.Errorf("%s must be a text or a whole number", name))
		}
		*into = externalID(n)
	case r.literal("null"):
	default:
		r.fail(fmt.Errorf("%s must be a text or a whole number", name))
	}
}

func (r *jsonReader) intField(name string, into *int64) (set bool) {
	if r.literal("null") {
		return false
	}
	if c := r.peek(); c != '-' && !isDigit(c) {
		r.fail(fmt.Errorf("%s must be a whole number", name))
		return false
	}
	n, err := strconv.ParseInt(r.number(), 10, 64)
	if err != nil {
		r.fail(fmt.Errorf("%s must be a whole number", name))
		return false
	}
	*into = n
	return true
}

func (r *jsonReader) boolField(name string, into *bool) {
	switch {
	case r.literal("true"):
		*into = true
	case r.literal("false"):
		*into = false
	case r.literal("null"):
	default:
		r.fail(fmt.Errorf("%s must be true or false", name))
	}
}
