;; Traps on its configuration.
;; must: fail boot not_ready "unreachable"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "configure") (param i32 i32) (result i32) (unreachable))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
