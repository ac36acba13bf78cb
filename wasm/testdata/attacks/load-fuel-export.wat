;; Exports something under a name that the rewriter keeps for itself.
;; must: refuse "metered:"
(module
  (memory (export "memory") 1)
  (global (export "metered:fuel") (mut i64) (i64.const 1000000000))
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
