;; A memory that may grow to 4 GiB: the host decides, not the module.
;; must: answer "10000000"
(module
  (memory (export "memory") 1 65536)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    ;; grows page by page until it is refused, and answers how many pages that were: at most 16 MiB
    (block $refused (loop $more
      (br_if $refused (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
      (br $more)))
    (i32.store8 (i32.const 0) (i32.shr_u (memory.size) (i32.const 4)))
    (i64.const 4)))
