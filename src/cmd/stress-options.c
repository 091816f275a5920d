// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of a stress run, and their parsing; what is wrong is said with what is right. */
#include "cmd/stress-options.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cmd/plan.h"
#include "cmd/wait.h"

#define DEFAULT_NS	10000000000ull
#define SHORTEST_MARGIN	5000000000ull
#define LONGEST_MARGIN	60000000000ull
#define MAX_WINDOW_US	20000		/* what the lab kernel takes */

struct parser {
	struct stress_command *command;
	char *why;
	size_t size;
	bool seeded;
};

__attribute__((format(printf, 2, 3)))
static int wrong(const struct parser *parser, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(parser->why, parser->size, format, args);
	va_end(args);
	return -EINVAL;
}

static int parse_time(const struct parser *parser, const char *text)
{
	struct stress_options *options = &parser->command->options;

	if (parse_duration(text, &options->time_ns))
		return wrong(parser, "--time takes a time such as 10s, 2m or 1h, at most 48h, "
			     "not '%s'", text);
	return 0;
}

static int parse_readers(const struct parser *parser, const char *text)
{
	uint64_t nr;

	if (parse_number(text, &nr) || !nr || nr > STRESS_MAX_READERS)
		return wrong(parser, "--readers takes a whole number from 1 to %d, not '%s'",
			     STRESS_MAX_READERS, text);
	parser->command->options.readers = (int)nr;
	return 0;
}

static int parse_seed(struct parser *parser, const char *text)
{
	char *end;

	errno = 0;
	parser->command->options.seed = strtoull(text, &end, 10);
	parser->seeded = true;
	if (!isdigit((unsigned char)text[0]) || errno || *end)
		return wrong(parser, "--seed takes a whole number below 2^64, not '%s'", text);
	return 0;
}

static int add_test(const struct parser *parser, const char *name)
{
	struct stress_command *command = parser->command;
	const char *names[STRESS_MAX_TESTS + 1] = { NULL };

	for (int i = 0; i < command->nr; i++)
		if (!strcmp(command->tests[i]->name, name))
			return wrong(parser, "--tests names '%s' twice", name);
	for (int i = 0; stress_tests[i] && i < STRESS_MAX_TESTS; i++) {
		names[i] = stress_tests[i]->name;
		if (strcmp(names[i], name))
			continue;
		command->tests[command->nr++] = stress_tests[i];
		return 0;
	}
	if (cmd_nearest(name, names))
		return wrong(parser, "unknown test '%s'; did you mean '%s'?", name,
			     cmd_nearest(name, names));
	return wrong(parser, "unknown test '%s' (see tlbsync stress --list)", name);
}

static int parse_tests(const struct parser *parser, const char *text)
{
	char *copy = strdup(text), *rest = copy, *name;
	int error = copy ? 0 : wrong(parser, "out of memory");

	if (parser->command->nr)
		error = wrong(parser, "--tests is given twice; list all tests in one");
	while (!error && (name = strsep(&rest, ",")))
		error = add_test(parser, name);
	free(copy);
	return error;
}

/* One of "pmd=3000,pte=0" */
static int parse_window(const struct parser *parser, char *word, unsigned int *given)
{
	struct stress_options *options = &parser->command->options;
	char *value = strchr(word, '=');
	uint64_t us;
	int level;

	if (value)
		*value++ = '\0';
	level = !strcmp(word, "pmd") ? 0 : !strcmp(word, "pte") ? 1 : -1;
	if (level < 0 || !value || parse_number(value, &us) || us > MAX_WINDOW_US)
		return wrong(parser, "--windows takes pmd=US,pte=US, each from 0 to %d microseconds, "
			     "not '%s%s%s'", MAX_WINDOW_US, word, value ? "=" : "",
			     value ? value : "");
	if (*given & 1u << level)
		return wrong(parser, "--windows gives '%s' twice", word);
	*given |= 1u << level;
	*(level ? &options->window_pte_us : &options->window_pmd_us) = us;
	return 0;
}

static int parse_windows(const struct parser *parser, const char *text)
{
	struct stress_options *options = &parser->command->options;
	char *copy = strdup(text), *rest = copy, *word;
	int error = copy ? 0 : wrong(parser, "out of memory");
	unsigned int given = 0;

	while (!error && (word = strsep(&rest, ",")))
		error = parse_window(parser, word, &given);
	free(copy);
	if (!error && !options->window_pmd_us && !options->window_pte_us)
		return wrong(parser, "--windows opens none: give pmd or pte more than 0, or "
			     "leave it out");
	options->windows = true;
	return error;
}

