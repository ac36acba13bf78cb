;; Calls an empty place of its table.
;; must: fail trapped
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (type $v (func))
  (table 4 funcref)
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (call_indirect (type $v) (i32.const 2))
    (i64.const 0)))
