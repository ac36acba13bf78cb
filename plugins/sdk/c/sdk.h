/*
 * sdk.h: what a plugin in C is written with, without a standard library. The kit puts it into the plugin's folder, and beside
 * it restock.h with the types of plugin.yaml, which is the file to include:
 *
 *     #include "restock/restock.h"
 *
 *     restock_answer condition(const restock_input *in, const restock_config *config) {
 *         if (restock_same(in->contact_region, RESTOCK_STR("DE"))) return restock_yes(RESTOCK_STR("ships there"));
 *         return restock_no(RESTOCK_JOIN(RESTOCK_STR("does not ship to "), in->contact_region));
 *     }
 *
 * Include it in one source file only: it defines the exports of ABI version 1 ("restock1"). Inputs and outputs are msgpack
 * (https://github.com/msgpack/msgpack/blob/master/spec.md), and every read is checked. Each call gets a fresh instance: nothing
 * that you keep outlives it. It compiles natively as well, for tests.
 */
#ifndef RESTOCK_SDK_H
#define RESTOCK_SDK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define RESTOCK_EXPORT(name) __attribute__((export_name(name), visibility("default")))
#define RESTOCK_IMPORT(name) __attribute__((import_module("restock1"), import_name(name)))
#else
#define RESTOCK_EXPORT(name)
#define RESTOCK_IMPORT(name)
#endif

/* ---- Text -------------------------------------------------------------------------------------------------------- */

/* Text of len bytes of UTF-8, not ended by a zero; text is NULL for a value that is missing. */
typedef struct {
	const char *text;
	uint32_t len;
} restock_str;

/* The text of a string literal. */
#define RESTOCK_STR(literal) ((restock_str){(literal), sizeof(literal) - 1})

/* 1 when both are there and have the same bytes. */
static inline int restock_same(restock_str a, restock_str b) {
	if (!a.text || !b.text || a.len != b.len) return 0;
	for (uint32_t i = 0; i < a.len; i++)
		if (a.text[i] != b.text[i]) return 0;
	return 1;
}

/* ---- The host ---------------------------------------------------------------------------------------------------- */

#ifdef __wasm__
RESTOCK_IMPORT("log") void restock_host_log(int32_t level, const char *text, uint32_t len);
RESTOCK_IMPORT("fail") void restock_host_fail(int32_t code, const char *text, uint32_t len);
#else
/* In native tests there is no host: what is logged is not kept, and who fails ends the test by a trap. */
static inline void restock_host_log(int32_t level, const char *text, uint32_t len) { (void)level, (void)text, (void)len; }
static inline void restock_host_fail(int32_t code, const char *text, uint32_t len) { (void)code, (void)text, (void)len; }
#endif

enum { RESTOCK_DEBUG, RESTOCK_INFO, RESTOCK_WARN, RESTOCK_ERROR };

/* Keeps a line beside the answer, 4 KiB of them per call. */
static inline void restock_log(int32_t level, restock_str s) { restock_host_log(level, s.text, s.len); }

