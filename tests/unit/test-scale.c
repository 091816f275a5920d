// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scale's promises: a record stands on the side that its static key tells, beside
 * those of its size, and only cases of one predicted broadcast an op become points.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/scale.h"

/* A record of one case: 10 ops, @sync IPIs, @expected an op. */
static struct record make_record(int cpus, enum key_state key, const char *workload,
				 uint64_t sync, double expected)
{
	struct record rec = { 0 };
	struct case_result *c = calloc(1, sizeof(*c));

	rec.id = strdup("id");
	rec.kernel.static_key = key;
	rec.machine.cpus_online = cpus;
	rec.cases = c;
	rec.nr_cases = 1;
	strcpy(c->id.workload, workload);
	strcpy(c->id.placement, "alone");
	c->ops = 10;
	c->ipi.source = IPI_CSD;
	c->ipi.count[IPI_SYNC].has_requested = true;
	c->ipi.count[IPI_SYNC].requested = sync;
	c->expect.has_sync = true;
	c->expect.sync_per_op = expected;
	return rec;
}

static void give(struct scale *scale, int cpus, const char *workload, uint64_t base,
		 double expected, uint64_t patched)
{
	struct record rec = make_record(cpus, KEY_ABSENT, workload, base, expected);

	assert_int_equal(scale_add(scale, "base", &rec), 0);
	rec = make_record(cpus, KEY_ON, workload, patched, 0);
	assert_int_equal(scale_add(scale, "patched", &rec), 0);
}

static void sizes_stand_apart_in_rising_order(void **state)
{
	struct scale scale = { 0 };

	(void)state;
	give(&scale, 64, "collapse", 630, 63, 0);
	give(&scale, 2, "collapse", 10, 1, 0);
	give(&scale, 8, "collapse", 70, 7, 0);
	assert_int_equal(scale.nr, 3);
	assert_int_equal(scale_cpus(&scale.at[0]), 2);
	assert_int_equal(scale_cpus(&scale.at[1]), 8);
	assert_int_equal(scale_cpus(&scale.at[2]), 64);
	assert_int_equal(scale.at[1].nr_boots[SIDE_PATCHED], 1);
	scale_free(&scale);
}

static void a_key_that_is_off_is_base_and_an_unknown_one_is_refused(void **state)
{
	struct record rec = make_record(8, KEY_OFF, "collapse", 70, 7);
	struct scale scale = { 0 };

	(void)state;
	assert_int_equal(scale_add(&scale, "off", &rec), 0);
	assert_int_equal(scale.at[0].nr_boots[SIDE_BASE], 1);
	rec = make_record(8, KEY_UNKNOWN, "collapse", 70, 7);
	assert_int_equal(scale_add(&scale, "hidden", &rec), -ENODATA);
	assert_null(rec.id);	/* taken over */
	assert_int_equal(scale.at[0].nr_boots[SIDE_BASE], 1);
	scale_free(&scale);
}

/* What was counted is drawn, not what was predicted. */
static void equal_counts_are_one_point_and_a_wrong_one_its_own(void **state)
{
	struct comparison none = { 0 };
	struct scale_point *point;
	struct scale scale = { 0 };

	(void)state;
	give(&scale, 8, "collapse", 70, 7, 0);
	give(&scale, 8, "unshare", 70, 7, 0);
	give(&scale, 8, "khugepaged", 71, 7, 20);
	give(&scale, 8, "munmap", 0, 0, 0);
	give(&scale, 8, "four at once", 280, 28, 0);
	assert_int_equal(scale_points(&scale, &none, &point), 2);
	assert_int_equal(point[0].cpus, 8);
	assert_int_equal(point[0].cases, 2);
	assert_true(point[0].sync_per_op[SIDE_BASE] == 7);
	assert_true(point[0].sync_per_op[SIDE_PATCHED] == 0);
	assert_int_equal(point[1].cases, 1);
	assert_true(point[1].sync_per_op[SIDE_BASE] == 7.1);
	assert_true(point[1].sync_per_op[SIDE_PATCHED] == 2);
	free(point);
	scale_free(&scale);
}

static void what_is_compared_is_drawn_too(void **state)
{
	struct scale other = { 0 }, scale = { 0 };
	struct scale_point *point;

	(void)state;
	give(&other, 4, "collapse", 30, 3, 0);
	give(&scale, 8, "collapse", 70, 7, 0);
	assert_int_equal(scale_points(&scale, &other.at[0], &point), 2);
	assert_int_equal(point[0].cpus, 4);
	assert_int_equal(point[1].cpus, 8);
	free(point);
	scale_free(&scale);
	scale_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_stand_apart_in_rising_order),
		cmocka_unit_test(a_key_that_is_off_is_base_and_an_unknown_one_is_refused),
		cmocka_unit_test(equal_counts_are_one_point_and_a_wrong_one_its_own),
		cmocka_unit_test(what_is_compared_is_drawn_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
