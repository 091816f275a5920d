// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How busy the machine is with others: what is read out of /proc, what is made of it, and
 * that what is hidden is unknown and not idle.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/busy.h"

static const char stat[] =
	"cpu  50564 93953 51364 49136 518 7 306 194 0 0\n"
	"cpu0 1000 20 300 40000 5000 600000 7000000 80 9 9\n"
	"cpu2 1 2 3 4 5 6 7 8 0 0\n"
	"intr 1234 0 0 0\n"
	"ctxt 99\n"
	"cpu3 7 7 7 7 7 7 7 7 7 7\n";

static void near(double is, double wanted)
{
	if (fabs(is - wanted) > 1e-9)
		fail_msg("%.12g is not %.12g", is, wanted);
}

static void tasks_and_softirqs_are_busy_and_interrupts_are_not(void **state)
{
	struct cpu_ticks ticks[4];

	(void)state;
	assert_int_equal(busy_parse_stat(stat, ticks, 4), 2);
	assert_true(ticks[0].there);
	assert_int_equal(ticks[0].busy, 1000 + 20 + 300 + 7000000);
	assert_int_equal(ticks[0].steal, 80);
	assert_int_equal(ticks[2].busy, 1 + 2 + 3 + 7);
	assert_int_equal(ticks[2].steal, 8);
}

static void a_cpu_that_is_offline_is_not_there(void **state)
{
	struct cpu_ticks ticks[4];

	(void)state;
	memset(ticks, 0xff, sizeof(ticks));
	busy_parse_stat(stat, ticks, 4);
	assert_false(ticks[1].there);
	assert_false(ticks[3].there);	/* what follows the CPUs is none */
	assert_int_equal(ticks[1].busy, 0);
}

static void cpus_beyond_the_last_are_passed_over(void **state)
{
	struct cpu_ticks ticks[2] = { { 0 } };

	(void)state;
	assert_int_equal(busy_parse_stat(stat, ticks, 1), 1);
	assert_false(ticks[1].there);
}

static void a_file_that_tells_no_cpu_is_an_error(void **state)
{
	static const char *const texts[] = {
		"", "cpu  1 2 3 4 5 6 7 8 0 0\n", "intr 5\n", "cpu0 1 2 3\n", "cpu0\n",
		"cpu0 1 2 3 4 5 6 7\n", "\ncpu0 1 2 3 4 5 6 7 8 9 0\n", "cpu-1 1 2 3 4 5 6 7 8\n",
		"cpux 1 2 3 4 5 6 7 8 9\n",
	};
	struct cpu_ticks ticks[2];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (busy_parse_stat(texts[i], ticks, 2) != -EINVAL)
			fail_msg("'%s' was read", texts[i]);
}

static void the_load_is_that_of_the_last_minute(void **state)
{
	(void)state;
	near(busy_parse_loadavg("6.18 5.46 3.41 4/128 30282"), 6.18);
	near(busy_parse_loadavg("0.00 0.01 0.05 1/1 2"), 0);
	assert_true(busy_parse_loadavg("") < 0);
	assert_true(busy_parse_loadavg("much") < 0);
}

static void shares_are_of_the_cpus_that_are_there(void **state)
{
	const struct cpu_ticks then[] = { { 100, 5, true }, { 0, 0, false }, { 50, 0, true } };
	const struct cpu_ticks now[] = { { 110, 5, true }, { 900, 0, true }, { 50, 4, true } };
	struct busy_sample sample;

	(void)state;
	busy_shares(then, now, 3, 0.2, 0.01, &sample);
	near(sample.before.busy_share, 0.25);
	near(sample.before.steal_share, 0.1);
	assert_int_equal(sample.busiest, 0);
	near(sample.busiest_share, 0.5);
}

static void no_share_is_more_than_all_or_less_than_nothing(void **state)
{
	const struct cpu_ticks then[] = { { 100, 7, true } }, more[] = { { 199, 3, true } };
	struct busy_sample sample;

	(void)state;
	busy_shares(then, more, 1, 0.2, 0.01, &sample);
	near(sample.before.busy_share, 1);
	near(sample.before.steal_share, 0);
	near(sample.busiest_share, 1);
	busy_shares(more, then, 1, 0.2, 0.01, &sample);
	near(sample.before.busy_share, 0);
}

