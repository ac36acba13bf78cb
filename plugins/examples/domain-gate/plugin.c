/*
 * domain-gate: a contact may be told unless its e-mail domain, or a domain above it, is on the list "deny". A contact
 * without e-mail passes.
 */
#include "restock/restock.h"

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c; }

/* An entry of the list without the @ or dot before it ("@deny.example", ".deny.example"). */
static restock_str bare(restock_str s) {
	uint32_t from = s.len > 0 && (s.text[0] == '@' || s.text[0] == '.');
	return (restock_str){s.text + from, s.len - from};
}

/* 1 when domain is above, or below it: the end of domain is above, and a dot stands before it. */
static int within(restock_str domain, restock_str above) {
	if (above.len == 0 || domain.len < above.len) return 0;
	uint32_t rest = domain.len - above.len;
	for (uint32_t i = 0; i < above.len; i++)
		if (domain.text[rest + i] != lower(above.text[i])) return 0;
	return rest == 0 || domain.text[rest - 1] == '.';
}

static restock_str lowered(restock_str s) {
	s = restock_join(1, &s);
	for (uint32_t i = 0; i < s.len; i++) ((char *)s.text)[i] = lower(s.text[i]);
	return s;
}

restock_answer condition(const restock_input *in, const restock_config *config) {
	restock_str domain = in->contact_email_domain; /* in normal form: lower-case Punycode */
	if (!domain.text) return restock_yes(RESTOCK_STR("no e-mail domain to look up"));
	for (restock_list deny = config->deny; deny.len > 0;) {
		restock_str entry = bare(restock_next(&deny));
		if (within(domain, entry))
			return restock_no(RESTOCK_JOIN(RESTOCK_STR("domain "), lowered(entry), RESTOCK_STR(" is on the list")));
	}
	return restock_yes(RESTOCK_JOIN(RESTOCK_STR("domain "), domain, RESTOCK_STR(" may be told")));
}
