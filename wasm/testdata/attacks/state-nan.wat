;; Answers the bits of a NaN that was computed: on every engine the same, or verdicts differ between machines.
;; must: same
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (f64.store (i32.const 0) (f64.div (f64.const 0) (f64.load (i32.const 512))))
    (i64.const 8)))
