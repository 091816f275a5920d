// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync show: the table of a record again, as the run printed it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd/options.h"
#include "cmd/print.h"
#include "record/blocks.h"

struct show_options {
	const char *file;
	struct printing print;
	bool json;
};

/* The record itself, checked and in its canonical form. */
static int print_record(const struct record *rec)
{
	int err = record_print(rec, stdout);

	if (!err && (fflush(stdout) || ferror(stdout)))
		err = -errno;
	if (!err)
		return EXIT_DONE;
	cmd_error("show", "cannot print: %s", strerror(-err));
	return EXIT_UNDONE;
}

static int show_file(const struct show_options *opt)
{
	struct record rec;
	char why[1024];
	int status;

	if (record_read(opt->file, &rec, why, sizeof(why))) {
		cmd_error("show", "%s", why);
		return EXIT_UNDONE;
	}
	if (opt->json)
		status = print_record(&rec);
	else
		status = record_has_both_keys(&rec) ? cmd_compare_flipped(opt->file, &opt->print) :
			 cmd_print_run("show", &rec, &opt->print);
	record_free(&rec);
	return status;
}

static const struct cmd_option options[] = {
	OPTION(0, "json", NULL, 'j', "print the record itself, checked and in its canonical form"),
	PRINT_OPTIONS,
	OPTION('o', "output", "FILE", 'o', "write FILE, whole or not at all"),
	{ 0 },
};

static int take(int id, char *value, void *into)
{
	struct show_options *opt = into;

	if (id == 'q' || id == 'v' || id == OPT_FORM)
		return print_take("show", id, value, &opt->print);
	if (id == OPTION_OPERAND)
		opt->file = value;
	if (id == 'o')
		opt->print.output = value;
	opt->json |= id == 'j';
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	struct show_options opt = { .print = { .detail = DETAIL_USUAL, .latency = true } };
	bool go;
	int status = options_parse(&cmd_show, argc, argv, take, &opt, &go);

	return go ? show_file(&opt) : status;
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
