// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync compare: records of the base kernel beside records of the patched one.
 * Sets that do not belong together are refused, not averaged.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "record/record.h"
#include "render/render.h"
#include "stats/compare.h"

struct options {
	bool json, force;
	bool have_keys;
	enum key_state keys[NR_SIDES];
	char **files[NR_SIDES];		/* room for all arguments each */
	int nr_files[NR_SIDES];
};

static void help(void)
{
	fputs("usage: tlbsync compare [OPTION]... BASE... --vs PATCHED...\n\n"
	      "Prints one table, the records BASE beside the records PATCHED: a record is one\n"
	      "boot. Cases are matched by workload, placement and parameters.\n\n"
	      "      --vs                        what follows are the patched kernel's records\n"
	      "      --expect-keys BASE,PATCHED  fail unless the static key is so in every boot,\n"
	      "                                  e.g. absent,on (absent, off, on or unknown)\n"
	      "      --force                     compare different machines, tool versions,\n"
	      "                                  counters or kernels of one side all the same\n"
	      "      --json                      for programs (schema tlbsync.compare/1)\n"
	      "  -h, --help                      this text\n\n"
	      "Exit status: 0 compared; 1 a record cannot be read, the records do not belong\n"
	      "together, no case is in both, or a case in both is not as expected on a side;\n"
	      "2 wrong usage.\n", stdout);
}

static int usage(const char *message, const char *word)
{
	cmd_error("compare", "%s%s (see tlbsync compare --help)", message, word);
	return EXIT_USAGE;
}

static int parse_keys(const char *text, struct options *opt)
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

static void add_file(struct options *opt, enum side side, char *file)
{
	opt->files[side][opt->nr_files[side]++] = file;
}

/* EXIT_DONE and *@go, or the status to exit with at once. */
static int parse(int argc, char **argv, struct options *opt, bool *go)
{
	static const struct option options[] = {
		{ "vs", no_argument, NULL, 'v' },
		{ "expect-keys", required_argument, NULL, 'k' },
		{ "force", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	enum side side = SIDE_BASE;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "-:h", options, NULL)) != -1) {
		switch (option) {
		case 1:
			add_file(opt, side, optarg);
			break;
		case 'v':
			if (side == SIDE_PATCHED)
				return usage("--vs is given twice", "");
			side = SIDE_PATCHED;
			break;
		case 'k':
			if (parse_keys(optarg, opt))
				return usage("--expect-keys takes two states like absent,on, not ",
					     optarg);
			break;
		case 'f':
			opt->force = true;
			break;
		case 'j':
			opt->json = true;
			break;
		case 'h':
			help();
			return EXIT_DONE;
		case ':':
			return usage("no value for ", argv[optind - 1]);
		default:
			return usage("unknown option ", argv[optind - 1]);
		}
	}
	for (; optind < argc; optind++)
		add_file(opt, side, argv[optind]);
	if (side == SIDE_BASE)
		return usage("the patched kernel's records are missing: BASE... --vs PATCHED...", "");
	if (!opt->nr_files[SIDE_BASE] || !opt->nr_files[SIDE_PATCHED])
		return usage(opt->nr_files[SIDE_BASE] ? "no record after --vs" :
			     "no record before --vs", "");
	*go = true;
	return EXIT_DONE;
}

static int load_file(struct comparison *cmp, enum side side, const char *path)
{
	struct record rec;
	char why[1024];
	int err = record_read(path, &rec, why, sizeof(why));

	if (err) {
		cmd_error("compare", "%s", why);
		return err;
	}
	err = compare_add(cmp, side, path, &rec);
	if (err)
		cmd_error("compare", "cannot add up '%s': %s", path, strerror(-err));
	return err;
}

/* Every broken file is named, not only the first. */
static int load(struct comparison *cmp, const struct options *opt)
{
	int err = 0;

	for (int side = 0; side < NR_SIDES; side++)
		for (int i = 0; i < opt->nr_files[side]; i++)
			if (load_file(cmp, (enum side)side, opt->files[side][i]))
				err = -EINVAL;
	return err;
}

static int check(struct comparison *cmp, const struct options *opt)
{
	int err = compare_finish(cmp);

	for (int side = 0; side < NR_SIDES && opt->have_keys && !err; side++)
		err = compare_require_key(cmp, (enum side)side, opt->keys[side]);
	if (err)
		cmd_error("compare", "cannot compare: %s", strerror(-err));
	return err;
}

/* Says what forbids the comparison; without --force mixed records do. */
static bool refused(const struct comparison *cmp, const struct options *opt)
{
	bool fatal = false, mixed = false;

	for (int i = 0; i < cmp->nr_findings; i++) {
		const struct finding *finding = &cmp->findings[i];

		if (finding->level == FINDING_WARNING ||
		    (finding->level == FINDING_MIXED && opt->force))
			continue;
		fatal |= finding->level == FINDING_FATAL;
		mixed |= finding->level == FINDING_MIXED;
		cmd_error("compare", "%s", finding->text);
	}
	if (mixed && !fatal)
		cmd_error("compare", "these records do not belong together; "
			  "--force compares them all the same");
	return fatal || mixed;
}

static int print_json(const struct comparison *cmp)
{
	json_t *json = compare_to_json(cmp);
	int err = json ? json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : -1;

	json_decref(json);
	putchar('\n');
	return err ? -ENOMEM : 0;
}

static int print(const struct comparison *cmp, const struct options *opt)
{
	struct style style = style_for(stdout);
	int err = opt->json ? print_json(cmp) : render_compare(stdout, &style, cmp);

	if (fflush(stdout) || ferror(stdout))
		err = -errno;
	if (err)
		cmd_error("compare", "cannot print: %s", strerror(-err));
	return err;
}

/* The tool's check of itself: counts are what the kernel source predicts. */
static int check_expected(const struct comparison *cmp)
{
	int differ = 0, matched = 0;

	for (int i = 0; i < cmp->nr_cases; i++) {
		if (!compare_matched(&cmp->cases[i]))
			continue;
		matched++;
		differ += compare_verdict(&cmp->cases[i]) == VERDICT_FALSE;
	}
	if (!differ)
		return EXIT_DONE;
	cmd_error("compare", "%d of %d cases are not as expected", differ, matched);
	return EXIT_FAILED;
}

static int compare(const struct options *opt)
{
	struct comparison cmp = { 0 };
	int status = EXIT_FAILED;

	if (!load(&cmp, opt) && !check(&cmp, opt) && !refused(&cmp, opt) && !print(&cmp, opt))
		status = check_expected(&cmp);
	compare_free(&cmp);
	return status;
}

static int run(int argc, char **argv)
{
	struct options opt = { 0 };
	bool go = false;
	int status = EXIT_FAILED;

	opt.files[SIDE_BASE] = calloc((size_t)argc, 2 * sizeof(char *));
	if (opt.files[SIDE_BASE]) {
		opt.files[SIDE_PATCHED] = opt.files[SIDE_BASE] + argc;
		status = parse(argc, argv, &opt, &go);
	} else {
		cmd_error("compare", "out of memory");
	}
	if (go)
		status = compare(&opt);
	free(opt.files[SIDE_BASE]);
	return status;
}

const struct command cmd_compare = {
	.name = "compare",
	.summary = "records of the base kernel beside those of the patched one",
	.run = run,
};
