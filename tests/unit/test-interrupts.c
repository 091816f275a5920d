// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/interrupts from small fixture files: whole ones, with the CAL and TLB
 * counts of each CPU by its number, and broken ones, which are refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/interrupts.h"

#define MAX_CPUS	512

static uint64_t call[MAX_CPUS], tlb[MAX_CPUS];

/* The whole file as a string, to be freed. */
static char *fixture(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096], *text = calloc(1, 64 << 10);
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/fixtures/interrupts/%s", top ? top : ".", name);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(text);
	fread(text, 1, (64 << 10) - 1, file);
	assert_true(feof(file));
	fclose(file);
	return text;
}

/* Parse @text for a machine of @nr_cpus possible CPUs; old counts lie in the arrays. */
static int parse_text(char *text, int nr_cpus)
{
	struct interrupt_counts counts = { .call = call, .tlb = tlb, .nr_cpus = nr_cpus };

	memset(call, 0xee, sizeof(call));
	memset(tlb, 0xee, sizeof(tlb));
	return interrupts_parse(text, &counts);
}

static int parse(const char *name, int nr_cpus)
{
	char *text = fixture(name);
	int error = parse_text(text, nr_cpus);

	free(text);
	return error;
}

static void both_lines_are_found_among_all_others(void **state)
{
	(void)state;
	assert_int_equal(parse("two-cpus", 2), 0);
	assert_int_equal(call[0], 395188);
	assert_int_equal(call[1], 224084);
	assert_int_equal(tlb[0], 20609);
	assert_int_equal(tlb[1], 37341);
}

static void many_cpus_and_large_counts_are_read(void **state)
{
	(void)state;
	assert_int_equal(parse("many-cpus", 320), 0);
	for (int cpu = 0; cpu < 320; cpu++) {
		assert_int_equal(call[cpu], 4294967296u + cpu * 7ull);
		assert_int_equal(tlb[cpu], 1000 + cpu);
	}
}

static void columns_belong_to_the_cpus_of_the_header(void **state)
{
	static const int online[] = { 0, 2, 3, 6, 7 };

	(void)state;
	assert_int_equal(parse("offline-gaps", 8), 0);
	for (size_t i = 0; i < sizeof(online) / sizeof(online[0]); i++) {
		assert_int_equal(call[online[i]], 100 + online[i]);
		assert_int_equal(tlb[online[i]], 10 + online[i]);
	}
}

static void an_offline_cpu_counts_0(void **state)
{
	static const int offline[] = { 1, 4, 5, 8, 9 };

	(void)state;
	assert_int_equal(parse("offline-gaps", 10), 0);
	for (size_t i = 0; i < sizeof(offline) / sizeof(offline[0]); i++) {
		assert_int_equal(call[offline[i]], 0);
		assert_int_equal(tlb[offline[i]], 0);
	}
}

static void a_cpu_beyond_the_possible_ones_is_left_out(void **state)
{
	uint64_t untouched;

	(void)state;
	memset(&untouched, 0xee, sizeof(untouched));
	assert_int_equal(parse("offline-gaps", 5), 0);
	assert_int_equal(call[3], 103);
	assert_int_equal(call[4], 0);
	assert_true(call[5] == untouched && call[6] == untouched && tlb[6] == untouched);
}

static void a_missing_line_is_no_0(void **state)
{
	(void)state;
	assert_int_equal(parse("no-tlb-line", 2), -EPROTO);
	assert_int_equal(parse("no-cal-line", 2), -EPROTO);
}

static void a_truncated_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse("truncated", 2), -EPROTO);
}

static void an_empty_file_is_refused(void **state)
{
	char newlines[] = "\n\n\n", no_header[] = "CAL: 1 2\nTLB: 3 4\n";

	(void)state;
	assert_int_equal(parse("empty", 2), -EPROTO);
	assert_int_equal(parse_text(newlines, 2), -EPROTO);
	assert_int_equal(parse_text(no_header, 2), -EPROTO);
}

static void a_file_cut_before_its_last_count_is_refused(void **state)
{
	char *whole = fixture("two-cpus");
	size_t last = (size_t)(strstr(whole, "37341") - whole);

	(void)state;
	for (size_t length = 0; length <= last; length++) {
		char *cut = strndup(whole, length);

		assert_int_equal(parse_text(cut, 2), -EPROTO);
		free(cut);
	}
	free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_lines_are_found_among_all_others),
		cmocka_unit_test(many_cpus_and_large_counts_are_read),
		cmocka_unit_test(columns_belong_to_the_cpus_of_the_header),
		cmocka_unit_test(an_offline_cpu_counts_0),
		cmocka_unit_test(a_cpu_beyond_the_possible_ones_is_left_out),
		cmocka_unit_test(a_missing_line_is_no_0),
		cmocka_unit_test(a_truncated_file_is_refused),
		cmocka_unit_test(an_empty_file_is_refused),
		cmocka_unit_test(a_file_cut_before_its_last_count_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
