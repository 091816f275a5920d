// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Guards the figures of make coverage (doc/METHOD.md, "Statistics") with fewer
 * experiments, so with wider bounds.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../bench/bootstrap.h"
#include "../bench/simulate.h"

static void intervals_from_boots_hold_the_truth_and_those_from_ops_do_not(void **state)
{
	static const int boots[] = { 5, 10 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct coverage c;

		assert_int_equal(simulate_coverage(boots[i], -0.05, 60, 200, 1, &c), 0);
		assert_int_equal(c.experiments, 60);
		assert_in_range(c.rank, 54, 60);
		assert_in_range(c.bootstrap, 52, 60);
		assert_in_range(c.pooled, 0, 30);
		assert_in_range(c.found, boots[i] == 5 ? 18 : 48, 60);
	}
}

static void a_table_without_change_seldom_shows_one(void **state)
{
	int changed, uncorrected;

	(void)state;
	assert_int_equal(simulate_tables(10, 12, 1, &changed, &uncorrected), 0);
	assert_in_range(changed, 0, 2);
	assert_in_range(uncorrected, 9, 12);
}

static void the_same_seed_gives_the_same_interval(void **state)
{
	static const double x[] = { 5, 3, 9, 4, 7 }, y[] = { 1, 2, 8, 6 };
	double lo[2], hi[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct random random;

		random_seed(&random, 42);
		assert_int_equal(bootstrap_interval(x, 5, y, 4, 1000, &random, &lo[i], &hi[i]), 0);
	}
	assert_true(lo[0] == lo[1] && hi[0] == hi[1]);
	assert_true(lo[0] >= 3 - 8 && hi[0] <= 9 - 1 && lo[0] < 1 && hi[0] > 1);
}

static void equal_figures_give_a_point(void **state)
{
	static const double x[] = { 5, 5, 5 }, y[] = { 2, 2 }, bad[] = { 2, NAN };
	struct random random;
	double lo, hi;

	(void)state;
	random_seed(&random, 42);
	assert_int_equal(bootstrap_interval(x, 3, y, 2, 100, &random, &lo, &hi), 0);
	assert_true(lo == 3 && hi == 3);
	assert_int_equal(bootstrap_interval(x, 3, bad, 2, 100, &random, &lo, &hi), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_from_boots_hold_the_truth_and_those_from_ops_do_not),
		cmocka_unit_test(a_table_without_change_seldom_shows_one),
		cmocka_unit_test(the_same_seed_gives_the_same_interval),
		cmocka_unit_test(equal_figures_give_a_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
