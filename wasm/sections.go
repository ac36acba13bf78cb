package wasm

// One method per section of the binary format: each walks the section's vectors, so that no length in it is believed
// before the bytes behind it were seen. Whether types and indices fit together is wazero's to validate.

const functionType = 0x60

// funcType is a function's type, as the value types' bytes.
type funcType struct{ params, results []byte }

func (s *scanner) types() (all []funcType) {
	for range s.count(3, maxTypes, "types") {
		if form := s.u8(); form != functionType && s.err == nil {
			s.fail("defines a type of form %#x; only functions are supported, compile without garbage collection", form)
		}
		all = append(all, funcType{s.valueTypes(maxParams), s.valueTypes(maxResults)})
	}
	return all
}

// valueTypes reads parameters or results: one byte each.
func (s *scanner) valueTypes(limit uint32) []byte {
	list := s.take(s.count(1, limit, "parameters or results"))
	for _, t := range list {
		s.valueType(t)
	}
	return list
}

// The types of values (section 5.3.1). No others are taken: a reference in a local or global could outlive a reset.
const (
	typeI32     = 0x7f
	typeI64     = 0x7e
	typeF32     = 0x7d
	typeF64     = 0x7c
	typeFuncref = 0x70
)

func (s *scanner) valueType(t byte) {
	if (t < typeF64 || t > typeI32) && s.err == nil {
		s.fail("uses the value type %#x; only i32, i64, f32 and f64 are supported, compile without SIMD and reference types", t)
	}
}

// imported is a function that a module wants from the host; kind is its type's index.
type imported struct {
	module, name string
	kind         uint32
}

// imports reads who is imported; only functions may be.
func (s *scanner) imports() (all []imported) {
	kinds := [...]string{"function", "table", "memory", "global"}
	for range s.count(4, maxImports, "imports") {
		i := imported{module: s.name(), name: s.name()}
		kind := s.u8()
		i.kind = s.u32()
		if kind != 0 && s.err == nil {
			s.fail("imports %s.%s, which is a %s; only functions may be imported, link without --import-%s", i.module, i.name, kinds[kind%4], kinds[kind%4])
		}
		all = append(all, i)
	}
	return all
}

// tables reads the table and writes it anew with its least size for its largest: nothing can make it grow.
func (s *scanner) tables() (out []byte, size uint32) {
	n := s.count(3, maxTables, "tables")
	out = appendU32(nil, n)
	for range n {
		kind := s.u8()
		if kind != typeFuncref && s.err == nil {
			s.fail("declares a table of kind %#x; only one of functions is supported, compile without reference types", kind)
		}
		least, _, _ := s.limits("table")
		if least > maxTableSize {
			s.fail("declares a table of %d elements, the limit is %d; make the module smaller", least, maxTableSize)
		}
		out = appendU32(appendU32(append(out, kind, 1), least), least)
		size = least
	}
	return out, size
}

// global is a variable's type.
type global struct {
	kind    byte
	mutable bool
}

// globals reads the variables, and returns their declarations' bytes beside them.
func (s *scanner) globals() (all []global, content []byte) {
	n := s.count(4, maxGlobals, "globals")
	content = s.b
	for range n {
		kind := s.u8()
		s.valueType(kind)
		all = append(all, global{kind, s.u8() == 1})
		s.constant()
	}
	return all, content
}

// exports reads the exports' bytes and says whether a memory is exported under its name.
func (s *scanner) exports() (n uint32, content []byte, memory bool) {
	n = s.count(3, maxExports, "exports")
	content = s.b
	for range n {
		name, kind := s.name(), s.u8()
		s.u32()
		if len(name) >= len(reserved) && name[:len(reserved)] == reserved {
			s.fail("exports %q; names that begin with %q are the host's own, choose another", name, reserved)
		}
		memory = memory || name == memoryExport && kind == 2
	}
	return n, content, memory
}

// elements walks the segments of a table (section 5.5.12): bit 0 passive or declarative, bit 1 explicit index or
// declarative, bit 2 expressions instead of indices. Only active ones are taken: with no instruction that changes a table,
// it never has to be reset. What lies outside of the table of that size is refused, as instantiating would refuse it.
func (s *scanner) elements(size uint32) {
	for i := range s.count(2, maxElements, "element segments") {
		form := s.u32()
		if form > 6 || form&1 == 1 {
			s.fail("holds an element segment of form %#x; only active ones are supported, compile without reference types", form)
			return
		}
		if form&2 != 0 {
			s.u32()
		}
		at := s.offset()
		if form&2 != 0 {
			s.u8()
		}
		n := s.count(1, maxElements, "elements")
		if end := uint64(at) + uint64(n); end > uint64(size) && s.err == nil {
			s.fail("writes segment %d up to element %d of a table of %d; the file is damaged", i, end, size)
		}
		for range n {
			if form&4 == 0 {
				s.u32()
			} else {
				s.constant()
			}
		}
	}
}

// segment is a piece of the memory's first content.
type segment struct {
	at      uint32 // byte offset
	content []byte // a view of the module
}

// segments reads the data segments (section 5.5.14). Only active ones are taken: a dropped passive one would have to be
// brought back by a reset.
func (s *scanner) segments() (all []segment) {
	for range s.count(2, maxSegments, "data segments") {
		form := s.u32()
		if form != 0 && (form != 2 || s.u32() != 0) {
			s.fail("holds a data segment of form %#x; only active ones are supported, compile without threads", form)
			return nil
		}
		at := s.offset()
		all = append(all, segment{at, s.take(s.u32())})
	}
	return all
}

// locals sums the declared locals of a function's body.
func (s *scanner) locals() (sum uint64) {
	for range s.count(2, maxElements, "groups of locals") {
		sum += uint64(s.u32())
		s.valueType(s.u8())
	}
	return sum
}
