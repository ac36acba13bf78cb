;; Answers random bytes: the same for every contact, or a second look would judge differently.
;; must: same
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (call $random (i32.const 0) (i32.const 8)))
    (i64.const 8)))
