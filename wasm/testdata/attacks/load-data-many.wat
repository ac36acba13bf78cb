;; Data segments that overlap: 16 bytes at the end of the page, one byte outside.
;; must: refuse|fail boot not_ready
(module
  (memory (export "memory") 1)
  (data (i32.const 65521) "0123456789abcdef")
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
