// A guest that does on demand what hostile guests do. Each export is one attack or one honest act.
//
// Built by: clang --target=wasm32 -O1 -nostdlib -ffreestanding -Wl,--no-entry -Wl,-z,stack-size=16384 -o hostile.wasm hostile.c

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("host1"), import_name(#name)))

IMPORT(log) void host_log(u32 level, const void *text, u32 len);
IMPORT(fail) void host_fail(u32 code, const void *text, u32 len);

static u8 buffer[65536];
static u8 config[256];
static u32 config_len;
static u32 calls;

static u64 pack(const void *at, u32 len) { return (u64)(u32)at << 32 | len; }

EXPORT(buffer) u32 get_buffer(u32 size) { return size <= sizeof buffer ? (u32)buffer : 0; }

// Takes any configuration but "no" (answers 7), "trap", "loop" and "fail".
EXPORT(configure) u32 configure(const u8 *at, u32 len) {
	if (len == 2 && at[0] == 'n') return 7;
	if (len == 4 && at[0] == 't') __builtin_trap();
	if (len == 4 && at[0] == 'f') host_fail(3, "no such shop", 12);
	if (len == 4 && at[0] == 'l') for (volatile u32 i = 0;; i++) {}
	for (u32 i = 0; i < len && i < sizeof config; i++) config[i] = at[i];
	config_len = len;
	return 0;
}

EXPORT(echo) u64 echo(const u8 *at, u32 len) { return pack(at, len); }
EXPORT(configured) u64 configured(const u8 *at, u32 len) { (void)at, (void)len; return pack(config, config_len); }
EXPORT(nothing) u64 nothing(const u8 *at, u32 len) { (void)at, (void)len; return 0; }

// Answers how often it was called in its life, as one byte.
EXPORT(count) u64 count(const u8 *at, u32 len) {
	(void)at, (void)len;
	calls++;
	buffer[0] = calls;
	return pack(buffer, 1);
}

EXPORT(loop) u64 loop(const u8 *at, u32 len) {
	(void)at;
	for (volatile u32 i = 0;; i++) {}
	return len;
}

EXPORT(trap) u64 trap(const u8 *at, u32 len) { (void)at, (void)len; __builtin_trap(); }

__attribute__((noinline)) static u32 deeper(u32 n) { return ++calls ? deeper(n + 1) * n + 1 : n; }
EXPORT(recurse) u64 recurse(const u8 *at, u32 len) { (void)at; return deeper(len); }

EXPORT(outside) u64 outside(const u8 *at, u32 len) { (void)at, (void)len; return pack((void *)0xfffffff0, 64); }
EXPORT(straddle) u64 straddle(const u8 *at, u32 len) {
	(void)at, (void)len;
	return pack((void *)(__builtin_wasm_memory_size(0) * 65536 - 1), 2);
}
EXPORT(flood) u64 flood(const u8 *at, u32 len) { (void)at, (void)len; return pack(buffer, 5000); }

// Grows by one page at a time for ever and traps when it is refused.
EXPORT(hoard) u64 hoard(const u8 *at, u32 len) {
	(void)at, (void)len;
	while (__builtin_wasm_memory_grow(0, 1) != (u32)-1) {}
	__builtin_trap();
}

// Asks for too much, is refused, and lives on: answers the refusal's four bytes.
EXPORT(modest) u64 modest(const u8 *at, u32 len) {
	(void)at, (void)len;
	*(u32 *)buffer = __builtin_wasm_memory_grow(0, 4096);
	return pack(buffer, 4);
}

EXPORT(speak) u64 speak(const u8 *at, u32 len) {
	host_log(1, "read this: ", 11);
	host_log(2, at, len);
	return 0;
}

// Logs the 4,000 bytes of its buffer twice.
EXPORT(babble) u64 babble(const u8 *at, u32 len) {
	(void)at, (void)len;
	for (u32 i = 0; i < 4000; i++) buffer[i] = 'x';
	host_log(0, buffer, 4000);
	host_log(0, buffer, 4000);
	return 0;
}

EXPORT(log_outside) u64 log_outside(const u8 *at, u32 len) { (void)at; host_log(1, (void *)0xffffff00, 512); return len; }
EXPORT(log_level) u64 log_level(const u8 *at, u32 len) { host_log(9, at, len); return 0; }
EXPORT(give_up) u64 give_up(const u8 *at, u32 len) { host_log(1, "so far", 6); host_fail(42, at, len); return 0; }

// Not an entry: wrong type.
EXPORT(number) u32 number(void) { return 1; }
