;; Loops that stand behind a branch and are never reached: a rewriter must neither stumble over dead code nor
;; miss the loop after it.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (block $out (br $out) (drop (i64.add)) (loop $dead (br $dead)) (drop (select)) (call_indirect (param i64)))
    (loop $more (br $more))
    (unreachable)))
