;; Grows its memory by 2^32-1 pages.
;; must: answer "ffffffff"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i32.store (i32.const 0) (memory.grow (i32.const -1)))
    (i64.const 4)))
