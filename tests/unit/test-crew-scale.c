// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Series over the number of initiators: which cases belong to one, in which order, and what
 * a point says.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/crew-scale.h"

/* A case of @cases of one record: 100 ops of each initiator with @sync IPIs an op. */
static void fill(struct case_result *c, const char *placement, int initiators, enum crew_as as,
		 uint64_t sync, double rate)
{
	static struct histogram latency;

	hist_init(&latency);
	hist_add(&latency, 1000);
	memset(c, 0, sizeof(*c));
	strcpy(c->id.workload, "collapse-madvise");
	strcpy(c->id.placement, placement);
	c->id.initiators = initiators;
	c->id.as = as;
	c->ops = 100 * (uint64_t)initiators;
	c->rate_per_s = rate;
	c->latency = malloc(sizeof(latency));
	memcpy(c->latency, &latency, sizeof(latency));
	c->ipi.source = IPI_CSD;
	for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
		c->ipi.count[cls].has_requested = true;
	c->ipi.count[IPI_SYNC].requested = sync * c->ops;
}

#define NR_CASES	6

static void add(struct comparison *cmp, enum side side, uint64_t sync, double rate)
{
	struct record rec = { .cases = calloc(NR_CASES, sizeof(struct case_result)) };

	rec.nr_cases = NR_CASES;
	rec.id = strdup("id");
	rec.machine.cpus_online = 8;
	fill(&rec.cases[0], "alone", 8, AS_PROCESS, sync, 8 * rate);
	fill(&rec.cases[1], "alone", 1, AS_PROCESS, sync, rate);
	fill(&rec.cases[2], "alone", 2, AS_PROCESS, sync, 2 * rate);
	fill(&rec.cases[3], "alone", 2, AS_THREAD, sync, rate);
	fill(&rec.cases[4], "all", 1, AS_PROCESS, sync, rate);
	fill(&rec.cases[5], "lazy", 4, AS_PROCESS, sync, rate);
	assert_int_equal(compare_add(cmp, side, side == SIDE_BASE ? "base" : "patched", &rec), 0);
}

static struct crew_series *find(struct crew_series *series, int nr, enum crew_as as)
{
	for (int i = 0; i < nr; i++)
		if (series[i].id.as == as)
			return &series[i];
	return NULL;
}

static void cases_that_differ_in_their_initiators_are_a_series(void **state)
{
	static const int want[] = { 1, 2, 8 };
	struct comparison cmp = { 0 };
	struct crew_series *series, *one;
	int nr;

	(void)state;
	add(&cmp, SIDE_BASE, 7, 1000);
	add(&cmp, SIDE_PATCHED, 0, 2000);
	nr = crew_scale(&cmp, &series);
	assert_int_equal(nr, 2);	/* processes and threads; "all" and "lazy" have one K each */
	one = find(series, nr, AS_PROCESS);
	assert_int_equal(one->nr, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(one->point[i].initiators, want[i]);
		assert_true(one->point[i].sync[SIDE_BASE] == 7 * want[i]);
		assert_true(one->point[i].sync[SIDE_PATCHED] == 0);
		assert_true(one->point[i].rate[SIDE_BASE] == 1000 * want[i]);
		assert_true(one->point[i].rate[SIDE_PATCHED] == 2000 * want[i]);
		assert_true(fabs(one->point[i].sync_rate[SIDE_BASE] / (7e6 * want[i]) - 1) < 0.01);
	}
	one = find(series, nr, AS_THREAD);
	assert_int_equal(one->nr, 2);	/* one initiator is of both */
	assert_int_equal(one->point[0].initiators, 1);
	crew_scale_free(series, nr);
	compare_free(&cmp);
}

static void a_rate_that_was_not_timed_is_not_known(void **state)
{
	struct comparison cmp = { 0 };
	struct crew_series *series;
	int nr;

	(void)state;
	add(&cmp, SIDE_BASE, 7, 0);
	add(&cmp, SIDE_PATCHED, 0, 1000);
	nr = crew_scale(&cmp, &series);
	assert_true(isnan(series[0].point[0].rate[SIDE_BASE]));
	assert_true(series[0].point[0].rate[SIDE_PATCHED] > 0);
	crew_scale_free(series, nr);
	compare_free(&cmp);
}

static void without_both_sides_there_is_no_series(void **state)
{
	struct comparison cmp = { 0 };
	struct crew_series *series;

	(void)state;
	add(&cmp, SIDE_BASE, 7, 1000);
	assert_int_equal(crew_scale(&cmp, &series), 0);
	crew_scale_free(series, 0);
	compare_free(&cmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_that_differ_in_their_initiators_are_a_series),
		cmocka_unit_test(a_rate_that_was_not_timed_is_not_known),
		cmocka_unit_test(without_both_sides_there_is_no_series),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
