;; SIMD doubles the compiler that can be attacked.
;; must: refuse "SIMD"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (v128.const i64x2 1 2))
    (i64.const 0)))
