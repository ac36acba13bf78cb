;; Counts its calls in a global of floating point.
;; must: answer "000000000000f03f"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (global $n (mut f64) (f64.const 0))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (global.set $n (f64.add (global.get $n) (f64.const 1)))
    (f64.store (i32.const 0) (global.get $n))
    (i64.const 8)))
