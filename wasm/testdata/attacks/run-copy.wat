;; Copies 6 MiB for ever, overlapping.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (memory.grow (i32.const 200)))
    (loop $more (memory.copy (i32.const 65536) (i32.const 65537) (i32.const 6553600)) (br $more))
    (i64.const 0)))
