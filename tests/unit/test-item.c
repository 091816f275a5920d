// SPDX-License-Identifier: GPL-2.0-or-later
/* How long a plan takes, in words; and how many cases a profile holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/item.h"
#include "cmd/plan.h"

#define SECOND	1000000000ull

static void says(uint64_t ns, const char *words)
{
	char text[WORDS_SIZE];

	assert_string_equal(item_time(text, ns), words);
}

static void times_are_whole_seconds_and_minutes(void **state)
{
	(void)state;
	says(0, "0 s");
	says(1, "less than 1 s");
	says(SECOND, "1 s");
	says(10 * SECOND, "10 s");
	says(59 * SECOND + SECOND / 2 - 1, "59 s");
	says(60 * SECOND, "1 min");
	says(61 * SECOND, "1 min 1 s");
	says(600 * SECOND, "10 min");
	says(629 * SECOND, "10 min");
	says(630 * SECOND, "11 min");
}

/* A profile without variants has a case for each of its workloads and placements. */
static void a_profile_holds_its_workloads_at_its_placements(void **state)
{
	int nr = 0, core = 0;

	(void)state;
	for (int i = 0; workloads[i]; i++) {
		nr++;
		core += workloads[i]->core;
	}
	assert_string_equal(run_profiles[0].name, "quick");
	assert_int_equal(profile_cases(&run_profiles[0]), 2 * core);
	assert_string_equal(run_profiles[1].name, "default");
	assert_int_equal(profile_cases(&run_profiles[1]), 2 * nr);
	assert_string_equal(run_profiles[2].name, "full");
	assert_true(profile_cases(&run_profiles[2]) > 12 * nr);
	assert_null(run_profiles[3].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_whole_seconds_and_minutes),
		cmocka_unit_test(a_profile_holds_its_workloads_at_its_placements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
