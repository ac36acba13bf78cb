;; The entry function calls itself, by its own export.
;; must: fail too_deep
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func $run (export "run") (param i32 i32) (result i64) (i64.add (call $run (local.get 0) (local.get 1)) (i64.const 1))))
