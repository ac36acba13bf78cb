;; Exits with code 0, as if all were well.
;; must: fail trapped
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (call $exit (i32.const 0))
    (i64.const 0)))
