;; Logs control characters and broken UTF-8, to forge lines of the host's log.
;; must: answer ""
(module
  (import "host1" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param i32) (result i32) (i32.const 1024))
  (data (i32.const 0) "\0a\1b[2Jlevel=error msg=forged\ff\c0\80\00")
  (func (export "run") (param $ptr i32) (param $len i32) (result i64)
    (call $log (i32.const 1) (i32.const 0) (i32.const 32))
    (i64.const 0)))
