// Package wasm is a plugin host on wazero: it loads a WebAssembly module that a stranger wrote, hands it bytes and takes
// bytes back, and lets it harm nobody else. It knows nothing of what the bytes mean: the names of sections, imports and
// exports come by Config.
//
// The flow: New makes a Host; Host.Load checks a module's structure against limits, before and besides wazero, and
// compiles it; Module.Boot hands a configuration to a first instance, to learn whether the module works at all, and gives
// a Guest; Guest.Call asks it, from any number of goroutines.
//
// The calling convention, version abi.Version: the guest exports its one memory as "memory" and a buffer function
// (size i32) -> ptr i32 that says where the host may write up to size bytes. Entry functions take (ptr i32, len i32) and
// answer i64: ptr<<32 | len of their output in the guest's memory. A configure function (ptr i32, len i32) -> i32 is
// optional and answers 0 when it took the configuration. "_initialize" is called first when it is exported. Of
// Config.ImportModule a guest may import log(level i32, ptr i32, len i32) and fail(code i32, ptr i32, len i32); of
// wasi_snapshot_preview1 the functions that can be answered without clock, files, network or chance.
//
// What guards against a hostile guest today: the structural limits, a bounded memory, bounded output and logs, an instance
// that lives for one call, and a deadline that is looked at where loops begin again. What does not: a tree of calls
// without any loop is never stopped, and a module made to be slow to compile keeps a processor busy while it loads.
// Fuel metering and compilation in a child process will close both, and change nothing of this interface.
package wasm
