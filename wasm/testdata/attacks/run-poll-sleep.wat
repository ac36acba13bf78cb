;; Sleeps for an hour by poll_oneoff.
;; must: fail out_of_fuel|fail host_refused|answer "*"
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i32.store8 (i32.const 2064) (i32.const 0))
    (i64.store (i32.const 2072) (i64.const 3600000000000))
    (drop (call $poll (i32.const 2048) (i32.const 4096) (i32.const 1) (i32.const 8)))
    (i64.const 0)))
