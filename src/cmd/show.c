// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync show: the table of a record again, as the run printed it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "record/blocks.h"
#include "render/render.h"

static void help(void)
{
	fputs("usage: tlbsync show [--json] FILE\n\n"
	      "Prints the table of the run that FILE records.\n\n"
	      "  --json      print the record itself, checked and in its canonical form\n"
	      "  -h, --help  this text\n\n"
	      "Exit status: 0 shown, 1 FILE cannot be read or is no record, 2 wrong usage.\n",
	      stdout);
}

static int usage(const char *message, const char *word)
{
	cmd_error("show", "%s%s (see tlbsync show --help)", message, word);
	return EXIT_USAGE;
}

static int print(const struct record *rec, bool json)
{
	struct style style = style_for(stdout);
	int err = json ? record_print(rec, stdout) : render_run(stdout, &style, rec);

	if (!err && (fflush(stdout) || ferror(stdout)))
		err = -errno;
	if (err) {
		cmd_error("show", "cannot print: %s", strerror(-err));
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static int show_file(const char *path, bool json)
{
	struct record rec;
	char why[1024];
	int status;

	if (record_read(path, &rec, why, sizeof(why))) {
		cmd_error("show", "%s", why);
		return EXIT_FAILED;
	}
	status = !json && record_nr_blocks(&rec) ? cmd_compare_flipped(path) : print(&rec, json);
	record_free(&rec);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool json = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = true;
			break;
		case 'h':
			help();
			return EXIT_DONE;
		default:
			return usage("unknown option ", argv[optind - 1]);
		}
	}
	if (optind == argc)
		return usage("which record FILE?", "");
	if (optind + 1 < argc)
		return usage("one FILE only; what is ", argv[optind + 1]);
	return show_file(argv[optind], json);
}

const struct command cmd_show = {
	.name = "show",
	.summary = "print the table of a record again",
	.run = run,
};
