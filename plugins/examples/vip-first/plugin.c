/*
 * vip-first: as the order of waves, contacts with the best tag come first, those with the next one after them, and all others
 * last. As a condition in a journey, only they pass in the first hours of a restock.
 */
#include "restock/restock.h"

/* The place of the contact's best tag, from the last: 0 for none. */
static int64_t rank(const restock_input *in, restock_list best, restock_str *which) {
	while (best.len > 0) {
		int64_t left = best.len;
		restock_str tag = restock_next(&best);
		if (restock_has(in->contact_tags, tag)) {
			*which = tag;
			return left;
		}
	}
	return 0;
}

restock_answer condition(const restock_input *in, const restock_config *config) {
	static const uint8_t usual[] = {0xa3, 'v', 'i', 'p'}; /* one text, as settings hold it */
	restock_list best = config->tags;
	if (best.len == 0) best = (restock_list){{usual, usual + sizeof usual, 0}, 1};
	restock_str tag = {NULL, 0};
	int64_t score = rank(in, best, &tag);
	if (score > 0) return restock_scored(restock_yes(RESTOCK_JOIN(RESTOCK_STR("has the tag "), tag)), score);
	int64_t start = restock_or(config->head_start, 0) * RESTOCK_HOUR;
	if (in->restock_opened_at != 0 && in->now < in->restock_opened_at + start)
		return restock_scored(restock_no(RESTOCK_STR("others have a head start")), 0);
	return restock_scored(restock_yes(RESTOCK_STR("has none of the tags")), 0);
}
