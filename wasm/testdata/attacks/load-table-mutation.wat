;; Writes itself into a table: state that a reset of memory and globals would not see.
;; must: refuse
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (elem declare func 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (table.set 0 (i32.const 0) (ref.func 1))
    (i64.const 0)))
