;; An _initialize that calls itself.
;; must: fail boot too_deep
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func $i (export "_initialize") (call $i))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
