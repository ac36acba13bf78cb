;; Calls itself for ever.
;; must: fail too_deep
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func $f (param i32) (result i32) (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.extend_i32_u (call $f (i32.const 0)))))
