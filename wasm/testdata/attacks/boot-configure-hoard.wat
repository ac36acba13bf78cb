;; Takes all memory while it is configured, touches every page and keeps it in its image.
;; must: answer "00"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "configure") (param i32 i32) (result i32)
    (local $at i32)
    (drop (memory.grow (i32.const 255)))
    (loop $more
      (i32.store (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br_if $more (i32.lt_u (local.get $at) (i32.const 16777216))))
    (i32.const 0))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i32.store8 (i32.const 0) (i32.const 0))
    (i64.const 1)))
