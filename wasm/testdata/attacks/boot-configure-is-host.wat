;; Exports a function of WASI as its configure function, which then writes where the host says.
;; must: refuse|answer ""|fail boot not_ready
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (export "configure" (func $sizes))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
