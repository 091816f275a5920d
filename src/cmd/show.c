// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync show: the table of a record again, as the run printed it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/options.h"
#include "record/blocks.h"
#include "render/render.h"

struct show_options {
	const char *file;
	bool json;
};

static int print(const struct record *rec, bool json)
{
	struct style style = style_for(stdout);
	int err = json ? record_print(rec, stdout) : render_run(stdout, &style, rec);

	if (!err && (fflush(stdout) || ferror(stdout)))
		err = -errno;
	if (err) {
		cmd_error("show", "cannot print: %s", strerror(-err));
		return EXIT_UNDONE;
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
		return EXIT_UNDONE;
	}
	if (rec.incomplete.signal[0])
		cmd_error("show", "this record is incomplete: %s ended the run after %d of %d cases",
			  rec.incomplete.signal, rec.nr_cases, rec.incomplete.cases_planned);
	status = !json && record_nr_blocks(&rec) ? cmd_compare_flipped(path) : print(&rec, json);
	record_free(&rec);
	return status;
}

static const struct cmd_option options[] = {
	OPTION(0, "json", NULL, 'j', "print the record itself, checked and in its canonical form"),
	{ 0 },
};

static int take(int id, char *value, void *into)
{
	struct show_options *opt = into;

	if (id == OPTION_OPERAND)
		opt->file = value;
	opt->json |= id == 'j';
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	struct show_options opt = { 0 };
	bool go;
	int status = options_parse(&cmd_show, argc, argv, take, &opt, &go);

	return go ? show_file(opt.file, opt.json) : status;
}

static const char *const usage[] = { "[OPTION]... FILE", NULL };

const struct command cmd_show = {
	.name = "show",
	.summary = "print the table of a record again",
	.usage = usage,
	.about = "Prints the table of the run that FILE records.",
	.exits = "0 shown\n"
		 "2 wrong usage\n"
		 "3 FILE cannot be read or is no record, or nothing can be printed; blocks of a "
		 "flipped key are compared, with 1 and 77 as in compare",
	.options = options,
	.operand = "FILE",
	.operand_needed = true,
	.run = run,
};
