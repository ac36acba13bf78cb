package wasm

import "strings"

// A tiny assembler: modules are written as the sections of the binary format.

func module(sections ...string) []byte { return []byte(header + strings.Join(sections, "")) }

func section(id byte, content string) string {
	return string(id) + leb(len(content)) + content
}

func leb(n int) string { return string(appendU32(nil, uint32(n))) }

func vector(elements ...string) string { return leb(len(elements)) + strings.Join(elements, "") }

func named(s string) string { return leb(len(s)) + s }

func custom(name, content string) string { return section(customSection, named(name)+content) }

// code is a function body without locals.
func code(instructions string) string { return body("\x00", instructions) }

func body(locals, instructions string) string {
	b := locals + instructions + "\x0b"
	return leb(len(b)) + b
}

// The parts of the smallest module that a host takes: buffer(size) -> 16, and echo(ptr, len) -> ptr<<32 | len.
var (
	smallTypes     = section(typeSection, vector("\x60\x01\x7f\x01\x7f", "\x60\x02\x7f\x7f\x01\x7e", "\x60\x03\x7f\x7f\x7f\x00"))
	smallFunctions = section(functionSection, vector("\x00", "\x01"))
	smallMemory    = section(memorySection, vector("\x00\x01"))
	smallExports   = section(exportSection, vector(named("memory")+"\x02\x00", named("buffer")+"\x00\x00", named("echo")+"\x00\x01"))
	bufferCode     = code("\x41\x10")
	echoCode       = code("\x20\x00\xad\x42\x20\x86\x20\x01\xad\x84")
	smallCode      = section(codeSection, vector(bufferCode, echoCode))
)

func small() []byte { return module(smallTypes, smallFunctions, smallMemory, smallExports, smallCode) }
