;; Writes 12 MiB to its standard error, for ever.
;; must: fail out_of_fuel|fail host_refused
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (memory.grow (i32.const 200)))
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (i32.const 13000000))
    (loop $more (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8))) (br $more))
    (i64.const 0)))
