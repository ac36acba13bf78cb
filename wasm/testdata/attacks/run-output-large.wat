;; Answers with one byte more than allowed.
;; must: fail output_too_large
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0x0000000000001001)))
