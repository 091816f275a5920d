// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is promised of times: a true shift is found and an equal set left alone, pairs
 * are used when they can show anything, and below the noise nothing is a change.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/random.h"
#include "stats/shifts.h"

#define ALL_METRICS	((2u << METRIC_OWN) - 1)
#define NR_TIMES	(METRIC_CREW_RATE - METRIC_P50)	/* of one initiator */

/* A boot that began in this minute, with one case whose every op took @ns. */
static void give(struct comparison *cmp, enum side side, int minute, double ns)
{
	struct record rec = { 0 };
	struct case_result *c = calloc(1, sizeof(*c));

	assert_true(asprintf(&rec.started, "2025-01-01T%02d:%02d:00Z", minute / 60,
			     minute % 60) > 0);
	rec.kernel.release = strdup(side_name(side));
	rec.kernel.static_key = side == SIDE_BASE ? KEY_ABSENT : KEY_ON;
	strcpy(c->id.workload, "collapse");
	strcpy(c->id.placement, "bystanders");
	c->ops = 10;
	c->latency = malloc(sizeof(*c->latency));
	hist_init(c->latency);
	hist_add(c->latency, (uint64_t)ns);
	c->bystander = calloc(2, sizeof(*c->bystander));
	c->nr_bystanders = 2;
	c->bystander[0].stolen_ns = c->bystander[1].stolen_ns = (uint64_t)ns * 10;
	rec.cases = c;
	rec.nr_cases = 1;
	assert_int_equal(compare_add(cmp, side, "boot", &rec), 0);
}

/* @nr boots a side, all of base first; the patched side @shift times as long. */
static void give_blocks(struct comparison *cmp, int nr, double shift, struct random *random)
{
	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < nr; i++)
			give(cmp, (enum side)side, side * nr + i, 1e6 * (side ? shift : 1) *
			     exp(0.03 * random_normal(random)));
}

/* In turns, base patched patched base; the host drifts much more than boots differ. */
static void give_turns(struct comparison *cmp, int nr, double shift, struct random *random)
{
	for (int i = 0; i < 2 * nr; i++) {
		enum side side = i % 4 == 0 || i % 4 == 3 ? SIDE_BASE : SIDE_PATCHED;

		give(cmp, side, i, 1e6 * (side ? shift : 1) * (1 + i / 2) *
		     exp(0.003 * random_normal(random)));
	}
}

static void find(struct shifts *shifts, const struct comparison *cmp, unsigned int tested)
{
	const struct shifts_how how = { .tested = tested };

	assert_int_equal(shifts_find(shifts, cmp, &how), 0);
}

static void free_both(struct shifts *shifts, struct comparison *cmp)
{
	shifts_free(shifts);
	compare_free(cmp);
}

static void a_true_shift_is_found(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 1);
	give_blocks(&cmp, 10, 0.9, &random);
	find(&shifts, &cmp, ALL_METRICS);
	assert_string_equal(shifts.none, "");
	assert_false(shifts.paired);
	assert_int_equal(shifts.nr, NR_TIMES);
	assert_int_equal(shifts.nr_tests, NR_TIMES);
	for (int i = 0; i < shifts.nr; i++) {
		const struct shift *shift = &shifts.shift[i];
		double relative = shift_relative(shift, shift->test.shift);
		double truth = shift->metric->id == METRIC_RATE ? 1 / 0.9 - 1 : -0.1;

		assert_true(shift->changed && shift_direction(shift) < 0);
		assert_true(fabs(relative - truth) < 0.03);
		assert_true(shift->p >= shift->test.p);
		assert_true(shift->smallest > 0 && isfinite(shift->smallest));
	}
	free_both(&shifts, &cmp);
}

