/*
 * The guests' condition (../../testdata/guests/c) as a plugin of Extism, on its kernel's functions as its C PDK uses them:
 * input is copied in eight bytes at a time, output is stored into a block of the kernel's.
 * https://extism.org/docs/concepts/runtime-apis
 */
#define EXPORT(name) static
#define IMPORT(name) static
#include "../../testdata/guests/c/guest.c"

static void host_log(u32 level, const void *text, u32 len) { (void)level, (void)text, (void)len; }
static void host_fail(u32 code, const void *text, u32 len) {
	(void)code, (void)text, (void)len;
	__builtin_trap();
}

#define KERNEL(name) __attribute__((import_module("extism:host/env"), import_name(#name)))

KERNEL(input_length) u64 input_length(void);
KERNEL(input_load_u64) u64 input_load_u64(u64 at);
KERNEL(input_load_u8) u32 input_load_u8(u64 at);
KERNEL(alloc) u64 alloc(u64 size);
KERNEL(store_u8) void store_u8(u64 at, u32 byte);
KERNEL(store_u64) void store_u64(u64 at, u64 bytes);
KERNEL(output_set) void output_set(u64 at, u64 len);

static u32 read_input(void) {
	u64 len = input_length(), at = 0;
	if (len > sizeof buffer) __builtin_trap();
	for (; at + 8 <= len; at += 8) *(u64 *)(buffer + at) = input_load_u64(at);
	for (; at < len; at++) buffer[at] = (u8)input_load_u8(at);
	return (u32)len;
}

static void write_output(const u8 *from, u32 len) {
	u64 to = alloc(len), at = 0;
	for (; at + 8 <= len; at += 8) store_u64(to + at, *(const u64 *)(from + at));
	for (; at < len; at++) store_u8(to + at, from[at]);
	output_set(to, len);
}

/* Takes the configuration as its input. */
__attribute__((export_name("configure"))) int extism_configure(void) { return configure((u32)buffer, read_input()); }

__attribute__((export_name("condition"))) int extism_condition(void) {
	u64 packed = condition((u32)buffer, read_input());
	write_output((const u8 *)(u32)(packed >> 32), (u32)packed);
	return 0;
}
