// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The promises of figures and names: a number reads as it is, an exact one as exact, what is
 * unknown says so, and a case is called by what is not standard in it.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/cell.h"
#include "report/words.h"

static void times_have_three_figures(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} times[] = {
		{ 0, "0 ns" }, { 812, "812 ns" }, { 999, "999 ns" }, { 1000, "1.00 us" },
		{ 1234, "1.23 us" }, { 45678, "45.7 us" }, { 9999, "10.0 us" },
		{ 99960, "100 us" }, { 999499, "999 us" }, { 999500, "1.00 ms" },
		{ 123456789, "123 ms" }, { 5000000000, "5.00 s" },
	};
	char buf[WORDS_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_string_equal(words_ns(buf, times[i].ns), times[i].text);
}

static void figures_have_three_digits(void **state)
{
	char buf[WORDS_SIZE];

	(void)state;
	assert_string_equal(words_time(buf, 0.428), "0.43 ns");
	assert_string_equal(words_time(buf, -12.34), "-12.3 ns");
	assert_string_equal(words_time(buf, -1234.4), "-1.23 us");
	assert_string_equal(words_rate(buf, 812), "812/s");
	assert_string_equal(words_rate(buf, 19612), "19.6k/s");
	assert_string_equal(words_rate(buf, -1234567), "-1.23M/s");
	assert_string_equal(words_percent(buf, -0.0523, true), "-5.2%");
	assert_string_equal(words_percent(buf, 0.0523, false), "5.2%");
	assert_string_equal(words_percent(buf, 2.5, true), "+250%");
	assert_string_equal(words_percent(buf, 12345, true), "+1e+06%");
}

static void a_whole_number_per_op_is_exact(void **state)
{
	char buf[WORDS_SIZE];

	(void)state;
	assert_string_equal(words_per_op(buf, 700, 100), "7");
	assert_string_equal(words_per_op(buf, 699, 100), "6.99");
	assert_string_equal(words_per_op(buf, 69999, 10000), "7.00");
	assert_string_equal(words_per_op(buf, 0, 100), "0");
	assert_string_equal(words_per_op(buf, 1, 1000), "0.001");
	assert_string_equal(words_per_op(buf, 1, 0), "-");
	assert_string_equal(words_per_op(buf, INT64_MAX, 1), "9223372036854775807");
}

static void counts_and_parameters_read_well(void **state)
{
	char buf[WORDS_SIZE];

	(void)state;
	assert_string_equal(words_count(buf, 0), "0");
	assert_string_equal(words_count(buf, 785), "785");
	assert_string_equal(words_count(buf, 646316), "646,316");
	assert_string_equal(words_count(buf, UINT64_MAX), "18,446,744,073,709,551,615");
	assert_string_equal(words_bytes(buf, 65536), "64K");
	assert_string_equal(words_bytes(buf, 1u << 30), "1G");
	assert_string_equal(words_bytes(buf, 1024), "1024");
	assert_string_equal(words_bytes(buf, 65537), "65537");
}

static void standard_parameters_are_left_out(void **state)
{
	struct case_id id = {
		.workload = "munmap", .placement = "all", .nr_params = 2,
		.params = { { "size", 65536, false }, { "threads", 7, true } },
	};
	char *text = words_case(&id);

	(void)state;
	assert_string_equal(text, "munmap size=64K, all");
	free(text);
	id.params[0].standard = true;
	text = words_workload(&id);
	assert_string_equal(text, "munmap");
	free(text);
	id.params[1].standard = false;
	text = words_case(&id);
	assert_string_equal(text, "munmap threads=7, all");
	free(text);
}

static void what_has_no_name_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(words_or_unknown(NULL), "unknown");
	assert_string_equal(words_or_unknown(""), "unknown");
	assert_string_equal(words_or_unknown("lab"), "lab");
}

/* ---- cells ------------------------------------------------------------------- */

static void assert_cell(struct cell cell, const char *words)
{
	char *text = cell_words(&cell, " -> ");

	assert_string_equal(text, words);
	free(text);
}

static struct cell expected(double sync, double flush)
{
	return (struct cell){
		.kind = CELL_EXPECT,
		.v = { value_of(QUANTITY_PLAIN, sync), value_of(QUANTITY_PLAIN, flush) },
	};
}

