/* Unit tests, compiled natively and run by restock plugin test. */
#include <assert.h>

#include "plugin.c"

int main(void) {
	assert(days(1970, 1, 1) == 0);
	assert(days(2000, 2, 29) == 11016);
	assert(days(2000, 3, 1) == 11017);
	assert(days(2026, 5, 4) == 20577);
	const restock_config config = {.date = RESTOCK_STR("2026-05-04"), .hour = {8, 1}};
	assert(begin(&config) == 1777881600000);
	return 0;
}
