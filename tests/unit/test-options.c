// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Command lines, read by a table: the order in which words stand is kept, names may be
 * shortened, and what is wrong is told.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/options.h"

#define MAX_WORDS	8

enum { OPT_JSON = OPTION_FIRST, OPT_JSONL, OPT_BLOCKS, OPT_SECRET };

static const struct cmd_option options[] = {
	OPTION('o', "output", "FILE", 'o', "write the table to FILE"),
	OPTION('v', "verbose", NULL, 'v', "say more"),
	OPTION('q', "quiet", NULL, 'q', "say less"),
	OPTION(0, "json", NULL, OPT_JSON, "print JSON"),
	OPTION(0, "json-lines", NULL, OPT_JSONL, ".json with --json's \\n. It ends itself."),
	OPTION('b', "blocks", "N", OPT_BLOCKS, "in blocks", .optional = true),
	OPTION(0, "secret", NULL, OPT_SECRET, "for the build", .hidden = true),
	{ 0 },
};

static const char *const usage[] = { "[OPTION]... FILE...", NULL };

static const struct command many = {
	.name = "test", .usage = usage, .about = "Tests.", .exits = "0 done\n2 wrong usage",
	.options = options, .operand = "FILE", .operands_many = true,
};

static const struct command one = {
	.name = "test", .options = options, .operand = "FILE", .operand_needed = true,
};

static const struct command none = { .name = "test", .options = options };

static const struct command bare = { .name = "test" };

static struct option_reader reader;
static char *words[MAX_WORDS + 1];

/* Begins to read "test WORD...", up to NULL. */
static void begin(const struct command *command, ...)
{
	va_list args;
	int nr = 1;

	words[0] = (char *)"test";
	va_start(args, command);
	while (nr < MAX_WORDS && (words[nr] = va_arg(args, char *)))
		nr++;
	va_end(args);
	options_begin(&reader, command, nr, words);
}

/* What stands next is @id, with this value or NULL. */
#define next_is(id, text) do { \
	const char *want_ = (text); \
	assert_int_equal(options_next(&reader), (id)); \
	if (want_) { \
		assert_non_null(reader.value); \
		assert_string_equal(reader.value, want_); \
	} else { \
		assert_null(reader.value); \
	} \
} while (0)

/* What stands next is wrong, with this message. */
#define next_is_wrong(text) do { \
	assert_int_equal(options_next(&reader), OPTION_WRONG); \
	assert_string_equal(reader.why, (text)); \
} while (0)

static void options_and_operands_come_in_the_order_in_which_they_stand(void **state)
{
	(void)state;
	begin(&many, "a", "--json", "b", "-o", "c", "d", "--output=e", NULL);
	next_is(OPTION_OPERAND, "a");
	next_is(OPT_JSON, NULL);
	next_is(OPTION_OPERAND, "b");
	next_is('o', "c");
	next_is(OPTION_OPERAND, "d");
	next_is('o', "e");
	next_is(OPTION_END, NULL);
	next_is(OPTION_END, NULL);
}

static void letters_may_stand_in_one_word_and_the_last_take_a_value(void **state)
{
	(void)state;
	begin(&many, "-vqofile", "-vo", "other", "-", NULL);
	next_is('v', NULL);
	next_is('q', NULL);
	next_is('o', "file");
	next_is('v', NULL);
	next_is('o', "other");
	next_is(OPTION_OPERAND, "-");
	next_is(OPTION_END, NULL);
}

static void a_name_may_be_shortened_while_it_is_clear(void **state)
{
	(void)state;
	begin(&many, "--out", "a", "--verb", "--json", "--json-l", "--he", NULL);
	next_is('o', "a");
	next_is('v', NULL);
	next_is(OPT_JSON, NULL);
	next_is(OPT_JSONL, NULL);
	next_is(OPTION_HELP, NULL);
	begin(&many, "--js", NULL);
	next_is_wrong("'--js' is not clear: --json or --json-lines? (see tlbsync test --help)");
}

