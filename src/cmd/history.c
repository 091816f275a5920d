// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tlbsync history: what the records in a folder say over the nights, and where a level
 * moved. The records are the only store: they are read anew each time, on all CPUs.
 */
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"
#include "cmd/parallel.h"
#include "cmd/plan.h"
#include "record/folder.h"
#include "record/whole-file.h"
#include "render/history.h"
#include "render/plot.h"

#define KEPT_BYTES	(64 << 20)	/* of freed memory, for the next record */
#define NIGHTS		400	/* a year and the season before it */
#define MAX_METRICS_NAMED	32

struct options {
	const char *folder, *html;
	const char *metrics[MAX_METRICS_NAMED + 1];	/* none: all */
	uint64_t nights;	/* 0: all */
	bool json;
};

/* A file that was read: a record, or why it is none. */
struct reading {
	struct record rec;
	int err;
	char why[1024];
};

/* What the threads work on. */
struct work {
	struct record_files files;
	struct history history;
	int passed_over;
	int err;
};

static const char *history_metric_name(int at)
{
	return at < METRIC_OWN ? metric_builtin((enum metric_id)at)->name : NULL;
}

static const struct cmd_option known[] = {
	OPTION(0, "html", "FILE", 'o', "write a page with graphs instead (needs gnuplot)", .details =
	       "Write a page with graphs instead, one file that fetches nothing. Needs gnuplot."),
	OPTION(0, "json", NULL, 'j', "print JSON for programs (schema tlbsync.history/1)", .details =
	       "The series and change points as JSON, schema\n"
	       ".Dq tlbsync.history/1 ."),
	OPTION(0, "metric", "NAME[,...]", 'm', "these metrics only: sync, flush, other, p50, p99, p99.9, "
	       "ops/s, stolen, or a workload's own",
	       .many = true, .values = history_metric_name, .details =
	       "These only:\n"
	       ".Cm sync , flush , other\n"
	       "(requests per op),\n"
	       ".Cm p50 , p99 , p99.9 , ops/s\n"
	       "(of the op alone),\n"
	       ".Cm stolen\n"
	       "(time an op takes from each bystander), or a workload's own."),
	OPTION(0, "nights", "N", 'n', "only the last N nights of each machine, 0 for all "
	       "(default: 400)", .details =
	       "The last\n"
	       ".Ar n\n"
	       "nights of each machine, 400 by default; 0 for all. The search takes the square of the\n"
	       "nights."),
	{ 0 },
};

static int usage(const char *message, const char *word)
{
	cmd_error("history", "%s%s (see tlbsync history --help)", message, word);
	return EXIT_USAGE;
}

/* Takes "a,b" apart in place. */
static int parse_metrics(char *text, struct options *opt)
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

/* One option and its value, or DIR. An exit status. */
static int take(int id, char *value, void *into)
{
	struct options *opt = into;

	switch (id) {
	case OPTION_OPERAND:
		opt->folder = value;
		break;
	case 'o':
		opt->html = value;
		break;
	case 'j':
		opt->json = true;
		break;
	case 'm':
		if (parse_metrics(value, opt))
			return usage("--metric takes up to 32 names like sync,p50", "");
		break;
	case 'n':
		if (parse_number(value, &opt->nights) || opt->nights > INT32_MAX)
			return usage("--nights takes a number, not ", value);
		break;
	}
	return EXIT_DONE;
}

static void *read_file(void *ctx, int index)
{
	const struct work *work = ctx;
	struct reading *reading = malloc(sizeof(*reading));

	if (reading)
		reading->err = record_read(work->files.path[index], &reading->rec, reading->why,
					   sizeof(reading->why));
	return reading;
}

static void add_file(void *ctx, int index, void *result)
{
	struct reading *reading = result;
	struct work *work = ctx;
	char why[256];
	int err;

	if (!reading || reading->err == -ENOMEM) {
		work->err = -ENOMEM;
	} else if (reading->err) {
		cmd_error("history", "passed over: %s", reading->why);
		work->passed_over++;
	} else {
		err = history_add(&work->history, &reading->rec, why, sizeof(why));
		record_free(&reading->rec);
		if (err == -ENOMEM) {
			work->err = err;
		} else if (err) {
			cmd_error("history", "passed over: cannot use '%s': %s",
				  work->files.path[index], why);
			work->passed_over++;
		}
	}
	free(reading);
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

	for (int i = 0; i < h->nr_machines; i++)
		for (int j = 0; j < h->machines[i].nr_nights; j++)
			mixed += h->machines[i].nights[j].mixed;
	if (mixed)
		cmd_error("history", "note: in %d night%s one machine ran several kernels, "
			  "whose figures are taken together", mixed, mixed == 1 ? "" : "s");
}

