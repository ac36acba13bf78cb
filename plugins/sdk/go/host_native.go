//go:build !wasm

package restock

// In native tests there is no host: lines are printed, and who fails panics.

func hostLog(_ Level, line string) { println(line) }

func hostFail(int32, string) {}
