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

/* A gap of at least @ns, with the op counter at @before and @after. */
static uint64_t counted(uint64_t ns, unsigned int before, unsigned int after)
{
	struct bystander_look last = { clock_read(&raw) - ns, before }, look;

	bystander = (struct bystander){ .count = { .bias_ns = BIAS, .threshold_ns = LIMIT } };
	hist_init(&bystander.gaps);
	atomic_store(&window.seq, after);
	look = bystander_look(&bystander, &raw, &window, last);
	assert_int_equal(look.seq, after);
	assert_true(look.ticks >= last.ticks + ns);
	assert_int_equal(bystander.count.gaps, bystander.gaps.total);
	return bystander.count.gaps;
}

static void a_gap_while_no_op_is_under_way_is_nobodys(void **state)
{
	(void)state;
	assert_int_equal(counted(1000000000, 0, 0), 0);
	assert_int_equal(counted(1000000000, 8, 8), 0);
}

static void a_gap_that_touches_an_op_counts(void **state)
{
	(void)state;
	assert_int_equal(counted(1000000000, 1, 1), 1);	/* within one op */
	assert_int_equal(counted(1000000000, 0, 1), 1);	/* it began in the gap */
	assert_int_equal(counted(1000000000, 1, 2), 1);	/* it ended in the gap */
	assert_int_equal(counted(1000000000, 2, 4), 1);	/* it came and went */
}

static void the_loops_own_time_is_taken_off(void **state)
{
	(void)state;
	counted(1000000000, 1, 1);
	assert_true(bystander.count.stolen_ns >= 1000000000 - BIAS);
	assert_true(bystander.count.stolen_ns < 1100000000);
	assert_int_equal(bystander.count.longest_ns, bystander.count.stolen_ns);
	assert_int_equal(bystander.gaps.max, bystander.count.stolen_ns);
}

static void a_short_gap_is_the_loop_itself(void **state)
{
	(void)state;
	for (int tries = 0; tries < 100; tries++)	/* a real interrupt may lengthen one */
		if (!counted(1, 1, 1))
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
		cmocka_unit_test(the_loops_own_time_is_taken_off),
		cmocka_unit_test(a_short_gap_is_the_loop_itself),
		cmocka_unit_test(the_bias_is_measured_and_the_threshold_lies_above_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
