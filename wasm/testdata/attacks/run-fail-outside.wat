;; Gives up with words that lie outside.
;; must: fail host_refused
(module
  (import "host1" "fail" (func $fail (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (call $fail (i32.const 1) (i32.const -16) (i32.const 64))
    (i64.const 0)))
