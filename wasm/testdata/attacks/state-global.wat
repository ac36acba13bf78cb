;; Counts its calls in a global, which no copy of the memory brings back.
;; must: answer "01000000"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (global $n (mut i32) (i32.const 0))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (i32.store (i32.const 0) (global.get $n))
    (i64.const 4)))
