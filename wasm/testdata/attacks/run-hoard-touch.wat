;; Grows its memory to the limit, touches every page, ends well: the next contact must not pay for it, nor see
;; it.
;; must: answer "01000000"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64) (local $at i32) (local $seen i32)
    (drop (memory.grow (i32.const 255)))
    (loop $more
      ;; whatever was left behind is counted
      (local.set $seen (i32.add (local.get $seen) (i32.load (local.get $at))))
      (i32.store (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br_if $more (i32.lt_u (local.get $at) (i32.const 16777216))))
    (i32.store (i32.const 0) (i32.add (local.get $seen) (i32.const 1)))
    (i64.const 4)))
