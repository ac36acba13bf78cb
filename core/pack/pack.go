// Package pack writes and reads msgpack by hand, for the few records that pass millions of times: it appends to the
// caller's bytes, allocates nothing but text, and is bounded against whoever wrote what it reads.
package pack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// AppendNil appends nil. All appenders write the shortest form, so that equal values have equal bytes.
func AppendNil(dst []byte) []byte { return append(dst, msgpcode.Nil) }

// AppendBool appends a bool.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, msgpcode.True)
	}
	return append(dst, msgpcode.False)
}

// AppendInt appends a whole number.
func AppendInt(dst []byte, v int64) []byte {
	switch {
	case v >= -32 && v <= math.MaxInt8:
		return append(dst, byte(v))
	case v >= 0 && v <= math.MaxUint8:
		return append(dst, msgpcode.Uint8, byte(v))
	case v >= 0 && v <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, msgpcode.Uint16), uint16(v))
	case v >= 0 && v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, msgpcode.Uint32), uint32(v))
	case v >= 0:
		return binary.BigEndian.AppendUint64(append(dst, msgpcode.Uint64), uint64(v))
	case v >= math.MinInt8:
		return append(dst, msgpcode.Int8, byte(v))
	case v >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, msgpcode.Int16), uint16(v))
	case v >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, msgpcode.Int32), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(dst, msgpcode.Int64), uint64(v))
}

// AppendStringHeader appends what stands before a text of n bytes.
func AppendStringHeader(dst []byte, n int) []byte {
	switch {
	case n < 32:
		return append(dst, msgpcode.FixedStrLow|byte(n))
	case n <= math.MaxUint8:
		return append(dst, msgpcode.Str8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, msgpcode.Str16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, msgpcode.Str32), uint32(n))
}

// AppendString appends a text.
func AppendString[S ~string](dst []byte, s S) []byte {
	return append(AppendStringHeader(dst, len(s)), s...)
}

// AppendArray appends what stands before n elements.
func AppendArray(dst []byte, n int) []byte {
	switch {
	case n < 16:
		return append(dst, msgpcode.FixedArrayLow|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, msgpcode.Array16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, msgpcode.Array32), uint32(n))
}

// AppendMap appends what stands before n keys and values.
func AppendMap(dst []byte, n int) []byte {
	if n < 16 {
		return append(dst, msgpcode.FixedMapLow|byte(n))
	}
	return binary.BigEndian.AppendUint16(append(dst, msgpcode.Map16), uint16(n))
}

// AppendStrings appends a list of texts.
func AppendStrings(dst []byte, list []string) []byte {
	dst = AppendArray(dst, len(list))
	for _, s := range list {
		dst = AppendString(dst, s)
	}
	return dst
}

// Reader reads msgpack from bytes that somebody else wrote. Errors stick: after the first every read answers zero. It
// never allocates by a length that it was told, except for text that is really there.
type Reader struct {
	b   []byte
	err error
}

// NewReader reads b, which it does not change.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Err is the first error.
func (r *Reader) Err() error { return r.err }

// Left is how many bytes were not read yet.
func (r *Reader) Left() int { return len(r.b) }

var errShort = errors.New("ends early")

// Fail keeps the first error; every read after it answers zero.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *Reader) code() byte {
	b := r.take(1)
	if r.err != nil {
		return 0
	}
	return b[0]
}

