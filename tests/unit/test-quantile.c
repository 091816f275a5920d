// SPDX-License-Identifier: GPL-2.0-or-later
/* Quantiles, the normal distribution, Holm's correction: against R; what is detectable. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "numbers.h"
#include "stats/detectable.h"
#include "stats/holm.h"
#include "stats/normal.h"
#include "stats/quantile.h"
#include "stats/random.h"
#include "stats/rank.h"

static void assert_close(double got, double want, double share)
{
	if (!(fabs(got - want) <= share * fabs(want)))
		fail_msg("%.17g, R has %.17g", got, want);
}

static void quantiles_are_as_r_has_them(void **state)
{
	static struct numbers v, q, r;
	FILE *file = numbers_open("quantile.txt");
	int nr_points = 0;

	(void)state;
	assert_non_null(file);
	while (numbers_read(file, &v)) {
		assert_true(numbers_read(file, &q) && numbers_read(file, &r));
		assert_int_equal(sort_values(v.v, v.v, v.n), 0);
		for (int i = 0; i < q.n; i++, nr_points++)
			assert_close(quantile_sorted(v.v, v.n, q.v[i]), r.v[i], 1e-12);
	}
	fclose(file);
	assert_true(nr_points >= 100);
}

static void the_normal_distribution_is_as_r_has_it(void **state)
{
	static struct numbers line;
	FILE *file = numbers_open("normal.txt");
	int nr_points = 0;

	(void)state;
	assert_non_null(file);
	for (; numbers_read(file, &line); nr_points++) {
		if (!strcmp(line.word, "pnorm"))
			assert_close(normal_cdf(line.v[0]), line.v[1], 1e-12);
		else
			assert_close(normal_quantile(line.v[0]), line.v[1], 1e-12);
	}
	fclose(file);
	assert_true(nr_points >= 40);
	assert_true(normal_quantile(0) == -INFINITY && normal_quantile(1) == INFINITY);
	assert_true(isnan(normal_quantile(1.1)) && isnan(normal_quantile(NAN)));
}

static void holms_correction_is_as_r_has_it(void **state)
{
	static struct numbers p, r;
	static double corrected[MAX_NUMBERS];
	FILE *file = numbers_open("holm.txt");
	int nr_tables = 0;

	(void)state;
	assert_non_null(file);
	for (; numbers_read(file, &p); nr_tables++) {
		assert_true(numbers_read(file, &r));
		assert_int_equal(holm_correct(p.v, p.n, corrected), 0);
		for (int i = 0; i < p.n; i++)
			assert_close(corrected[i], r.v[i], 1e-12);
	}
	fclose(file);
	assert_true(nr_tables >= 6);
}

static void no_probability_is_refused(void **state)
{
	static const double bad[] = { NAN, -0.1, 1.1, INFINITY };
	double corrected[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		double p[] = { 0.5, bad[i] };

		assert_int_equal(holm_correct(p, 2, corrected), -EINVAL);
	}
	assert_int_equal(holm_correct(NULL, 0, corrected), 0);
	assert_int_equal(holm_correct(bad, -1, corrected), -EINVAL);
}

static void a_summary_is_of_rising_order_statistics(void **state)
{
	static const double values[] = { 5, 1, 4, 2, 3 }, bad[] = { 1, NAN };
	struct summary summary;

	(void)state;
	assert_int_equal(summarize(values, 5, &summary), 0);
	assert_true(summary.min == 1 && summary.quarter == 2 && summary.median == 3 &&
		    summary.three_quarters == 4 && summary.max == 5);
	assert_int_equal(summarize(values, 1, &summary), 0);
	assert_true(summary.min == 5 && summary.median == 5 && summary.max == 5);
	assert_int_equal(summarize(bad, 2, &summary), -EINVAL);
	assert_int_equal(summarize(values, 0, &summary), -EINVAL);
	assert_int_equal(summarize(values, -1, &summary), -EINVAL);
}

/* First numbers of xoshiro256** after splitmix64 from seed 0: from the reference code. */
static void random_numbers_are_those_of_the_published_generator(void **state)
{
	struct random random;

	(void)state;
	random_seed(&random, 0);
	assert_true(random.state[0] == 0xe220a8397b1dcdafull);
	assert_true(random.state[1] == 0x6e789e6aa1b965f4ull);
	random = (struct random){ { 1, 2, 3, 4 } };
	assert_true(random_next(&random) == 11520);
	assert_true(random_next(&random) == 0);
	assert_true(random_next(&random) == 1509978240);
	assert_true(random_next(&random) == 1215971899390074240ull);
}

