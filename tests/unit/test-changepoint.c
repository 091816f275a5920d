// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Change points: what is promised of histories too short, too plain or too wild to
 * have one, of a step wherever it lies, and, on a few of the synthetic histories that
 * tests/bench/change-points.c takes by the thousand, the recall and false alarms.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/changepoint.h"
#include "tests/histories.h"

#define NIGHTS		100
#define FAR		1e6
#define GUARD_HISTORIES	15	/* of each family: valgrind is to take seconds */
#define GUARD_FROM	20001	/* the thresholds were chosen on other numbers */

/* Scatter without a pattern, the same on every machine, from -1 to 1. */
static double scatter(int night)
{
	return (double)((uint32_t)(night + 1) * 2654435761u % 1009) / 504 - 1;
}

/* @size more from night @step on. */
static void fill(double *nights, int nr, int step, double size)
{
	for (int i = 0; i < nr; i++)
		nights[i] = 100 + scatter(i) + (i >= step ? size : 0);
}

static int count(const double *nights, int nr)
{
	struct change_point *points;
	int found = change_points_find(nights, nr, &points);

	assert_true((found > 0) == (points != NULL));
	free(points);
	return found;
}

/* The only change point. */
static struct change_point only(const double *nights, int nr)
{
	struct change_point *points, point;

	assert_int_equal(change_points_find(nights, nr, &points), 1);
	point = points[0];
	free(points);
	return point;
}

static void assert_near(double got, double want)
{
	assert_true(fabs(got - want) <= 1e-12 * fabs(want));
}

static void few_nights_have_none(void **state)
{
	static const double nights[] = { 1, 1000, NAN, 1, 1000, 1000, 1000, 1000 };

	(void)state;
	for (int nr = 0; nr <= 8; nr++)
		assert_int_equal(count(nights, nr), 0);
}

static void nights_without_values_have_none(void **state)
{
	double nights[NIGHTS];

	(void)state;
	for (int i = 0; i < NIGHTS; i++)
		nights[i] = i % 3 ? NAN : i % 2 ? INFINITY : -INFINITY;
	assert_int_equal(count(nights, NIGHTS), 0);
	nights[50] = 7;
	assert_int_equal(count(nights, NIGHTS), 0);
}

static void one_value_every_night_has_none(void **state)
{
	static const double values[] = { 0, 7, 0.1, -1e300 };
	double nights[NIGHTS];

	(void)state;
	for (int v = 0; v < 4; v++) {
		for (int i = 0; i < NIGHTS; i++)
			nights[i] = values[v];
		assert_int_equal(count(nights, NIGHTS), 0);
	}
}

static void scatter_alone_has_none(void **state)
{
	double nights[NIGHTS];

	(void)state;
	fill(nights, NIGHTS, NIGHTS, 0);
	assert_int_equal(count(nights, NIGHTS), 0);
	for (int i = 0; i < NIGHTS; i++)
		nights[i] = scatter(i) > 0.3 ? 8 : 7;	/* counts: most nights are equal */
	assert_int_equal(count(nights, NIGHTS), 0);
}

/* One night, or a few in a row, wherever they are and however far off. */
static void outliers_are_none(void **state)
{
	double nights[NIGHTS];

	(void)state;
	for (int length = 1; length < CHANGE_MIN_NIGHTS; length++) {
		for (int at = 0; at + length <= NIGHTS; at += 3) {
			fill(nights, NIGHTS, NIGHTS, 0);
			for (int i = at; i < at + length; i++)
				nights[i] = i % 2 ? FAR : 2 * FAR;
			assert_int_equal(count(nights, NIGHTS), 0);
		}
	}
}

static void an_outlier_does_not_hide_a_step(void **state)
{
	double nights[NIGHTS];

	(void)state;
	fill(nights, NIGHTS, 60, 5);
	nights[10] = FAR;
	nights[70] = -FAR;
	assert_int_equal(only(nights, NIGHTS).night, 60);
}

