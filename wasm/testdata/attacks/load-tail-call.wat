;; A tail call: recursion without depth.
;; must: refuse
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (return_call 1 (local.get $ptr) (local.get $len))))
