;; Wants its memory from the host.
;; must: refuse "import"
(module
  (import "host1" "memory" (memory 1))
  (export "memory" (memory 0))
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (i64.const 0)))
