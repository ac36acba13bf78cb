;; Sets flags of its standard output and answers what they were.
;; must: same
(module
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_set_flags" (func $set (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (call $stat (i32.const 1) (i32.const 0)))
    (drop (call $set (i32.const 1) (i32.const 4)))
    (i64.const 24)))
