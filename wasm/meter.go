package wasm

// meter rewrites one function so that it pays for what it does.
//
// The code is cut where control may come or go; each piece pays for its instructions when it begins. Entering a function
// and turning in a loop also check that there is fuel left, as do the instructions that take time by an operand, so
// between two checks lies at most one walk through the functions' text. Whoever has none left stops at an unreachable.
//
// A function that calls others also takes its frame from the stack's budget and gives it back at its end. For this its
// body becomes a block, which every way out leaves by the same end: a branch to the function's own label means the same
// label as before, and return becomes such a branch.
type meter struct {
	*scanner
	m    *metering
	out  []byte
	cut  []byte // the current piece, not yet in out
	fuel int64  // what it costs so far
	loop bool   // the piece begins a loop
	// depth is how many blocks are open within the function.
	depth uint32
	calls bool   // it calls other functions
	spare uint32 // index of the local that holds an operand; noSpare until it is needed
	free  uint32 // index behind the last local
	bytes uint32 // of the frame, by the estimate of frameBytes
}

const noSpare = 1<<32 - 1

// frameBytes estimates a native frame from above: the compiler may give a place to every local, to every result of calls
// and blocks, and to whatever another instruction produces (which took at least three bytes of text: to make it, to do
// something else, to use it). It is the unit of Config.StackLimit; with frameBase no more than 1,024 frames fit into the
// default.
func frameBytes(values uint64, body int) uint32 { return frameBase + 8*uint32(values) + uint32(body) }

const frameBase = 2 << 10

// function writes the code entry of a function of type t.
func (m *metering) function(dst, body []byte, t funcType) ([]byte, error) {
	f := &meter{scanner: &scanner{b: body}, m: m, spare: noSpare}
	declared := f.locals()
	groups := body[:len(body)-len(f.b)]
	f.free = uint32(len(t.params)) + uint32(declared)
	calls, results := m.survey(f.b)
	f.calls = calls
	f.bytes = frameBytes(uint64(f.free)+results, len(body))
	f.body()
	if f.err != nil {
		return nil, f.err
	}
	code := f.wrap(t)
	return f.entry(dst, groups, code), nil
}

// entry is the length, the locals with the spare one behind them, and the code.
func (f *meter) entry(dst, groups, code []byte) []byte {
	if f.spare == noSpare {
		dst = appendU32(dst, uint32(len(groups)+len(code)))
		return append(append(dst, groups...), code...)
	}
	s := &scanner{b: groups}
	n := s.u32()
	locals := append(append(appendU32(nil, n+1), s.b...), 1, typeI32)
	dst = appendU32(dst, uint32(len(locals)+len(code)))
	return append(append(dst, locals...), code...)
}

// wrap puts the taking and the giving back of the frame around the body.
func (f *meter) wrap(t funcType) []byte {
	if !f.calls {
		return append(f.out, opEnd)
	}
	code := f.addStack(nil, opI64Sub)
	code = append(code, opGlobalGet)
	code = appendU32(code, f.m.fuelIndex)
	code = append(code, opGlobalGet)
	code = appendU32(code, f.m.stackIndex)
	code = append(code, opI64Or, opI64Const, 0, opI64LtS, opIf, blockEmpty, opUnreachable, opEnd) // either is below zero
	code = append(code, opBlock)
	code = append(f.m.resultBlock(code, t.results), f.out...)
	code = append(code, opEnd)
	return append(f.addStack(code, opI64Add), opEnd)
}

func (f *meter) addStack(dst []byte, op byte) []byte {
	dst = appendU32(append(dst, opGlobalGet), f.m.stackIndex)
	dst = appendI64(append(dst, opI64Const), int64(f.bytes))
	return appendU32(append(dst, op, opGlobalSet), f.m.stackIndex)
}

// body walks the instructions up to the function's own end, which it leaves out.
func (f *meter) body() {
	f.loop = !f.calls // entering checks the fuel as turning in a loop does; where the frame is taken that was done already
	for f.err == nil {
		before := f.b
		op := f.u8()
		i := f.m.table[op]
		if f.err != nil {
			return
		}
		if op == opEnd && f.depth == 0 {
			f.pay()
			if len(f.b) > 0 {
				f.fail("has %d bytes behind its end; the file is damaged", len(f.b))
			}
			return
		}
		f.skip(op, i.operands)
		f.fuel += int64(i.fuel)
		f.instruction(op, before[:len(before)-len(f.b)])
	}
}

// instruction writes one instruction and cuts the code behind it where control may come or go.
func (f *meter) instruction(op byte, text []byte) {
	switch op {
	case opBlock:
		f.depth++
		f.check(f.depth <= maxNesting, "nests blocks more than %d deep; split the function", maxNesting)
		f.cut = append(f.cut, text...)
	case opLoop, opIf:
		f.depth++
		f.check(f.depth <= maxNesting, "nests blocks more than %d deep; split the function", maxNesting)
		f.cut = append(f.cut, text...)
		f.pay()
		f.loop = op == opLoop
	case opEnd:
		f.depth--
		f.cut = append(f.cut, text...)
		f.pay()
	case opElse, opBr, opBrIf, opBrTable:
		f.cut = append(f.cut, text...)
		f.pay()
	case opReturn:
		f.cut = f.leave(f.cut)
		f.pay()
	case opMemoryGrow:
		f.grow(text)
	case opPrefix:
		f.prefixed(text)
	default:
		f.cut = append(f.cut, text...)
	}
}

