;; Writes 100,000 times the same 100 KB in one call: 10 GB out of one list.
;; must: fail out_of_fuel|fail host_refused|fail trapped|answer "*"
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64) (local $i i32)
    (drop (memory.grow (i32.const 20)))
    (loop $more
      (i32.store (i32.add (i32.const 131072) (i32.shl (local.get $i) (i32.const 3))) (i32.const 0))
      (i32.store (i32.add (i32.const 131076) (i32.shl (local.get $i) (i32.const 3))) (i32.const 100000))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 40000))))
    (drop (call $write (i32.const 2) (i32.const 131072) (i32.const 100000) (i32.const 8)))
    (i64.const 0)))