static void a_step_of_exact_counts_is_told_exactly(void **state)
{
	double nights[NIGHTS];
	struct change_point point;

	(void)state;
	for (int i = 0; i < NIGHTS; i++)
		nights[i] = i < 40 ? 8 : 10;
	point = only(nights, NIGHTS);
	assert_int_equal(point.last, 39);
	assert_int_equal(point.night, 40);
	assert_near(point.before, 8);
	assert_near(point.after, 10);
	assert_near(point.size, 2);
	assert_near(point.relative, 0.25);
	assert_true(isinf(point.effect));
	/* z = 1199.5 / sqrt(40 * 60 / 12 * (101 - 279900 / 9900)), Miller and Siegmund */
	assert_true(fabs(point.p / 7.717963804115791e-21 - 1) < 1e-9);
}

static void relative_size_has_the_sign_of_the_change(void **state)
{
	double nights[NIGHTS];

	(void)state;
	for (int i = 0; i < NIGHTS; i++)
		nights[i] = i < 40 ? -8 : -10;
	assert_near(only(nights, NIGHTS).relative, -0.25);
	for (int i = 0; i < NIGHTS; i++)
		nights[i] = i < 40 ? 0 : -10;
	assert_true(only(nights, NIGHTS).relative < 0);
	assert_true(isinf(only(nights, NIGHTS).relative));
}

/* A level's first or last ten nights; two are too few to tell. */
static void a_step_near_an_end_is_found(void **state)
{
	double nights[NIGHTS];

	(void)state;
	fill(nights, NIGHTS, 10, 5);
	assert_int_equal(only(nights, NIGHTS).night, 10);
	fill(nights, NIGHTS, NIGHTS - 10, -5);
	assert_int_equal(only(nights, NIGHTS).night, NIGHTS - 10);
	fill(nights, NIGHTS, NIGHTS - 2, 5);
	assert_int_equal(count(nights, NIGHTS), 0);
	fill(nights, NIGHTS, 2, 5);
	assert_int_equal(count(nights, NIGHTS), 0);
}

/* However large it is; as METHOD says. */
static void a_step_takes_24_nights_and_7_of_its_own(void **state)
{
	double nights[NIGHTS];

	(void)state;
	for (int nr = 1; nr < 24; nr++) {
		fill(nights, nr, nr / 2, FAR);
		assert_int_equal(count(nights, nr), 0);
	}
	fill(nights, 24, 12, FAR);
	assert_int_equal(only(nights, 24).night, 12);
	fill(nights, NIGHTS, NIGHTS - 6, FAR);
	assert_int_equal(count(nights, NIGHTS), 0);
	fill(nights, NIGHTS, NIGHTS - 7, FAR);
	assert_int_equal(only(nights, NIGHTS).night, NIGHTS - 7);
}

static void both_edges_of_a_hump_are_found(void **state)
{
	struct change_point *points;
	double nights[NIGHTS];

	(void)state;
	fill(nights, NIGHTS, 40, 5);
	for (int i = 60; i < NIGHTS; i++)
		nights[i] -= 5;
	assert_int_equal(change_points_find(nights, NIGHTS, &points), 2);
	assert_int_equal(points[0].night, 40);
	assert_int_equal(points[1].night, 60);
	assert_true(points[0].size > 0 && points[1].size < 0);
	assert_near(points[0].after, points[1].before);
	free(points);
}

static void missing_nights_are_passed_over(void **state)
{
	double nights[NIGHTS], gaps[2 * NIGHTS];
	struct change_point without, with;

	(void)state;
	fill(nights, NIGHTS, 60, 5);
	without = only(nights, NIGHTS);
	for (int i = 0; i < 2 * NIGHTS; i++)
		gaps[i] = i % 2 ? nights[i / 2] : i % 3 ? NAN : INFINITY;
	with = only(gaps, 2 * NIGHTS);
	assert_int_equal(with.last, 119);
	assert_int_equal(with.night, 121);
	with.last = without.last;
	with.night = without.night;
	assert_memory_equal(&with, &without, sizeof(with));
}

static void the_order_within_a_level_changes_nothing(void **state)
{
	double nights[NIGHTS], turned[NIGHTS];
	struct change_point point, again;

	(void)state;
	fill(nights, NIGHTS, 60, 10);
	for (int i = 0; i < NIGHTS; i++)
		turned[i] = nights[i < 60 ? 59 - i : 159 - i];
	point = only(nights, NIGHTS);
	again = only(turned, NIGHTS);
	assert_memory_equal(&again, &point, sizeof(point));
}

