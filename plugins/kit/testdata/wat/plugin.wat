;; A condition written by plugins/README.md alone: passes when the contact's region is DE. reads: [contact.region]
(module
  (import "restock1" "fail" (func $fail (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\92\c3\a7is here\92\c2\a9elsewhereno list")
  (func (export "restock_buffer") (param i32) (result i32) (i32.const 1024))
  (func (export "restock_condition") (param $at i32) (param $len i32) (result i64)
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x91))
      (then (call $fail (i32.const 1) (i32.const 38) (i32.const 7))))
    ;; fixstr of 2 bytes, D, E, as one little-endian number
    (if (result i64)
      (i32.and (i32.eq (local.get $len) (i32.const 4)) (i32.eq (i32.shr_u (i32.load (local.get $at)) (i32.const 8)) (i32.const 0x4544a2)))
      (then (i64.const 0x100000000a))
      (else (i64.const 0x1a0000000c)))))
