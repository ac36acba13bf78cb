;; Grows its table for ever, 8 bytes for nothing.
;; must: refuse
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (loop $more (drop (table.grow 0 (ref.null func) (i32.const 65536))) (br $more))
    (i64.const 0)))
