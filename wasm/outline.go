package wasm

import (
	"bytes"
	"fmt"
)

// Structural limits. They bound what this package and wazero allocate for a module before any of it runs; programs that
// compilers make stay far below (a Go program that uses fmt has 1,800 functions, 31,000 data segments, 29 KiB in its
// longest function). The README lists them.
const (
	maxElements   = 1 << 16 // functions, element segments, elements of one, names, groups of locals
	maxTypes      = 1 << 12
	maxImports    = 1_000
	maxGlobals    = 1_000
	maxExports    = 1_000
	maxSegments   = 1 << 17 // data segments
	maxParams     = 128     // of a function
	maxResults    = 16      // of a function or block
	maxTables     = 1
	maxTableSize  = 1 << 16   // elements of the table
	maxLocals     = 10_000    // of one function
	maxAllLocals  = 1 << 20   // of all functions together
	maxBody       = 256 << 10 // bytes of one function
	memoryExport  = "memory"
	nameSection   = "name"
	functionNames = 1 // the subsection of nameSection that stack traces need
	// maxFunctionName is how much of a function's name is kept, in bytes.
	maxFunctionName = 256
)

// reserved begins the names of the exports that metering adds.
const reserved = "metered:"

// The sections of a module, by id (WebAssembly Core 2.0, section 5.5.2).
const (
	customSection = iota
	typeSection
	importSection
	functionSection
	tableSection
	memorySection
	globalSection
	exportSection
	startSection
	elementSection
	codeSection
	dataSection
	dataCountSection
)

// outline is what a module says about itself, read without running or compiling any of it. Byte slices are views of the
// module.
type outline struct {
	// core is the module without custom sections but for function names, for wazero to validate.
	core    []byte
	section []byte // the content of the custom section, a copy; nil when there is none
	names   []byte // the content of the name section that is kept; nil when there is none

	types     []funcType
	imports   []imported
	functions []uint32 // type indices
	tables    []byte   // the section's new content; nil when there is none
	tableSize uint32   // elements
	memory    struct {
		there       bool
		least, most uint32 // pages; most is 1<<16 when none is declared
	}
	globals      []global
	globalBytes  []byte // their declarations
	exportCount  uint32
	exportBytes  []byte
	exportsIt    bool // the memory is exported under its name
	start        int64
	elementBytes []byte // the section's content; nil when there is none
	bodies       [][]byte
	data         []segment

	locals uint64 // so far, of all functions
	limit  int64  // of memory, in bytes
	last   int    // rank of the last section that was read
}

// noStart is outline.start without a start section.
const noStart = -1

// header is what every module begins with: magic number and version 1.
const header = "\x00asm\x01\x00\x00\x00"

// outlineOf reads a module. Its errors say which section is refused and what to do. It takes time and memory in proportion
// to the module's length.
func outlineOf(module []byte, section string, memoryLimit int64) (*outline, error) {
	if !bytes.HasPrefix(module, []byte(header)) {
		return nil, fmt.Errorf("it is not a WebAssembly module of version 1; build one for the target wasm32")
	}
	o := &outline{core: []byte(header), limit: memoryLimit, start: noStart}
	for rest := (&scanner{b: module[len(header):]}); len(rest.b) > 0; {
		id := rest.u8()
		content := rest.take(rest.u32())
		if rest.err != nil {
			return nil, fmt.Errorf("section %s %w", sectionName(id), rest.err)
		}
		if err := o.add(id, content, section); err != nil {
			return nil, fmt.Errorf("section %s %w", sectionName(id), err)
		}
	}
	return o, o.checkCounts()
}

// add reads one section and keeps it in core.
func (o *outline) add(id byte, content []byte, section string) error {
	s := &scanner{b: content}
	if id == customSection {
		return o.addCustom(s, section)
	}
	o.checkOrder(s, id)
	o.read(s, id)
	if len(s.b) > 0 && s.err == nil {
		s.fail("holds %d bytes more than it says; the file is damaged", len(s.b))
	}
	if s.err != nil {
		return s.err
	}
	o.core = appendSection(o.core, id, content)
	return nil
}

// checkOrder refuses what comes twice or too early: the data count belongs before the code, all else is by id.
func (o *outline) checkOrder(s *scanner, id byte) {
	rank := int(id) * 2
	if id == dataCountSection {
		rank = codeSection*2 - 1
	}
	if rank <= o.last && id <= dataCountSection {
		s.fail("comes twice or out of order; the file is damaged")
	}
	o.last = rank
}

