;; Writes the global behind its last one, where a rewriter would put its counter of fuel.
;; must: refuse
(module
  (memory (export "memory") 1)
  (global (mut i64) (i64.const 0))
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (global.set 1 (i64.const 9223372036854775807))
    (i64.const 0)))
