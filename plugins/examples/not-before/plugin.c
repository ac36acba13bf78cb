/* not-before: nobody is told of a restock before a date, such as the day of a launch; who comes earlier waits until then. */
#include "restock/restock.h"

/* A number of n digits; -1 when they are none. */
static int64_t digits(const char *at, uint32_t n) {
	int64_t v = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (at[i] < '0' || at[i] > '9') return -1;
		v = 10 * v + (at[i] - '0');
	}
	return v;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March. */
static int64_t days(int64_t year, int64_t month, int64_t day) {
	if (month < 3) year--, month += 12;
	return 365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + day - 1 - 719468;
}

/* The first moment that config names. */
static restock_time begin(const restock_config *config) {
	restock_str d = config->date;
	int64_t hour = restock_or(config->hour, 0);
	if (d.text && d.len == 10 && d.text[4] == '-' && d.text[7] == '-' && hour >= 0 && hour <= 23) {
		int64_t year = digits(d.text, 4), month = digits(d.text + 5, 2), day = digits(d.text + 8, 2);
		if (year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= 31)
			return days(year, month, day) * RESTOCK_DAY + hour * RESTOCK_HOUR;
	}
	restock_fail(1, RESTOCK_STR("config.date is a day such as 2026-05-04, config.hour 0 to 23"));
}

restock_answer step(const restock_input *in, const restock_config *config) {
	restock_time first = begin(config);
	if (config->skus.len > 0 && !restock_has(config->skus, in->activity_sku))
		return restock_continue(RESTOCK_STR("another SKU"));
	if (in->now >= first) return restock_continue(RESTOCK_JOIN(RESTOCK_STR("it is past "), config->date));
	int64_t wait = first - in->now;
	if (wait < RESTOCK_SECOND) wait = RESTOCK_SECOND;
	const int64_t most = 366 * (int64_t)RESTOCK_DAY;
	return restock_delay(wait < most ? wait : most, RESTOCK_JOIN(RESTOCK_STR("not before "), config->date));
}
