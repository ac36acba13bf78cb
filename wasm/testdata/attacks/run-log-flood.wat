;; Logs for ever, 60 KiB at a time.
;; must: fail out_of_fuel|fail host_refused
(module
  (import "host1" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (loop $more (call $log (i32.const 1) (i32.const 0) (i32.const 61440)) (br $more))
    (i64.const 0)))