/* Gives up: the call fails with these words, and the shape's on_failure decides. It does not return. */
_Noreturn static inline void restock_fail(int32_t code, restock_str s) {
	restock_host_fail(code, s.text, s.len);
	__builtin_trap();
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

typedef struct {
	const uint8_t *at, *end;
	int bad; /* a read found another type than it wanted, or nothing more */
} restock_reader;

static inline int restock_more(const restock_reader *r) { return r->at < r->end; }

/* Fails the reader: every further read answers "missing". */
static inline void restock_spoil(restock_reader *r) {
	r->bad = 1;
	r->at = r->end;
}

/* A big-endian number of n bytes; 0 when they are not there. */
static inline uint64_t restock_read_bytes(restock_reader *r, uint32_t n) {
	uint64_t v = 0;
	if ((size_t)(r->end - r->at) < n) {
		restock_spoil(r);
		return 0;
	}
	while (n--) v = v << 8 | *r->at++;
	return v;
}

/* 1, and past it, when the next value is nil: missing. Reading beyond the end answers nil as well. */
static inline int restock_read_nil(restock_reader *r) {
	if (!restock_more(r)) {
		r->bad = 1;
		return 1;
	}
	if (*r->at != 0xc0) return 0;
	r->at++;
	return 1;
}

/* 0 for nil. */
static inline int restock_read_bool(restock_reader *r) {
	if (restock_read_nil(r)) return 0;
	uint8_t c = *r->at++;
	if (c != 0xc2 && c != 0xc3) restock_spoil(r);
	return c == 0xc3;
}

/* Milliseconds since 1970 in UTC; 0 when it is missing. */
typedef int64_t restock_time;

enum { RESTOCK_SECOND = 1000, RESTOCK_MINUTE = 60 * RESTOCK_SECOND, RESTOCK_HOUR = 60 * RESTOCK_MINUTE, RESTOCK_DAY = 24 * RESTOCK_HOUR };

/* A whole number that may be missing; money is in the currency's minor unit. */
typedef struct {
	int64_t value; /* 0 when it is missing */
	int known;
} restock_int;

/* The number, or another one when it is missing. */
static inline int64_t restock_or(restock_int i, int64_t missing) { return i.known ? i.value : missing; }

static inline int64_t restock_read_number(restock_reader *r, int64_t missing) {
	if (restock_read_nil(r)) return missing;
	uint8_t c = *r->at++;
	if (c <= 0x7f || c >= 0xe0) return (int8_t)c;
	if (c >= 0xcc && c <= 0xcf) return (int64_t)restock_read_bytes(r, 1u << (c - 0xcc));
	switch (c) {
	case 0xd0: return (int8_t)restock_read_bytes(r, 1);
	case 0xd1: return (int16_t)restock_read_bytes(r, 2);
	case 0xd2: return (int32_t)restock_read_bytes(r, 4);
	case 0xd3: return (int64_t)restock_read_bytes(r, 8);
	}
	restock_spoil(r);
	return missing;
}

static inline restock_int restock_read_int(restock_reader *r) {
	restock_int i = {0, restock_more(r) && *r->at != 0xc0};
	i.value = restock_read_number(r, 0);
	return i;
}

/* Text that lies in the input: it is gone with the call, in a configuration with restock_configure. */
static inline restock_str restock_read_str(restock_reader *r) {
	const restock_str none = {NULL, 0};
	if (restock_read_nil(r)) return none;
	uint8_t c = *r->at++;
	uint32_t len;
	if ((c & 0xe0) == 0xa0) len = c & 0x1f;
	else if (c >= 0xd9 && c <= 0xdb) len = (uint32_t)restock_read_bytes(r, 1u << (c - 0xd9));
	else len = UINT32_MAX;
	if (r->bad || (size_t)(r->end - r->at) < len) {
		restock_spoil(r);
		return none;
	}
	restock_str s = {(const char *)r->at, len};
	r->at += len;
	return s;
}

/* The number of elements, which are read one by one afterwards; 0 for nil. */
static inline uint32_t restock_read_array(restock_reader *r) {
	if (restock_read_nil(r)) return 0;
	uint8_t c = *r->at++;
	if ((c & 0xf0) == 0x90) return c & 0x0f;
	if (c == 0xdc || c == 0xdd) return (uint32_t)restock_read_bytes(r, 2u << (c - 0xdc));
	restock_spoil(r);
	return 0;
}

/* The number of pairs, which are read one by one afterwards, key first; 0 for nil. */
static inline uint32_t restock_read_map(restock_reader *r) {
	if (restock_read_nil(r)) return 0;
	uint8_t c = *r->at++;
	if ((c & 0xf0) == 0x80) return c & 0x0f;
	if (c == 0xde || c == 0xdf) return (uint32_t)restock_read_bytes(r, 2u << (c - 0xde));
	restock_spoil(r);
	return 0;
}

/*
 * Texts, one after another:
 *
 *     for (restock_list l = in->contact_tags; l.len > 0;) {
 *         restock_str tag = restock_next(&l);
 *         ...
 *     }
 */
typedef struct {
	restock_reader rest;
	uint32_t len; /* how many are left */
} restock_list;

/* The next text; missing when there is none. */
static inline restock_str restock_next(restock_list *l) {
	const restock_str none = {NULL, 0};
	if (l->len == 0) return none;
	l->len--;
	return restock_read_str(&l->rest);
}

/* 1 when the list holds the text. */
static inline int restock_has(restock_list l, restock_str s) {
	while (l.len > 0)
		if (restock_same(restock_next(&l), s)) return 1;
	return 0;
}

static inline restock_list restock_read_list(restock_reader *r) {
	restock_list l = {{NULL, NULL, 0}, restock_read_array(r)};
	l.rest = *r;
	for (uint32_t n = l.len; n > 0 && !r->bad; n--) restock_read_str(r);
	return l;
}

/* Past one value of the types that fields and settings have: nil, bool, int, text, list. */
static inline void restock_skip(restock_reader *r) {
	if (restock_read_nil(r)) return;
	uint8_t c = *r->at;
	if (c == 0xc2 || c == 0xc3) {
		r->at++;
	} else if ((c & 0xe0) == 0xa0 || (c >= 0xd9 && c <= 0xdb)) {
		restock_read_str(r);
	} else if ((c & 0xf0) == 0x90 || c == 0xdc || c == 0xdd) {
		for (uint32_t n = restock_read_array(r); n > 0 && !r->bad; n--) restock_read_str(r);
	} else {
		restock_read_number(r, 0);
	}
}

/* ---- Making text ------------------------------------------------------------------------------------------------- */

/* Where joined text lies. Nothing is given back: the next call begins anew. */
static char restock_room[4 << 10];
static uint32_t restock_used;

/* The texts one behind the other; what has no room any more is cut off. */
static inline restock_str restock_join(uint32_t n, const restock_str *parts) {
	restock_str s = {restock_room + restock_used, 0};
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; parts[i].text && k < parts[i].len && restock_used < sizeof restock_room; k++, s.len++)
			restock_room[restock_used++] = parts[i].text[k];
	return s;
}

