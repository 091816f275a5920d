// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync compare's options. A word that is none is a record's file, of the set that
 * --vs, --aa or --scale began last.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/compare-options.h"

/* Every metric that is a time, and the workloads' own. */
#define ALL_TIMES	((2u << METRIC_OWN) - (1u << METRIC_P50))

/* ---- the table ----------------------------------------------------------------------- */

enum {
	OPT_VS = OPTION_FIRST, OPT_AA, OPT_FLIPPED, OPT_SCALE, OPT_TEST, OPT_KEYS,
	OPT_FORCE, OPT_JSON,
};

static const char *tested_name(int at)
{
	static const char *const others[] = { "own", "all", NULL };
	const int nr = METRIC_OWN - METRIC_P50;

	return at < nr ? metric_builtin((enum metric_id)(METRIC_P50 + at))->name : others[at - nr];
}

static const char *key_name(int at)
{
	static const char *const names[] = { "absent", "off", "on", "unknown", NULL };

	return names[at];
}

const struct cmd_option compare_options_table[] = {
	OPTION(0, "vs", NULL, OPT_VS, "what follows are the patched kernel's records"),
	OPTION(0, "aa", NULL, OPT_AA,
	       "what follows are records of one kernel: how far they differ among themselves is the "
	       "noise floor, below which nothing is called a change", .details =
	       "What follows are at least 8 records of one kernel, whose earlier half is compared with\n"
	       "the later. By itself it prints the noise floor, up to which they differ; with a\n"
	       "comparison no smaller change is called one."),
	OPTION(0, "flipped", NULL, OPT_FLIPPED,
	       "the one record is of run --flip-key: its blocks with the key off are compared with "
	       "those with it on, as pairs", .details =
	       "The one record is of\n"
	       ".Cm run Fl -flip-key :\n"
	       "its blocks with the key off are the base and those with it on are patched, analysed as\n"
	       "pairs. What is told of times holds for that boot."),
	OPTION(0, "scale", NULL, OPT_SCALE,
	       "what follows are records of both kernels on machines of other sizes: their sync IPIs "
	       "are drawn against the number of CPUs", .details =
	       "What follows are records of both kernels on machines of other sizes, for the page's\n"
	       "graph of sync IPIs against CPUs. A record whose static key is on is patched, absent or\n"
	       "off is base."),
	PRINT_OPTIONS,
	OPTION('o', "output", "FILE", 'o', "write FILE, whole or not at all", .details =
	       "Write\n"
	       ".Ar file ,\n"
	       "whole or not at all."),
	OPTION(0, "test", "METRIC[,...]", OPT_TEST,
	       "the times that are tested for a change: p50, p99, p99.9, ops/s, stolen, rate (of "
	       "several initiators), sync-delivery-p50, -p99, flush-delivery-p50, -p99 (of each IPI), own (a "
	       "workload's own metrics) or all (default: p50,p99,stolen,rate). The fewer, the smaller the "
	       "change that can be told",
	       .many = true, .values = tested_name, .details =
	       "Which times are tested:\n"
	       ".Cm p50 , p99 , p99.9 , ops/s , stolen , rate\n"
	       "(of several initiators),\n"
	       ".Cm sync-delivery-p50 , sync-delivery-p99 , flush-delivery-p50 , flush-delivery-p99\n"
	       "(of each IPI),\n"
	       ".Cm own\n"
	       "(a workload's own metrics)\n"
	       "or\n"
	       ".Cm all ;\n"
	       "default\n"
	       ".Cm p50,p99,stolen,rate .\n"
	       "The fewer tests, the smaller the change that can be told."),
	OPTION(0, "expect-keys", "BASE,PATCHED", OPT_KEYS,
	       "fail unless the static key has this state in every boot of its side: absent, off, on "
	       "or unknown, as in absent,on", .many = true, .values = key_name, .details =
	       "Fail unless the static key reads so in every record, for example\n"
	       ".Cm absent,on .\n"
	       "A state is\n"
	       ".Cm absent , off , on\n"
	       "or\n"
	       ".Cm unknown ."),
	OPTION(0, "force", NULL, OPT_FORCE,
	       "compare records that do not belong together: of different machines, tool versions or "
	       "counters, or of different kernels on one side"),
	OPTION(0, "json", NULL, OPT_JSON, "the same as --format json, for programs", .details =
	       "The same as\n"
	       ".Fl -format Cm json ."),
	{ 0 },
};

/* ---- parsing ------------------------------------------------------------------------- */

/* What has been read so far. */
struct parser {
	struct compare_options *opt;
	enum set set;		/* that the next file belongs to */
	bool vs;
};

static int usage(const char *message, const char *word)
{
	cmd_error("compare", "%s%s (see tlbsync compare --help)", message, word);
	return EXIT_USAGE;
}

static int parse_keys(const char *text, struct compare_options *opt)
{
	const char *comma = strchr(text, ',');
	char base[16];

	if (!comma || (size_t)(comma - text) >= sizeof(base))
		return -EINVAL;
	snprintf(base, sizeof(base), "%.*s", (int)(comma - text), text);
	opt->have_keys = true;
	if (key_state_parse(base, &opt->keys[SIDE_BASE]))
		return -EINVAL;
	return key_state_parse(comma + 1, &opt->keys[SIDE_PATCHED]) ? -EINVAL : 0;
}

/* "p50,stolen" or "all" */
static int parse_tested(char *list, unsigned int *tested)
{
	char *name;

	*tested = 0;
	while ((name = strsep(&list, ","))) {
		unsigned int found = strcmp(name, "all") ? 0 : ALL_TIMES;

		for (int i = METRIC_P50; i < METRIC_OWN; i++)
			if (!strcmp(name, metric_builtin((enum metric_id)i)->name))
				found = 1u << i;
		if (!strcmp(name, "own"))
			found = 1u << METRIC_OWN;
		if (!found)
			return -EINVAL;
		*tested |= found;
	}
	return 0;
}

