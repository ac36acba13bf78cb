;; Looks for the input of the contact before: it answers eight bytes behind its own input.
;; must: answer "0000000000000000"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.store (i32.const 0) (i64.load (i32.add (local.get $ptr) (local.get $len))))
    (i64.const 8)))
