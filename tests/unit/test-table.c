// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables' promises: columns line up by what a terminal shows, numbers read as
 * they are, nothing out of a record can steer the terminal, colour is a choice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/render.h"
#include "render/shell.h"
#include "render/table.h"
#include "render/text.h"

static const struct column columns[] = {
	{ "name", ALIGN_LEFT }, { "n", ALIGN_RIGHT }, { "last", ALIGN_LEFT },
};

static const struct style plain, coloured = { .colour = true };

static char *print_table(const struct table *table, const struct style *style)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(table_print(table, out, style), 0);
	fclose(out);
	return text;
}

static void assert_clean(const char *raw, const char *clean)
{
	char text[64];

	strcpy(text, raw);
	text_clean(text);
	assert_string_equal(text, clean);
}

static void columns_line_up(void **state)
{
	struct table *table = table_new(columns, 3);
	char *text;

	(void)state;
	table_cell(table, TINT_NONE, "%s", "longer");
	table_cell(table, TINT_NONE, "%d", 7);
	table_cell(table, TINT_NONE, "a");
	table_cell(table, TINT_NONE, "b");
	table_cell(table, TINT_NONE, "%d", 1234);
	table_cell(table, TINT_NONE, "c");
	text = print_table(table, &plain);
	assert_string_equal(text,
			    "name       n  last\n"
			    "longer     7  a\n"
			    "b       1234  c\n");
	free(text);
	table_free(table);
}

static void columns_line_up_by_what_a_terminal_shows(void **state)
{
	struct table *table = table_new(columns, 3);
	char *text;

	(void)state;
	table_cell(table, TINT_NONE, "\xc3\xa9\xe6\xbc\xa2\x65\xcc\x81");	/* e', wide, e + ' */
	table_cell(table, TINT_NONE, "1");
	table_cell(table, TINT_NONE, "x");
	table_cell(table, TINT_NONE, "abcde");
	table_cell(table, TINT_NONE, "1");
	table_cell(table, TINT_NONE, "y");
	text = print_table(table, &plain);
	assert_string_equal(text,
			    "name   n  last\n"
			    "\xc3\xa9\xe6\xbc\xa2\x65\xcc\x81   1  x\n"
			    "abcde  1  y\n");
	free(text);
	table_free(table);
}

static void an_empty_table_is_its_heads(void **state)
{
	struct table *table = table_new(columns, 3);
	char *text = print_table(table, &plain);

	(void)state;
	assert_string_equal(text, "name  n  last\n");
	free(text);
	table_free(table);
}

static void colour_is_only_by_style(void **state)
{
	struct table *table = table_new(columns, 3);
	char *text;

	(void)state;
	for (int i = 0; i < 3; i++)
		table_cell(table, TINT_BAD, "NO");
	text = print_table(table, &coloured);
	assert_non_null(strstr(text, "\033[1;31mNO\033[0m"));
	free(text);
	text = print_table(table, &plain);
	assert_null(strchr(text, '\033'));
	free(text);
	table_free(table);
}

static void output_to_a_file_has_no_colour(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	assert_false(style_for(file).colour);
	fclose(file);
}

