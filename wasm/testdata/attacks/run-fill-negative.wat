;; Fills a length of 2^32-1: a price that is computed with sign pays fuel back.
;; must: fail out_of_fuel|fail trapped
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (loop $more (memory.fill (i32.const 0) (i32.const 0) (i32.const -1)) (br $more))
    (i64.const 0)))
