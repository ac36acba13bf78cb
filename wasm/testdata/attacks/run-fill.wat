;; Fills 16 MiB for ever: one instruction, milliseconds of work.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (memory.grow (i32.const 200)))
    (loop $more (memory.fill (i32.const 65536) (local.get $len) (i32.const 13107200)) (br $more))
    (i64.const 0)))
