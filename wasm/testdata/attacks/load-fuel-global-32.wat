;; The same, of the other type and one further.
;; must: refuse
(module
  (memory (export "memory") 1)
  (global (mut i64) (i64.const 0))
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (global.set 2 (i32.const 2147483647))
    (i64.const 0)))
