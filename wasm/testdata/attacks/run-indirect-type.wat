;; Calls a function as another type.
;; must: fail trapped
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (type $v (func (param f64)))
  (table 1 funcref)
  (elem (i32.const 0) 0)
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (call_indirect (type $v) (f64.const 0) (i32.const 0))
    (i64.const 0)))
