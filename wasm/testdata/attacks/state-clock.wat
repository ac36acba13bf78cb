;; Answers the clock, which must stand still within a call and between equal ones.
;; must: same
(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 0)))
    (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 8)))
    (loop $more (br_if $more (i32.lt_u (local.tee $len (i32.add (local.get $len) (i32.const 1))) (i32.const 10000))))
    (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 16)))
    (i64.const 24)))
