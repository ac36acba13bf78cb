package wasm

// One method per section of the binary format: each walks the section's vectors, so that no length in it is believed
// before the bytes behind it were seen. Types and indices are wazero's to validate.

const functionType = 0x60

func (s *scanner) types() {
	for range s.count(3, maxElements, "types") {
		if form := s.u8(); form != functionType && s.err == nil {
			s.fail("defines a type of form %#x; only functions are supported, compile without garbage collection", form)
		}
		s.valueTypes()
		s.valueTypes()
	}
}

// valueTypes skips parameters or results: one byte each, since typed references are not supported.
func (s *scanner) valueTypes() {
	for _, t := range s.take(s.count(1, maxParams, "parameters or results")) {
		s.valueType(t)
	}
}

func (s *scanner) valueType(t byte) {
	if t == 0x63 || t == 0x64 {
		s.fail("uses typed references, which are not supported; compile for WebAssembly 2.0")
	}
}

// imports reads who is imported; only functions may be.
func (s *scanner) imports() (all []imported) {
	kinds := [...]string{"function", "table", "memory", "global"}
	for range s.count(4, maxElements, "imports") {
		i := imported{s.name(), s.name()}
		kind := s.u8()
		s.u32()
		if kind != 0 && s.err == nil {
			s.fail("imports %s.%s, which is a %s; only functions may be imported, link without --import-%s", i.module, i.name, kinds[kind%4], kinds[kind%4])
		}
		all = append(all, i)
	}
	return all
}

// tables reads the tables and writes them anew with a largest size of at most maxTableSize: growing beyond answers -1, as
// it may at any size (section 4.4.6), instead of taking the host's memory.
func (s *scanner) tables() []byte {
	n := s.count(3, maxTables, "tables")
	out := appendU32(nil, n)
	for range n {
		kind := s.u8()
		s.valueType(kind)
		if kind == 0x40 {
			s.fail("declares a table with an initial value, which is not supported; compile for WebAssembly 2.0")
		}
		least, most, hasMost := s.limits("table")
		if least > maxTableSize {
			s.fail("declares a table of %d elements, the limit is %d; make the module smaller", least, maxTableSize)
		}
		if !hasMost || most > maxTableSize {
			most = maxTableSize
		}
		out = appendU32(appendU32(append(out, kind, 1), least), most)
	}
	return out
}

func (s *scanner) globals() {
	for range s.count(4, maxElements, "globals") {
		s.valueType(s.u8())
		s.u8()
		s.constant()
	}
}

// exports says whether a memory is exported under its name.
func (s *scanner) exports() (memory bool) {
	for range s.count(3, maxElements, "exports") {
		name, kind := s.name(), s.u8()
		s.u32()
		memory = memory || name == memoryExport && kind == 2
	}
	return memory
}

// elements walks the eight forms of segments (section 5.5.12): bit 0 passive or declarative, bit 1 explicit index or
// declarative, bit 2 expressions instead of indices.
func (s *scanner) elements() {
	for range s.count(2, maxElements, "element segments") {
		form := s.u32()
		if form > 7 {
			s.fail("holds a segment of form %#x; compile for WebAssembly 2.0", form)
			return
		}
		if form&3 == 2 {
			s.u32()
		}
		if form&1 == 0 {
			s.constant()
		}
		if form&3 != 0 {
			s.valueType(s.u8())
		}
		for range s.count(1, maxElements, "elements") {
			if form&4 == 0 {
				s.u32()
			} else {
				s.constant()
			}
		}
	}
}

// segments walks the data segments: active, passive, active with an explicit memory (section 5.5.14).
func (s *scanner) segments() {
	for range s.count(2, maxElements, "data segments") {
		form := s.u32()
		if form > 2 {
			s.fail("holds a segment of form %#x; compile for WebAssembly 2.0", form)
			return
		}
		if form == 2 {
			s.u32()
		}
		if form != 1 {
			s.constant()
		}
		s.take(s.u32())
	}
}

// locals sums the declared locals of a function's body.
func (s *scanner) locals() (sum uint64) {
	for range s.count(2, maxElements, "groups of locals") {
		sum += uint64(s.u32())
		s.valueType(s.u8())
	}
	return sum
}
