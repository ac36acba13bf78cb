/*
 * domain-gate: a contact may be told unless its e-mail domain, or a domain above it, is on the list "deny". A contact
 * without e-mail passes.
 */
#include <restock.h>

/* The list, copied out of the configuration: the texts one after another, and where each ends. */
static char deny_text[12 << 10];
static uint32_t deny_end[1024], denied;

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c; }

/* Adds a domain, lower-case; one @ or dot before it is ignored ("@deny.example", ".deny.example"). */
static int keep(restock_str s) {
	uint32_t from = s.len > 0 && (s.text[0] == '@' || s.text[0] == '.');
	uint32_t at = denied > 0 ? deny_end[denied - 1] : 0;
	if (denied == sizeof deny_end / sizeof deny_end[0] || s.len - from > sizeof deny_text - at) return 0;
	for (uint32_t i = from; i < s.len; i++) deny_text[at++] = lower(s.text[i]);
	deny_end[denied++] = at;
	return 1;
}

static restock_str entry(uint32_t i) {
	uint32_t from = i > 0 ? deny_end[i - 1] : 0;
	return (restock_str){deny_text + from, deny_end[i] - from};
}

RESTOCK_CONFIGURE(in, pairs) {
	for (; pairs > 0 && !in->bad; pairs--) {
		if (!restock_same(restock_read_str(in), RESTOCK_STR("deny"))) {
			restock_skip(in);
			continue;
		}
		for (uint32_t n = restock_read_array(in); n > 0 && !in->bad; n--)
			if (!keep(restock_read_str(in))) restock_fail(3, RESTOCK_STR("deny: more than 1024 domains or 12 KiB; use fewer"));
	}
	return 0;
}

/* 1 when domain is above, or below it: the end of domain is above, and a dot stands before it. */
static int within(restock_str domain, restock_str above) {
	if (above.len == 0 || domain.len < above.len) return 0;
	uint32_t rest = domain.len - above.len;
	restock_str end = {domain.text + rest, above.len};
	return restock_same(end, above) && (rest == 0 || domain.text[rest - 1] == '.');
}

RESTOCK_CONDITION(in) {
	restock_str domain = restock_read_str(in); /* in normal form: lower-case Punycode */
	if (!domain.text) return restock_yes("no e-mail domain to look up");
	for (uint32_t i = 0; i < denied; i++) {
		if (!within(domain, entry(i))) continue;
		restock_answer no = restock_no("domain ");
		restock_add(&no, entry(i));
		restock_add(&no, RESTOCK_STR(" is on the list"));
		return no;
	}
	restock_answer yes = restock_yes("domain ");
	restock_add(&yes, domain);
	restock_add(&yes, RESTOCK_STR(" may be told"));
	return yes;
}
