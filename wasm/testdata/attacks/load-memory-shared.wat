;; A memory that threads share.
;; must: refuse "threads"
(module
  (memory (export "memory") 1 1 shared)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
