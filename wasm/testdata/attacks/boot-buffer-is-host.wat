;; Exports a function of WASI as its buffer function: code that no rewriter meters.
;; must: refuse|fail boot not_ready|answer ""
(module
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (export "buffer" (func $fd_close))
  (memory (export "memory") 1)
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