static void the_unit_changes_nothing(void **state)
{
	double nights[NIGHTS], scaled[NIGHTS];
	struct change_point point, other;

	(void)state;
	fill(nights, NIGHTS, 60, 3);
	for (int i = 0; i < NIGHTS; i++)
		scaled[i] = -1024 * nights[i];
	point = only(nights, NIGHTS);
	other = only(scaled, NIGHTS);
	assert_int_equal(other.night, point.night);
	assert_near(other.size, -1024 * point.size);
	assert_near(other.relative, -point.relative);
	assert_near(other.effect, point.effect);
	assert_near(other.p, point.p);
}

/* 5 sigma in a straight line: told, but not night by night. */
static void a_drift_is_few_steps(void **state)
{
	double nights[NR_NIGHTS];
	int found;

	(void)state;
	for (int i = 0; i < NR_NIGHTS; i++)
		nights[i] = 100 + scatter(i) + 3.0 * i / NR_NIGHTS;
	found = count(nights, NR_NIGHTS);
	assert_true(found >= 1 && found <= 4);
}

static void absurd_numbers_do_no_harm(void **state)
{
	double nights[NIGHTS];

	(void)state;
	for (int i = 0; i < NIGHTS; i++)
		nights[i] = scatter(i) * 1.7e308;
	assert_true(count(nights, NIGHTS) >= 0);
	for (int i = 0; i < NIGHTS; i++)
		nights[i] = (i < 50 ? -1.7e308 : 1.7e308) * (1 + scatter(i) / 100);
	assert_true(count(nights, NIGHTS) >= 0);
	for (int i = 0; i < NIGHTS; i++)
		nights[i] = scatter(i) * 5e-324 + (i < 50 ? 0 : 1e-322);
	assert_true(count(nights, NIGHTS) >= 0);
}

static void the_same_nights_have_the_same_answer(void **state)
{
	int all = 0;

	(void)state;
	for (int i = 0; i < 10; i++) {
		struct change_point *points, *again;
		struct history h;
		int nr;

		history_draw(&h, FAMILY_ALL, (uint64_t)(GUARD_FROM + i));
		nr = change_points_find(h.night, NR_NIGHTS, &points);
		assert_int_equal(change_points_find(h.night, NR_NIGHTS, &again), nr);
		if (nr > 0)
			assert_memory_equal(points, again, (size_t)nr * sizeof(*points));
		all += nr;
		free(points);
		free(again);
	}
	assert_true(all > 0);
}

static void steps_are_found_and_false_alarms_are_few(void **state)
{
	struct score score = { 0 };
	struct history h;

	(void)state;
	for (int family = 0; family < NR_FAMILIES; family++) {
		for (int i = 0; i < GUARD_HISTORIES; i++) {
			history_draw(&h, family, (uint64_t)(GUARD_FROM + i));
			assert_true(history_score(&h, &score) >= 0);
		}
	}
	assert_int_equal(score.histories, NR_FAMILIES * GUARD_HISTORIES);
	assert_true(score_recall(&score, 2, 5) >= 0.9);
	assert_true(score_false(&score) <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_nights_have_none),
		cmocka_unit_test(nights_without_values_have_none),
		cmocka_unit_test(one_value_every_night_has_none),
		cmocka_unit_test(scatter_alone_has_none),
		cmocka_unit_test(outliers_are_none),
		cmocka_unit_test(an_outlier_does_not_hide_a_step),
		cmocka_unit_test(a_step_of_exact_counts_is_told_exactly),
		cmocka_unit_test(relative_size_has_the_sign_of_the_change),
		cmocka_unit_test(a_step_near_an_end_is_found),
		cmocka_unit_test(a_step_takes_24_nights_and_7_of_its_own),
		cmocka_unit_test(both_edges_of_a_hump_are_found),
		cmocka_unit_test(missing_nights_are_passed_over),
		cmocka_unit_test(the_order_within_a_level_changes_nothing),
		cmocka_unit_test(the_unit_changes_nothing),
		cmocka_unit_test(a_drift_is_few_steps),
		cmocka_unit_test(absurd_numbers_do_no_harm),
		cmocka_unit_test(the_same_nights_have_the_same_answer),
		cmocka_unit_test(steps_are_found_and_false_alarms_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
