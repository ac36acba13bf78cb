package wasm

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// scanner reads the binary format (WebAssembly Core 2.0, section 5) within one section. Errors stick: after the first
// one every read answers zero, so callers check err where it matters and loops end by more.
type scanner struct {
	b   []byte
	err error
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
	s.b = nil
}

// u8 reads one byte.
func (s *scanner) u8() byte {
	if len(s.b) == 0 {
		s.fail("ends early; the file is damaged")
		return 0
	}
	v := s.b[0]
	s.b = s.b[1:]
	return v
}

// u32 reads an unsigned LEB128 number of at most five bytes.
func (s *scanner) u32() uint32 {
	v, n := binary.Uvarint(s.b[:min(len(s.b), binary.MaxVarintLen32)])
	if n <= 0 || v > 1<<32-1 {
		s.fail("holds a number that does not end or fit; the file is damaged")
		return 0
	}
	s.b = s.b[n:]
	return uint32(v)
}

// leb skips a signed number of at most ten bytes.
func (s *scanner) leb() {
	for range binary.MaxVarintLen64 {
		if s.u8()&0x80 == 0 {
			return
		}
	}
	s.fail("holds a number that does not end; the file is damaged")
}

// take reads n bytes, a view.
func (s *scanner) take(n uint32) []byte {
	if uint64(n) > uint64(len(s.b)) {
		s.fail("says that %d bytes follow where only %d do; the file is damaged", n, len(s.b))
		return nil
	}
	v := s.b[:n]
	s.b = s.b[n:]
	return v
}

// name reads a length and that much UTF-8.
func (s *scanner) name() string {
	b := s.take(s.u32())
	if !utf8.Valid(b) {
		s.fail("holds a name that is not UTF-8; the file is damaged")
	}
	return string(b)
}

// count reads the length of a vector whose elements take at least size bytes each. It refuses a length that the rest of
// the section cannot hold: wazero's decoder allocates by it before it reads on.
func (s *scanner) count(size int, limit uint32, of string) uint32 {
	n := s.u32()
	if n > limit {
		s.fail("holds %d %s, the limit is %d; make the module smaller", n, of, limit)
		return 0
	}
	if uint64(n)*uint64(size) > uint64(len(s.b)) {
		s.fail("says that %d %s follow, which do not fit; the file is damaged", n, of)
		return 0
	}
	return n
}

// limits reads the least and, when there is one, the largest size of a memory or table.
func (s *scanner) limits(of string) (least uint32, most uint32, hasMost bool) {
	switch flag := s.u8(); flag {
	case 0:
		return s.u32(), 0, false
	case 1:
		return s.u32(), s.u32(), true
	default:
		s.fail("declares a %s of kind %#x; shared and 64-bit ones are not supported, compile without threads and memory64", of, flag)
		return 0, 0, false
	}
}

// The instructions of constant expressions (section 3.3.10).
const (
	opEnd      = 0x0b
	opI32Const = 0x41
	opI64Const = 0x42
	opF32Const = 0x43
	opF64Const = 0x44
	opRefNull  = 0xd0
	opRefFunc  = 0xd2
)

// offset reads the constant expression of a segment's place. It can only be a number: no global is imported, and only
// imported ones may be named there.
func (s *scanner) offset() uint32 {
	if op := s.u8(); op != opI32Const && s.err == nil {
		s.fail("places a segment by the instruction %#x; only a plain number is supported, link without position-independent code", op)
	}
	v := s.i32()
	if end := s.u8(); end != opEnd && s.err == nil {
		s.fail("places a segment by more than one number; link without position-independent code")
	}
	return uint32(v)
}

// i32 reads a signed LEB128 number of at most five bytes.
func (s *scanner) i32() int32 {
	var v int64
	for shift := 0; shift < 35; shift += 7 {
		b := s.u8()
		v |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			if b&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			return int32(v)
		}
	}
	s.fail("holds a number that does not end; the file is damaged")
	return 0
}

// constant skips a constant expression.
func (s *scanner) constant() {
	for s.err == nil {
		switch op := s.u8(); op {
		case opEnd:
			return
		case opI32Const, opI64Const:
			s.leb()
		case opRefFunc:
			s.u32()
		case opF32Const:
			s.take(4)
		case opF64Const:
			s.take(8)
		case opRefNull:
			s.u8()
		default:
			s.fail("computes a constant with the instruction %#x, which is not supported; compile for WebAssembly 2.0 without SIMD", op)
		}
	}
}

// appendU32 is the unsigned LEB128 of v.
func appendU32(dst []byte, v uint32) []byte { return binary.AppendUvarint(dst, uint64(v)) }

// appendI64 is the signed LEB128 of v.
func appendI64(dst []byte, v int64) []byte {
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(dst, b)
		}
		dst = append(dst, b|0x80)
	}
}

// appendName is a name: its length, then its bytes.
func appendName(dst []byte, name string) []byte {
	return append(appendU32(dst, uint32(len(name))), name...)
}
