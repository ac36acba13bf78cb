;; Has no room for inputs.
;; must: fail boot not_ready
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 0))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
