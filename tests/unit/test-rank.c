// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rank tests against R's wilcox.test(), and what must hold of them whatever R says.
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "numbers.h"
#include "stats/pairs.h"
#include "stats/quantile.h"
#include "stats/random.h"
#include "stats/rank-null.h"
#include "stats/rank.h"

#define MAX_VALUES	100

static struct rank_test two(const double *x, int n, const double *y, int m)
{
	struct rank_test test;

	assert_int_equal(rank_test_two(x, n, y, m, &test), 0);
	return test;
}

static struct rank_test paired(const double *x, const double *y, int n)
{
	struct rank_test test;

	assert_int_equal(rank_test_paired(x, y, n, &test), 0);
	return test;
}

/* 1e-6, and no more than 1e-9 of a large number. */
static void assert_close(const char *what, const char *name, double got, double want)
{
	if (!(fabs(got - want) <= fmax(1e-6, 1e-9 * fabs(want))))
		fail_msg("%s of %s: %.17g, R has %.17g", what, name, got, want);
}

/* Where R has no interval, all differences are equal, or none is left. */
static void check_case(const char *name, const struct rank_test *test, const double *r)
{
	assert_int_equal(test->exact, r[0]);
	assert_close("p", name, test->p, isnan(r[1]) ? 1 : r[1]);
	assert_close("shift", name, test->shift, isnan(r[2]) ? 0 : r[2]);
	assert_close("lo", name, test->lo, isnan(r[3]) ? test->shift : r[3]);
	assert_close("hi", name, test->hi, isnan(r[4]) ? test->shift : r[4]);
	if (isnan(r[3]))
		assert_true(test->level == 0);
}

static void all_is_as_r_has_it(void **state)
{
	static struct numbers title, x, y, r;
	FILE *file = numbers_open("rank.txt");
	int nr_cases = 0;

	(void)state;
	assert_non_null(file);
	while (numbers_read(file, &title)) {
		char name[96];
		struct rank_test test;

		assert_true(numbers_read(file, &x) && numbers_read(file, &y) &&
			    numbers_read(file, &r));
		assert_int_equal(r.n, 6);
		snprintf(name, sizeof(name), "case %d (%s)", ++nr_cases, title.word);
		if (!strcmp(title.word, "paired"))
			test = paired(x.v, y.v, x.n);
		else
			test = two(x.v, x.n, y.v, y.n);
		check_case(name, &test, r.v);
	}
	fclose(file);
	assert_true(nr_cases >= 100);
}

/* Every way to deal 1..n+m to two sides, one bit a rank. */
static double counted_two(int n, int m, int u)
{
	int ways = 0, all = 0;

	for (unsigned int deal = 0; deal < 1u << (n + m); deal++) {
		int above = 0, lower = 0;

		if (__builtin_popcount(deal) != n)
			continue;
		for (int i = 0; i < n + m; i++) {
			if (deal >> i & 1)
				above += lower;
			else
				lower++;
		}
		all++;
		ways += above <= u;
	}
	return (double)ways / all;
}

static void the_exact_distribution_is_that_of_all_deals(void **state)
{
	(void)state;
	for (int n = 1; n <= 5; n++) {
		for (int m = 1; m <= 6; m++) {
			double *cdf = rank_null_two(n, m);

			assert_non_null(cdf);
			for (int u = 0; u <= n * m / 2; u++)
				assert_true(fabs(cdf[u] - counted_two(n, m, u)) < 1e-15);
			free(cdf);
		}
	}
}

/* C(98, 49) is beyond 64 bits. */
static void the_largest_exact_distribution_is_whole(void **state)
{
	double *cdf = rank_null_two(49, 49);

	(void)state;
	assert_non_null(cdf);
	assert_true(fabs(cdf[0] / 3.92501459648e-29 - 1) < 1e-11);
	assert_true(fabs(cdf[49 * 49 / 2] - 0.5) < 1e-12);
	free(cdf);
}

static void a_single_boot_or_two_prove_nothing(void **state)
{
	static const double low[] = { 1, 2, 3 }, high[] = { 100, 200, 300 };

	(void)state;
	assert_true(two(low, 1, high, 1).p == 1);
	assert_true(two(low, 1, high, 1).level == 0);
	assert_true(fabs(two(low, 2, high, 2).p - 1 / 3.0) < 1e-12);
	assert_true(fabs(two(low, 2, high, 2).level - 2 / 3.0) < 1e-12);
	assert_true(fabs(two(low, 3, high, 3).p - 0.1) < 1e-12);
	assert_true(paired(low, high, 1).p == 1);
	assert_true(fabs(paired(low, high, 2).p - 0.5) < 1e-12);
}

static void equal_values_show_no_shift(void **state)
{
	static const double sevens[] = { 7, 7, 7, 7, 7 };
	struct rank_test test = two(sevens, 5, sevens, 4);

	(void)state;
	assert_true(test.p == 1 && test.shift == 0 && test.lo == 0 && test.hi == 0);
	assert_true(test.level == 0 && !test.exact);
	test = paired(sevens, sevens, 5);
	assert_true(test.p == 1 && test.shift == 0 && test.lo == 0 && test.hi == 0);
	assert_true(test.level == 0);
}

