;; Grows its memory, writes everywhere and traps in the middle of it.
;; must: fail out_of_fuel|fail trapped
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64) (local $at i32)
    (drop (memory.grow (i32.const 255)))
    (loop $more
      (i32.store (local.get $at) (i32.const -1))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br $more))
    (i64.const 0)))
