// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A history on a terminal: its machines, and the change points, worst first.
 */
#include <errno.h>
#include <stdlib.h>

#include "render/history.h"
#include "render/style.h"

static const struct column columns[] = {
	{ "", ALIGN_LEFT }, { "case", ALIGN_LEFT }, { "metric", ALIGN_LEFT },
	{ "before", ALIGN_RIGHT }, { "after", ALIGN_RIGHT }, { "change", ALIGN_RIGHT },
	{ "p", ALIGN_RIGHT }, { "night", ALIGN_LEFT }, { "kernels", ALIGN_LEFT },
};

static int print_machine(FILE *out, int number, const struct history_machine *m)
{
	char first[11], last[11], *name = history_machine_name(m);

	if (!name)
		return -ENOMEM;
	history_date(m->nights[0].day, first);
	history_date(m->nights[m->nr_nights - 1].day, last);
	text_line(out, "machine %d  %s; %d night%s, %s to %s%s", number + 1, name,
		  m->nr_nights, m->nr_nights == 1 ? "" : "s", first, last,
		  history_emulated(m) ? "; emulated: no times" : "");
	if (m->older_nights)
		text_line(out, "           %d older night%s not looked at (--nights)",
			  m->older_nights, m->older_nights == 1 ? " is" : "s are");
	free(name);
	return 0;
}

static int add_row(struct table *table, const struct history_report *report,
		   const struct history_change *change)
{
	int direction = history_direction(change->series, change->point);
	enum tint tint = direction > 0 ? TINT_BAD : direction < 0 ? TINT_GOOD : TINT_NONE;
	char *kernels = history_kernels(change, false), *name = history_case_name(change->c);
	enum unit unit = change->series->metric.unit;
	char text[TEXT_SIZE], night[11];

	if (kernels && name) {
		history_date(change->machine->nights[change->point->night].day, night);
		table_cell(table, tint, "%s", history_verdict(change));
		if (report->history->nr_machines > 1)
			table_cell(table, TINT_NONE, "%s [%d]", name,
				   (int)(change->machine - report->history->machines) + 1);
		else
			table_cell(table, TINT_NONE, "%s", name);
		table_cell(table, TINT_NONE, "%s", change->series->metric.name);
		table_cell(table, TINT_NONE, "%s", history_value(text, unit, change->point->before));
		table_cell(table, TINT_NONE, "%s", history_value(text, unit, change->point->after));
		table_cell(table, tint, "%s", history_relative(text, change->point));
		table_cell(table, TINT_NONE, "%.1g", change->point->p);
		table_cell(table, TINT_NONE, "%s", night);
		table_cell(table, TINT_NONE, "%s", kernels);
	}
	free(kernels);
	free(name);
	return kernels && name ? 0 : -ENOMEM;
}

static int print_changes(FILE *out, const struct style *style,
			 const struct history_report *report)
{
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	int err = table ? 0 : -ENOMEM;

	for (int i = 0; i < report->nr_changes && !err; i++)
		err = add_row(table, report, &report->changes[i]);
	if (!err)
		err = table_print(table, out, style);
	table_free(table);
	return err;
}

/* Prints @report. 0, or -ENOMEM. */
int render_history(FILE *out, const struct style *style, const struct history_report *report)
{
	const struct history *h = report->history;
	const char *nothing = history_nothing(h);
	int err = 0;

	text_line(out, "history    %s: %d record%s, %d series", report->folder, h->nr_records,
		  h->nr_records == 1 ? "" : "s", history_nr_series(h));
	for (int i = 0; i < h->nr_machines && !err; i++)
		err = print_machine(out, i, &h->machines[i]);
	fputc('\n', out);
	if (err)
		return err;
	if (report->nr_changes)
		return print_changes(out, style, report);
	text_line(out, "%s", nothing ? nothing : "No level has moved.");
	return 0;
}
