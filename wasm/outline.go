package wasm

import (
	"bytes"
	"fmt"
)

// Structural limits. They bound what wazero allocates for a module before any of it runs; programs that compilers make
// stay far below (a Go program has some 3,000 functions, 1,000 locals in the worst of them, one table of 2,500).
const (
	maxElements   = 1 << 16 // of any vector: functions, types, exports, segments …
	maxParams     = 1000    // of a function's parameters, and of its results
	maxTables     = 16
	maxTableSize  = 1 << 16 // elements of a table, declared or grown to
	maxLocals     = 50_000  // of one function
	maxAllLocals  = 1 << 20 // of all functions together
	memoryExport  = "memory"
	nameSection   = "name"
	functionNames = 1 // the subsection of nameSection that stack traces need
)

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

// outline is what a module says about itself, read without running or compiling any of it.
type outline struct {
	// core is the module as wazero gets it: custom sections dropped but for function names, tables held to maxTableSize.
	core    []byte
	section []byte // the content of the custom section; nil when there is none
	imports []imported
	memory  bool // exactly one memory is declared
	exports bool // and exported under its name

	locals uint64 // so far, of all functions
	limit  int64  // of memory, in bytes
}

type imported struct{ module, name string }

// header is what every module begins with: magic number and version 1.
const header = "\x00asm\x01\x00\x00\x00"

// outlineOf reads a module. Its errors say which section is refused and what to do.
func outlineOf(module []byte, section string, memoryLimit int64) (*outline, error) {
	if !bytes.HasPrefix(module, []byte(header)) {
		return nil, fmt.Errorf("it is not a WebAssembly module of version 1; build one for the target wasm32")
	}
	o := &outline{core: []byte(header), limit: memoryLimit}
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
	return o, nil
}

// add reads one section and writes it to core.
func (o *outline) add(id byte, content []byte, section string) error {
	s := &scanner{b: content}
	switch id {
	case customSection:
		return o.addCustom(s, section)
	case tableSection:
		content = s.tables()
	case dataCountSection, startSection:
		s.u32()
	default:
		o.read(s, id)
	}
	if s.err != nil {
		return s.err
	}
	o.keep(id, content)
	return nil
}

func (o *outline) read(s *scanner, id byte) {
	switch id {
	case typeSection:
		s.types()
	case importSection:
		o.imports = s.imports()
	case functionSection:
		for range s.count(1, maxElements, "functions") {
			s.u32()
		}
	case memorySection:
		o.readMemory(s)
	case globalSection:
		s.globals()
	case exportSection:
		o.exports = s.exports()
	case elementSection:
		s.elements()
	case codeSection:
		o.readCode(s)
	case dataSection:
		s.segments()
	default:
		s.fail("is not known; compile for WebAssembly 2.0 without exceptions and other newer features")
	}
}

func (o *outline) keep(id byte, content []byte) {
	o.core = append(o.core, id)
	o.core = appendU32(o.core, uint32(len(content)))
	o.core = append(o.core, content...)
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

// keepNames writes the function names, and only when they can be read: a damaged name section is no reason to refuse a
// module (section 7.4.1), nor to hand it to wazero, which believes its lengths.
func (o *outline) keepNames(s *scanner) {
	for len(s.b) > 0 && s.err == nil {
		id, content := s.u8(), s.take(s.u32())
		if id != functionNames || s.err != nil {
			continue
		}
		names := &scanner{b: content}
		for range names.count(2, maxElements, "names") {
			names.u32()
			names.name()
		}
		if names.err != nil || len(names.b) > 0 {
			return
		}
		kept := append([]byte{byte(len(nameSection))}, nameSection...)
		kept = appendU32(append(kept, functionNames), uint32(len(content)))
		o.keep(customSection, append(kept, content...))
		return
	}
}

func (o *outline) readMemory(s *scanner) {
	for range s.count(2, 1, "memories") {
		least, _, _ := s.limits("memory")
		if bytes := int64(least) * PageSize; bytes > o.limit {
			s.fail("declares a memory of at least %d bytes, the limit is %d; give less initial memory or stack to the linker", bytes, o.limit)
		}
		o.memory = true
	}
}

// readCode checks the declared locals of each function; the instructions are wazero's to validate.
func (o *outline) readCode(s *scanner) {
	for i := range s.count(2, maxElements, "functions") {
		body := &scanner{b: s.take(s.u32())}
		locals := body.locals()
		o.locals += locals
		if body.err != nil {
			s.fail("function %d: it %w", i, body.err)
		}
		if locals > maxLocals || o.locals > maxAllLocals {
			s.fail("declares %d locals in function %d and %d so far, the limits are %d and %d; split the function", locals, i, o.locals, maxLocals, maxAllLocals)
		}
		if s.err != nil {
			return
		}
	}
}

func sectionName(id byte) string {
	names := [...]string{"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count"}
	if int(id) < len(names) {
		return names[id]
	}
	return fmt.Sprintf("%#x", id)
}
