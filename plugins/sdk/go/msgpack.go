package restock

import (
	"strings"
	"unsafe"
)

// reader reads msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) of the types that fields and settings have.
// After the first value of another type every read answers that it is missing, and bad says so.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func (r *reader) number(n int) (v uint64) {
	for _, b := range r.take(n) {
		v = v<<8 | uint64(b)
	}
	return v
}

// head is the next value's first byte; nil's behind the end.
func (r *reader) head() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0xc0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

// size is the length that a head tells, for one whose short form holds it in bits of mask and whose longer ones begin at
// first, with lengths of least bytes; false for nil and for another type.
func (r *reader) size(short, mask, first byte, least int) (int, bool) {
	c := r.head()
	switch {
	case c == 0xc0:
		return 0, false
	case c&^mask == short:
		return int(c & mask), true
	case c >= first && c <= 0xdf && first != 0 && int(c-first) < 3-least/2:
		return int(r.number(least << (c - first))), true
	}
	r.bad, r.b = true, nil
	return 0, false
}

// text is a view of the input.
func (r *reader) text() string {
	n, _ := r.size(0xa0, 0x1f, 0xd9, 1)
	b := r.take(n)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (r *reader) array() int {
	n, _ := r.size(0x90, 0x0f, 0xdc, 2)
	return n
}

func (r *reader) keys() int {
	n, _ := r.size(0x80, 0x0f, 0xde, 2)
	return n
}

func (r *reader) texts() []string {
	n := r.array()
	if n == 0 || n > len(r.b) {
		r.bad = r.bad || n > 0
		return nil
	}
	all := make([]string, n)
	for i := range all {
		all[i] = r.text()
	}
	return all
}

func (r *reader) bool() bool {
	c := r.head()
	r.bad = r.bad || c != 0xc0 && c != 0xc2 && c != 0xc3
	return c == 0xc3
}

func (r *reader) int() Int {
	switch c := r.head(); {
	case c == 0xc0:
		return Int{}
	case c <= 0x7f || c >= 0xe0:
		return IntOf(int64(int8(c)))
	case c >= 0xcc && c <= 0xcf:
		return IntOf(int64(r.number(1 << (c - 0xcc))))
	case c >= 0xd0 && c <= 0xd3:
		n := 1 << (c - 0xd0)
		shift := 64 - 8*n
		return IntOf(int64(r.number(n)) << shift >> shift)
	}
	r.bad, r.b = true, nil
	return Int{}
}

// skip reads past one value.
func (r *reader) skip() {
	if len(r.b) == 0 {
		r.bad = true
		return
	}
	switch c := r.b[0]; {
	case c == 0xc2 || c == 0xc3:
		r.head()
	case c&^0x1f == 0xa0 || c >= 0xd9 && c <= 0xdb:
		r.text()
	case c&^0x0f == 0x90 || c == 0xdc || c == 0xdd:
		r.texts()
	default:
		r.int()
	}
}

// keepText copies what a configuration says: the first input overwrites it.
func keepText(s string) string { return strings.Clone(s) }

func keep(all []string) []string {
	for i := range all {
		all[i] = keepText(all[i])
	}
	return all
}

func appendText(dst []byte, s string) []byte {
	switch n := len(s); {
	case n < 32:
		dst = append(dst, 0xa0|byte(n))
	default:
		dst = append(dst, 0xda, byte(n>>8), byte(n))
	}
	return append(dst, s...)
}

func appendInt(dst []byte, v int64) []byte {
	if v >= 0 && v <= 0x7f {
		return append(dst, byte(v))
	}
	return append(dst, 0xd3, byte(v>>56), byte(v>>48), byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 0xc3)
	}
	return append(dst, 0xc2)
}

func appendTexts(dst []byte, all []string) []byte {
	dst = append(dst, 0xdc, byte(len(all)>>8), byte(len(all)))
	for _, s := range all {
		dst = appendText(dst, s)
	}
	return dst
}
