// SPDX-License-Identifier: GPL-2.0-or-later
/* Parsing of a run's options, and their help. */
#include "cmd/run-options.h"

#include <getopt.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "record/record.h"

#define MAX_OPS		100000000ull
#define BLOCKS		20	/* of a case when the key is flipped */
#define BLOCK_OPS	5	/* of each */

static void help(void)
{
	fputs("usage: tlbsync run [OPTION]...\n\n"
	      "Measures on the running kernel, writes a record and prints its table.\n\n"
	      "  -w, --workload NAME[:PARAM=VALUE][,...]  these workloads (all)\n"
	      "  -p, --placement NAME[,...]  these placements (the profile's); also a list of\n"
	      "                       CPUs: initiator=0,responder=2-5,lazy=6,bystander=7;\n"
	      "                       after either one @local, @remote or @interleave\n"
	      "      --ops N          ops in each of the two passes of a case\n"
	      "      --profile NAME   quick (core workloads), default (all, one size each) or\n"
	      "                       full (all sizes and placements): 10 s, 1 min, 10 min\n"
	      "      --flip-key[=BLOCKS]  measure each case in so many blocks (20) of --ops ops (5)\n"
	      "                       with the static key off, on, on, off, ...: two kernels in one\n"
	      "                       boot. Takes a lab kernel; see tlbsync compare --flipped\n"
	      "      --counter NAME   auto, csd, interrupts or none (auto)\n"
	      "  -o, --output FILE    the record (<results dir>/<time>-<host>-<kernel>.json)\n"
	      "      --results-dir DIR  where records go without -o (results)\n"
	      "      --dry-run        print the cases, and which can run here; run nothing\n"
	      "      --json           print the record instead of the table\n"
	      "  -h, --help           this text\n\n"
	      "'tlbsync list' tells the workloads and placements. Counts and times come from\n"
	      "two passes over the same number of ops: tracing an IPI costs time. Under\n"
	      "emulation there is no timing pass.\n\n"
	      "Exit status: 0 done; 1 a case failed or its IPIs differ from what the kernel\n"
	      "source predicts, or no record could be written; 2 wrong usage; 77 nothing that\n"
	      "was asked for can run here.\n", stdout);
}

/* An exit status, after a message if it is not 0. */
static int parse_ops(const char *text, uint64_t *ops)
{
	int error = parse_number(text, ops);

	if (!error && *ops >= 1 && *ops <= MAX_OPS)
		return EXIT_DONE;
	cmd_error("run", "--ops takes a whole number from 1 to %llu, not '%s'", MAX_OPS, text);
	return EXIT_USAGE;
}

/* The same. Whole ABBA groups only, so that what drifts falls on both sides alike. */
static int parse_blocks(const char *text, uint64_t *blocks)
{
	*blocks = BLOCKS;
	if (!text || (!parse_number(text, blocks) && *blocks && *blocks <= RECORD_MAX_CASES &&
		      *blocks % 4 == 0))
		return EXIT_DONE;
	cmd_error("run", "--flip-key takes a multiple of 4 up to %d, not '%s'", RECORD_MAX_CASES,
		  text);
	return EXIT_USAGE;
}

enum { OPT_OPS = 256, OPT_PROFILE, OPT_COUNTER, OPT_RESULTS_DIR, OPT_JSON, OPT_FLIP_KEY,
       OPT_DRY_RUN };

static const struct option known_options[] = {
	{ "workload", required_argument, NULL, 'w' },
	{ "placement", required_argument, NULL, 'p' },
	{ "ops", required_argument, NULL, OPT_OPS },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "counter", required_argument, NULL, OPT_COUNTER },
	{ "flip-key", optional_argument, NULL, OPT_FLIP_KEY },
	{ "output", required_argument, NULL, 'o' },
	{ "results-dir", required_argument, NULL, OPT_RESULTS_DIR },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* One option, its value in optarg. An exit status. */
static int take(int option, char **argv, struct run_options *options)
{
	switch (option) {
	case 'w':
		options->selection.workloads = optarg;
		return EXIT_DONE;
	case 'p':
		options->selection.placements = optarg;
		return EXIT_DONE;
	case OPT_OPS:
		return parse_ops(optarg, &options->selection.ops);
	case OPT_FLIP_KEY:
		return parse_blocks(optarg, &options->blocks);
	case OPT_PROFILE:
		options->selection.profile = optarg;
		return EXIT_DONE;
	case OPT_COUNTER:
		options->counter = optarg;
		return EXIT_DONE;
	case 'o':
		options->output = optarg;
		return EXIT_DONE;
	case OPT_RESULTS_DIR:
		options->results_dir = optarg;
		return EXIT_DONE;
	case OPT_DRY_RUN:
		options->dry = true;
		return EXIT_DONE;
	case OPT_JSON:
		options->json = true;
		return EXIT_DONE;
	default:
		cmd_error("run", "%s '%s' (see tlbsync run --help)",
			  option == ':' ? "a value is missing after" : "unknown option",
			  argv[optind - 1]);
		return EXIT_USAGE;
	}
}

/*
 * argv[0] is "run"; @options point into @argv. @go: there is something to run. If not,
 * the exit status is returned, after --help or a message.
 */
int run_options_parse(int argc, char **argv, struct run_options *options, bool *go)
{
	int option, status;

	*go = false;
	*options = (struct run_options){
		.selection.profile = "default", .results_dir = "results", .counter = "auto",
	};
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":w:p:o:h", known_options, NULL)) != -1) {
		if (option == 'h') {
			help();
			return EXIT_DONE;
		}
		status = take(option, argv, options);
		if (status)
			return status;
	}
	if (optind < argc) {
		cmd_error("run", "what is '%s'? (see tlbsync run --help)", argv[optind]);
		return EXIT_USAGE;
	}
	if (options->blocks && !options->selection.ops)
		options->selection.ops = BLOCK_OPS;
	*go = true;
	return EXIT_DONE;
}
