// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The histogram against the samples themselves: quantiles of several shapes of
 * random numbers, sorted, and the error bound that histogram.h states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case/histogram.h"

#define NR_SAMPLES	10007	/* a prime, so that no quantile falls between two ranks */

static struct histogram hist;
static uint64_t seed;

/* xorshift64*: the same numbers on every machine. */
static uint64_t random64(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dull;
}

static uint64_t exact_ones(void)
{
	return random64() % 256;
}

static uint64_t uniform(void)
{
	return 400 + random64() % 100000;
}

/* Every order of magnitude alike, from 1 to 2^64. */
static uint64_t log_uniform(void)
{
	return random64() >> random64() % 64;
}

/* As latencies are: most of them near 2 us, one in a hundred some milliseconds. */
static uint64_t long_tail(void)
{
	return random64() % 100 ? 1900 + random64() % 300 : 1000000 + random64() % 9000000;
}

static uint64_t two_humps(void)
{
	return random64() % 2 ? 700 + random64() % 20 : 1000000000 + random64() % 1000;
}

static uint64_t always_the_same(void)
{
	return 123456789;
}

static uint64_t (*const shapes[])(void) = {
	exact_ones, uniform, log_uniform, long_tail, two_humps, always_the_same,
};

#define NR_SHAPES	(sizeof(shapes) / sizeof(shapes[0]))

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Fill @samples, sorted, and the histogram with one shape. */
static void sample(uint64_t (*shape)(void), uint64_t *samples)
{
	seed = 88172645463325252ull;
	hist_init(&hist);
	for (int i = 0; i < NR_SAMPLES; i++) {
		samples[i] = shape();
		hist_add(&hist, samples[i]);
	}
	qsort(samples, NR_SAMPLES, sizeof(samples[0]), ascending);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void a_quantile_is_within_the_stated_error_of_the_exact_one(void **state)
{
	static const int permille[] = { 1, 10, 250, 500, 750, 900, 990, 999 };
	static uint64_t samples[NR_SAMPLES];

	(void)state;
	for (size_t shape = 0; shape < NR_SHAPES; shape++) {
		sample(shapes[shape], samples);
		for (size_t i = 0; i < sizeof(permille) / sizeof(permille[0]); i++) {
			uint64_t got = hist_quantile(&hist, permille[i] / 1000.0);
			uint64_t want = samples[permille[i] * NR_SAMPLES / 1000];

			assert_true(distance(got, want) <= want >> (HIST_BITS + 1));
		}
	}
}

static void values_below_256_are_exact(void **state)
{
	(void)state;
	for (uint64_t value = 0; value < 256; value++) {
		hist_init(&hist);
		hist_add(&hist, value);
		hist_add(&hist, value + 1000);	/* so that min and max are no help */
		if (value)
			hist_add(&hist, 0);
		assert_int_equal(hist_quantile(&hist, 0.5), value);
	}
}

static void minimum_and_maximum_are_exact(void **state)
{
	static uint64_t samples[NR_SAMPLES];

	(void)state;
	for (size_t shape = 0; shape < NR_SHAPES; shape++) {
		sample(shapes[shape], samples);
		assert_int_equal(hist.min, samples[0]);
		assert_int_equal(hist.max, samples[NR_SAMPLES - 1]);
		assert_int_equal(hist.total, NR_SAMPLES);
	}
}

/* One value below the middle of its bucket, which begins at 999424, and one above. */
static void no_quantile_lies_outside_minimum_and_maximum(void **state)
{
	static const uint64_t values[] = { 999425, 1003518 };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		hist_init(&hist);
		hist_add(&hist, values[i]);
		assert_int_equal(hist_quantile(&hist, 0), values[i]);
		assert_int_equal(hist_quantile(&hist, 0.5), values[i]);
		assert_int_equal(hist_quantile(&hist, 1), values[i]);
	}
}

static void quantiles_rise(void **state)
{
	static uint64_t samples[NR_SAMPLES];

	(void)state;
	for (size_t shape = 0; shape < NR_SHAPES; shape++) {
		uint64_t last = 0;

		sample(shapes[shape], samples);
		for (int percent = 0; percent <= 100; percent++) {
			uint64_t value = hist_quantile(&hist, percent / 100.0);

			assert_true(value >= last);
			last = value;
		}
	}
}

