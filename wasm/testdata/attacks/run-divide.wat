;; Divides for ever: the slowest arithmetic there is.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64) (local $n i64)
    (loop $more (local.set $n (i64.div_u (i64.const -1) (i64.or (local.get $n) (i64.const 3)))) (br $more))
    (i64.const 0)))
