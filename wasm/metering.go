package wasm

import "fmt"

// rewriterVersion changes with every change of what metering writes or charges: compiled code is kept under it, and a
// fuel that was measured holds for it.
const rewriterVersion = 1

// Limits of functions' code, beside those of outline.go.
const (
	maxNesting = 8_000    // open blocks within a function
	maxLabels  = 8_192    // of one br_table
	maxMetered = 24 << 20 // bytes of the rewritten module
)

// The exports that metering adds, behind reserved. The mutable globals follow as reserved and their index.
const (
	fuelExport  = reserved + "fuel"
	stackExport = reserved + "stack"
	startExport = reserved + "start"
)

// metering rewrites a module that wazero found valid. What it adds has indices behind all that the module has, so no valid
// instruction of the module can name it.
type metering struct {
	*outline
	table      [256]instruction
	pages      int64 // of memory, at most; growing beyond is refused
	fuelIndex  uint32
	stackIndex uint32

	extra       []funcType        // types behind the module's: of blocks with several results
	resultTypes map[string]uint32 // their indices, by results
}

// metered is a module that can run: rewritten, with what was taken out of it.
type metered struct {
	core    []byte    // for wazero
	globals []string  // the exports of its own mutable globals
	data    []segment // what the memory holds at first
	start   bool      // startExport is to be called once
	most    int64     // bytes that it may grow to: what it declares, or the limit
}

// meterModule rewrites the outline of a module that is valid. memoryLimit is in bytes.
//
// Beside metering the functions it exports all mutable globals, so that a reset can set them; takes the data segments and
// the start function out, so that an instance can begin as the image of another; and lets the memory grow without end as far
// as wazero knows, because a reset shrinks it by growing (see worker.go).
func meterModule(o *outline, memoryLimit int64) (*metered, error) {
	own := uint32(len(o.globals))
	m := &metering{outline: o, table: instructions(), fuelIndex: own, stackIndex: own + 1, resultTypes: map[string]uint32{}}
	m.pages = min(memoryLimit/PageSize, int64(o.memory.most))
	code, err := m.code()
	if err != nil {
		return nil, fmt.Errorf("section code %w", err)
	}
	out := &metered{data: o.data, start: o.start != noStart, most: m.pages * PageSize}
	out.core, out.globals = m.assemble(code)
	if len(out.core) > maxMetered {
		return nil, fmt.Errorf("it grows to %d bytes by metering, the limit is %d; make the module smaller", len(out.core), maxMetered)
	}
	return out, nil
}

// code is the new code section.
func (m *metering) code() (code []byte, err error) {
	code = appendU32(nil, uint32(len(m.bodies)))
	for i, body := range m.bodies {
		t := m.functions[i]
		if int(t) >= len(m.types) {
			return nil, fmt.Errorf("function %d is of type %d, there are %d; the file is damaged", i, t, len(m.types))
		}
		if code, err = m.function(code, body, m.types[t]); err != nil {
			return nil, fmt.Errorf("function %d: it %w", i, err)
		}
		if len(code) > maxMetered {
			break // meterModule says so
		}
	}
	return code, nil
}

// assemble writes the sections in their order, and names the exports of mutable globals.
func (m *metering) assemble(code []byte) (core []byte, globals []string) {
	core = append(core, header...)
	add := func(id byte, content []byte) {
		if content != nil {
			core = appendSection(core, id, content)
		}
	}
	exports, globals := m.exports()
	add(typeSection, m.typesContent())
	add(importSection, m.importsContent())
	add(functionSection, indices(m.functions))
	add(tableSection, m.tables)
	add(memorySection, m.memoryContent())
	add(globalSection, m.globalsContent())
	add(exportSection, exports)
	add(elementSection, m.elementBytes)
	add(codeSection, code)
	add(customSection, m.names)
	return core, globals
}

func (m *metering) typesContent() []byte {
	all := append(m.types[:len(m.types):len(m.types)], m.extra...)
	dst := appendU32(nil, uint32(len(all)))
	for _, t := range all {
		dst = appendU32(append(dst, functionType), uint32(len(t.params)))
		dst = appendU32(append(dst, t.params...), uint32(len(t.results)))
		dst = append(dst, t.results...)
	}
	return dst
}

