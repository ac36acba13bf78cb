;; Never ends by way of a jump table.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (loop $more (br_table $more $more (local.get $len)))
    (i64.const 0)))
