// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync compare's options. A word that is none is a record's file, of the set that
 * --vs, --aa or --scale began last.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/compare-options.h"

/* Every metric that is a time, and the workloads' own. */
#define ALL_TIMES	((2u << METRIC_OWN) - (1u << METRIC_P50))

static const char *const format_names[NR_FORMATS] = {
	"text", "mail", "markdown", "html", "svg", "json",
};

static void help(void)
{
	fputs("usage: tlbsync compare [OPTION]... BASE... --vs PATCHED... [--aa RECORD...]\n"
	      "                       [--scale RECORD...]\n"
	      "       tlbsync compare [OPTION]... --aa RECORD...\n"
	      "       tlbsync compare [OPTION]... --flipped RECORD\n\n"
	      "Prints the records BASE beside the records PATCHED: a record is one boot. Cases\n"
	      "are matched by workload, placement and parameters. Times are compared from 4\n"
	      "boots a side on, never from emulation.\n\n"
	      "      --vs                        what follows are the patched kernel's records\n"
	      "      --aa                        what follows are records of one kernel: how far\n"
	      "                                  they differ among themselves is the noise floor,\n"
	      "                                  below which nothing is called a change\n"
	      "      --flipped                   RECORD is of run --flip-key: its blocks with the\n"
	      "                                  key off beside those with it on, as pairs\n"
	      "      --scale                     what follows are records of both kernels on\n"
	      "                                  machines of other sizes: their sync IPIs are\n"
	      "                                  drawn against the number of CPUs\n"
	      "      --format FORMAT             text, mail (75 columns), markdown, html (a page\n"
	      "                                  with graphs), svg (that graph alone) or json;\n"
	      "                                  graphs need gnuplot\n"
	      "  -o, --output FILE               write FILE, whole or not at all\n"
	      "      --test METRIC[,...]         which times enter the tests: p50, p99, p99.9,\n"
	      "                                  ops/s, stolen, own (a workload's), all (default\n"
	      "                                  p50,p99,stolen); the fewer, the smaller the change that can be told\n"
	      "      --expect-keys BASE,PATCHED  fail unless the static key is so in every boot,\n"
	      "                                  e.g. absent,on (absent, off, on or unknown)\n"
	      "      --force                     compare different machines, tool versions,\n"
	      "                                  counters or kernels of one side all the same\n"
	      "      --json                      the same as --format json: for programs\n"
	      "  -h, --help                      this text\n\n"
	      "Exit status: 0 compared; 1 a record cannot be read, the records do not belong\n"
	      "together, no case is in both, or a case in both is not as expected on a side;\n"
	      "2 wrong usage; 77 there is no gnuplot.\n", stdout);
}

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

static int parse_format(const char *text, enum format *format)
{
	for (int i = 0; i < NR_FORMATS; i++)
		if (!strcmp(text, format_names[i])) {
			*format = (enum format)i;
			return 0;
		}
	return -EINVAL;
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
static const char *parse_value(int option, const char *value, struct compare_options *opt)
{
	switch (option) {
	case 'k':
		return parse_keys(value, opt) ?
		       "--expect-keys takes two states like absent,on, not " : NULL;
	case 'F':
		return parse_format(value, &opt->format) ?
		       "--format takes text, mail, markdown, html, svg or json, not " : NULL;
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
	if (opt->nr_files[SET_SCALE] && opt->format != FORMAT_HTML && opt->format != FORMAT_SVG)
		return usage("--scale is drawn by --format html and svg only", "");
	if (!vs && !opt->flipped && opt->format == FORMAT_SVG)
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

/* EXIT_DONE and *@go, or the status to exit with at once. */
static int parse(int argc, char **argv, struct compare_options *opt, bool *go)
{
	static const struct option options[] = {
		{ "vs", no_argument, NULL, 'v' },
		{ "aa", no_argument, NULL, 'a' },
		{ "flipped", no_argument, NULL, 'l' },
		{ "scale", no_argument, NULL, 's' },
		{ "format", required_argument, NULL, 'F' },
		{ "output", required_argument, NULL, 'o' },
		{ "test", required_argument, NULL, 't' },
		{ "expect-keys", required_argument, NULL, 'k' },
		{ "force", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	enum set set = SET_BASE;
	bool vs = false;
	int option, status;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "-:ho:", options, NULL)) != -1) {
		const char *message = NULL;

		switch (option) {
		case 1:
			add_file(opt, set, optarg);
			break;
		case 'v':
			if (vs)
				return usage("--vs is given twice", "");
			vs = true;
			set = SET_PATCHED;
			break;
		case 'a':
			opt->noise = true;
			set = SET_NOISE;
			break;
		case 'l':
			opt->flipped = true;
			break;
		case 's':
			set = SET_SCALE;
			break;
		case 'o':
			opt->output = optarg;
			break;
		case 'f':
			opt->force = true;
			break;
		case 'j':
			opt->format = FORMAT_JSON;
			break;
		case 'h':
			help();
			return EXIT_DONE;
		case ':':
			return usage("no value for ", argv[optind - 1]);
		case '?':
			return usage("unknown option ", argv[optind - 1]);
		default:
			message = parse_value(option, optarg, opt);
		}
		if (message)
			return usage(message, optarg);
	}
	for (; optind < argc; optind++)
		add_file(opt, set, argv[optind]);
	status = check_sets(opt, vs);
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
		.tested = 1 << METRIC_P50 | 1 << METRIC_P99 | 1 << METRIC_STOLEN,
		.words = calloc(room, (NR_SETS + 1) * sizeof(char *)),
		.nr_words = argc + 1,
	};
	if (!opt->words) {
		cmd_error("compare", "out of memory");
		return EXIT_FAILED;
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
