;; Never ends by a condition that always holds, with a value on the stack.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (loop $more (result i64) (i64.const 1) (br_if $more (i32.const 1)))))
