;; A data segment that lies beyond the memory.
;; must: refuse|fail boot not_ready
(module
  (memory (export "memory") 1)
  (data (i32.const -16) "beyond")
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
