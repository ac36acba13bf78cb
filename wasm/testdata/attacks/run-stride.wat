;; Reads 16 MiB with strides that miss every cache.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64) (local $at i32)
    (drop (memory.grow (i32.const 254)))
    (loop $more
      (local.set $at (i32.and (i32.add (i32.mul (local.get $at) (i32.const 1664525)) (i32.const 1013904223)) (i32.const 0xfeffff)))
      (local.set $len (i32.add (local.get $len) (i32.load (local.get $at))))
      (br $more))
    (i64.const 0)))
