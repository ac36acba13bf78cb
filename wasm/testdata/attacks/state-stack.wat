;; Lowers its stack pointer and traps, as compiled code does: 30 times and the stack is used up.
;; must: fail trapped "unreachable"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (global $sp (mut i32) (i32.const 4096))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (global.set $sp (i32.sub (global.get $sp) (i32.const 1024)))
    (if (i32.lt_s (global.get $sp) (i32.const 2048)) (then (drop (i32.load (i32.const -4)))))
    (unreachable)))