func (o *outline) read(s *scanner, id byte) {
	switch id {
	case typeSection:
		o.types = s.types()
	case importSection:
		o.imports = s.imports()
	case functionSection:
		for range s.count(1, maxElements, "functions") {
			o.functions = append(o.functions, s.u32())
		}
	case tableSection:
		o.tables, o.tableSize = s.tables()
	case memorySection:
		o.readMemory(s)
	case globalSection:
		o.readGlobals(s)
	case exportSection:
		o.exportCount, o.exportBytes, o.exportsIt = s.exports()
	case startSection:
		o.start = int64(s.u32())
	case elementSection:
		o.elementBytes = s.b
		s.elements(o.tableSize)
	case codeSection:
		o.readCode(s)
	case dataSection:
		o.readData(s)
	case dataCountSection:
		s.u32()
	default:
		s.fail("is not known; compile for WebAssembly 2.0 without exceptions and other newer features")
	}
}

func appendSection(dst []byte, id byte, content []byte) []byte {
	return append(appendU32(append(dst, id), uint32(len(content))), content...)
}

// addCustom keeps the content of the wanted section aside and the function names for stack traces; all else is dropped.
func (o *outline) addCustom(s *scanner, section string) error {
	name := s.name()
	if s.err != nil {
		return s.err
	}
	switch name {
	case section:
		if o.section != nil {
			return fmt.Errorf("%q is there twice; build the module anew and add it once", section)
		}
		o.section = append([]byte{}, s.b...)
	case nameSection:
		o.keepNames(s)
	}
	return nil
}

// keepNames keeps the function names, and only when they can be read: a damaged name section is no reason to refuse a
// module (section 7.4.1), nor to hand it to wazero, which believes its lengths.
func (o *outline) keepNames(s *scanner) {
	for len(s.b) > 0 && s.err == nil {
		id, content := s.u8(), s.take(s.u32())
		if id != functionNames || s.err != nil {
			continue
		}
		names, known := functionNamesOf(content)
		if !known || o.names != nil {
			return
		}
		o.names = appendSection(appendName(nil, nameSection), functionNames, names)
		o.core = appendSection(o.core, customSection, o.names)
		return
	}
}

// functionNamesOf writes the vector of function names anew, each no longer than maxFunctionName: a stack trace repeats
// them up to 30 times, and nobody pays for that.
func functionNamesOf(content []byte) (names []byte, known bool) {
	s := &scanner{b: content}
	n := s.count(2, maxElements, "names")
	names = appendU32(nil, n)
	for range n {
		names = appendU32(names, s.u32())
		names = appendName(names, clip(s.name(), maxFunctionName))
	}
	return names, s.err == nil && len(s.b) == 0
}

func (o *outline) readMemory(s *scanner) {
	for range s.count(2, 1, "memories") {
		least, most, hasMost := s.limits("memory")
		if bytes := int64(least) * PageSize; bytes > o.limit {
			s.fail("declares a memory of at least %d bytes, the limit is %d; give less initial memory or stack to the linker", bytes, o.limit)
		}
		if !hasMost {
			most = maxPages
		}
		o.memory.there, o.memory.least, o.memory.most = true, least, most
	}
}

func (o *outline) readGlobals(s *scanner) {
	o.globals, o.globalBytes = s.globals()
	o.globalBytes = o.globalBytes[:len(o.globalBytes)-len(s.b)]
}

// readCode cuts the functions out and checks their declared locals; the instructions are read by metering.
func (o *outline) readCode(s *scanner) {
	for i := range s.count(2, maxElements, "functions") {
		content := s.take(s.u32())
		body := &scanner{b: content}
		locals := body.locals()
		o.locals += locals
		switch {
		case s.err != nil:
			return
		case body.err != nil:
			s.fail("function %d: it %w", i, body.err)
		case len(content) > maxBody:
			s.fail("function %d has %d bytes, the limit is %d; split the function", i, len(content), maxBody)
		case locals > maxLocals || o.locals > maxAllLocals:
			s.fail("declares %d locals in function %d and %d so far, the limits are %d and %d; split the function", locals, i, o.locals, maxLocals, maxAllLocals)
		}
		o.bodies = append(o.bodies, content)
	}
}

// readData refuses what lies outside of the memory, as instantiating the module would.
func (o *outline) readData(s *scanner) {
	o.data = s.segments()
	size := uint64(o.memory.least) * PageSize
	for i, d := range o.data {
		if end := uint64(d.at) + uint64(len(d.content)); end > size && s.err == nil {
			s.fail("writes segment %d up to byte %d of a memory of %d; the file is damaged", i, end, size)
		}
	}
}

// checkCounts refuses what metering could not walk: wazero has not validated anything yet.
func (o *outline) checkCounts() error {
	if len(o.functions) != len(o.bodies) {
		return fmt.Errorf("it declares %d functions and defines %d; the file is damaged", len(o.functions), len(o.bodies))
	}
	return nil
}

func sectionName(id byte) string {
	names := [...]string{"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count"}
	if int(id) < len(names) {
		return names[id]
	}
	return fmt.Sprintf("%#x", id)
}
