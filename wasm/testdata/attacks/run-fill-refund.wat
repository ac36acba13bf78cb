;; Fills lengths just above 2^31, whose price by sign would pay for what follows; it is out of bounds and traps.
;; must: fail out_of_fuel|fail trapped
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 0x80000001))
    (loop $more (br $more))
    (i64.const 0)))