static bool has_metric(const struct history *h, const char *metric)
{
	for (int i = 0; i < h->nr_machines; i++)
		for (int j = 0; j < h->machines[i].nr_cases; j++)
			for (int k = 0; k < h->machines[i].cases[j].nr_series; k++)
				if (!strcmp(h->machines[i].cases[j].series[k].metric.name, metric))
					return true;
	return false;
}

/* A mistyped metric would look like one that never moved. */
static int check_metrics(const struct work *work, const struct options *opt)
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

static int load(struct work *work, const struct options *opt)
{
	char why[1024];
	int err = record_files_find(opt->folder, &work->files, why, sizeof(why));

	if (err) {
		cmd_error("history", "%s", why);
		return err;
	}
	/* Its histograms take 58 KiB each: to the kernel and back is longer than to read it. */
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	parallel_run(&(struct parallel_job){ work->files.nr, work, read_file, add_file });
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

struct page_parts {
	const struct history_report *report;
	const struct plots *plots;
};

static int print_page(const void *what, FILE *out)
{
	const struct page_parts *parts = what;

	history_page(out, parts->report, parts->plots);
	return 0;
}

static int write_page(const struct history_report *report, const char *path)
{
	struct page_parts parts = { .report = report };
	struct plots *plots;
	char why[1024];
	int err;

	plots = history_plots(report->history, why, sizeof(why));
	if (!plots) {
		cmd_error("history", "%s", why);
		return strstr(why, "gnuplot-nox") ? EXIT_CANNOT : EXIT_UNDONE;
	}
	parts.plots = plots;
	err = whole_file_write(path, print_page, &parts, why, sizeof(why));
	plots_free(plots);
	if (err) {
		cmd_error("history", "%s", why);
		return EXIT_UNDONE;
	}
	return EXIT_DONE;
}

static int print_json(const struct history_report *report)
{
	json_t *json = history_to_json(report);
	int err = json ? json_dumpf(json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) : -1;

	json_decref(json);
	putchar('\n');
	return err ? -ENOMEM : 0;
}

static int print(const struct history_report *report, bool json)
{
	struct style style = style_for(stdout);
	int err = json ? print_json(report) : render_history(stdout, &style, report);

	if (!err && (fflush(stdout) || ferror(stdout)))
		err = -errno;
	if (err)
		cmd_error("history", "cannot print: %s", strerror(-err));
	return err ? EXIT_UNDONE : EXIT_DONE;
}

static int report(const struct work *work, const struct options *opt)
{
	struct history_report report = {
		.folder = opt->folder, .history = &work->history,
		.passed_over = work->passed_over,
	};
	struct history_change *changes;
	int status = EXIT_DONE;

	report.nr_changes = history_changes(&work->history, &changes);
	if (report.nr_changes < 0) {
		cmd_error("history", "out of memory");
		return EXIT_UNDONE;
	}
	report.changes = changes;
	if (opt->html)
		status = write_page(&report, opt->html);
	if (status == EXIT_DONE && (opt->json || !opt->html))
		status = print(&report, opt->json);
	free(changes);
	return status;
}

/* A name that cannot be written is told before the work, not after it. */
static int history(const struct options *opt)
{
	struct work work = { 0 };
	int status = EXIT_UNDONE;
	char why[1024];

	if (opt->html && whole_file_check(opt->html, why, sizeof(why))) {
		cmd_error("history", "%s", why);
		return EXIT_UNDONE;
	}
	if (!load(&work, opt) && !check_metrics(&work, opt))
		status = report(&work, opt);
	history_free(&work.history);
	record_files_free(&work.files);
	return status;
}

static int run(int argc, char **argv)
{
	struct options opt = { .nights = NIGHTS };
	bool go;
	int status = options_parse(&cmd_history, argc, argv, take, &opt, &go);

	return go ? history(&opt) : status;
}

static const char *const usage_lines[] = { "[OPTION]... DIR", NULL };

const struct command cmd_history = {
	.name = "history",
	.summary = "nights at which a figure's level moved, in a folder of records",
	.usage = usage_lines,
	.about = "Finds the nights at which a figure's level moved, in the records in DIR and two "
		 "folders below: counts and times of each case, machine by machine, the median of "
		 "each night (UTC). Prints them worst first, with the kernels before and after. "
		 "Files that are no records are named and passed over.",
	.exits = "0 done\n"
		 "2 wrong usage\n"
		 "3 DIR cannot be read or FILE not written\n"
		 "77 there is no gnuplot",
	.options = known,
	.operand = "DIR",
	.operand_needed = true,
	.run = run,
};