func (r *Reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.Fail(errShort)
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// number reads a big-endian number of 1, 2, 4 or 8 bytes.
func (r *Reader) number(size uint64) (v uint64) {
	for _, b := range r.take(size) {
		v = v<<8 | uint64(b)
	}
	return v
}

func (r *Reader) want(what string, c byte) {
	r.Fail(fmt.Errorf("holds a value of code %#x where %s belongs", c, what))
}

// Nil reads a nil and says so; any other value stays to be read.
func (r *Reader) Nil() bool {
	if len(r.b) == 0 || r.b[0] != msgpcode.Nil {
		return false
	}
	r.b = r.b[1:]
	return true
}

// Bool reads a bool.
func (r *Reader) Bool() bool {
	switch c := r.code(); c {
	case msgpcode.True:
		return true
	case msgpcode.False:
		return false
	default:
		r.want("a bool", c)
		return false
	}
}

// Int reads a whole number.
func (r *Reader) Int() int64 {
	c := r.code()
	switch {
	case msgpcode.IsFixedNum(c):
		return int64(int8(c))
	case c >= msgpcode.Uint8 && c <= msgpcode.Uint64:
		v := r.number(1 << (c - msgpcode.Uint8))
		if v > math.MaxInt64 {
			r.Fail(fmt.Errorf("holds the number %d, which is over %d", v, math.MaxInt64))
			return 0
		}
		return int64(v)
	case c >= msgpcode.Int8 && c <= msgpcode.Int64:
		size := uint64(1) << (c - msgpcode.Int8)
		shift := 64 - 8*size
		return int64(r.number(size)<<shift) >> shift
	}
	r.want("an int", c)
	return 0
}

// Text reads text of at most limit bytes.
func (r *Reader) Text(limit int) string {
	b := r.take(r.stringLength())
	switch {
	case r.err != nil:
	case len(b) > limit:
		r.Fail(fmt.Errorf("holds text of %d bytes, the limit is %d", len(b), limit))
	case !utf8.Valid(b):
		r.Fail(errors.New("holds text that is not UTF-8"))
	default:
		return string(b)
	}
	return ""
}

func (r *Reader) stringLength() uint64 {
	c := r.code()
	switch {
	case msgpcode.IsFixedString(c):
		return uint64(c & msgpcode.FixedStrMask)
	case c >= msgpcode.Str8 && c <= msgpcode.Str32:
		return r.number(1 << (c - msgpcode.Str8))
	}
	r.want("text", c)
	return 0
}

// Array reads the length of an array of at most limit elements.
func (r *Reader) Array(limit int) int {
	c := r.code()
	switch {
	case msgpcode.IsFixedArray(c):
		return r.length(uint64(c&msgpcode.FixedArrayMask), limit)
	case c == msgpcode.Array16 || c == msgpcode.Array32:
		return r.length(r.number(2<<(c-msgpcode.Array16)), limit)
	}
	r.want("an array", c)
	return 0
}

// Keys reads the length of a map of at most limit keys.
func (r *Reader) Keys(limit int) int {
	c := r.code()
	switch {
	case msgpcode.IsFixedMap(c):
		return r.length(uint64(c&msgpcode.FixedMapMask), limit)
	case c == msgpcode.Map16 || c == msgpcode.Map32:
		return r.length(r.number(2<<(c-msgpcode.Map16)), limit)
	}
	r.want("a map", c)
	return 0
}

func (r *Reader) length(n uint64, limit int) int {
	if n > uint64(limit) {
		r.Fail(fmt.Errorf("holds %d elements, the limit is %d", n, limit))
		return 0
	}
	return int(n)
}

// Skip reads over one value of any kind, nested at most depth deep.
func (r *Reader) Skip(depth int) {
	if r.err != nil || depth < 0 {
		r.Fail(errors.New("is nested too deep"))
		return
	}
	c := r.code()
	switch {
	case r.err != nil, msgpcode.IsFixedNum(c), c == msgpcode.Nil, c == msgpcode.True, c == msgpcode.False:
	case msgpcode.IsFixedArray(c):
		r.skipAll(uint64(c&msgpcode.FixedArrayMask), depth)
	case msgpcode.IsFixedMap(c):
		r.skipAll(2*uint64(c&msgpcode.FixedMapMask), depth)
	case msgpcode.IsFixedString(c):
		r.take(uint64(c & msgpcode.FixedStrMask))
	default:
		r.skipLong(c, depth)
	}
}

// skipLong skips the values whose code is followed by a length or a number.
func (r *Reader) skipLong(c byte, depth int) {
	switch c {
	case msgpcode.Bin8, msgpcode.Bin16, msgpcode.Bin32:
		r.take(r.number(1 << (c - msgpcode.Bin8)))
	case msgpcode.Ext8, msgpcode.Ext16, msgpcode.Ext32:
		r.take(r.number(1<<(c-msgpcode.Ext8)) + 1)
	case msgpcode.Str8, msgpcode.Str16, msgpcode.Str32:
		r.take(r.number(1 << (c - msgpcode.Str8)))
	case msgpcode.Float, msgpcode.Double:
		r.take(4 << (c - msgpcode.Float))
	case msgpcode.Uint8, msgpcode.Uint16, msgpcode.Uint32, msgpcode.Uint64:
		r.take(1 << (c - msgpcode.Uint8))
	case msgpcode.Int8, msgpcode.Int16, msgpcode.Int32, msgpcode.Int64:
		r.take(1 << (c - msgpcode.Int8))
	case msgpcode.FixExt1, msgpcode.FixExt2, msgpcode.FixExt4, msgpcode.FixExt8, msgpcode.FixExt16:
		r.take(1 + 1<<(c-msgpcode.FixExt1))
	case msgpcode.Array16, msgpcode.Array32:
		r.skipAll(r.number(2<<(c-msgpcode.Array16)), depth)
	case msgpcode.Map16, msgpcode.Map32:
		r.skipAll(2*r.number(2<<(c-msgpcode.Map16)), depth)
	default:
		r.Fail(fmt.Errorf("holds a value of the unknown code %#x", c))
	}
}

// skipAll stops at the first error, so a length that is not true costs no more than the bytes that are there.
func (r *Reader) skipAll(n uint64, depth int) {
	for i := uint64(0); i < n && r.err == nil; i++ {
		r.Skip(depth - 1)
	}
}

// End fails when bytes are left over.
func (r *Reader) End() error {
	if r.err == nil && len(r.b) > 0 {
		r.Fail(fmt.Errorf("goes on for %d bytes after its end", len(r.b)))
	}
	return r.err
}