static void after_two_dashes_all_words_are_operands(void **state)
{
	(void)state;
	begin(&many, "-v", "--", "--json", "--", "-x", NULL);
	next_is('v', NULL);
	next_is(OPTION_OPERAND, "--json");
	next_is(OPTION_OPERAND, "--");
	next_is(OPTION_OPERAND, "-x");
	next_is(OPTION_END, NULL);
	begin(&many, "-o", "--", "a", NULL);
	next_is('o', "--");
	next_is(OPTION_OPERAND, "a");
}

static void an_optional_value_is_never_the_next_word(void **state)
{
	(void)state;
	begin(&many, "--blocks", "4", "--blocks=8", "-b", "-b12", "--blocks=", NULL);
	next_is(OPT_BLOCKS, NULL);
	next_is(OPTION_OPERAND, "4");
	next_is(OPT_BLOCKS, "8");
	next_is(OPT_BLOCKS, NULL);
	next_is(OPT_BLOCKS, "12");
	next_is(OPT_BLOCKS, "");
	next_is(OPTION_END, NULL);
}

static void a_value_may_look_like_an_option_or_be_empty(void **state)
{
	(void)state;
	begin(&many, "-o", "--json", "--output", "", "--output=a=b", NULL);
	next_is('o', "--json");
	next_is('o', "");
	next_is('o', "a=b");
	next_is(OPTION_END, NULL);
}

static void an_unknown_option_is_told_with_the_nearest_one(void **state)
{
	(void)state;
	begin(&many, "--ouptut=x", NULL);
	next_is_wrong("unknown option '--ouptut'; did you mean '--output'?");
	begin(&many, "--hepl", NULL);
	next_is_wrong("unknown option '--hepl'; did you mean '--help'?");
	begin(&many, "--frobnicate", NULL);
	next_is_wrong("unknown option '--frobnicate' (see tlbsync test --help)");
	begin(&many, "-vx", NULL);
	next_is('v', NULL);
	next_is_wrong("unknown option '-x' (see tlbsync test --help)");
	begin(&many, "--=x", NULL);
	assert_int_equal(options_next(&reader), OPTION_WRONG);
	begin(&bare, "--json", NULL);
	next_is_wrong("unknown option '--json' (see tlbsync test --help)");
}

static void a_hidden_option_takes_its_whole_name_and_is_never_offered(void **state)
{
	(void)state;
	begin(&many, "--secret", NULL);
	next_is(OPT_SECRET, NULL);
	begin(&many, "--secre", NULL);
	next_is_wrong("unknown option '--secre' (see tlbsync test --help)");
}

static void a_missing_value_and_one_too_many_are_told(void **state)
{
	(void)state;
	begin(&many, "--output", NULL);
	next_is_wrong("a value is missing after '--output' (see tlbsync test --help)");
	begin(&many, "-vo", NULL);
	next_is('v', NULL);
	next_is_wrong("a value is missing after '-o' (see tlbsync test --help)");
	begin(&many, "--json=yes", NULL);
	next_is_wrong("option '--json' takes no value (see tlbsync test --help)");
}

static void operands_too_few_or_too_many_are_told(void **state)
{
	(void)state;
	begin(&none, "word", NULL);
	next_is_wrong("what is 'word'? (see tlbsync test --help)");
	begin(&one, "a", "--json", "b", NULL);
	next_is(OPTION_OPERAND, "a");
	next_is(OPT_JSON, NULL);
	next_is_wrong("takes one FILE; what is 'b'? (see tlbsync test --help)");
	begin(&one, "--json", NULL);
	next_is(OPT_JSON, NULL);
	next_is_wrong("FILE is missing (see tlbsync test --help)");
	begin(&one, "a", NULL);
	next_is(OPTION_OPERAND, "a");
	next_is(OPTION_END, NULL);
}

static void a_word_of_any_length_is_told_in_a_message(void **state)
{
	static char word[5000];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	memcpy(word, "--", 2);
	begin(&many, word, NULL);
	assert_int_equal(options_next(&reader), OPTION_WRONG);
	assert_true(strlen(reader.why) < sizeof(reader.why));
	assert_non_null(strstr(reader.why, "unknown option '--xxx"));
}

/* The longest line of @text. */
static size_t widest(const char *text)
{
	size_t most = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		most = len > most ? len : most;
		text += len + (text[len] == '\n');
	}
	return most;
}