static void expectations_show_what_is_unknown(void **state)
{
	struct cell cell = expected(7, NAN);

	(void)state;
	assert_cell(cell, "7 / ?");
	assert_cell(expected(7, 1e300), "7 / 1e+300");
	cell.kind = CELL_EXPECTS;
	cell.v[2] = value_of(QUANTITY_PLAIN, 0);
	cell.v[3] = value_of(QUANTITY_PLAIN, 14);
	assert_cell(cell, "7 / ? -> 0 / 14");
	cell.varies[1] = true;
	assert_cell(cell, "7 / ? -> varies");
}

static void what_is_unknown_is_a_dash_and_an_estimate_is_marked(void **state)
{
	struct value estimate = value_per_op(710, 100);

	(void)state;
	estimate.estimate = true;
	assert_cell(cell_text(NULL), "-");
	assert_cell(cell_value(value_unknown()), "-");
	assert_cell(cell_value(value_per_op(7, 0)), "-");
	assert_cell(cell_value(value_of(QUANTITY_NS, NAN)), "-");
	assert_cell(cell_value(estimate), "~7.10");
	assert_cell(cell_pair(estimate, value_unknown()), "~7.10 -> -");
}

static void equal_numbers_of_boots_are_told_once(void **state)
{
	struct cell cell = cell_pair(value_count(10), value_count(10));

	(void)state;
	cell.kind = CELL_BOTH;
	assert_cell(cell, "10");
	cell.v[1] = value_count(1000);
	assert_cell(cell, "10+1,000");
}

static struct cell changed(uint64_t base, uint64_t patched, uint64_t flush)
{
	return (struct cell){
		.kind = CELL_CHANGES,
		.change = { change_of(value_per_op(base, 100), value_per_op(patched, 100)),
			    change_of(value_per_op(7, 100), value_per_op(flush, 100)) },
	};
}

static void a_change_says_which_way_and_how_far(void **state)
{
	(void)state;
	assert_cell(changed(700, 700, 7), "same");
	assert_cell(changed(700, 0, 7), "all gone");
	assert_cell(changed(0, 7, 7), "new");
	assert_cell(changed(700, 7, 7), "x100 fewer");
	assert_cell(changed(700, 1400, 7), "x2.0 more");
	assert_cell(changed(1000, 1100, 7), "+10.0%");
	assert_cell(changed(100000, 99999, 7), "below -0.1%");	/* never "same" */
	assert_cell(changed(100000, 100001, 7), "below +0.1%");
	assert_cell(changed(700, 0, 14), "all gone; flush x2.0 more");
	assert_cell(changed(0, 0, 0), "same; flush all gone");
	assert_cell((struct cell){ .kind = CELL_CHANGES }, "-");
}

static void a_verdict_names_the_side(void **state)
{
	(void)state;
	assert_cell(cell_said(SAID_YES), "yes");
	assert_cell(cell_said(SAID_NO), "NO");
	assert_cell(cell_said(SAID_NO_BASE), "NO: base");
	assert_cell(cell_said(SAID_NO_PATCHED), "NO: patched");
	assert_cell(cell_said(SAID_NO_BOTH), "NO: both");
	assert_cell(cell_said(SAID_NOTHING), "-");
	assert_cell(cell_said(SAID_SKIPPED), "skipped");
	assert_cell(cell_said(SAID_FAILED), "FAILED");
	assert_int_equal(cell_said(SAID_NO_PATCHED).direction, 1);
	assert_int_equal(cell_said(SAID_NOTHING).direction, 0);
	assert_int_equal(cell_said(SAID_SKIPPED).direction, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_have_three_figures),
		cmocka_unit_test(figures_have_three_digits),
		cmocka_unit_test(a_whole_number_per_op_is_exact),
		cmocka_unit_test(counts_and_parameters_read_well),
		cmocka_unit_test(standard_parameters_are_left_out),
		cmocka_unit_test(what_has_no_name_is_unknown),
		cmocka_unit_test(expectations_show_what_is_unknown),
		cmocka_unit_test(what_is_unknown_is_a_dash_and_an_estimate_is_marked),
		cmocka_unit_test(equal_numbers_of_boots_are_told_once),
		cmocka_unit_test(a_change_says_which_way_and_how_far),
		cmocka_unit_test(a_verdict_names_the_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
