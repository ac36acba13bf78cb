;; Two exports of one name: which one is called?
;; must: refuse
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0))
  (func (export "run") (param i32 i32) (result i64) (unreachable)))