static void text_cannot_steer_the_terminal(void **state)
{
	(void)state;
	assert_clean("plain <script> \"q\"", "plain <script> \"q\"");
	assert_clean("a\033[31mb\r\nc\td\x7f", "a?[31mb??c?d?");
	assert_clean("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	assert_clean("\xc2\x9b", "?");			/* C1: CSI */
	assert_clean("a\xe2\x80\xae" "b", "a?b");	/* right-to-left override */
	assert_clean("\xff\xc3x", "??x");
	assert_clean("\xc0\x80\xe0\x80\x80", "?????");	/* overlong */
	assert_clean("\xed\xa0\x80", "???");		/* surrogate */
	assert_clean("cut \xe2\x82", "cut ??");
}

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
	char buf[TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_string_equal(text_ns(buf, times[i].ns), times[i].text);
}

static void a_whole_number_per_op_is_exact(void **state)
{
	char buf[TEXT_SIZE];

	(void)state;
	assert_string_equal(text_per_op(buf, 700, 100), "7");
	assert_string_equal(text_per_op(buf, 699, 100), "6.99");
	assert_string_equal(text_per_op(buf, 69999, 10000), "7.00");
	assert_string_equal(text_per_op(buf, 0, 100), "0");
	assert_string_equal(text_per_op(buf, 1, 1000), "0.001");
	assert_string_equal(text_per_op(buf, 1, 0), "-");
	assert_string_equal(text_per_op(buf, INT64_MAX, 1), "9223372036854775807");
}

static void counts_and_parameters_read_well(void **state)
{
	char buf[TEXT_SIZE];

	(void)state;
	assert_string_equal(text_count(buf, 0), "0");
	assert_string_equal(text_count(buf, 785), "785");
	assert_string_equal(text_count(buf, 646316), "646,316");
	assert_string_equal(text_count(buf, UINT64_MAX), "18,446,744,073,709,551,615");
	assert_string_equal(text_bytes(buf, 65536), "64K");
	assert_string_equal(text_bytes(buf, 1u << 30), "1G");
	assert_string_equal(text_bytes(buf, 1024), "1024");
	assert_string_equal(text_bytes(buf, 65537), "65537");
}

static void expectations_show_what_is_unknown(void **state)
{
	struct expectation expect = { .has_sync = true, .sync_per_op = 7 };
	char buf[TEXT_SIZE];

	(void)state;
	assert_string_equal(text_expected(buf, &expect), "7 / ?");
	expect.has_flush = true;
	expect.flush_per_op = 1e300;
	assert_string_equal(text_expected(buf, &expect), "7 / 1e+300");
}

/* A run of one case each: as expected, not, failed, estimated. */
static char *print_run(void)
{
	struct case_result cases[4] = { 0 };
	struct histogram hist;
	struct record rec = {
		.host = (char *)"lab\033]0;evil\007", .counter = (char *)"csd",
		.machine = { .cpus_online = 2, .cpus_allowed = 2, .nodes = 1 },
		.cases = cases, .nr_cases = 4,
	};
	char *text = NULL;
	size_t size;
	FILE *out;

	hist_init(&hist);
	hist_add(&hist, 100);
	for (int i = 0; i < 4; i++) {
		strcpy(cases[i].id.workload, "munmap");
		strcpy(cases[i].id.placement, "alone");
		cases[i].ops = 500;
		cases[i].latency = &hist;
		cases[i].ipi.source = IPI_CSD;
		cases[i].ipi.count[IPI_SYNC] = (struct ipi_count){
			.has_requested = true, .requested = 500, .handled = 510,
		};
		cases[i].ipi.count[IPI_FLUSH].has_requested = true;
		cases[i].expect = (struct expectation){ true, true, 1, 0, "" };
		cases[i].as_expected = VERDICT_TRUE;
	}
	cases[0].ipi.count[IPI_OTHER].requested = 4;
	cases[0].ipi.count[IPI_FLUSH].foreign = 9;
	cases[0].ipi.cause[0] = (struct ipi_cause){
		.func = "rcu_barrier_handler", .requested = 4,
	};
	cases[0].ipi.nr_causes = 1;
	cases[0].ipi.count[IPI_FLUSH].between_ops = 6;
	cases[0].ipi.lost = 3;
	cases[1].as_expected = VERDICT_FALSE;
	strcpy(cases[1].reason, "two ops differ");
	cases[2].status = CASE_FAIL;
	strcpy(cases[2].reason, "line\nbreak");
	cases[3].ipi.source = IPI_INTERRUPTS;
	cases[3].ipi.count[IPI_SYNC].has_requested = false;
	cases[3].ipi.count[IPI_FLUSH].has_requested = false;
	cases[3].as_expected = VERDICT_NULL;
	for (int i = 0; i < 4; i++)
		strcpy(cases[i].expect.why, "flush: unknown backend");
	out = open_memstream(&text, &size);
	assert_int_equal(render_run(out, &plain, &rec), 0);
	fclose(out);
	return text;
}

static void assert_says(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("missing '%s' in:\n%s", line, text);
}

static void a_run_shows_its_cases_and_what_to_distrust(void **state)
{
	char *text = print_run();

	(void)state;
	assert_says(text, "\nmunmap    alone      500  100 ns  100 ns        1         0     1 / 0  yes\n");
	assert_says(text, "\nmunmap    alone      500  100 ns  100 ns        1         0     1 / 0  NO\n");
	assert_says(text, "\nmunmap    alone        -       -       -        -         -         -  FAILED\n");
	assert_says(text, "\nmunmap    alone      500  100 ns  100 ns    ~1.02        ~0     1 / 0  -\n");
	assert_says(text, "other: 4 requests inside ops that are neither: rcu_barrier_handler 4\n");
	assert_says(text, "meanwhile: sync 0, flush 9, other 0\n");
	assert_says(text, "lost: 3 trace records");
	assert_says(text, "between ops the tool's own, not counted above: sync 0, flush 6, other 0");
	assert_says(text, "NOT as expected: two ops differ\n");
	assert_says(text, "FAILED: line?break\n");
	assert_says(text, "\n3 cases: no prediction: flush: unknown backend\n");
	assert_says(text, "\nmunmap, alone: no verdict: no reason is given\n");
	assert_says(text, "4 cases: 1 as expected, 1 not, 1 without a verdict; 0 skipped, 1 failed\n");
	free(text);
}

static void a_record_cannot_steer_the_terminal(void **state)
{
	char *text = print_run();

	(void)state;
	for (char *c = text; *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= ' ');
	assert_says(text, "lab?]0;evil?");
	free(text);
}

static void assert_wrapped(const char *line, const char *wrapped)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	text_wrap(out, line, 12, 2);
	fclose(out);
	assert_string_equal(text, wrapped);
	free(text);
}