static void hidden_cpus_are_unknown_and_not_idle(void **state)
{
	const struct cpu_ticks none[2] = { { 0 } };
	struct busy_sample sample;
	struct busy_during during;

	(void)state;
	busy_shares(none, none, 2, 0.2, 0.01, &sample);
	assert_true(sample.before.busy_share < 0);
	assert_true(sample.before.steal_share < 0);
	assert_true(sample.busiest < 0);
	busy_sum(0, 0, 0, 0, &during);
	assert_true(during.cpu_s < 0 && during.own_s < 0);
	assert_true(during.other_share < 0 && during.steal_share < 0);
	assert_false(busy_is(&during));
}

static void others_have_what_is_not_our_own(void **state)
{
	struct busy_during during;

	(void)state;
	busy_sum(20, 12, 10, 0.2, &during);
	near(during.cpu_s, 20);
	near(during.own_s, 10);
	near(during.other_share, 0.1);
	near(during.steal_share, 0.01);
	busy_sum(20, 9.9, 10, 0, &during);	/* the ticks' error */
	near(during.other_share, 0);
}

static bool is_busy(double other, double steal)
{
	const struct busy_during during = { 1, 1, other, steal };

	return busy_is(&during);
}

static void more_than_five_percent_is_busy(void **state)
{
	(void)state;
	assert_false(is_busy(0, 0));
	assert_false(is_busy(0.05, 0));
	assert_true(is_busy(0.051, 0));
	assert_true(is_busy(0, 0.06));
	assert_true(is_busy(0.03, 0.03));
}

static void what_others_took_counts_even_if_stolen_time_is_unknown(void **state)
{
	(void)state;
	assert_true(is_busy(0.3, BUSY_UNKNOWN));
	assert_true(is_busy(1, BUSY_UNKNOWN));
	assert_false(is_busy(0.05, BUSY_UNKNOWN));
	assert_false(is_busy(BUSY_UNKNOWN, 0.3));
}

/* A CPU of ours. */
static int some_cpu(void)
{
	cpu_set_t cpus;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	while (!CPU_ISSET(cpu, &cpus))
		cpu++;
	return cpu;
}

static void work(double seconds)
{
	clock_t until = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);

	while (clock() < until)
		;
}

static void a_child_s_time_is_our_own(void **state)
{
	struct busy_meter *meter;
	struct busy_during during;
	bool cpus[CPU_SETSIZE] = { false };
	int cpu = some_cpu();
	pid_t child;

	(void)state;
	cpus[cpu] = true;
	meter = busy_meter_new(cpu + 1);
	assert_non_null(meter);
	busy_during(meter, &during);
	assert_true(during.cpu_s < 0);
	busy_begin(meter, false);
	child = fork();
	if (!child) {
		work(0.3);
		_exit(0);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	busy_end(meter, cpus);
	busy_during(meter, &during);
	assert_true(during.cpu_s >= 0.29);
	assert_true(during.own_s >= 0.29 && during.own_s < 0.4);
	busy_meter_free(meter);
	busy_meter_free(NULL);
}

static void a_case_on_a_cpu_that_is_hidden_is_left_out(void **state)
{
	struct busy_meter *meter = busy_meter_new(CPU_SETSIZE);
	struct busy_during during;
	bool cpus[CPU_SETSIZE] = { false };

	(void)state;
	cpus[CPU_SETSIZE - 1] = true;
	busy_begin(meter, true);
	busy_end(meter, cpus);
	busy_during(meter, &during);
	assert_true(during.cpu_s < 0);
	busy_meter_free(meter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_and_softirqs_are_busy_and_interrupts_are_not),
		cmocka_unit_test(a_cpu_that_is_offline_is_not_there),
		cmocka_unit_test(cpus_beyond_the_last_are_passed_over),
		cmocka_unit_test(a_file_that_tells_no_cpu_is_an_error),
		cmocka_unit_test(the_load_is_that_of_the_last_minute),
		cmocka_unit_test(shares_are_of_the_cpus_that_are_there),
		cmocka_unit_test(no_share_is_more_than_all_or_less_than_nothing),
		cmocka_unit_test(hidden_cpus_are_unknown_and_not_idle),
		cmocka_unit_test(others_have_what_is_not_our_own),
		cmocka_unit_test(more_than_five_percent_is_busy),
		cmocka_unit_test(what_others_took_counts_even_if_stolen_time_is_unknown),
		cmocka_unit_test(a_child_s_time_is_our_own),
		cmocka_unit_test(a_case_on_a_cpu_that_is_hidden_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