static int parse_test_option(const char *text, struct compare_options *opt)
{
	char *copy = strdup(text);
	int err = copy ? parse_tested(copy, &opt->tested) : -ENOMEM;

	free(copy);
	return err;
}

static void add_file(struct compare_options *opt, enum set set, char *file)
{
	opt->files[set][opt->nr_files[set]++] = file;
}

/* 0, or the message for what the word behind an option should have been. */
static const char *parse_value(int id, const char *value, struct compare_options *opt)
{
	switch (id) {
	case OPT_KEYS:
		return parse_keys(value, opt) ?
		       "--expect-keys takes two states like absent,on, not " : NULL;
	default:
		return parse_test_option(value, opt) ?
		       "--test takes p50, p99, p99.9, ops/s, stolen, own or all, not " : NULL;
	}
}

/* Blocks of one boot hold both sides. */
static int check_flipped(const struct compare_options *opt, bool vs)
{
	if (vs || opt->noise)
		return usage("--flipped has both sides in one record: no ", vs ? "--vs" : "--aa");
	if (opt->nr_files[SET_BASE] != 1)
		return usage("--flipped takes one record: boots are not mixed", "");
	return EXIT_DONE;
}

/* Are there the records that were announced? */
static int check_sets(const struct compare_options *opt, bool vs)
{
	if (opt->nr_files[SET_SCALE] && opt->print.form != FORM_HTML && opt->print.form != FORM_SVG)
		return usage("--scale is drawn by --format html and svg only", "");
	if (!vs && !opt->flipped && opt->print.form == FORM_SVG)
		return usage("--format svg draws a comparison: BASE... --vs PATCHED...", "");
	if (opt->noise && !opt->nr_files[SET_NOISE])
		return usage("no record after --aa", "");
	if (opt->noise && !vs && !opt->nr_files[SET_BASE])
		return EXIT_DONE;
	if (opt->flipped)
		return check_flipped(opt, vs);
	if (!vs)
		return usage("the patched kernel's records are missing: BASE... --vs PATCHED...", "");
	if (!opt->nr_files[SET_BASE] || !opt->nr_files[SET_PATCHED])
		return usage(opt->nr_files[SET_BASE] ? "no record after --vs" :
			     "no record before --vs", "");
	return EXIT_DONE;
}

/* The set that files belong to from here on. */
static int begin_set(struct parser *parser, enum set set)
{
	if (set == SET_PATCHED && parser->vs)
		return usage("--vs is given twice", "");
	parser->vs |= set == SET_PATCHED;
	parser->opt->noise |= set == SET_NOISE;
	parser->set = set;
	return EXIT_DONE;
}

/* One option and its value, or a record's file. An exit status. */
static int take(int id, char *value, void *into)
{
	struct parser *parser = into;
	struct compare_options *opt = parser->opt;
	const char *message = NULL;

	if (id == 'q' || id == 'v' || id == OPT_FORM)
		return print_take("compare", id, value, &opt->print);
	switch (id) {
	case OPTION_OPERAND:
		add_file(opt, parser->set, value);
		break;
	case OPT_VS:
		return begin_set(parser, SET_PATCHED);
	case OPT_AA:
		return begin_set(parser, SET_NOISE);
	case OPT_SCALE:
		return begin_set(parser, SET_SCALE);
	case OPT_FLIPPED:
		opt->flipped = true;
		break;
	case 'o':
		opt->print.output = value;
		break;
	case OPT_FORCE:
		opt->force = true;
		break;
	case OPT_JSON:
		opt->print.form = FORM_JSON;
		break;
	default:
		message = parse_value(id, value, opt);
	}
	return message ? usage(message, value) : EXIT_DONE;
}

/* EXIT_DONE and *@go, or the status to exit with at once. */
static int parse(int argc, char **argv, struct compare_options *opt, bool *go)
{
	struct parser parser = { .opt = opt, .set = SET_BASE };
	int status = options_parse(&cmd_compare, argc, argv, take, &parser, go);

	if (!*go)
		return status;
	status = check_sets(opt, parser.vs);
	*go = status == EXIT_DONE;
	return status;
}

/*
 * Reads the command line into @opt, which compare_options_free() frees whatever is
 * returned: EXIT_DONE and *@go, or the status to exit with at once. Words and files stay
 * @argv's.
 */
int compare_options_parse(int argc, char **argv, struct compare_options *opt, bool *go)
{
	size_t room = (size_t)argc + 1;

	*opt = (struct compare_options){
		.print.detail = DETAIL_USUAL,
		.tested = 1 << METRIC_P50 | 1 << METRIC_P99 | 1 << METRIC_STOLEN |
			  1 << METRIC_CREW_RATE,
		.words = calloc(room, (NR_SETS + 1) * sizeof(char *)),
		.nr_words = argc + 1,
	};
	if (!opt->words) {
		cmd_error("compare", "out of memory");
		return EXIT_UNDONE;
	}
	opt->words[0] = (char *)"tlbsync";
	memcpy(opt->words + 1, argv, (size_t)argc * sizeof(char *));
	for (int set = 0; set < NR_SETS; set++)
		opt->files[set] = opt->words + room * (size_t)(set + 1);
	return parse(argc, argv, opt, go);
}

/* Frees what @opt holds, not the struct. */
void compare_options_free(struct compare_options *opt)
{
	free(opt->words);
}