/* What goes with nothing, and what was left open. */
static int complete(const struct parser *parser, int argc)
{
	struct stress_command *command = parser->command;
	struct stress_options *options = &command->options;

	if (command->help)
		return 0;
	if (command->list && argc > 2)
		return wrong(parser, "--list runs nothing, so it takes no other option");
	if (!command->nr)
		while (command->nr < STRESS_MAX_TESTS && stress_tests[command->nr]) {
			command->tests[command->nr] = stress_tests[command->nr];
			command->nr++;
		}
	options->margin_ns = options->time_ns < SHORTEST_MARGIN ? SHORTEST_MARGIN :
		options->time_ns < LONGEST_MARGIN ? options->time_ns : LONGEST_MARGIN;
	if (!parser->seeded && getrandom(&options->seed, sizeof(options->seed), 0) < 0)
		return wrong(parser, "no random seed to be had; give one with --seed");
	return 0;
}

/* ---- the table ----------------------------------------------------------------------- */

enum {
	OPT_TIME = OPTION_FIRST, OPT_TESTS, OPT_SEED, OPT_READERS, OPT_WINDOWS, OPT_KEEP_GOING,
	OPT_LIST, OPT_WAIT,
};

static const char *test_name(int at)
{
	return stress_tests[at] ? stress_tests[at]->name : NULL;
}

const struct cmd_option stress_options_table[] = {
	OPTION(0, "time", "TIME", OPT_TIME, "how long each test runs: 30s, 2m, 1h (default: 10s)", .details =
	       "For each test:\n"
	       ".Cm 30s , 2m , 1h ;\n"
	       "default\n"
	       ".Cm 10s ."),
	OPTION(0, "tests", "NAME[,...]", OPT_TESTS, "these tests only, in this order (default: all)",
	       .many = true, .values = test_name),
	OPTION(0, "readers", "N", OPT_READERS, "threads that read and verify (default: two fewer than "
	       "there are CPUs, at least two)", .details =
	       "Threads that read and verify, in all processes of a test together; default two fewer\n"
	       "than there are CPUs, and at least two."),
	OPTION(0, "seed", "N", OPT_SEED, "make the random choices of the run that printed this seed", .details =
	       "Make the same random choices as the run that printed this seed. How threads meet is\n"
	       "not chosen, so a finding may take more than one try."),
	OPTION(0, "windows", "pmd=US,pte=US", OPT_WINDOWS, "hold readers up in GUP-fast for so many "
	       "microseconds (needs a lab kernel and root)", .details =
	       "Hold the readers up for so many microseconds in GUP-fast, between a PUD and its PMDs,\n"
	       "between a PMD and its PTEs. One of the two may be left out. Needs a lab kernel and root."),
	OPTION(0, "keep-going", NULL, OPT_KEEP_GOING, "when the kernel complains during a test, let the "
	       "test go on to its end", .details =
	       "A complaint of the kernel, or a sync skipped without proof, fails a test but does not end\n"
	       "it: its readers have their time as well."),
	OPTION(0, "list", NULL, OPT_LIST, "print the tests, and which of them can run here"),
	OPTION('o', "output", "FILE", 'o', "write a record of the details", .details =
	       "A record of the details, schema\n"
	       ".Dq tlbsync.stress/1 ."),
	OPTION(0, "wait", "TIME", OPT_WAIT, "if another run measures on this machine, wait until it has "
	       "ended, at most TIME: 30s, 10m, 1h (default: no limit)", .optional = true, .details =
	       "If another run measures on this machine, wait until it has ended, at most\n"
	       ".Ar time\n"
	       ".Pq Cm 30s , 10m , 1h ;\n"
	       "default no limit. Without it the exit status is 4 at once. Either way it is told whose\n"
	       "run that is."),
	{ 0 },
};

static int take(struct parser *parser, int id, const char *value)
{
	switch (id) {
	case OPT_TIME:
		return parse_time(parser, value);
	case OPT_TESTS:
		return parse_tests(parser, value);
	case OPT_SEED:
		return parse_seed(parser, value);
	case OPT_READERS:
		return parse_readers(parser, value);
	case OPT_WINDOWS:
		return parse_windows(parser, value);
	case OPT_KEEP_GOING:
		parser->command->options.keep_going = true;
		return 0;
	case OPT_WAIT:
		return parse_wait(value, &parser->command->wait_ns) ?
			wrong(parser, WAIT_TAKES, value) : 0;
	case OPT_LIST:
		parser->command->list = true;
		return 0;
	case 'o':
		parser->command->output = value;
		return 0;
	default:
		parser->command->help = true;
		return 0;
	}
}

/*
 * argv[0] is "stress". 0 with *@command, which points into @argv; -EINVAL with @why.
 * Without --tests it holds all of them, without --seed a new one.
 */
int stress_options_parse(int argc, char **argv, struct stress_command *command,
			 char *why, size_t size)
{
	struct parser parser = { .command = command, .why = why, .size = size };
	struct option_reader reader;
	int id, error = 0;

	memset(command, 0, sizeof(*command));
	command->options.time_ns = DEFAULT_NS;
	options_begin(&reader, &cmd_stress, argc, argv);
	while (!error && !command->help && (id = options_next(&reader)) != OPTION_END)
		error = id == OPTION_WRONG ? wrong(&parser, "%s", reader.why) :
			take(&parser, id, reader.value);
	return error ? error : complete(&parser, argc);
}