static void lines_wrap_and_long_words_break(void **state)
{
	(void)state;
	assert_wrapped("", "\n");
	assert_wrapped("twelve chars", "twelve chars\n");
	assert_wrapped("thirteen chars", "thirteen\n  chars\n");
	assert_wrapped("123456789012345678901234", "123456789012\n  3456789012\n  34\n");
	assert_wrapped("  123456789012", "  1234567890\n  12\n");
}

static void assert_command(const char *word, int width, const char *line)
{
	char *words[] = { (char *)"cmd", (char *)word };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	shell_command(out, words, 2, width);
	fclose(out);
	assert_string_equal(text, line);
	free(text);
}

static void commands_are_quoted_for_a_shell(void **state)
{
	(void)state;
	assert_command("a/b-1.json", 0, "cmd a/b-1.json\n");
	assert_command("", 0, "cmd ''\n");
	assert_command("a b'$`~\\", 0, "cmd a\\ b\\'\\$\\`\\~\\\\\n");
	assert_command("\n\xc3\xa9", 0, "cmd $'\\012'$'\\303'$'\\251'\n");
	assert_command("12345678", 12, "cmd \\\n12345678\n");
	assert_command("1234567890123", 12, "cmd \\\n1234567890\\\n123\n");
}

static void figures_have_three_digits(void **state)
{
	char buf[TEXT_SIZE];

	(void)state;
	assert_string_equal(text_time(buf, 0.428), "0.43 ns");
	assert_string_equal(text_time(buf, -12.34), "-12.3 ns");
	assert_string_equal(text_time(buf, -1234.4), "-1.23 us");
	assert_string_equal(text_rate(buf, 812), "812/s");
	assert_string_equal(text_rate(buf, 19612), "19.6k/s");
	assert_string_equal(text_rate(buf, -1234567), "-1.23M/s");
	assert_string_equal(text_percent(buf, -0.0523, true), "-5.2%");
	assert_string_equal(text_percent(buf, 0.0523, false), "5.2%");
	assert_string_equal(text_percent(buf, 2.5, true), "+250%");
	assert_string_equal(text_percent(buf, 12345, true), "+1e+06%");
}

static void headings_take_no_part_in_columns(void **state)
{
	struct table *table = table_new(columns, 3);
	char *text;

	(void)state;
	table_heading(table, "a heading wider than all");
	table_cell(table, TINT_NONE, "b");
	table_cell(table, TINT_NONE, "%d", 1);
	table_cell(table, TINT_NONE, "c");
	text = print_table(table, &plain);
	assert_string_equal(text, "name  n  last\na heading wider than all\nb     1  c\n");
	free(text);
	table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_wrap_and_long_words_break),
		cmocka_unit_test(commands_are_quoted_for_a_shell),
		cmocka_unit_test(figures_have_three_digits),
		cmocka_unit_test(headings_take_no_part_in_columns),
		cmocka_unit_test(columns_line_up),
		cmocka_unit_test(columns_line_up_by_what_a_terminal_shows),
		cmocka_unit_test(an_empty_table_is_its_heads),
		cmocka_unit_test(colour_is_only_by_style),
		cmocka_unit_test(output_to_a_file_has_no_colour),
		cmocka_unit_test(text_cannot_steer_the_terminal),
		cmocka_unit_test(times_have_three_figures),
		cmocka_unit_test(a_whole_number_per_op_is_exact),
		cmocka_unit_test(counts_and_parameters_read_well),
		cmocka_unit_test(expectations_show_what_is_unknown),
		cmocka_unit_test(a_run_shows_its_cases_and_what_to_distrust),
		cmocka_unit_test(a_record_cannot_steer_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