static void equal_sets_show_no_change(void **state)
{
	struct random random;
	int changed = 0;

	(void)state;
	random_seed(&random, 2);
	for (int i = 0; i < 40; i++) {
		struct comparison cmp = { 0 };
		struct shifts shifts;
		bool any = false;

		give_blocks(&cmp, 10, 1, &random);
		find(&shifts, &cmp, ALL_METRICS);
		for (int j = 0; j < shifts.nr; j++)
			any |= shifts.shift[j].changed;
		changed += any;
		free_both(&shifts, &cmp);
	}
	assert_in_range(changed, 0, 2);
}

static void few_boots_tell_nothing(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 3);
	give_blocks(&cmp, 3, 0.5, &random);
	find(&shifts, &cmp, ALL_METRICS);
	assert_non_null(strstr(shifts.none, "3 and 3 boots"));
	assert_int_equal(shifts.nr, 0);
	free_both(&shifts, &cmp);
}

static void emulation_tells_nothing(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 4);
	give_blocks(&cmp, 10, 0.5, &random);
	cmp.boots[SIDE_PATCHED][9].rec.machine.hypervisor = strdup("tcg");
	find(&shifts, &cmp, ALL_METRICS);
	assert_non_null(strstr(shifts.none, "emulated"));
	assert_int_equal(shifts.nr, 0);
	free_both(&shifts, &cmp);
}

static void a_boot_on_both_sides_forbids_tests(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 5);
	give_blocks(&cmp, 10, 0.5, &random);
	for (int side = 0; side < NR_SIDES; side++)
		cmp.boots[side][side].rec.kernel.boot_id = strdup("same");
	find(&shifts, &cmp, ALL_METRICS);
	assert_non_null(strstr(shifts.none, "on both sides"));
	free_both(&shifts, &cmp);
}

/* Under a drift far larger than the shift only pairs can see it. */
static void boots_in_turns_are_pairs(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 6);
	give_turns(&cmp, 10, 0.98, &random);
	find(&shifts, &cmp, 1u << METRIC_P50);
	assert_int_equal(shifts.nr_pairs, 10);
	assert_true(shifts.paired);
	assert_true(shifts.shift[0].changed);
	assert_int_equal(shifts.shift[0].n[SIDE_BASE], 10);
	free_both(&shifts, &cmp);
}

static void too_few_pairs_are_not_tested_as_pairs(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 7);
	give_turns(&cmp, 5, 0.5, &random);
	find(&shifts, &cmp, 1u << METRIC_P50);
	assert_int_equal(shifts.nr_pairs, 5);
	assert_false(shifts.paired);
	free_both(&shifts, &cmp);
}

static void blocks_that_do_not_pair_up_are_none(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 8);
	give_turns(&cmp, 10, 0.5, &random);
	give(&cmp, SIDE_BASE, 100, 1e6);
	find(&shifts, &cmp, 1u << METRIC_P50);
	assert_int_equal(shifts.nr_pairs, 0);
	assert_false(shifts.paired);
	shifts_free(&shifts);
	give(&cmp, SIDE_PATCHED, 100, 1e6);	/* in the same minute: no order */
	find(&shifts, &cmp, 1u << METRIC_P50);
	assert_false(shifts.order.known);
	assert_int_equal(shifts.nr_pairs, 0);
	free_both(&shifts, &cmp);
}

static void only_what_is_tested_is_a_change(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 9);
	give_blocks(&cmp, 10, 0.5, &random);
	find(&shifts, &cmp, 1u << METRIC_STOLEN);
	assert_int_equal(shifts.nr_tests, 1);
	for (int i = 0; i < shifts.nr; i++)
		assert_int_equal(shifts.shift[i].changed,
				 shifts.shift[i].metric->id == METRIC_STOLEN);
	free_both(&shifts, &cmp);
}

/* With ties p is approximate, and here smaller than any p of 4 boots a side can be. */
static void ties_do_not_make_up_for_boots(void **state)
{
	struct comparison cmp = { 0 };
	struct shifts shifts;

	(void)state;
	for (int i = 0; i < 8; i++)
		give(&cmp, (enum side)(i / 4), i, i < 4 ? 100 : 50);
	find(&shifts, &cmp, 1u << METRIC_P50 | 1u << METRIC_P99);
	for (int i = 0; i < shifts.nr; i++) {
		assert_true(!shifts.shift[i].tested || shifts.shift[i].p < SHIFTS_ALPHA);
		assert_false(shifts.shift[i].changed);
	}
	free_both(&shifts, &cmp);
}

