// Command go is the guests' condition in Go, built as a reactor; ../README.md says what all four guests do.
package main

import (
	"encoding/binary"
	"slices"
	"strings"
	"unsafe"

	"restock/wasm/abi"
)

//go:wasmimport host1 log
func hostLog(level int32, text uint32, length uint32)

//go:wasmimport host1 fail
func hostFail(code int32, text uint32, length uint32)

var (
	room, output []byte
	calls        uint32 // of chaos: 0 at each call when the host forgets nothing to reset
	kept         = map[int][]byte{}
)

//go:wasmexport buffer
func buffer(size uint32) uint32 {
	room = make([]byte, size)
	output = make([]byte, 0, 64)
	return address(room)
}

func address(b []byte) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

func die(words string) {
	hostFail(1, uint32(uintptr(unsafe.Pointer(unsafe.StringData(words)))), uint32(len(words)))
}

// reader reads msgpack. After the first error every read answers nothing.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return nil
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func (r *reader) number(n int) (v uint64) {
	for _, b := range r.take(n) {
		v = v<<8 | uint64(b)
	}
	return v
}

// int reads an int, or missing for nil.
func (r *reader) int(missing int64) int64 {
	switch c := r.number(1); {
	case r.bad || c == 0xc0:
		return missing
	case c <= 0x7f || c >= 0xe0:
		return int64(int8(c))
	case c >= 0xcc && c <= 0xcf:
		return int64(r.number(1 << (c - 0xcc)))
	case c == 0xd0:
		return int64(int8(r.number(1)))
	case c == 0xd1:
		return int64(int16(r.number(2)))
	case c == 0xd2:
		return int64(int32(r.number(4)))
	case c == 0xd3:
		return int64(r.number(8))
	}
	r.bad = true
	return missing
}

// text reads text, nil for nil: a view of the input.
func (r *reader) text() []byte {
	switch c := r.number(1); {
	case r.bad || c == 0xc0:
		return nil
	case c&0xe0 == 0xa0:
		return r.take(int(c & 0x1f))
	case c == 0xd9:
		return r.take(int(r.number(1)))
	case c == 0xda:
		return r.take(int(r.number(2)))
	}
	r.bad = true
	return nil
}

func (r *reader) array() int {
	switch c := r.number(1); {
	case c&0xf0 == 0x90:
		return int(c & 0x0f)
	case c == 0xdc:
		return int(r.number(2))
	}
	r.bad = true
	return 0
}

var (
	sku       string
	window    int64
	countries []string
)

//go:wasmexport configure
func configure(_, n uint32) int32 {
	if n == 0 {
		return 0
	}
	r := reader{b: room[:n]}
	r.array()
	sku, window = string(r.text()), r.int(0)
	for k := r.array(); k > 0 && !r.bad; k-- {
		countries = append(countries, string(r.text()))
	}
	if r.bad {
		return 4
	}
	return 0
}

func answer(pass byte, reason string) uint64 {
	output = append(output[:0], 0x92, pass, 0xa0|byte(len(reason)))
	output = append(output, reason...)
	return abi.Pack(address(output), uint32(len(output)))
}

const no, yes = 0xc2, 0xc3

//go:wasmexport condition
func condition(_, n uint32) uint64 {
	r := reader{b: room[:n]}
	r.array()
	now := r.int(0)
	wanted := r.text()
	told := r.int(now - window)
	country := r.text()
	if r.bad {
		die("not the input")
	}
	switch {
	case string(wanted) != sku:
		return answer(no, "another product")
	case now-told < window:
		return answer(no, "told lately")
	case !slices.Contains(countries, string(country)):
		return answer(no, "not shipped there")
	}
	return answer(yes, "tell")
}

//go:wasmexport chaos
func chaos(_, n uint32) uint64 {
	before, sum := calls, uint32(0)
	calls++
	for step := range slices.Chunk(room[:n&^1], 2) {
		sum += perform(step[0], int(step[1]))
	}
	output = binary.LittleEndian.AppendUint32(output[:0], before)
	output = binary.LittleEndian.AppendUint32(output, sum)
	return abi.Pack(address(output), uint32(len(output)))
}

func perform(op byte, n int) uint32 {
	switch op {
	case 'w':
		kept[n] = []byte(strings.Repeat(string(rune(n)), 32<<10))
		return uint32(len(kept)) + uint32(kept[n][n])
	case 'd':
		return deeper(n)
	case 'g':
		kept[-n] = make([]byte, (n%16+1)<<16)
		return uint32(len(kept))
	case 's':
		hostLog(1, address(room), 4)
	case 'm':
		for i := 1000; ; i++ {
			kept[i] = make([]byte, 1<<20)
		}
	case 'l':
		for i := 0; ; i++ {
			room[0] = byte(i)
		}
	case 'r':
		return deeper(1 << 30)
	case 't':
		panic("as it was told")
	case 'h':
		hostLog(1, 0xffffff00, 512)
	case 'f':
		die("lost")
	case 'c':
		return crowd(n)
	case 'p':
		return caught(n)
	}
	return 0
}

//go:noinline
func deeper(n int) uint32 {
	if n == 0 {
		return 1
	}
	return deeper(n-1) + calls
}

// crowd lets n goroutines count.
func crowd(n int) (sum uint32) {
	numbers := make(chan int)
	for i := range n {
		go func() { numbers <- i }()
	}
	for range n {
		sum += uint32(<-numbers)
	}
	return sum
}

// caught panics and recovers.
func caught(n int) (code uint32) {
	defer func() { code = uint32(recover().(int)) }()
	panic(n)
}

func main() {}
