;; A start function that never ends.
;; must: fail boot out_of_fuel|refuse
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func $s (loop $more (br $more)))
  (start $s)
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
