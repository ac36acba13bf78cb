/*
 * restock.h: write a Restock condition in C, without a standard library.
 *
 *     #include <restock.h>
 *
 *     RESTOCK_CONDITION(in) {                          // in: the fields of plugin.yaml's "reads", in that order
 *         restock_str region = restock_read_str(in);   // .text is NULL when the contact has none
 *         if (restock_same(region, RESTOCK_STR("DE"))) return restock_yes("ships there");
 *         restock_answer a = restock_no("does not ship to ");
 *         restock_add(&a, region);
 *         return a;
 *     }
 *
 * Include it in one source file only: it defines the exports of ABI version 1 ("restock1"). Inputs and outputs are msgpack
 * (https://github.com/msgpack/msgpack/blob/master/spec.md). Every read is checked: one that finds another type, or
 * nothing more, sets in->bad and answers as if the value were missing. RESTOCK_CONDITION then fails the call for you, so
 * your code needs no checks of its own. Each call gets a fresh instance: nothing that you keep outlives it.
 */
#ifndef RESTOCK_H
#define RESTOCK_H

#include <stddef.h>
#include <stdint.h>

#define RESTOCK_EXPORT(name) __attribute__((export_name(name), visibility("default")))
#define RESTOCK_IMPORT(name) __attribute__((import_module("restock1"), import_name(name)))

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

RESTOCK_IMPORT("log") void restock_host_log(int32_t level, const char *text, uint32_t len);
RESTOCK_IMPORT("fail") void restock_host_fail(int32_t code, const char *text, uint32_t len);

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

/* Ints, and times in milliseconds since 1970; missing for nil. To tell a missing one from it, ask restock_read_nil first. */
static inline int64_t restock_read_int(restock_reader *r, int64_t missing) {
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
		restock_read_int(r, 0);
	}
}

/* ---- Answering --------------------------------------------------------------------------------------------------- */

/* The longest reason, in bytes; what is added beyond is cut off between characters. */
#define RESTOCK_MAX_REASON 256

/* [bool, reason], with the reason's length always in two bytes. */
typedef struct {
	uint8_t *out;
	uint32_t len; /* of the reason so far */
} restock_answer;

enum { RESTOCK_HEAD = 5 };
static uint8_t restock_out[RESTOCK_HEAD + RESTOCK_MAX_REASON];

/* Adds to the reason; missing text adds nothing. */
static inline void restock_add(restock_answer *a, restock_str s) {
	uint32_t n = s.text ? s.len : 0, room = RESTOCK_MAX_REASON - a->len;
	if (n > room)
		for (n = room; n > 0 && ((uint8_t)s.text[n] & 0xc0) == 0x80; n--) {}
	for (uint32_t i = 0; i < n; i++) a->out[RESTOCK_HEAD + a->len++] = (uint8_t)s.text[i];
}

static inline restock_answer restock_begin(int pass, restock_str reason) {
	restock_answer a = {restock_out, 0};
	a.out[0] = 0x92;
	a.out[1] = pass ? 0xc3 : 0xc2;
	restock_add(&a, reason);
	return a;
}

/* Answers with a reason that begins with a string literal. */
#define restock_yes(literal) restock_begin(1, RESTOCK_STR(literal))
#define restock_no(literal) restock_begin(0, RESTOCK_STR(literal))

static inline uint64_t restock_pack(restock_answer a) {
	a.out[2] = 0xda;
	a.out[3] = (uint8_t)(a.len >> 8);
	a.out[4] = (uint8_t)a.len;
	return (uint64_t)(uintptr_t)a.out << 32 | (RESTOCK_HEAD + a.len);
}

/* ---- Exports ----------------------------------------------------------------------------------------------------- */

/* Where the host writes configuration and input. What does not fit here gets a page of memory of its own. */
static uint8_t restock_in[16 << 10];

RESTOCK_EXPORT("restock_buffer") uint32_t restock_buffer(uint32_t size) {
	if (size <= sizeof restock_in) return (uint32_t)(uintptr_t)restock_in;
	if (size > 65536) return 0;
	size_t page = __builtin_wasm_memory_grow(0, 1);
	return page == SIZE_MAX ? 0 : (uint32_t)(page * 65536);
}

static inline restock_reader restock_open(uint32_t ptr, uint32_t len) {
	restock_reader r = {(const uint8_t *)(uintptr_t)ptr, (const uint8_t *)(uintptr_t)(ptr + len), 0};
	return r;
}

/* Defines the condition. Its body gets a reader past the array's head and returns a restock_answer. */
#define RESTOCK_CONDITION(in)                                                                                             \
	static restock_answer restock_condition_body(restock_reader *in);                                                 \
	RESTOCK_EXPORT("restock_condition") uint64_t restock_condition(uint32_t ptr, uint32_t len) {                      \
		restock_reader r = restock_open(ptr, len);                                                                \
		restock_read_array(&r);                                                                                   \
		restock_answer a = restock_condition_body(&r);                                                            \
		if (r.bad) restock_fail(1, RESTOCK_STR("read another type, or more, than plugin.yaml says in reads"));    \
		return restock_pack(a);                                                                                   \
	}                                                                                                                 \
	static restock_answer restock_condition_body(restock_reader *in)

/*
 * Takes the configuration: a map, or nothing at all when there are no settings. The body gets a reader and the number of
 * pairs and returns 0, or another number to refuse. The text that it reads is overwritten by the first input: copy what
 * you keep.
 */
#define RESTOCK_CONFIGURE(in, pairs)                                                                                      \
	static int32_t restock_configure_body(restock_reader *in, uint32_t pairs);                                        \
	RESTOCK_EXPORT("restock_configure") int32_t restock_configure(uint32_t ptr, uint32_t len) {                       \
		restock_reader r = restock_open(ptr, len);                                                                \
		int32_t code = restock_configure_body(&r, len ? restock_read_map(&r) : 0);                                \
		if (r.bad) restock_fail(2, RESTOCK_STR("read another type, or more, than plugin.yaml says in config"));   \
		return code;                                                                                              \
	}                                                                                                                 \
	static int32_t restock_configure_body(restock_reader *in, uint32_t pairs)

#endif