func (m *metering) importsContent() []byte {
	dst := appendU32(nil, uint32(len(m.imports)))
	for _, i := range m.imports {
		dst = appendName(appendName(dst, i.module), i.name)
		dst = appendU32(append(dst, 0), i.kind)
	}
	return dst
}

func indices(all []uint32) []byte {
	dst := appendU32(nil, uint32(len(all)))
	for _, i := range all {
		dst = appendU32(dst, i)
	}
	return dst
}

// memoryContent declares no largest size: memory.go refuses growth itself, and knows afterwards that it did.
func (m *metering) memoryContent() []byte { return appendU32([]byte{1, 0}, m.memory.least) }

// globalsContent is the module's globals and the two counters, which begin at 0: nothing runs before the host sets them.
func (m *metering) globalsContent() []byte {
	dst := appendU32(nil, uint32(len(m.globals)+2))
	dst = append(dst, m.globalBytes...)
	for range 2 {
		dst = append(dst, typeI64, 1, opI64Const, 0, opEnd)
	}
	return dst
}

func (m *metering) exports() (content []byte, globals []string) {
	var added []byte
	export := func(name string, kind byte, index uint32) {
		added = appendU32(append(appendName(added, name), kind), index)
	}
	const function, variable = 0, 3
	export(fuelExport, variable, m.fuelIndex)
	export(stackExport, variable, m.stackIndex)
	n := m.exportCount + 2
	if m.start != noStart {
		export(startExport, function, uint32(m.start))
		n++
	}
	for i, g := range m.globals {
		if g.mutable {
			globals = append(globals, fmt.Sprint(reserved, i))
			export(globals[len(globals)-1], variable, uint32(i))
			n++
		}
	}
	content = append(appendU32(nil, n), m.exportBytes...)
	return append(content, added...), globals
}

// resultBlock writes the type of a block without parameters that gives results.
func (m *metering) resultBlock(dst, results []byte) []byte {
	switch len(results) {
	case 0:
		return append(dst, blockEmpty)
	case 1:
		return append(dst, results[0])
	}
	i, ok := m.resultTypes[string(results)]
	if !ok {
		i = uint32(len(m.types) + len(m.extra))
		m.extra = append(m.extra, funcType{results: results})
		m.resultTypes[string(results)] = i
	}
	return appendI64(dst, int64(i))
}

// stop ends the guest when its fuel is below zero.
func (m *metering) stop(dst []byte) []byte {
	dst = appendU32(append(dst, opGlobalGet), m.fuelIndex)
	return append(dst, opI64Const, 0, opI64LtS, opIf, blockEmpty, opUnreachable, opEnd)
}

// survey says whether the code calls any function, and how many values calls and blocks give at most. Damage is for the
// walk after this one to find.
func (m *metering) survey(code []byte) (calls bool, results uint64) {
	s := &scanner{b: code}
	for len(s.b) > 0 && s.err == nil {
		op := s.u8()
		before := &scanner{b: s.b}
		s.skip(op, m.table[op].operands)
		switch op {
		case opCall:
			calls = true
			results += uint64(m.resultsOf(before.u32()))
		case opCallIndirect:
			calls = true
			results += uint64(m.valuesOf(int64(before.u32())))
		case opBlock, opLoop, opIf:
			results += uint64(m.valuesOf(int64(before.i32())))
		}
	}
	return calls, results
}

// resultsOf is the number of a function's results.
func (m *metering) resultsOf(function uint32) int {
	if n := uint32(len(m.imports)); function < n {
		return m.valuesOf(int64(m.imports[function].kind))
	} else if function -= n; function < uint32(len(m.functions)) {
		return m.valuesOf(int64(m.functions[function]))
	}
	return 0
}

// valuesOf is the number of parameters and results of a type, which is below zero for the types of blocks that have none
// or one (section 5.4.1).
func (m *metering) valuesOf(t int64) int {
	if t < 0 {
		return 1
	}
	if t >= int64(len(m.types)) {
		return 0
	}
	return len(m.types[t].params) + len(m.types[t].results)
}
