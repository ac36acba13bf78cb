;; Reads behind the end of its memory, by an offset that overflows.
;; must: fail trapped
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.load offset=4294967295 (i32.const -1))))
