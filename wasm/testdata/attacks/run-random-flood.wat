;; Asks WASI for 12 MiB of random bytes, for ever: one call, milliseconds of work.
;; must: fail out_of_fuel|fail host_refused
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (memory.grow (i32.const 200)))
    (loop $more (drop (call $random (i32.const 65536) (i32.const 13000000))) (br $more))
    (i64.const 0)))
