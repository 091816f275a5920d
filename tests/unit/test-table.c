// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables' promises: columns line up by what a terminal shows, no line is wider than it
 * has room, figures never break, nothing out of a record can steer the terminal, colour is
 * a choice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/render.h"
#include "render/shell.h"
#include "render/style.h"
#include "render/table.h"
#include "render/text.h"

static const struct column columns[] = {
	{ "name", .right = false }, { "n", .right = true }, { "last", .right = false },
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

static void assert_break(const char *text, int width, const char *first, int taken_columns)
{
	int taken, bytes = text_break(text, width, &taken);

	if (bytes != (int)strlen(first) || memcmp(text, first, (size_t)bytes))
		fail_msg("'%s' in %d columns: '%.*s', not '%s'", text, width, bytes, text, first);
	assert_int_equal(taken, taken_columns);
}

static void a_line_ends_at_a_space_else_behind_a_hyphen(void **state)
{
	(void)state;
	assert_break("one two three", 13, "one two three", 13);
	assert_break("one two three", 12, "one two", 7);
	assert_break("one two three", 7, "one two", 7);
	assert_break("one hugetlb-unshare", 16, "one", 3);
	assert_break("hugetlb-unshare-munmap", 21, "hugetlb-unshare-", 16);
	assert_break("hugetlb-unshare-munmap", 15, "hugetlb-", 8);
	assert_break("0-1,4-5,8-9", 10, "0-1,4-5,8-", 10);
	assert_break("size=65536", 9, "size=", 5);
	assert_break("a/path/file", 8, "a/path/", 7);
	assert_break("-1234567", 4, "-123", 4);		/* no sign stands alone */
	assert_break("abcdefgh", 3, "abc", 3);		/* nowhere to end: it must */
	assert_break("  abcdef", 4, "  ab", 4);		/* not an empty line */
	assert_break("anything", 0, "anything", 8);	/* no end */
	assert_break("", 5, "", 0);
}

static void characters_never_break(void **state)
{
	(void)state;
	assert_break("\xc3\xa9\xc3\xa9\xc3\xa9", 2, "\xc3\xa9\xc3\xa9", 2);
	assert_break("\xe6\xbc\xa2\xe6\xbc\xa2", 3, "\xe6\xbc\xa2", 2);	/* two columns each */
	assert_break("\xe6\xbc\xa2", 1, "\xe6\xbc\xa2", 0);		/* no room: on it goes */
	assert_break("ae\xcc\x81o", 2, "ae\xcc\x81", 2);	/* an accent goes with its letter */
	assert_wrapped("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9",
		       "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n  \xc3\xa9\xc3\xa9\xc3\xa9\n");
	assert_wrapped("\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2",
		       "\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\n  \xe6\xbc\xa2\n");
}

static void the_longest_part_of_a_text_is_known(void **state)
{
	(void)state;
	assert_int_equal(text_longest_part(""), 0);
	assert_int_equal(text_longest_part("munmap size=64K"), 6);
	assert_int_equal(text_longest_part("hugetlb-unshare"), 8);
	assert_int_equal(text_longest_part("alone@interleave"), 16);
	assert_int_equal(text_longest_part("\xe6\xbc\xa2\xe6\xbc\xa2 \xc3\xa9"), 4);
}

/* ---- the layout ------------------------------------------------------------- */

static const struct column wide_columns[] = {
	{ "workload", .right = false }, { "placement", .right = false },
	{ "boots", .right = true, .drop = 3 }, { "ops", .right = true, .drop = 2 },
	{ "sync", .right = true }, { "flush", .right = true },
	{ "expected", .right = true, .drop = 1 }, { "change", .right = false },
};

enum { NR_WIDE = sizeof(wide_columns) / sizeof(wide_columns[0]) };

static void wide_row(struct table *table, const char *workload, const char *placement,
		     const char *sync, const char *change)
{
	const char *const cells[NR_WIDE] = {
		workload, placement, "10+9", "1,000+900", sync, "57,000 -> 57,000",
		"7 / 0 -> 0 / 14", change,
	};

	for (int i = 0; i < NR_WIDE; i++)
		table_cell(table, TINT_NONE, "%s", cells[i]);
}

/* A table whose widest row wants more than 160 columns, printed in @width. */
static char *print_wide(int width)
{
	struct style style = { .width = width };
	struct table *table = table_new(wide_columns, NR_WIDE);
	char *text;

	wide_row(table, "munmap", "alone", "0 -> 0", "same");
	wide_row(table, "hugetlb-unshare-mprotect sharers=16 size=2097152", "alone@interleave",
		 "16,359,116 -> 59,641", "all gone; flush x2.0 more");
	table_heading(table, "a heading of its own, which is as long as a line and longer than "
		      "that, so that it has to go on in another line below the first");
	text = print_table(table, &style);
	table_free(table);
	return text;
}

static int widest_line(const char *text)
{
	int widest = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		if ((int)strcspn(text, "\n") > widest)
			widest = (int)strcspn(text, "\n");
	return widest;
}

static void assert_has(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("no '%s' in:\n%s", words, text);
}

static void assert_has_not(const char *text, const char *words)
{
	if (strstr(text, words))
		fail_msg("'%s' in:\n%s", words, text);
}

static void no_line_is_wider_than_its_room(void **state)
{
	(void)state;
	for (int width = 80; width <= 200; width++) {
		char *text = print_wide(width);

		if (widest_line(text) > width)
			fail_msg("%d columns of %d:\n%s", widest_line(text), width, text);
		free(text);
	}
}

static void figures_are_never_broken(void **state)
{
	(void)state;
	for (int width = 80; width <= 200; width++) {
		char *text = print_wide(width);

		assert_has(text, " 16,359,116 -> 59,641 ");
		assert_has(text, " 57,000 -> 57,000 ");
		free(text);
	}
}

static void words_wrap_at_spaces_or_behind_hyphens(void **state)
{
	static const char *const parts[] = {
		"munmap", "hugetlb-", "unshare-", "mprotect", "sharers=", "2097152",
		"alone@interleave", "gone;", "flush", "more",
	};
	char *text = print_wide(80);

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_has(text, parts[i]);
	assert_has(text, "\na heading of its own,");
	assert_has(text, "\n  ");	/* what wraps goes on below */
	free(text);
}

/* The least important first, and none that need not. */
static void droppable_columns_go_first(void **state)
{
	char *text = print_wide(0);
	int full = widest_line(text);

	(void)state;
	assert_has(text, "boots");
	assert_true(full > 160);
	free(text);
	text = print_wide(full - (NR_WIDE - 1));	/* the gaps close */
	assert_has(text, "boots");
	free(text);
	text = print_wide(full - NR_WIDE);
	assert_has_not(text, "boots");
	assert_has(text, " ops ");
	assert_has(text, "expected");
	assert_has(text, "hugetlb-unshare-mprotect sharers=16 size=2097152");
	free(text);
	text = print_wide(100);
	assert_has_not(text, "boots");
	assert_has_not(text, " ops ");
	assert_has_not(text, "expected");
	free(text);
	text = print_wide(80);
	assert_has(text, "workload");
	assert_has(text, "placement");
	assert_has(text, "sync");
	assert_has(text, "flush");
	assert_has(text, "change");
	free(text);
}

static void a_word_breaks_only_where_no_other_column_can_give_way(void **state)
{
	static const struct column two[] = { { "a", .right = false }, { "b", .right = false } };
	const struct style narrow = { .width = 30 }, tight = { .width = 26 };
	struct table *table = table_new(two, 2);
	char *text;

	(void)state;
	table_cell(table, TINT_NONE, "alone@interleave");
	table_cell(table, TINT_NONE, "words that can wrap");
	text = print_table(table, &narrow);
	assert_string_equal(text, "a                b\nalone@interleave words that\n"
			    "                 can wrap\n");
	free(text);
	text = print_table(table, &tight);
	assert_true(widest_line(text) <= 26);
	free(text);
	table_free(table);
}

static void a_gap_closes_before_a_column_goes(void **state)
{
	static const struct column two[] = {
		{ "name", .right = false }, { "n", .right = true, .drop = 1 },
	};
	const struct style roomy = { .width = 14 }, close = { .width = 13 },
		close_on = { .width = 12 };
	struct table *table = table_new(two, 2);
	char *text;

	(void)state;
	table_cell(table, TINT_NONE, "seven-x");
	table_cell(table, TINT_NONE, "12345");
	text = print_table(table, &roomy);
	assert_string_equal(text, "name         n\nseven-x  12345\n");
	free(text);
	text = print_table(table, &close);
	assert_string_equal(text, "name        n\nseven-x 12345\n");
	free(text);
	text = print_table(table, &close_on);
	assert_string_equal(text, "name\nseven-x\n");
	free(text);
	table_free(table);
}

static void lines_are_as_wide_as_columns_says(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	setenv("COLUMNS", "123", 1);
	assert_int_equal(style_for(file).width, 123);
	setenv("COLUMNS", "20", 1);	/* tables need 80 */
	assert_int_equal(style_for(file).width, 80);
	unsetenv("COLUMNS");
	assert_true(style_for(file).width >= 80);
	fclose(file);
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
		cmocka_unit_test(a_line_ends_at_a_space_else_behind_a_hyphen),
		cmocka_unit_test(characters_never_break),
		cmocka_unit_test(the_longest_part_of_a_text_is_known),
		cmocka_unit_test(no_line_is_wider_than_its_room),
		cmocka_unit_test(figures_are_never_broken),
		cmocka_unit_test(words_wrap_at_spaces_or_behind_hyphens),
		cmocka_unit_test(droppable_columns_go_first),
		cmocka_unit_test(a_word_breaks_only_where_no_other_column_can_give_way),
		cmocka_unit_test(a_gap_closes_before_a_column_goes),
		cmocka_unit_test(lines_are_as_wide_as_columns_says),
		cmocka_unit_test(commands_are_quoted_for_a_shell),
		cmocka_unit_test(headings_take_no_part_in_columns),
		cmocka_unit_test(columns_line_up),
		cmocka_unit_test(columns_line_up_by_what_a_terminal_shows),
		cmocka_unit_test(an_empty_table_is_its_heads),
		cmocka_unit_test(colour_is_only_by_style),
		cmocka_unit_test(output_to_a_file_has_no_colour),
		cmocka_unit_test(text_cannot_steer_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