static void find_with_floor(struct shifts *shifts, const struct comparison *cmp,
			    const struct comparison *noise)
{
	const struct shifts_how halves = { .halves = true };
	struct shifts floor;

	assert_int_equal(shifts_find(&floor, noise, &halves), 0);
	assert_string_equal(floor.none, "");
	assert_int_equal(floor.nr_tests, 0);
	assert_int_equal(shifts_find(shifts, cmp, &(struct shifts_how){
				     .tested = 1u << METRIC_P50, .noise = noise,
				     .floor = &floor }), 0);
	shifts_free(&floor);
}

/* One kernel whose later boots are 10 to 16 % slower hides a shift of 10 %, not of 50. */
static void nothing_below_the_noise_is_a_change(void **state)
{
	struct comparison noise = { 0 };
	struct random random;

	(void)state;
	random_seed(&random, 10);
	for (int i = 0; i < 20; i++)
		give(&noise, SIDE_BASE, i, 1e6 * (i < 10 ? 1 : 1.13) *
		     exp(0.03 * random_normal(&random)));
	for (int i = 0; i < 2; i++) {
		struct comparison cmp = { 0 };
		struct shifts shifts;

		give_blocks(&cmp, 10, i ? 0.5 : 0.9, &random);
		find_with_floor(&shifts, &cmp, &noise);
		assert_true(shifts.shift[0].p < SHIFTS_ALPHA);
		assert_true(shifts.shift[0].floor > 1e5 && shifts.shift[0].floor < 2e5);
		assert_int_equal(shifts.shift[0].changed, i == 1);
		free_both(&shifts, &cmp);
	}
	compare_free(&noise);
}

static void without_a_known_floor_nothing_is_a_change(void **state)
{
	struct comparison cmp = { 0 }, noise = { 0 };
	struct shifts shifts;
	struct random random;

	(void)state;
	random_seed(&random, 11);
	give_blocks(&cmp, 10, 0.5, &random);
	for (int i = 0; i < 8; i++)
		give(&noise, SIDE_BASE, i, 1e6);
	strcpy(noise.cases[0].id.placement, "alone");
	find_with_floor(&shifts, &cmp, &noise);
	assert_true(isinf(shifts.shift[0].floor));
	assert_false(shifts.shift[0].changed);
	free_both(&shifts, &cmp);
	compare_free(&noise);
}

static void a_floor_takes_four_boots_a_half(void **state)
{
	const struct shifts_how halves = { .halves = true };
	struct comparison noise = { 0 };
	struct shifts floor;

	(void)state;
	for (int i = 0; i < 7; i++)
		give(&noise, SIDE_BASE, i, 1e6);
	assert_int_equal(shifts_find(&floor, &noise, &halves), 0);
	assert_non_null(strstr(floor.none, "halves of 3 and 4"));
	free_both(&floor, &noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_true_shift_is_found),
		cmocka_unit_test(equal_sets_show_no_change),
		cmocka_unit_test(few_boots_tell_nothing),
		cmocka_unit_test(emulation_tells_nothing),
		cmocka_unit_test(a_boot_on_both_sides_forbids_tests),
		cmocka_unit_test(boots_in_turns_are_pairs),
		cmocka_unit_test(too_few_pairs_are_not_tested_as_pairs),
		cmocka_unit_test(blocks_that_do_not_pair_up_are_none),
		cmocka_unit_test(only_what_is_tested_is_a_change),
		cmocka_unit_test(ties_do_not_make_up_for_boots),
		cmocka_unit_test(nothing_below_the_noise_is_a_change),
		cmocka_unit_test(without_a_known_floor_nothing_is_a_change),
		cmocka_unit_test(a_floor_takes_four_boots_a_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
