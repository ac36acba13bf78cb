/* The condition of plugins/testdata/condition. */
#include "restock/restock.h"

static restock_str number(restock_int i) { return i.known ? restock_decimal(i.value) : RESTOCK_STR("?"); }

static restock_str joined(restock_list l) {
	restock_str all = {"", 0};
	for (int first = 1; l.len > 0; first = 0) all = RESTOCK_JOIN(all, first ? RESTOCK_STR("") : RESTOCK_STR(","), restock_next(&l));
	return all;
}

/* Is asked about one contact. */
restock_answer condition(const restock_input *in, const restock_config *config) {
	const restock_str bar = RESTOCK_STR("|");
	if (config->loud) restock_log(RESTOCK_WARN, RESTOCK_STR("LOUD"));
	if (restock_same(in->contact_region, RESTOCK_STR("fail"))) restock_fail(1, RESTOCK_STR("as it was told"));
	restock_str reason = RESTOCK_JOIN(restock_decimal(in->now), bar, joined(in->contact_tags), bar, in->contact_region, bar,
		number(in->variant_price), bar, number(in->variant_units), bar, restock_decimal(in->activity_asked_at), bar,
		in->contact_fields_note, bar, number(config->least), bar, config->name, bar, joined(config->words));
	restock_answer a = restock_or(in->variant_price, -7) >= restock_or(config->least, -1) ? restock_yes(reason) : restock_no(reason);
	return in->variant_units.known ? restock_scored(a, in->variant_units.value) : a;
}
