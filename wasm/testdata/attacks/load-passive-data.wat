;; Passive data, copied again and again by memory.init.
;; must: refuse
(module
  (memory (export "memory") 1)
  (data "x")
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1))
    (i64.const 0)))
