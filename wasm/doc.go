// Package wasm is a plugin host on wazero: it loads a WebAssembly module that a stranger wrote, hands it bytes and takes
// bytes back, and lets it harm nobody else. It knows nothing of what the bytes mean: the names of sections, imports and
// exports come by Config.
//
// The flow: New makes a Host. Host.Load parses a module within structural limits, has wazero validate it as its author
// built it, rewrites it so that it pays fuel for what it does, and compiles that. Module.Boot runs the guest's beginnings
// once with a configuration and keeps what its memory and globals held: that is the Guest. Guest.Worker makes an instance
// that begins so, and Worker.Call asks it; before the next call the instance is reset. Guest.Call borrows a worker, from any
// number of goroutines.
//
// The calling convention, version abi.Version: the guest exports its one memory as "memory" and a buffer function
// (size i32) -> ptr i32 that says where the host may write up to size bytes. Entry functions take (ptr i32, len i32) and
// answer i64: ptr<<32 | len of their output in the guest's memory. A configure function (ptr i32, len i32) -> i32 is
// optional and answers 0 when it took the configuration. "_initialize" is called first when it is exported. Of
// Config.ImportModule a guest may import log(level i32, ptr i32, len i32) and fail(code i32, ptr i32, len i32); of
// wasi_snapshot_preview1 the functions that can be answered without files, network or chance, with a clock that stands.
//
// The same module, configuration, input and Moment give the same output, logs and fuel on every machine, compiled or
// interpreted, but for the bits of NaNs, which processors make differently.
//
// Who reads the code begins with outline.go (what a module is), meter.go (how it is made to pay), boot.go and worker.go
// (how it runs), image.go (how it is reset). RATIONALE.md says why.
package wasm
