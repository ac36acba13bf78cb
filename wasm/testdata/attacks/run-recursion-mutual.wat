;; Two functions call each other by way of a table.
;; must: fail too_deep
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (type $v (func (param i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $a $b)
  (func $a (type $v) (i32.add (call_indirect (type $v) (local.get 0) (i32.const 1)) (i32.const 1)))
  (func $b (type $v) (i32.add (call_indirect (type $v) (local.get 0) (i32.const 0)) (i32.const 1)))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.extend_i32_u (call $a (i32.const 0)))))
