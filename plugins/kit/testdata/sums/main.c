/* sums: reads one of everything that the C SDK can read, and answers it as one line. */
#include <restock.h>

static int64_t least = -1;
static int loud;
static uint32_t letters; /* in words */
static char name[16];
static uint32_t name_len;

static int take_name(restock_str s) {
	if (s.len > sizeof name) return 9;
	for (name_len = 0; name_len < s.len; name_len++) name[name_len] = s.text[name_len];
	return 0;
}

RESTOCK_CONFIGURE(in, pairs) {
	int refused = 0;
	for (; pairs > 0 && !in->bad; pairs--) {
		restock_str key = restock_read_str(in);
		if (restock_same(key, RESTOCK_STR("least"))) {
			least = restock_read_int(in, -1);
		} else if (restock_same(key, RESTOCK_STR("loud"))) {
			loud = restock_read_bool(in);
		} else if (restock_same(key, RESTOCK_STR("words"))) {
			for (uint32_t n = restock_read_array(in); n > 0 && !in->bad; n--) letters += restock_read_str(in).len;
		} else if (restock_same(key, RESTOCK_STR("name"))) {
			refused |= take_name(restock_read_str(in));
		} else {
			restock_skip(in);
		}
	}
	return refused;
}

static void add_number(restock_answer *a, int64_t v) {
	char digits[24];
	uint32_t at = sizeof digits;
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
	do digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (v < 0) digits[--at] = '-';
	digits[--at] = ' ';
	restock_add(a, (restock_str){digits + at, sizeof digits - at});
}

RESTOCK_CONDITION(in) {
	restock_answer a = restock_no("");
	add_number(&a, restock_read_int(in, 0));
	for (uint32_t n = restock_read_array(in); n > 0 && !in->bad; n--) restock_add(&a, restock_read_str(in));
	restock_add(&a, restock_read_nil(in) ? RESTOCK_STR(" nowhere") : restock_read_str(in));
	int64_t price = restock_read_int(in, -7);
	add_number(&a, price);
	add_number(&a, restock_read_int(in, -8));
	restock_skip(in);
	add_number(&a, letters);
	restock_add(&a, (restock_str){name, name_len});
	if (loud) restock_log(RESTOCK_WARN, RESTOCK_STR("LOUD"));
	if (loud && price == 404) restock_read_int(in, 0); /* one more than there is */
	a.out[1] = price >= least ? 0xc3 : 0xc2;
	return a;
}
