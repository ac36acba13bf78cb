;; A memory of 64-bit addresses.
;; must: refuse "64"
(module
  (memory (export "memory") i64 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
