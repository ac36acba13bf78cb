;; Grows its memory by a page in each call and answers its size; then writes into the new page, where the next
;; one would find it.
;; must: answer "0100000000000000"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i32.store (i32.const 0) (memory.grow (i32.const 1)))
    (i32.store (i32.const 4) (i32.load (i32.const 65600)))
    (i32.store (i32.const 65600) (i32.const 7))
    (i64.const 8)))
