;; 72 bytes that declare a table of 763 MiB.
;; must: refuse "a table of"
(module
  (memory (export "memory") 1)
  (table 100000000 funcref)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
