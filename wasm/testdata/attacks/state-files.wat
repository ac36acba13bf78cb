;; Closes its standard output and error: state that lies in the host, not in memory.
;; must: same
(module
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i32.store (i32.const 0) (call $close (i32.const 1)))
    (i32.store (i32.const 4) (call $close (i32.const 2)))
    (i64.const 8)))
