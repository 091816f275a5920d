// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync history: what the records in a folder say over the nights, and where a level
 * moved. The records are the only store: they are read anew each time, on all CPUs.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/history.h"
#include "cmd/options.h"
#include "cmd/parallel.h"
#include "cmd/plan.h"
#include "record/whole-file.h"
#include "report/history.h"
#include "stats/judge.h"

/* What the threads work on. */
struct work {
	struct history history;
	struct history_reader reader;
	int err;
};

static const char *history_metric_name(int at)
{
	return at < METRIC_OWN ? metric_builtin((enum metric_id)at)->name : NULL;
}

static const char *form_of_history(int at)
{
	static const char *const names[] = { "text", "markdown", "html", "csv", "json", NULL };

	return names[at];
}

static const struct cmd_option known[] = {
	OPTION(0, "html", "FILE", 'o', "write a page with graphs instead (needs gnuplot)", .details =
	       "Write a page with graphs instead, one file that fetches nothing. Needs gnuplot."),
	OPTION(0, "json", NULL, 'j', "the same as --format json, for programs", .details =
	       "The same as\n"
	       ".Fl -format Cm json :\n"
	       "the series and change points (schema\n"
	       ".Dq tlbsync.history/1 ) ,\n"
	       "or with\n"
	       ".Fl -judge\n"
	       "the regressions (schema\n"
	       ".Dq tlbsync.judge/1 ) ."),
	OPTION(0, "metric", "NAME[,...]", 'm', "these metrics only: sync, flush, other, p50, p99, p99.9, "
	       "ops/s, stolen, rate, sync-delivery-p50, -p99, flush-delivery-p50, -p99, or a workload's own",
	       .many = true, .values = history_metric_name, .details =
	       "These only:\n"
	       ".Cm sync , flush , other\n"
	       "(requests per op),\n"
	       ".Cm p50 , p99 , p99.9 , ops/s\n"
	       "(of the op alone),\n"
	       ".Cm stolen\n"
	       "(time an op takes from each bystander),\n"
	       ".Cm rate\n"
	       "(of several initiators),\n"
	       ".Cm sync-delivery-p50 , sync-delivery-p99 , flush-delivery-p50 , flush-delivery-p99\n"
	       "(of each IPI), or a workload's own."),
	OPTION(0, "format", "FORMAT", OPT_FORM, "text, markdown, html (needs gnuplot), csv or json "
	       "(default: text)", .values = form_of_history),
	PRINT_DETAIL_OPTIONS,
	OPTION(0, "judge", "RECORD", 'r', "compare the file RECORD with the nights in DIR before it "
	       "instead, and say what regressed: a case that failed or is not as predicted, a count "
	       "that grew, a change point to a longer time", .details =
	       "Judge this record, which may lie in\n"
	       ".Ar dir\n"
	       "or elsewhere. Exit status 1: something regressed, 77: none of its cases ran."),
	OPTION(0, "nights", "N", 'n', "only the last N nights of each history, 0 for all (default: "
	       "400, with --judge 14)", .details =
	       "The last\n"
	       ".Ar n\n"
	       "nights of each machine and kernel series, 400 by default, or to compare with, 14 by\n"
	       "default; 0 for all. The search takes the square of the nights."),
	{ 0 },
};

static int usage(const char *message, const char *word)
{
	cmd_error("history", "%s%s (see tlbsync history --help)", message, word);
	return EXIT_USAGE;
}

/* Takes "a,b" apart in place. */
static int parse_metrics(char *text, struct history_options *opt)
{
	int nr = 0;

	while (opt->metrics[nr])
		nr++;
	for (char *save, *word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		if (nr == MAX_METRICS_NAMED)
			return -EINVAL;
		opt->metrics[nr++] = word;
	}
	return nr ? 0 : -EINVAL;
}

/* What a history can be told in. */
static bool is_form(enum form form)
{
	return form != FORM_MAIL && form != FORM_SVG;
}

static int take_form(const char *value, struct history_options *opt)
{
	if (form_parse(value, &opt->print.form) || !is_form(opt->print.form))
		return usage("--format takes text, markdown, html, csv or json, not ", value);
	return EXIT_DONE;
}

/* One option and its value, or DIR. An exit status. */
static int take(int id, char *value, void *into)
{
	struct history_options *opt = into;

	switch (id) {
	case 'q':
	case 'v':
		return print_take("history", id, value, &opt->print);
	case OPT_FORM:
		return take_form(value, opt);
	case OPTION_OPERAND:
		opt->folder = value;
		break;
	case 'o':
		opt->html = value;
		break;
	case 'r':
		opt->judge = value;
		break;
	case 'j':
		opt->print.form = FORM_JSON;
		break;
	case 'm':
		if (parse_metrics(value, opt))
			return usage("--metric takes up to 32 names like sync,p50", "");
		break;
	case 'n':
		if (parse_number(value, &opt->nights) || opt->nights > INT32_MAX)
			return usage("--nights takes a number, not ", value);
		opt->nights_said = true;
		break;
	}
	return EXIT_DONE;
}

static int add(void *history, const struct record *rec, char *why, size_t size)
{
	return history_add(history, rec, why, size);
}

