package wasm

import "encoding/binary"

// generator makes valid modules out of any bytes: each decision takes one, and when there are none left every decision is
// for the simplest. So a fuzzer that changes bytes changes programs, and never breaks them.
type generator struct {
	choices []byte
	code    []byte
	locals  []byte // types of parameters and locals
	results []byte // of the function
	labels  [][]byte
	size    int // expressions so far
}

// The functions of a generated module; buffer is made by hand.
var generatedTypes = []funcType{
	{[]byte{typeI32}, []byte{typeI32}},          // buffer
	{[]byte{typeI32, typeI32}, []byte{typeI64}}, // echo
	{nil, []byte{typeI32, typeI64}},
	{[]byte{typeI64}, []byte{typeI32}},
	{nil, nil},
	{[]byte{typeF64}, []byte{typeF64, typeF64, typeI32}},
}

var generatedLocals = []byte{typeI32, typeI64, typeF32, typeF64, typeI32}

// generate makes a module like small() with more to it.
func generate(choices []byte) []byte {
	g := &generator{choices: choices}
	var types, functions, bodies []string
	for i, t := range generatedTypes {
		types = append(types, "\x60"+vector1(t.params)+vector1(t.results))
		functions = append(functions, leb(i))
		if i == 0 {
			bodies = append(bodies, bufferCode)
			continue
		}
		bodies = append(bodies, body(leb(len(generatedLocals))+groups(generatedLocals), g.function(t)))
	}
	return module(section(typeSection, vector(types...)), section(functionSection, vector(functions...)),
		section(tableSection, vector("\x70\x00\x08")), section(memorySection, vector("\x01\x01\x03")),
		section(globalSection, vector("\x7f\x01\x41\x05\x0b", "\x7e\x01\x42\x07\x0b", "\x7c\x01\x44\x00\x00\x00\x00\x00\x00\xf0\x3f\x0b")),
		section(exportSection, vector(named("memory")+"\x02\x00", named("buffer")+"\x00\x00", named("echo")+"\x00\x01",
			named("a")+"\x03\x00", named("b")+"\x03\x01", named("c")+"\x03\x02")),
		section(elementSection, vector("\x00\x41\x01\x0b\x05\x01\x02\x03\x04\x05")),
		section(codeSection, vector(bodies...)), section(dataSection, vector("\x00\x41\x20\x0b\x03abc")))
}

func vector1(types []byte) string { return leb(len(types)) + string(types) }

func groups(types []byte) (all string) {
	for _, t := range types {
		all += "\x01" + string(t)
	}
	return all
}

func (g *generator) function(t funcType) string {
	g.code, g.size = nil, 0
	g.locals = append(append([]byte{}, t.params...), generatedLocals...)
	g.results, g.labels = t.results, [][]byte{t.results}
	g.statements(3)
	g.values(t.results, 3)
	return string(g.code)
}

// choose answers 0 to n-1.
func (g *generator) choose(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	c := g.choices[0]
	g.choices = g.choices[1:]
	return int(c) % n
}

func (g *generator) put(b ...byte)        { g.code = append(g.code, b...) }
func (g *generator) index(op byte, i int) { g.code = appendU32(append(g.code, op), uint32(i)) }

func (g *generator) values(types []byte, depth int) {
	for _, t := range types {
		g.value(t, depth)
	}
}

func (g *generator) statements(depth int) {
	for range g.choose(4) {
		g.statement(depth)
	}
}

func (g *generator) enter(op byte, results, label []byte) {
	g.put(op)
	if len(results) == 0 {
		g.put(blockEmpty)
	} else {
		g.put(results[0])
	}
	g.labels = append(g.labels, label)
}

func (g *generator) leave() {
	g.labels = g.labels[:len(g.labels)-1]
	g.put(opEnd)
}

func (g *generator) statement(depth int) {
	if g.size++; depth == 0 || g.size > 200 {
		g.put(0x01)
		return
	}
	depth--
	switch g.choose(14) {
	case 0:
		i := g.choose(len(g.locals))
		g.value(g.locals[i], depth)
		g.index(opLocalSet, i)
	case 1:
		i := g.choose(3)
		g.value([]byte{typeI32, typeI64, typeF64}[i], depth)
		g.index(opGlobalSet, i)
	case 2:
		g.address(depth)
		g.value(typeI64, depth)
		g.put(0x37, 0, byte(g.choose(128)))
	case 3:
		g.enter(opBlock, nil, nil)
		g.statements(depth)
		g.leave()
	case 4:
		g.enter(opLoop, nil, nil)
		g.statements(depth)
		g.value(typeI32, depth)
		g.index(opBrIf, 0)
		g.leave()
	case 5:
		g.value(typeI32, depth)
		g.enter(opIf, nil, nil)
		g.statements(depth)
		if g.choose(2) == 1 {
			g.put(opElse)
			g.statements(depth)
		}
		g.leave()
	case 6: // a way out, and dead code behind it
		g.value(typeI32, depth)
		g.enter(opIf, nil, nil)
		if i := g.choose(len(g.labels) + 1); i == len(g.labels) {
			g.values(g.results, depth)
			g.put(opReturn)
		} else {
			g.values(g.labels[len(g.labels)-1-i], depth)
			g.index(opBr, i)
		}
		g.statements(depth)
		g.leave()
	case 7:
		g.emptyBranch(depth)
	case 8:
		g.address(depth)
		g.address(depth)
		g.length(depth)
		g.put(opPrefix, opMemoryCopy, 0, 0)
	case 9:
		g.address(depth)
		g.value(typeI32, depth)
		g.length(depth)
		g.put(opPrefix, opMemoryFill, 0)
	case 10:
		g.call(1+g.choose(len(generatedTypes)-1), depth)
	case 11:
		i := 1 + g.choose(len(generatedTypes)-1)
		g.values(generatedTypes[i].params, depth)
		g.value(typeI32, depth)
		g.put(opI32Const, 7, 0x71) // and 7
		g.index(opCallIndirect, i)
		g.put(0)
		g.drop(len(generatedTypes[i].results))
	case 12:
		g.value(typeI32, depth)
		g.enter(opIf, nil, nil)
		g.put(opUnreachable)
		g.statements(depth)
		g.leave()
	case 13:
		g.value(typeI32, depth)
		g.put(opI32Const, 3, 0x71, opMemoryGrow, 0, 0x1a)
	}
}

