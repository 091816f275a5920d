// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of events, what a CPU has under them, and counts of what this test itself does. */
#include <linux/perf_event.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/counters.h"

#define PAGES	300

static const struct cpufeat skylake = { .vendor = "GenuineIntel", .family = 6, .model = 0x55 };
static const struct cpufeat sapphire = { .vendor = "GenuineIntel", .family = 6, .model = 0x8f };
static const struct cpufeat zen = { .vendor = "AuthenticAMD", .family = 0x19, .model = 0x11 };
static const struct cpufeat other = { .vendor = "CentaurHauls", .family = 7, .model = 0x5b };

static void add(struct counter_list *list, const char *name)
{
	assert_int_equal(counter_event_parse(name, &other, &list->event[list->nr]), 0);
	list->nr++;
}

static void all_names_of_the_table_are_known(void **state)
{
	struct counter_event event;

	(void)state;
	assert_non_null(counter_event_name(20));
	for (int at = 0; counter_event_name(at); at++) {
		assert_int_equal(counter_event_parse(counter_event_name(at), &skylake, &event), 0);
		assert_string_equal(event.name, counter_event_name(at));
		assert_string_equal(event.why, "");
	}
}

static void names_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "cycle", "Instructions", "r", "rxyz", "r12g", "r-1", "x0e08", "r11111111111111111",
		"a name that is longer than any event's name could ever be",
	};
	struct counter_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (counter_event_parse(bad[i], &skylake, &event) != -EINVAL)
			fail_msg("'%s' is taken", bad[i]);
}

static void page_walks_have_each_cpus_number(void **state)
{
	struct counter_event event;

	(void)state;
	assert_int_equal(counter_event_parse("dtlb_walk", &skylake, &event), 0);
	assert_int_equal(event.type, PERF_TYPE_RAW);
	assert_int_equal(event.config, 0x0e08);
	assert_int_equal(counter_event_parse("dtlb_walk", &sapphire, &event), 0);
	assert_int_equal(event.config, 0x0e12);
	assert_int_equal(counter_event_parse("dtlb_walk", &zen, &event), 0);
	assert_int_equal(event.config, 0xf045);
	assert_int_equal(counter_event_parse("dtlb_walk", &other, &event), 0);
	assert_non_null(strstr(event.why, "rNNN"));
	assert_int_equal(counter_event_parse("r01c2", &other, &event), 0);
	assert_int_equal(event.config, 0x01c2);
}

static void a_tracepoint_that_is_not_there_says_so(void **state)
{
	struct counter_event event;

	(void)state;
	assert_int_equal(counter_event_parse("nobody:knows_it", &other, &event), 0);
	assert_int_equal(event.type, PERF_TYPE_TRACEPOINT);
	assert_true(*event.why);
}

/* Touch pages that nobody has touched before. */
static void fault(int pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (size_t)pages * page;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(memory, MAP_FAILED);
	madvise(memory, size, MADV_NOHUGEPAGE);
	for (int i = 0; i < pages; i++)
		memory[(size_t)i * page] = 1;
	munmap(memory, size);
}

/* An event that cannot be had does not keep the others from counting. */
static void page_faults_are_counted_one_by_one(void **state)
{
	struct counter_list list = { .nr = 0 };
	struct counter_value before[3], after[3];
	struct counters *counters;
	double share;

	(void)state;
	add(&list, "dtlb_walk");
	add(&list, "page-faults");
	add(&list, "major-faults");
	assert_int_equal(counters_of_task(&list, gettid(), true, &counters), 0);
	assert_true(*counters_why(counters, 0));
	if (*counters_why(counters, 1)) {
		counters_close(counters);
		skip();		/* a filter, or perf_event_paranoid */
	}
	counters_enable(counters, true);
	counters_read(counters, before, false);
	fault(PAGES);
	counters_read(counters, after, true);
	counters_enable(counters, false);
	assert_int_equal(after[0].value, 0);
	assert_true(after[1].value - before[1].value >= PAGES);
	assert_true(after[1].value - before[1].value < 2 * PAGES);	/* a sanitizer has its own */
	assert_int_equal(after[2].value - before[2].value, 0);
	after[1].value -= before[1].value;
	assert_true(counter_scale(&after[1], &share) == (double)after[1].value && share == 1);
	counters_read(counters, before, false);
	fault(PAGES);
	counters_read(counters, after, true);
	assert_int_equal(after[1].value, before[1].value);	/* it is off */
	counters_close(counters);
}

/* Half of the time on the PMU: twice as many. */
static void a_count_that_was_multiplexed_is_scaled_and_told(void **state)
{
	const struct counter_value half = { 1000, 80, 40 }, never = { 0, 80, 0 }, off = { 0, 0, 0 };
	double share;

	(void)state;
	assert_true(counter_scale(&half, &share) == 2000);
	assert_true(share == 0.5);
	assert_true(counter_scale(&never, &share) == 0);
	assert_true(share == 0);
	assert_true(counter_scale(&off, &share) == 0);
	assert_true(share == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_names_of_the_table_are_known),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(page_walks_have_each_cpus_number),
		cmocka_unit_test(a_tracepoint_that_is_not_there_says_so),
		cmocka_unit_test(page_faults_are_counted_one_by_one),
		cmocka_unit_test(a_count_that_was_multiplexed_is_scaled_and_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