/* The test itself, on other random numbers, must find what is said to be detectable. */
static void what_is_detectable_is_detected(void **state)
{
	enum { BOOTS = 8, TRIALS = 1000 };
	double sds, x[BOOTS], y[BOOTS];
	int found = 0, found_paired = 0;
	struct rank_test test;
	struct random random;

	(void)state;
	random_seed(&random, 99);
	assert_int_equal(detectable_two(BOOTS, BOOTS, 0.05, 0.8, &sds), 0);
	for (int i = 0; i < TRIALS; i++) {
		for (int j = 0; j < BOOTS; j++) {
			x[j] = random_normal(&random) + sds;
			y[j] = random_normal(&random);
		}
		assert_int_equal(rank_test_two(x, BOOTS, y, BOOTS, &test), 0);
		found += test.p < 0.05;
	}
	assert_in_range(found, 760, 840);
	memset(y, 0, sizeof(y));
	assert_int_equal(detectable_paired(BOOTS, 0.05, 0.8, &sds), 0);
	for (int i = 0; i < TRIALS; i++) {
		for (int j = 0; j < BOOTS; j++)
			x[j] = random_normal(&random) + sds;
		assert_int_equal(rank_test_paired(x, y, BOOTS, &test), 0);
		found_paired += test.p < 0.05;
	}
	assert_in_range(found_paired, 760, 840);
}

static void too_few_boots_detect_nothing(void **state)
{
	double sds, more, fewer;

	(void)state;
	assert_int_equal(detectable_two(3, 3, 0.05, 0.8, &sds), 0);
	assert_true(sds == INFINITY);
	assert_int_equal(detectable_two(8, 8, 0.05 / 480, 0.8, &sds), 0);
	assert_true(sds == INFINITY);
	assert_int_equal(detectable_paired(5, 0.05, 0.8, &sds), 0);
	assert_true(sds == INFINITY);
	assert_int_equal(detectable_two(9, 9, 0.05 / 480, 0.8, &sds), 0);
	assert_true(isfinite(sds));
	assert_int_equal(detectable_two(10, 10, 0.05, 0.8, &fewer), 0);
	assert_int_equal(detectable_two(60, 60, 0.05, 0.8, &more), 0);
	assert_true(more > 0 && more < fewer);
	assert_int_equal(detectable_two(0, 5, 0.05, 0.8, &sds), -EINVAL);
	assert_int_equal(detectable_two(5, 5, 0, 0.8, &sds), -EINVAL);
	assert_int_equal(detectable_two(5, 5, 0.05, NAN, &sds), -EINVAL);
	assert_int_equal(detectable_paired(-1, 0.05, 0.8, &sds), -EINVAL);
}

static void spread_is_that_within_the_sides(void **state)
{
	static const double x[] = { 1, 2, 3 }, y[] = { 101, 102, 103 }, bad[] = { 1, NAN, 2 };
	double sd;

	(void)state;
	assert_int_equal(spread_two(x, 3, y, 3, &sd), 0);
	assert_true(fabs(sd - 1) < 1e-12);
	assert_int_equal(spread_paired(x, y, 3, &sd), 0);
	assert_true(sd == 0);
	assert_int_equal(spread_two(x, 1, y, 1, &sd), -EINVAL);
	assert_int_equal(spread_two(bad, 3, y, 3, &sd), -EINVAL);
	assert_int_equal(spread_paired(x, bad, 3, &sd), -EINVAL);
	assert_int_equal(spread_paired(x, y, 1, &sd), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_as_r_has_them),
		cmocka_unit_test(the_normal_distribution_is_as_r_has_it),
		cmocka_unit_test(holms_correction_is_as_r_has_it),
		cmocka_unit_test(no_probability_is_refused),
		cmocka_unit_test(a_summary_is_of_rising_order_statistics),
		cmocka_unit_test(random_numbers_are_those_of_the_published_generator),
		cmocka_unit_test(what_is_detectable_is_detected),
		cmocka_unit_test(too_few_boots_detect_nothing),
		cmocka_unit_test(spread_is_that_within_the_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
