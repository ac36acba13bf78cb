;; Asks for memory it will not get, for ever.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (loop $more (drop (memory.grow (i32.const 1000))) (br $more))
    (i64.const 0)))
