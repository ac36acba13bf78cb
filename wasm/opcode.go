package wasm

// The instructions that metering has to know by name (WebAssembly Core 2.0, section 5.4).
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opSelect       = 0x1b
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opMemoryGrow   = 0x40
	opI32LeU       = 0x4d
	opI64LtS       = 0x53
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Mul       = 0x7e
	opI64Or        = 0x84
	opI64ShrU      = 0x88
	opI64ExtendI32 = 0xad // unsigned
	opPrefix       = 0xfc // the instruction follows as a number
	opMemoryCopy   = 10   // behind opPrefix
	opMemoryFill   = 11
	blockEmpty     = 0x40 // the type of a block without parameters and results
)

// operands says what follows an instruction.
type operands byte

const (
	refused operands = iota // the instruction is not supported
	nothing
	blockType
	oneIndex
	twoIndices
	labels // of br_table
	memArg
	number32 // signed LEB128
	number64
	bytes4
	bytes8
	oneByte
)

// instruction is what metering knows of one: what follows it, and what it costs. The prices are parts of the promise
// that a call has the same fuel everywhere: changing one is a new version of the rewriter.
type instruction struct {
	operands operands
	fuel     byte
}

// Prices in fuel. One unit is about 0.1 ns of simple code; what takes longer natively costs more, and what only gives
// structure costs nothing.
const (
	priceSimple       = 1
	priceDivision     = 8  // division, remainder, square root
	priceCall         = 5  // to a function of the module; of the host see priceHostCall
	priceCallIndirect = 10 // through the table
	priceBulk         = 10 // memory.copy and memory.fill, and a unit for every bulkShift-th power of two bytes
	bulkShift         = 2
	priceGrow         = 100   // memory.grow, and for every page priceGrowPage
	priceGrowPage     = 1_000 // the host has to clear 64 KiB before, and give them back after
	priceHostCall     = 200   // a call of a host function, and for every byte handed over priceHostByte
	priceHostByte     = 1
)

// instructions is the table of WebAssembly 2.0 without SIMD and references.
func instructions() (t [256]instruction) {
	set := func(from, to int, o operands, fuel byte) {
		for i := from; i <= to; i++ {
			t[i] = instruction{o, fuel}
		}
	}
	set(opUnreachable, opUnreachable, nothing, priceSimple)
	set(0x01, 0x01, nothing, 0) // nop
	set(opBlock, opIf, blockType, 0)
	t[opIf].fuel = priceSimple
	set(opElse, opElse, nothing, 0)
	set(opEnd, opEnd, nothing, 0)
	set(opBr, opBrIf, oneIndex, priceSimple)
	set(opBrTable, opBrTable, labels, priceSimple)
	set(opReturn, opReturn, nothing, priceSimple)
	set(opCall, opCall, oneIndex, priceCall)
	set(opCallIndirect, opCallIndirect, twoIndices, priceCallIndirect)
	set(0x1a, opSelect, nothing, priceSimple) // drop, select
	set(opLocalGet, opGlobalSet, oneIndex, priceSimple)
	set(0x28, 0x3e, memArg, priceSimple) // loads and stores
	set(0x3f, 0x3f, oneByte, priceSimple)
	set(opMemoryGrow, opMemoryGrow, oneByte, priceSimple)
	set(opI32Const, opI32Const, number32, priceSimple)
	set(opI64Const, opI64Const, number64, priceSimple)
	set(opF32Const, opF32Const, bytes4, priceSimple)
	set(opF64Const, opF64Const, bytes8, priceSimple)
	set(0x45, 0xc4, nothing, priceSimple) // comparison, arithmetic, conversion
	for _, slow := range [...][2]int{{0x6d, 0x70}, {0x7f, 0x82}, {0x91, 0x91}, {0x95, 0x95}, {0x9f, 0x9f}, {0xa3, 0xa3}} {
		set(slow[0], slow[1], nothing, priceDivision)
	}
	return t
}
