;; Divides the least number by -1.
;; must: fail trapped
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.div_s (i64.const 0x8000000000000000) (i64.const -1))))
