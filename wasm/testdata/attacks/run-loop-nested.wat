;; Loops in loops; only the outermost would end, in 2^48 rounds.
;; must: fail out_of_fuel
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64) (local $n i64)
    (loop $a (loop $b (loop $c
      (br_if $c (i64.lt_u (local.tee $n (i64.add (local.get $n) (i64.const 1))) (i64.const 281474976710656)))
      (br_if $b (i32.eqz (local.get $len)))
      (br_if $a (i32.eqz (local.get $len))))))
    (i64.const 0)))