static void *find(void *ctx, int index)
{
	struct work *work = ctx;

	if (history_find(&work->history, index))
		__atomic_store_n(&work->err, -ENOMEM, __ATOMIC_RELAXED);
	return NULL;
}

static void warn_of_mixed_nights(const struct history *h)
{
	int mixed = 0;

	for (int i = 0; i < h->nr_lines; i++)
		for (int j = 0; j < h->lines[i].nr_nights; j++)
			mixed += h->lines[i].nights[j].mixed;
	if (mixed)
		cmd_error("history", "note: in %d night%s one machine ran several kernels of one "
			  "series, whose figures are taken together", mixed, mixed == 1 ? "" : "s");
}

static bool has_metric(const struct history *h, const char *metric)
{
	for (int i = 0; i < h->nr_lines; i++)
		for (int j = 0; j < h->lines[i].nr_cases; j++)
			for (int k = 0; k < h->lines[i].cases[j].nr_series; k++)
				if (!strcmp(h->lines[i].cases[j].series[k].metric.name, metric))
					return true;
	return false;
}

/* A mistyped metric would look like one that never moved. */
static int check_metrics(const struct work *work, const struct history_options *opt)
{
	for (int i = 0; opt->metrics[i] && work->history.nr_records; i++) {
		if (!has_metric(&work->history, opt->metrics[i])) {
			cmd_error("history", "no record here has the metric '%s' "
				  "(see tlbsync history --help)", opt->metrics[i]);
			return -ENOENT;
		}
	}
	return 0;
}

static int load(struct work *work, const struct history_options *opt)
{
	work->reader = (struct history_reader){ .add = add, .ctx = &work->history };
	work->err = history_read(&work->reader, opt->folder);
	if (work->err && work->err != -ENOMEM)
		return work->err;
	if (!work->err)
		work->err = history_finish(&work->history, (int)opt->nights,
					   opt->metrics[0] ? opt->metrics : NULL);
	if (!work->err)
		parallel_run(&(struct parallel_job){
			history_nr_series(&work->history), work, find, NULL });
	if (work->err)
		cmd_error("history", "out of memory");
	else
		warn_of_mixed_nights(&work->history);
	return work->err;
}

/* The page, then what goes to standard output. EXIT_DONE, or the status to exit with. */
int history_print(const struct report *report, const struct history_options *opt)
{
	const struct printing page = { .form = FORM_HTML, .output = opt->html };
	int status = opt->html ? cmd_print("history", report, &page) : EXIT_DONE;

	if (status == EXIT_DONE && (!opt->html || opt->print.form != FORM_TEXT))
		status = cmd_print("history", report, &opt->print);
	return status;
}

static int report(const struct work *work, const struct history_options *opt)
{
	struct history_view view = {
		.folder = opt->folder, .history = &work->history,
		.passed_over = work->reader.passed_over,
		.known_others = work->reader.known_others,
	};
	struct history_change *changes;
	struct report report;
	int status = EXIT_UNDONE;

	view.nr_changes = history_changes(&work->history, &changes);
	view.changes = changes;
	if (view.nr_changes < 0) {
		cmd_error("history", "out of memory");
		return EXIT_UNDONE;
	}
	if (report_history(&report, &view))
		cmd_error("history", "out of memory");
	else
		status = history_print(&report, opt);
	report_free(&report);
	free(changes);
	return status;
}

/* A name that cannot be written is told before the work, not after it. */
static int history(const struct history_options *opt)
{
	struct work work = { 0 };
	int status = EXIT_UNDONE;
	char why[1024];

	if (opt->html && whole_file_check(opt->html, why, sizeof(why))) {
		cmd_error("history", "%s", why);
		return EXIT_UNDONE;
	}
	if (opt->judge)
		return history_judge(opt);
	if (!load(&work, opt) && !check_metrics(&work, opt))
		status = report(&work, opt);
	history_free(&work.history);
	return status;
}

static int run(int argc, char **argv)
{
	struct history_options opt = { .print.detail = DETAIL_USUAL };
	bool go;
	int status = options_parse(&cmd_history, argc, argv, take, &opt, &go);

	if (go && opt.judge && opt.metrics[0])
		return usage("--judge looks at all metrics: no --metric", "");

	if (!opt.nights_said)
		opt.nights = opt.judge ? JUDGE_NIGHTS : HISTORY_NIGHTS;
	return go ? history(&opt) : status;
}

static const char *const usage_lines[] = {
	"[OPTION]... DIR", "[OPTION]... --judge RECORD DIR", NULL,
};

const struct command cmd_history = {
	.name = "history",
	.summary = "nights at which a figure's level moved, in a folder of records",
	.usage = usage_lines,
	.about = "Finds the nights at which a figure's level moved, in the records in DIR and two "
		 "folders below: counts and times of each case, the median of each night (UTC). Each "
		 "machine, kernel series and state of the static key has a history of its own. "
		 "Prints the changes worst first, with the kernels before and after. Foreign and "
		 "broken files are named and passed over.",
	.exits = "0 done\n"
		 "1 something regressed (--judge)\n"
		 "2 wrong usage\n"
		 "3 DIR or RECORD cannot be read, or FILE not written\n"
		 "77 there is no gnuplot, or no case of RECORD ran",
	.options = known,
	.operand = "DIR",
	.operand_needed = true,
	.run = run,
};