static void help_wraps_at_words_and_aligns(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	options_print_wrapped(out, "aaa bbb [ccc ddd] eee\nfff", 2, 4, 16);
	fclose(out);
	assert_string_equal(text, "aaa bbb\n    [ccc ddd]\n    eee\n\n    fff\n");
	free(text);

	out = open_memstream(&text, &size);
	assert_non_null(out);
	options_print_help(out, &many, 80);
	fclose(out);
	assert_non_null(strstr(text, "usage: tlbsync test [OPTION]... FILE...\n"));
	assert_non_null(strstr(text, "\n  -o, --output FILE  write the table to FILE\n"));
	assert_non_null(strstr(text, "\n      --json         print JSON\n"));
	assert_non_null(strstr(text, "\n  -b, --blocks[=N]   in blocks\n"));
	assert_non_null(strstr(text, "\n  2   wrong usage\n"));
	assert_null(strstr(text, "secret"));
	assert_true(widest(text) <= 80);
	free(text);
}

static void the_width_is_that_of_columns_from_80_to_100(void **state)
{
	(void)state;
	setenv("COLUMNS", "40", 1);
	assert_int_equal(options_width(), 80);
	setenv("COLUMNS", "93", 1);
	assert_int_equal(options_width(), 93);
	setenv("COLUMNS", "4000", 1);
	assert_int_equal(options_width(), 100);
	unsetenv("COLUMNS");
}

/* The page that is filled in from @page. */
static char *filled(const char *page, int want)
{
	static const struct command *const all[] = { &many, NULL };
	char *text = NULL;
	size_t size;
	FILE *in = fmemopen((char *)page, strlen(page), "r");
	FILE *out = open_memstream(&text, &size);

	assert_non_null(in);
	assert_non_null(out);
	assert_int_equal(options_fill_man(in, out, all), want);
	fclose(in);
	fclose(out);
	return text;
}

static void a_man_page_gets_synopsis_and_options(void **state)
{
	char *text = filled(".Sh A\n@synopsis@\n.Sh B\n@options test@\n.Sh C\n", 0);

	(void)state;
	assert_int_equal(strncmp(text, ".Sh A\n.Nm\n.Cm test\n.Op Fl o Ar file\n.Op Fl v\n", 43), 0);
	assert_non_null(strstr(text, "\n.It Fl o , -output Ar file\nWrite the table to FILE.\n"));
	assert_non_null(strstr(text, "\n\\&.json with \\-\\-json's \\en. It ends itself.\n"));
	assert_non_null(strstr(text, "\n.It Fl b , -blocks Ns Oo No \\&= Ns Ar n Oc\nIn blocks.\n"));
	assert_non_null(strstr(text, "\n.El\n.Sh C\n"));
	assert_null(strstr(text, "secret"));
	free(text);
}

static void a_man_page_that_asks_for_what_there_is_not_is_refused(void **state)
{
	(void)state;
	free(filled("@options nosuch@\n", -EINVAL));
	free(filled("@nosuch@\n", -EINVAL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_operands_come_in_the_order_in_which_they_stand),
		cmocka_unit_test(letters_may_stand_in_one_word_and_the_last_take_a_value),
		cmocka_unit_test(a_name_may_be_shortened_while_it_is_clear),
		cmocka_unit_test(after_two_dashes_all_words_are_operands),
		cmocka_unit_test(an_optional_value_is_never_the_next_word),
		cmocka_unit_test(a_value_may_look_like_an_option_or_be_empty),
		cmocka_unit_test(an_unknown_option_is_told_with_the_nearest_one),
		cmocka_unit_test(a_hidden_option_takes_its_whole_name_and_is_never_offered),
		cmocka_unit_test(a_missing_value_and_one_too_many_are_told),
		cmocka_unit_test(operands_too_few_or_too_many_are_told),
		cmocka_unit_test(a_word_of_any_length_is_told_in_a_message),
		cmocka_unit_test(help_wraps_at_words_and_aligns),
		cmocka_unit_test(the_width_is_that_of_columns_from_80_to_100),
		cmocka_unit_test(a_man_page_gets_synopsis_and_options),
		cmocka_unit_test(a_man_page_that_asks_for_what_there_is_not_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
