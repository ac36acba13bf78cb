;; Logs for ever by way of a table: a call that does not look like one of the host.
;; must: fail out_of_fuel|fail host_refused
(module
  (import "host1" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (type $log (func (param i32 i32 i32)))
  (table 1 funcref)
  (elem (i32.const 0) $log)
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (loop $more (call_indirect (type $log) (i32.const 1) (i32.const 0) (i32.const 61440) (i32.const 0)) (br $more))
    (i64.const 0)))