// emptyBranch is br_table among the labels that take nothing.
func (g *generator) emptyBranch(depth int) {
	g.enter(opBlock, nil, nil)
	g.value(typeI32, depth)
	var empty []int
	for i := range g.labels {
		if len(g.labels[len(g.labels)-1-i]) == 0 {
			empty = append(empty, i)
		}
	}
	g.index(opBrTable, 2)
	for range 3 {
		g.code = appendU32(g.code, uint32(empty[g.choose(len(empty))]))
	}
	g.leave()
}

func (g *generator) call(i, depth int) {
	g.values(generatedTypes[i].params, depth)
	g.index(opCall, i)
	g.drop(len(generatedTypes[i].results))
}

func (g *generator) drop(n int) {
	for range n {
		g.put(0x1a)
	}
}

// address is a number that mostly lies in the memory.
func (g *generator) address(depth int) {
	g.value(typeI32, depth)
	if g.choose(8) > 0 {
		g.code = append(appendI64(append(g.code, opI32Const), 0xfff), 0x71)
	}
}

func (g *generator) length(depth int) {
	g.value(typeI32, depth)
	g.code = append(appendI64(append(g.code, opI32Const), 0x3ff), 0x71)
}

func (g *generator) value(t byte, depth int) {
	if g.size++; depth == 0 || g.size > 200 {
		g.constant(t)
		return
	}
	depth--
	switch g.choose(8) {
	case 0:
		g.constant(t)
	case 1:
		g.local(t)
	case 2:
		g.enter(opBlock, []byte{t}, []byte{t})
		g.statements(depth)
		g.value(t, depth)
		if g.choose(2) == 1 {
			g.value(typeI32, depth)
			g.index(opBrIf, 0)
		}
		g.leave()
	case 3:
		g.value(typeI32, depth)
		g.enter(opIf, []byte{t}, []byte{t})
		g.value(t, depth)
		g.put(opElse)
		g.value(t, depth)
		g.leave()
	case 4:
		g.enter(opLoop, []byte{t}, nil)
		g.statements(depth)
		g.value(t, depth)
		g.leave()
	case 5:
		g.value(t, depth)
		g.value(t, depth)
		g.value(typeI32, depth)
		g.put(opSelect)
	default:
		g.operate(t, depth)
	}
}

func (g *generator) constant(t byte) {
	n := int64(int8(g.choose(256)))
	switch t {
	case typeI32:
		g.code = appendI64(append(g.code, opI32Const), n)
	case typeI64:
		g.code = appendI64(append(g.code, opI64Const), n<<g.choose(50))
	case typeF32:
		g.code = binary.LittleEndian.AppendUint32(append(g.code, opF32Const), 0x3f800000+uint32(n))
	case typeF64:
		g.code = binary.LittleEndian.AppendUint64(append(g.code, opF64Const), 0x3ff0000000000000+uint64(n))
	}
}

func (g *generator) local(t byte) {
	var fit []int
	for i, l := range g.locals {
		if l == t {
			fit = append(fit, i)
		}
	}
	g.index(opLocalGet, fit[g.choose(len(fit))])
}

// operate is arithmetic, a load or a conversion. Floats are made such that they are never NaN, whose bits may differ.
func (g *generator) operate(t byte, depth int) {
	switch t {
	case typeI32:
		switch g.choose(5) {
		case 0:
			g.value(t, depth)
			g.value(t, depth)
			g.put(byte(0x6a + g.choose(15))) // add … rotr
		case 1:
			g.value(typeI64, depth)
			g.value(typeI64, depth)
			g.put(byte(0x51 + g.choose(10))) // eq … ge_u
		case 2:
			g.address(depth)
			g.put(0x2d, 0, byte(g.choose(128)))
		case 3:
			g.value(typeF64, depth)
			g.put(opPrefix, 2) // trunc_sat
		case 4:
			g.put(0x3f, 0)
		}
	case typeI64:
		if g.choose(2) == 0 {
			g.value(t, depth)
			g.value(t, depth)
			g.put(byte(0x7c + g.choose(15)))
			return
		}
		g.address(depth)
		g.put(0x29, 0, byte(g.choose(128)))
	case typeF32:
		g.value(typeI32, depth)
		g.put(0xb2)
	case typeF64:
		g.value(typeI64, depth)
		g.put(0xb9)
	}
}
