;; Declares its entry as another type than the host will call.
;; must: fail not_ready "run"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param f64) (result f64) (local.get 0)))