#define RESTOCK_JOIN(...) \
	restock_join(sizeof((restock_str[]){__VA_ARGS__}) / sizeof(restock_str), (const restock_str[]){__VA_ARGS__})

/* A number in decimal. */
static inline restock_str restock_decimal(int64_t v) {
	char digits[20];
	uint32_t at = sizeof digits;
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
	do digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (v < 0) digits[--at] = '-';
	return restock_join(1, &(restock_str){digits + at, (uint32_t)(sizeof digits - at)});
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* The longest reason, in bytes; what is longer is cut off between characters. */
enum { RESTOCK_MAX_REASON = 256 };

/* The output, as large as a step's may be. */
static uint8_t restock_out[16 << 10];
static uint32_t restock_written;

static inline void restock_put(uint8_t b) {
	if (restock_written == sizeof restock_out) restock_fail(3, RESTOCK_STR("the answer is larger than 16 KiB; say less"));
	restock_out[restock_written++] = b;
}

static inline void restock_put_number(uint64_t v, uint32_t bytes) {
	while (bytes-- > 0) restock_put((uint8_t)(v >> 8 * bytes));
}

static inline void restock_put_int(int64_t v) {
	restock_put(0xd3);
	restock_put_number((uint64_t)v, 8);
}

static inline void restock_put_str(restock_str s) {
	uint32_t n = s.text ? s.len : 0;
	restock_put(0xda);
	restock_put_number(n, 2);
	for (uint32_t i = 0; i < n; i++) restock_put((uint8_t)s.text[i]);
}

/* A list of texts that a step sets as a merge variable: 64 at most. */
typedef struct {
	restock_str items[64];
	uint32_t count;
} restock_texts;

/* Adds a text to the list; the 65th is left out. */
static inline void restock_add(restock_texts *all, restock_str s) {
	if (all->count < 64) all->items[all->count++] = s;
}

static inline void restock_put_texts(const restock_str *items, uint32_t n) {
	restock_put(0xdc);
	restock_put_number(n, 2);
	for (uint32_t i = 0; i < n; i++) restock_put_str(items[i]);
}

static inline void restock_put_reason(restock_str s) {
	if (s.text && s.len > RESTOCK_MAX_REASON)
		for (s.len = RESTOCK_MAX_REASON; s.len > 0 && ((uint8_t)s.text[s.len] & 0xc0) == 0x80; s.len--) {}
	restock_put_str(s);
}

static inline uint64_t restock_packed(void) { return (uint64_t)(uintptr_t)restock_out << 32 | restock_written; }

/* ---- Called by the host ------------------------------------------------------------------------------------------ */

/* Where the host writes configuration and input, unless it asks for more room than this; and what is kept of the configuration. */
static uint8_t restock_in[16 << 10], restock_settings[16 << 10];

RESTOCK_EXPORT("restock_buffer") uint32_t restock_buffer(uint32_t size) {
	if (size <= sizeof restock_in) return (uint32_t)(uintptr_t)restock_in;
#ifdef __wasm__
	size_t page = __builtin_wasm_memory_grow(0, (size + 65535) / 65536);
	return page == SIZE_MAX ? 0 : (uint32_t)(page * 65536);
#else
	return 0;
#endif
}

/* A reader of what the host wrote. */
static inline restock_reader restock_open(uint32_t ptr, uint32_t len) {
	const uint8_t *at = (const uint8_t *)(uintptr_t)ptr;
	restock_reader r = {at, at + len, 0};
	return r;
}

/* A reader of a copy of the configuration, since the first input overwrites it. */
static inline restock_reader restock_keep(uint32_t ptr, uint32_t len) {
	restock_reader r = restock_open(ptr, len);
	if (len > sizeof restock_settings) restock_fail(2, RESTOCK_STR("the settings have more than 16 KiB; use fewer"));
	for (uint32_t i = 0; i < len; i++) restock_settings[i] = r.at[i];
	r.at = restock_settings;
	r.end = restock_settings + len;
	return r;
}

#endif
