// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which gaps a bystander counts, on a clock that this test turns: looks are made
 * up, so every gap is known to the tick.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/bystander.h"

#define BIAS	50u
#define LIMIT	100000u	/* far above a look, also under valgrind */

static const struct clock raw = { .hz = 1e9, .mult = 1ull << 32 };
static struct op_window window;
static struct bystander bystander;

/* A window's word: ops under way, begun, and of those that ended refused. */
#define WORD(under_way, begun, refused) \
	((under_way) * OP_UNDER_WAY + (begun) * OP_BEGUN + (refused) * OP_REFUSED)

/* Another look, @ns after @last at least, with the window at @word. */
static struct bystander_look look_after(struct bystander_look last, uint64_t ns, uint64_t word)
{
	struct bystander_look look;

	last.ticks = clock_read(&raw) - ns;
	atomic_store(&window.word, word);
	look = bystander_look(&bystander, &raw, &window, last);
	assert_int_equal(look.word, word);
	assert_true(look.ticks >= last.ticks + ns);
	assert_int_equal(bystander.count.gaps, bystander.gaps.total);
	return look;
}

static void start_afresh(void)
{
	bystander = (struct bystander){ .count = { .bias_ns = BIAS, .threshold_ns = LIMIT } };
	hist_init(&bystander.gaps);
}

/* Gaps counted after one of @ns in which the window went from @before to @after, then to @later. */
static uint64_t counted(uint64_t ns, uint64_t before, uint64_t after, uint64_t later)
{
	struct bystander_look look = { .word = before };

	start_afresh();
	look = look_after(look, ns, after);
	look_after(look, 0, later);
	return bystander.count.gaps;
}

#define LONG	1000000000u

static void a_gap_while_no_op_is_under_way_is_nobodys(void **state)
{
	(void)state;
	assert_int_equal(counted(LONG, 0, 0, 0), 0);
	assert_int_equal(counted(LONG, WORD(0, 8, 0), WORD(0, 8, 0), WORD(0, 8, 0)), 0);
	assert_int_equal(counted(LONG, WORD(0, 8, 0), WORD(0, 8, 0), WORD(1, 9, 0)), 0);
}

static void a_gap_that_touches_an_op_counts(void **state)
{
	const uint64_t one = WORD(1, 1, 0), done = WORD(0, 1, 0);

	(void)state;
	assert_int_equal(counted(LONG, one, one, done), 1);	/* within one op */
	assert_int_equal(counted(LONG, 0, one, done), 1);	/* it began in the gap */
	assert_int_equal(counted(LONG, one, done, done), 1);	/* it ended in the gap */
	assert_int_equal(counted(LONG, done, WORD(0, 2, 0), WORD(0, 2, 0)), 1);	/* both */
}

/* It is made again, and only the second attempt is in the figures. */
static void a_gap_in_an_op_that_was_refused_does_not_count(void **state)
{
	const uint64_t one = WORD(1, 1, 0), refused = WORD(0, 1, 1);

	(void)state;
	assert_int_equal(counted(LONG, one, one, one), 0);	/* not yet known */
	assert_int_equal(counted(LONG, one, one, refused), 0);
	assert_int_equal(counted(LONG, 0, one, refused), 0);
	assert_int_equal(counted(LONG, one, refused, refused), 0);
	assert_int_equal(counted(LONG, 0, refused, refused), 0);
	assert_int_equal(counted(LONG, one, WORD(1, 2, 1), WORD(0, 2, 1)), 1);	/* then it was not */
	assert_int_equal(counted(LONG, one, WORD(1, 2, 1), WORD(0, 2, 2)), 0);	/* twice in a row */
	assert_int_equal(counted(LONG, WORD(0, 70000, 65535), WORD(0, 70001, 65536),
				 WORD(0, 70001, 65536)), 0);	/* however many before */
}

/* Some other initiator's op paid for it too. */
static void a_gap_counts_where_another_op_was_under_way_as_well(void **state)
{
	const uint64_t two = WORD(2, 2, 0);

	(void)state;
	assert_int_equal(counted(LONG, two, two, WORD(1, 2, 1)), 1);
	assert_int_equal(counted(LONG, two, WORD(0, 2, 1), WORD(0, 2, 1)), 1);
	assert_int_equal(counted(LONG, two, WORD(0, 2, 2), WORD(0, 2, 2)), 0);
}

static void every_gap_of_an_op_waits_for_its_end(void **state)
{
	struct bystander_look look = { .word = WORD(1, 1, 0) };

	(void)state;
	start_afresh();
	for (int i = 0; i < 5; i++)
		look = look_after(look, LONG, WORD(1, 1, 0));
	assert_int_equal(bystander.count.gaps, 0);
	look_after(look, 0, WORD(0, 1, 0));
	assert_int_equal(bystander.count.gaps, 5);
}

static void the_loops_own_time_is_taken_off(void **state)
{
	(void)state;
	counted(LONG, WORD(1, 1, 0), WORD(1, 1, 0), WORD(0, 1, 0));
	assert_true(bystander.count.stolen_ns >= 1000000000 - BIAS);
	assert_true(bystander.count.stolen_ns < 1100000000);
	assert_int_equal(bystander.count.longest_ns, bystander.count.stolen_ns);
	assert_int_equal(bystander.gaps.max, bystander.count.stolen_ns);
}

static void a_short_gap_is_the_loop_itself(void **state)
{
	(void)state;
	for (int tries = 0; tries < 100; tries++)	/* a real interrupt may lengthen one */
		if (!counted(1, WORD(1, 1, 0), WORD(1, 1, 0), WORD(0, 1, 0)))
			return;
	fail_msg("100 looks in a row took more than %u ns", LIMIT);
}

static void the_bias_is_measured_and_the_threshold_lies_above_it(void **state)
{
	(void)state;
	bystander_calibrate(&bystander, &raw);
	assert_in_range(bystander.count.bias_ns, 1, LIMIT);
	assert_true(bystander.count.threshold_ns > bystander.count.bias_ns);
	assert_int_equal(bystander.count.gaps, 0);
	assert_int_equal(bystander.gaps.total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_while_no_op_is_under_way_is_nobodys),
		cmocka_unit_test(a_gap_that_touches_an_op_counts),
		cmocka_unit_test(a_gap_in_an_op_that_was_refused_does_not_count),
		cmocka_unit_test(a_gap_counts_where_another_op_was_under_way_as_well),
		cmocka_unit_test(every_gap_of_an_op_waits_for_its_end),
		cmocka_unit_test(the_loops_own_time_is_taken_off),
		cmocka_unit_test(a_short_gap_is_the_loop_itself),
		cmocka_unit_test(the_bias_is_measured_and_the_threshold_lies_above_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