func (f *meter) check(ok bool, format string, args ...any) {
	if !ok {
		f.fail(format, args...)
	}
}

// leave is return: in a wrapped function a branch to the wrapping block.
func (f *meter) leave(dst []byte) []byte {
	if !f.calls {
		return append(dst, opReturn)
	}
	return appendU32(append(dst, opBr), f.depth)
}

// pay ends a piece: what it costs goes before it.
func (f *meter) pay() {
	loop := f.loop
	f.loop = false
	if loop {
		f.fuel++ // turning is never free, so that an empty loop ends as well
	}
	if f.fuel > 0 {
		f.out = appendU32(append(f.out, opGlobalGet), f.m.fuelIndex)
		f.out = appendI64(append(f.out, opI64Const), f.fuel)
		f.out = appendU32(append(f.out, opI64Sub, opGlobalSet), f.m.fuelIndex)
	}
	if loop {
		f.out = f.m.stop(f.out)
	}
	f.out = append(f.out, f.cut...)
	f.cut, f.fuel = f.cut[:0], 0
}

// grow is memory.grow: it pays for every page, unless there are so many that it can only be refused.
func (f *meter) grow(text []byte) {
	f.fuel += priceGrow
	f.payOperand(text, func(dst []byte) []byte {
		dst = append(f.local(dst, opLocalGet), opI64ExtendI32, opI64Const)
		dst = append(appendI64(dst, priceGrowPage), opI64Mul, opI64Const, 0)
		dst = append(f.local(dst, opLocalGet), opI32Const)
		return append(appendI64(dst, f.m.pages), opI32LeU, opSelect)
	})
}

// prefixed is an instruction behind opPrefix: memory.copy and memory.fill pay for their bytes, conversions are simple.
func (f *meter) prefixed(text []byte) {
	if op := text[1]; op != opMemoryCopy && op != opMemoryFill {
		f.fuel += priceSimple
		f.cut = append(f.cut, text...)
		return
	}
	f.fuel += priceBulk
	f.payOperand(text, func(dst []byte) []byte {
		return append(f.local(dst, opLocalGet), opI64ExtendI32, opI64Const, bulkShift, opI64ShrU)
	})
}

// payOperand writes an instruction behind the payment of the price that the code of price computes from its last operand.
func (f *meter) payOperand(text []byte, price func([]byte) []byte) {
	if f.spare == noSpare {
		f.spare = f.free
	}
	f.cut = f.local(f.cut, opLocalSet)
	f.cut = appendU32(append(f.cut, opGlobalGet), f.m.fuelIndex)
	f.cut = append(price(f.cut), opI64Sub, opGlobalSet)
	f.cut = f.m.stop(appendU32(f.cut, f.m.fuelIndex))
	f.cut = append(f.local(f.cut, opLocalGet), text...)
}

// local is an instruction on the spare local.
func (f *meter) local(dst []byte, op byte) []byte { return appendU32(append(dst, op), f.spare) }

// skip reads past what follows an instruction.
func (s *scanner) skip(op byte, o operands) {
	switch o {
	case blockType, number64:
		s.leb()
	case number32:
		s.i32()
	case oneIndex:
		s.u32()
	case twoIndices, memArg:
		s.u32()
		s.u32()
	case labels:
		for range s.count(1, maxLabels, "labels") {
			s.u32()
		}
		s.u32()
	case bytes4:
		s.take(4)
	case bytes8:
		s.take(8)
	case oneByte:
		s.u8()
	case refused:
		if op == opPrefix {
			s.skipPrefixed()
			return
		}
		s.fail("uses the instruction %#x, which is not supported; %s", op, adviceOn(op))
	}
}

// skipPrefixed reads past the instructions behind opPrefix: saturating conversions, memory.copy and memory.fill.
func (s *scanner) skipPrefixed() {
	switch op := s.u8(); {
	case op < 8:
	case op == opMemoryCopy:
		s.take(2)
	case op == opMemoryFill:
		s.take(1)
	default:
		s.fail("uses the instruction 0xfc %d, which is not supported; compile without passive segments and reference types", op)
	}
}

// adviceOn says how to do without an instruction.
func adviceOn(op byte) string {
	switch {
	case op == 0x12 || op == 0x13:
		return "compile without tail calls"
	case op >= 0x06 && op <= 0x0a || op == 0x18 || op == 0x19 || op == 0x1f:
		return "compile without exceptions"
	case op == 0x1c || op == 0x25 || op == 0x26 || op >= 0xd0 && op <= 0xd6:
		return "compile without reference types"
	case op == 0xfd:
		return "compile without SIMD"
	case op == 0xfe:
		return "compile without threads"
	}
	return "compile for WebAssembly 2.0 without newer features"
}
