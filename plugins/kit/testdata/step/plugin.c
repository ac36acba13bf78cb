/* The step of plugins/testdata/step. */
#include "restock/restock.h"

static restock_answer answer(const restock_input *in) {
	restock_str sku = in->activity_sku;
	if (restock_same(sku, RESTOCK_STR("delay"))) return restock_delay(in->variant_units.value, RESTOCK_STR("later"));
	if (restock_same(sku, RESTOCK_STR("left"))) return restock_to_left(RESTOCK_STR(""));
	if (restock_same(sku, RESTOCK_STR("right"))) return restock_to_right_2(RESTOCK_STR("the other way"));
	if (restock_same(sku, RESTOCK_STR("exit"))) return restock_exit(RESTOCK_STR("enough"));
	return restock_continue(RESTOCK_JOIN(RESTOCK_STR("on: "), sku));
}

/* Is asked about one contact. */
restock_answer step(const restock_input *in, const restock_config *config) {
	(void)config;
	restock_answer a = answer(in);
	a.vars.word = RESTOCK_STR("");
	a.vars.count = in->variant_units;
	a.vars.empty = in->contact_tags.len == 0;
	for (restock_list l = in->contact_tags; l.len > 0;) {
		restock_str tag = restock_next(&l);
		restock_tag(&a, tag);
		restock_add(&a.vars.list, tag);
		a.vars.word = a.vars.word.len > 0 ? RESTOCK_JOIN(a.vars.word, RESTOCK_STR(" "), tag) : tag;
	}
	return a;
}