static void the_median_of_few_values_is_one_of_them(void **state)
{
	(void)state;
	hist_init(&hist);
	hist_add(&hist, 10);
	assert_int_equal(hist_quantile(&hist, 0.5), 10);
	hist_add(&hist, 20);
	assert_int_equal(hist_quantile(&hist, 0.5), 10);
	assert_int_equal(hist_quantile(&hist, 0.51), 20);
	hist_add(&hist, 30);
	assert_int_equal(hist_quantile(&hist, 0.5), 20);
}

static void buckets_follow_each_other_and_cover_all_numbers(void **state)
{
	(void)state;
	assert_int_equal(hist_bucket_lower(0), 0);
	for (unsigned int i = 0; i + 1 < HIST_BUCKETS; i++)
		assert_true(hist_bucket_lower(i) + hist_bucket_width(i) ==
			    hist_bucket_lower(i + 1));
	assert_true(hist_bucket_lower(HIST_BUCKETS - 1) +
		    (hist_bucket_width(HIST_BUCKETS - 1) - 1) == UINT64_MAX);
}

static void a_bucket_is_narrow_beside_its_values(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		assert_true(hist_bucket_width(i) == 1 ||
			    hist_bucket_width(i) <= hist_bucket_lower(i) >> HIST_BITS);
}

static void a_value_falls_into_the_bucket_whose_bounds_hold_it(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < HIST_BUCKETS; i += 13) {
		uint64_t lower = hist_bucket_lower(i);

		hist_init(&hist);
		hist_add(&hist, lower);
		hist_add(&hist, lower + (hist_bucket_width(i) - 1));
		assert_int_equal(hist.count[i], 2);
	}
}

static void zero_and_the_largest_number_are_counted(void **state)
{
	(void)state;
	hist_init(&hist);
	hist_add(&hist, UINT64_MAX);
	hist_add(&hist, 0);
	assert_int_equal(hist.count[0], 1);
	assert_int_equal(hist.count[HIST_BUCKETS - 1], 1);
	assert_int_equal(hist.min, 0);
	assert_true(hist.max == UINT64_MAX);
	assert_int_equal(hist_quantile(&hist, 0.5), 0);
	assert_true(hist_quantile(&hist, 1) >= UINT64_MAX - (UINT64_MAX >> (HIST_BITS + 1)));
}

static void an_empty_one_has_only_zeros(void **state)
{
	(void)state;
	memset(&hist, 0xff, sizeof(hist));
	hist_init(&hist);
	assert_int_equal(hist.total, 0);
	assert_int_equal(hist_quantile(&hist, 0.5), 0);
	assert_int_equal(hist_quantile(&hist, 1), 0);
}

/* As a reader of a record does it: min and max apart, then bucket by bucket. */
static void it_can_be_built_again_from_its_buckets(void **state)
{
	static uint64_t samples[NR_SAMPLES];
	static struct histogram copy;

	(void)state;
	for (size_t shape = 0; shape < NR_SHAPES; shape++) {
		sample(shapes[shape], samples);
		hist_init(&copy);
		copy.min = hist.min;
		copy.max = hist.max;
		for (unsigned int i = 0; i < HIST_BUCKETS; i++)
			if (hist.count[i])
				hist_add_bucket(&copy, hist_bucket_lower(i), hist.count[i]);
		assert_memory_equal(&copy, &hist, sizeof(hist));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quantile_is_within_the_stated_error_of_the_exact_one),
		cmocka_unit_test(values_below_256_are_exact),
		cmocka_unit_test(minimum_and_maximum_are_exact),
		cmocka_unit_test(no_quantile_lies_outside_minimum_and_maximum),
		cmocka_unit_test(quantiles_rise),
		cmocka_unit_test(the_median_of_few_values_is_one_of_them),
		cmocka_unit_test(buckets_follow_each_other_and_cover_all_numbers),
		cmocka_unit_test(a_bucket_is_narrow_beside_its_values),
		cmocka_unit_test(a_value_falls_into_the_bucket_whose_bounds_hold_it),
		cmocka_unit_test(zero_and_the_largest_number_are_counted),
		cmocka_unit_test(an_empty_one_has_only_zeros),
		cmocka_unit_test(it_can_be_built_again_from_its_buckets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