static void what_is_no_number_is_refused(void **state)
{
	static const double bad[] = { NAN, INFINITY, -INFINITY, DBL_MAX };
	double x[] = { 1, 2, 3 }, y[] = { 4, 5, 6 };
	struct rank_test test;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		x[1] = bad[i];
		assert_int_equal(rank_test_two(x, 3, y, 3, &test), -EINVAL);
		assert_int_equal(rank_test_two(y, 3, x, 3, &test), -EINVAL);
		assert_int_equal(rank_test_paired(x, y, 3, &test), -EINVAL);
		assert_int_equal(rank_test_paired(y, x, 3, &test), -EINVAL);
	}
	assert_int_equal(rank_test_two(y, 0, y, 3, &test), -EINVAL);
	assert_int_equal(rank_test_two(y, 3, y, 0, &test), -EINVAL);
	assert_int_equal(rank_test_two(y, 3, y, -1, &test), -EINVAL);
	assert_int_equal(rank_test_paired(y, y, 0, &test), -EINVAL);
}

/* Rounded to @step, so that a large one makes ties. */
static void draw(struct random *random, double *values, int n, double step)
{
	for (int i = 0; i < n; i++)
		values[i] = step * round(random_normal(random) * 100 / step);
}

static void changed_sides_change_the_sign_only(void **state)
{
	double x[MAX_VALUES], y[MAX_VALUES];
	struct random random;

	(void)state;
	random_seed(&random, 1);
	for (int n = 1; n <= MAX_VALUES; n += n < 10 ? 1 : 15) {
		for (double step = 0x1p-20; step < 100; step *= 0x1p12) {
			struct rank_test here, there;

			draw(&random, x, n, step);
			draw(&random, y, n, step);
			here = two(x, n, y, n);
			there = two(y, n, x, n);
			assert_true(here.p == there.p && here.shift == -there.shift);
			assert_true(here.lo == -there.hi && here.hi == -there.lo);
			here = paired(x, y, n);
			there = paired(y, x, n);
			assert_true(here.p == there.p && here.shift == -there.shift);
			assert_true(here.lo == -there.hi && here.hi == -there.lo);
		}
	}
}

/* A unit is a power of two, so that nothing is rounded. */
static void the_unit_does_not_matter(void **state)
{
	static const double units[] = { 0x1p-600, 0x1p-30, 0x1p600 };
	double x[20], y[20], scaled_x[20], scaled_y[20];
	struct random random;
	struct rank_test base;

	(void)state;
	random_seed(&random, 2);
	draw(&random, x, 20, 0x1p-20);
	draw(&random, y, 20, 0x1p-20);
	base = two(x, 20, y, 20);
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		struct rank_test test;

		for (int i = 0; i < 20; i++) {
			scaled_x[i] = x[i] * units[u];
			scaled_y[i] = y[i] * units[u];
		}
		test = two(scaled_x, 20, scaled_y, 20);
		assert_true(test.p == base.p && test.shift == base.shift * units[u]);
		assert_true(test.lo == base.lo * units[u] && test.hi == base.hi * units[u]);
	}
}

/* Every difference listed and sorted, which is what the staircase saves. */
static void a_pair_of_any_rank_is_found(void **state)
{
	double x[12], y[9], listed[12 * 9];
	struct pairs pairs = { .x = x, .n = 12, .y = y, .m = 9 };
	struct random random;

	(void)state;
	random_seed(&random, 3);
	for (double step = 0x1p-20; step < 100; step *= 0x1p6) {
		int count = 0;

		draw(&random, x, 12, step);
		draw(&random, y, 9, step);
		sort_values(x, x, 12);
		sort_values(y, y, 9);
		pairs.y = y;
		for (int i = 0; i < 12 * 9; i++)
			listed[count++] = x[i / 9] - y[i % 9];
		sort_values(listed, listed, count);
		for (int i = 0; i < count; i++)
			assert_true(pairs_at(&pairs, i + 1) == listed[i]);
		pairs.y = NULL;
		count = 0;
		for (int i = 0; i < 12; i++)
			for (int j = i; j < 12; j++)
				listed[count++] = (x[i] + x[j]) / 2;
		sort_values(listed, listed, count);
		assert_int_equal(pairs_count(&pairs), count);
		for (int i = 0; i < count; i++)
			assert_true(pairs_at(&pairs, i + 1) == listed[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_as_r_has_it),
		cmocka_unit_test(the_exact_distribution_is_that_of_all_deals),
		cmocka_unit_test(the_largest_exact_distribution_is_whole),
		cmocka_unit_test(a_single_boot_or_two_prove_nothing),
		cmocka_unit_test(equal_values_show_no_shift),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(changed_sides_change_the_sign_only),
		cmocka_unit_test(the_unit_does_not_matter),
		cmocka_unit_test(a_pair_of_any_rank_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
