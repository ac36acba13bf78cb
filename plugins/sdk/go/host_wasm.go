package restock

import "unsafe"

//go:wasmimport restock1 log
func importLog(level int32, text, n uint32)

//go:wasmimport restock1 fail
func importFail(code int32, text, n uint32)

func textAt(s string) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.StringData(s)))) }

func hostLog(level Level, line string) { importLog(int32(level), textAt(line), uint32(len(line))) }

func hostFail(code int32, words string) { importFail(code, textAt(words), uint32(len(words))) }
