/*
 * The guests' condition in C, without a library. ../README.md says what all four guests do.
 */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

/* Whoever includes this file may say what they are. */
#ifndef EXPORT
#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("host1"), import_name(#name)))
#endif

IMPORT(log) void host_log(u32 level, const void *text, u32 len);
IMPORT(fail) void host_fail(u32 code, const void *text, u32 len);

static u8 buffer[4096], output[64];
static u32 calls; /* how often chaos was called: 0 at each call when the host forgets nothing to reset */

EXPORT(buffer) u32 get_buffer(u32 size) { return size <= sizeof buffer ? (u32)buffer : 0; }

static u64 pack(const void *at, u32 len) { return (u64)(u32)at << 32 | len; }

/* ---- msgpack ---- */

struct reader {
	const u8 *at, *end;
	int bad;
};

struct text {
	const u8 *at;
	u32 len;
};

static u8 next(struct reader *r) {
	if (r->at < r->end) return *r->at++;
	r->bad = 1;
	return 0xc0;
}

static u64 number(struct reader *r, u32 n) {
	u64 v = 0;
	while (n--) v = v << 8 | next(r);
	return v;
}

/* An int, or missing for nil. */
static i64 read_int(struct reader *r, i64 missing) {
	u8 c = next(r);
	if (c <= 0x7f || c >= 0xe0) return (signed char)c;
	if (c >= 0xcc && c <= 0xcf) return (i64)number(r, 1u << (c - 0xcc));
	switch (c) {
	case 0xd0: return (signed char)number(r, 1);
	case 0xd1: return (short)number(r, 2);
	case 0xd2: return (int)number(r, 4);
	case 0xd3: return (i64)number(r, 8);
	}
	if (c != 0xc0) r->bad = 1;
	return missing;
}

static struct text read_text(struct reader *r) {
	struct text t = {0, 0};
	u8 c = next(r);
	u32 len;
	if (c == 0xc0) return t;
	if ((c & 0xe0) == 0xa0) len = c & 0x1f;
	else if (c == 0xd9) len = (u32)number(r, 1);
	else if (c == 0xda) len = (u32)number(r, 2);
	else len = 0xffffffff;
	if (len > (u32)(r->end - r->at)) {
		r->bad = 1;
		return t;
	}
	t.at = r->at, t.len = len;
	r->at += len;
	return t;
}

static u32 read_array(struct reader *r) {
	u8 c = next(r);
	if ((c & 0xf0) == 0x90) return c & 0x0f;
	if (c == 0xdc) return (u32)number(r, 2);
	r->bad = 1;
	return 0;
}

static struct reader open(u32 ptr, u32 len) {
	return (struct reader){(const u8 *)ptr, (const u8 *)(ptr + len), 0};
}

/* ---- the condition ---- */

static u8 sku[64], countries[64][2];
static u32 sku_len, country_count;
static i64 window;

EXPORT(configure) int configure(u32 ptr, u32 len) {
	struct reader r = open(ptr, len);
	if (len == 0) return 0;
	read_array(&r);
	struct text s = read_text(&r);
	if (s.len > sizeof sku) return 1;
	for (u32 i = 0; i < s.len; i++) sku[i] = s.at[i];
	sku_len = s.len;
	window = read_int(&r, 0);
	country_count = read_array(&r);
	if (country_count > 64) return 2;
	for (u32 i = 0; i < country_count; i++) {
		struct text c = read_text(&r);
		if (c.len != 2) return 3;
		countries[i][0] = c.at[0], countries[i][1] = c.at[1];
	}
	return r.bad ? 4 : 0;
}

static int listed(struct text c) {
	if (c.len != 2) return 0;
	for (u32 i = 0; i < country_count; i++)
		if (countries[i][0] == c.at[0] && countries[i][1] == c.at[1]) return 1;
	return 0;
}

static int wanted(struct text s) {
	if (s.len != sku_len) return 0;
	for (u32 i = 0; i < s.len; i++)
		if (s.at[i] != sku[i]) return 0;
	return 1;
}

static u64 answer(int pass, const char *reason, u32 len) {
	output[0] = 0x92;
	output[1] = pass ? 0xc3 : 0xc2;
	output[2] = 0xa0 | (u8)len;
	for (u32 i = 0; i < len; i++) output[3 + i] = (u8)reason[i];
	return pack(output, 3 + len);
}

#define ANSWER(pass, reason) answer(pass, reason, sizeof reason - 1)

EXPORT(condition) u64 condition(u32 ptr, u32 len) {
	struct reader r = open(ptr, len);
	read_array(&r);
	i64 now = read_int(&r, 0);
	struct text s = read_text(&r);
	i64 told = read_int(&r, now - window);
	struct text country = read_text(&r);
	if (r.bad) host_fail(1, "not the input", 13);
	if (!wanted(s)) return ANSWER(0, "another product");
	if (now - told < window) return ANSWER(0, "told lately");
	if (!listed(country)) return ANSWER(0, "not shipped there");
	return ANSWER(1, "tell");
}

/* ---- chaos ---- */

static u8 scratch[32 << 10];

__attribute__((noinline)) static u32 deeper(u32 n) {
	volatile u8 frame[64];
	frame[n & 63] = (u8)n;
	return n == 0 ? 1 : deeper(n - 1) + frame[n & 63];
}

__attribute__((noinline)) static u32 forever(u32 n) { return n == ~0u ? 0 : forever(n + 1) + (calls ^= n); }

static void grow(u32 pages) {
	u32 page = __builtin_wasm_memory_grow(0, pages);
	if (page == 0xffffffff) __builtin_trap();
	for (u32 i = 0; i < pages; i++) *(volatile u32 *)((page + i) << 16) = i + 1;
}

EXPORT(chaos) u64 chaos(u32 ptr, u32 len) {
	u32 before = calls++, sum = 0;
	for (u32 i = 0; i + 1 < len; i += 2) {
		u8 op = buffer[ptr - (u32)buffer + i], n = buffer[ptr - (u32)buffer + i + 1];
		switch (op) {
		case 'w': for (u32 at = n; at < sizeof scratch; at += 1024) scratch[at] ^= n + 1, sum += scratch[at]; break;
		case 'd': sum += deeper(n); break;
		case 'g': grow(n % 16 + 1); break;
		case 's': host_log(1, "said", 4); break;
		case 'm': while (1) grow(16);
		case 'l': for (volatile u32 k = 0;; k++) sum += k;
		case 'r': sum += forever(n); break;
		case 't': __builtin_trap();
		case 'h': host_log(1, (void *)0xffffff00, 512); break;
		case 'f': host_fail(n, "lost", 4); break;
		}
	}
	for (u32 i = 0; i < 4; i++) output[i] = (u8)(before >> 8 * i), output[4 + i] = (u8)(sum >> 8 * i);
	return pack(output, 8);
}
