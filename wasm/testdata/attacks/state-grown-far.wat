;; The same, but the page was grown over and is used by the next call only through a larger growth.
;; must: answer "0000000000000000"
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (drop (memory.grow (i32.const 100)))
    (i64.store (i32.const 0) (i64.load (i32.const 6000000)))
    (i64.store (i32.const 6000000) (i64.const -1))
    (i64.const 8)))
