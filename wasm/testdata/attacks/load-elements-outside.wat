;; An element segment that lies beyond the table.
;; must: refuse|fail boot not_ready
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (elem (i32.const 7) 0)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
