// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync history --judge: one night's record held against the nights before it, for
 * scripts/nightly and whoever else wants a verdict by exit status.
 */
#include <errno.h>

#include "cmd/cmd.h"
#include "cmd/history.h"
#include "report/judge.h"

static int add(void *judge, const struct record *rec, char *why, size_t size)
{
	return judge_add(judge, rec, why, size);
}

/* EXIT_DONE: all is well. */
static int verdict(const struct judge *judge)
{
	if (judge->nr_regressions)
		return EXIT_DIFFERS;
	return judge->measured ? EXIT_DONE : EXIT_CANNOT;
}

static int print(const struct judge *judge, const struct history_reader *reader,
		 const struct history_options *opt)
{
	const struct judge_view view = {
		.file = opt->judge, .folder = opt->folder, .judge = judge,
		.passed_over = reader->passed_over, .known_others = reader->known_others,
	};
	struct report report;
	int status = EXIT_UNDONE;

	if (report_judge(&report, &view))
		cmd_error("history", "out of memory");
	else
		status = history_print(&report, opt);
	report_free(&report);
	return status == EXIT_DONE ? verdict(judge) : status;
}

static int judge_record(const struct record *rec, const struct history_options *opt)
{
	struct judge judge;
	struct history_reader reader = { .add = add, .ctx = &judge };
	int err, status = EXIT_UNDONE;
	char why[256];

	err = judge_begin(&judge, rec, why, sizeof(why));
	if (err && err != -ENOMEM)
		cmd_error("history", "cannot judge '%s': %s", opt->judge, why);
	if (!err)
		err = history_read(&reader, opt->folder);
	if (!err)
		err = judge_finish(&judge, (int)opt->nights);
	if (!err)
		status = print(&judge, &reader, opt);
	else if (err == -ENOMEM)
		cmd_error("history", "out of memory");
	judge_free(&judge);
	return status;
}

/* Judges the record that @opt names. An exit status. */
int history_judge(const struct history_options *opt)
{
	struct record rec;
	char why[1024];
	int status;

	if (record_read(opt->judge, &rec, why, sizeof(why))) {
		cmd_error("history", "%s", why);
		return EXIT_UNDONE;
	}
	status = judge_record(&rec, opt);
	record_free(&rec);
	return status;
}
