// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where levels moved and stayed. What moved in one case in one night is one row: its
 * metrics are mostly of one cause.
 */
#include "report/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/history-parts.h"
#include "report/parts.h"
#include "report/words.h"

enum {
	MOVE_VERDICT, MOVE_CASE, MOVE_METRIC, MOVE_BEFORE, MOVE_AFTER, MOVE_CHANGE, MOVE_ALSO,
	MOVE_P, MOVE_NIGHT, MOVE_KERNELS, NR_MOVE_COLUMNS,
};

static const struct report_column move_columns[NR_MOVE_COLUMNS] = {
	{ "verdict", "verdict", .right = false }, { "case", "case", .right = false },
	{ "metric", "metric", .right = false }, { "before", "before", .right = true },
	{ "after", "after", .right = true }, { "change", "change", .right = true },
	{ "also", "also", .right = false, .drop = 1 }, { "p", "p", .right = true, .drop = 2 },
	{ "night", "night", .right = false }, { "kernels", "kernels", .right = false },
};

/* "better", "moved" or "worse". */
const char *history_verdict(const struct history_change *change)
{
	static const char *const words[] = { "better", "moved", "worse" };

	return words[history_direction(change->series, change->point) + 1];
}

/* Host, CPUs, model, hypervisor, kernel series and key; on the heap. */
char *history_line_name(struct report *report, const struct history_line *line)
{
	return report_text(report, "%s: %d CPU%s, %s, %s%s; kernel %s, key %s",
			   words_or_unknown(line->id.host), line->id.cpus_online,
			   plural(line->id.cpus_online), words_or_unknown(line->id.cpu),
			   *line->id.hypervisor ? "under " : "no hypervisor", line->id.hypervisor,
			   words_or_unknown(line->series), key_state_name(line->key));
}

/* "munmap, all [2]": the case, and of which line it is if there are several; on the heap. */
char *history_case_name(struct report *report, const struct history *h,
			const struct history_line *line, const struct history_case *c)
{
	char *name = report_case(report, &c->id), *text;

	if (h->nr_lines == 1 || !name)
		return name;
	text = report_text(report, "%s [%d]", name, (int)(line - h->lines) + 1);
	free(name);
	return text;
}

/* The kernels between which the change lies, "7.2.1 -> 7.2.2", or the one; on the heap. */
char *history_kernels(struct report *report, const struct history_change *change)
{
	const struct history_night *nights = change->line->nights;
	const char *before = nights[change->point->last].kernel;
	const char *after = nights[change->point->night].kernel;

	if (!strcmp(before, after))
		return report_text(report, "within %s", before);
	return report_text(report, "%s -> %s", before, after);
}

/* @value of the series, in its metric's unit. */
struct value history_value(const struct history_series *series, double value)
{
	return value_of(series->metric.unit == UNIT_NS ? QUANTITY_NS :
			series->metric.unit == UNIT_RATE ? QUANTITY_RATE : QUANTITY_PLAIN, value);
}

/* How far the level moved, with its direction. */
struct cell history_relative(const struct history_change *change)
{
	struct value before = value_of(QUANTITY_PLAIN, change->point->before);
	struct value after = value_of(QUANTITY_PLAIN, change->point->after);
	struct cell cell = { .kind = CELL_CHANGES };
	double factor = after.number / before.number;

	cell.change[1].kind = CHANGE_SAME;
	cell.change[0].kind = before.number == 0 ? CHANGE_NEW : after.number == 0 ? CHANGE_GONE :
			      factor >= 2 || factor <= 0.5 ? CHANGE_FACTOR : CHANGE_SHARE;
	cell.change[0].factor = factor;
	cell.direction = history_direction(change->series, change->point);
	return cell;
}

static bool same_night(const struct history_change *a, const struct history_change *b)
{
	return a->line == b->line && a->c == b->c && a->point->night == b->point->night &&
	       history_direction(a->series, a->point) == history_direction(b->series, b->point);
}

/* Is there one before it that it is told with? */
static bool is_told(const struct history_view *view, int at)
{
	for (int i = 0; i < at; i++)
		if (same_night(&view->changes[i], &view->changes[at]))
			return true;
	return false;
}

/* "p99, ops/s": what else moved in the same case and night; NULL: nothing. */
static char *also_text(struct report *report, const struct history_view *view, int at)
{
	char *text = NULL;

	for (int i = at + 1; i < view->nr_changes; i++) {
		char *longer;

		if (!same_night(&view->changes[at], &view->changes[i]))
			continue;
		longer = report_text(report, "%s%s%s", text ? text : "", text ? ", " : "",
				     view->changes[i].series->metric.name);
		free(text);
		text = longer;
	}
	return text;
}

static void add_move(struct report *report, const struct history_view *view,
		     struct report_table *table, int at)
{
	const struct history_change *change = &view->changes[at];
	struct cell *cells = report_add_row(report, table);
	char night[11];

	if (!cells)
		return;
	history_date(change->line->nights[change->point->night].day, night);
	table->rows[table->nr_rows - 1].link = history_graph_id(report, view, change->series);
	cells[MOVE_VERDICT] = cell_text(report_text(report, "%s", history_verdict(change)));
	cells[MOVE_VERDICT].direction = history_direction(change->series, change->point);
	cells[MOVE_CASE] = cell_text(history_case_name(report, view->history, change->line,
						       change->c));
	cells[MOVE_METRIC] = cell_text(report_text(report, "%s", change->series->metric.name));
	cells[MOVE_BEFORE] = cell_value(history_value(change->series, change->point->before));
	cells[MOVE_AFTER] = cell_value(history_value(change->series, change->point->after));
	cells[MOVE_CHANGE] = history_relative(change);
	cells[MOVE_ALSO] = cell_text(also_text(report, view, at));
	cells[MOVE_P] = cell_value(value_of(QUANTITY_P, change->point->p));
	cells[MOVE_NIGHT] = cell_text(report_text(report, "%s", night));
	cells[MOVE_KERNELS] = cell_text(history_kernels(report, change));
}

/* Why nothing can be told yet; NULL if there are nights enough. */
static const char *nothing_yet(const struct history *h)
{
	int most = 0;

	for (int i = 0; i < h->nr_lines; i++)
		if (h->lines[i].nr_nights > most)
			most = h->lines[i].nr_nights;
	if (!most)
		return "No night has been recorded yet: there is nothing to tell.";
	if (most == 1)
		return "Only one night has been recorded: there is nothing to tell yet.";
	if (most < 2 * CHANGE_MIN_NIGHTS)
		return "There are too few nights to tell a change yet.";
	return NULL;
}

/* A case that got worse in several nights is named once. Takes @name over. */
static void add_worse(struct report *report, struct names *worse, char *name)
{
	for (int i = 0; name && i < worse->nr; i++) {
		if (!strcmp(worse->name[i], name)) {
			free(name);
			return;
		}
	}
	names_add(report, worse, name);
}

static void add_headline(struct report *report, const struct history_view *view)
{
	const char *nothing = nothing_yet(view->history);
	struct names worse = { 0 };
	int rows[3] = { 0 };
	char *text;

	for (int i = 0; i < view->nr_changes; i++) {
		const struct history_change *change = &view->changes[i];
		int direction = history_direction(change->series, change->point);

		if (is_told(view, i))
			continue;
		rows[direction + 1]++;
		if (direction > 0)
			add_worse(report, &worse, history_case_name(report, view->history,
								    change->line, change->c));
	}
	text = names_text(report, &worse);
	if (!view->nr_changes)
		report_say(report, "%s", nothing ? nothing : "No level has moved.");
	else if (rows[2])
		report_say(report, "%d change%s for the worse: %s.", rows[2], plural(rows[2]),
			   text ? text : "");
	else
		report_say(report, "No change for the worse.");
	if (rows[0] || rows[1])
		report_say(report, "%d change%s for the better, %d that nobody can judge.", rows[0],
			   plural(rows[0]), rows[1]);
	report->summary = json_pack("{s:i, s:i, s:i, s:o}", "better", rows[0], "moved", rows[1],
				    "worse", rows[2], "cases_worse", names_json(&worse));
	free(text);
	names_free(&worse);
}

/* "[2]", as the cases of line 1 (from 0 on) are marked. */
static const char *mark(int number)
{
	static char marks[99][8];

	if (number >= 99)
		return "[+]";
	snprintf(marks[number], sizeof(marks[number]), "[%d]", number + 1);
	return marks[number];
}

static void add_line(struct report *report, int number, const struct history_line *line)
{
	char first[11], last[11], older[64] = "", *name = history_line_name(report, line);

	history_date(line->nights[0].day, first);
	history_date(line->nights[line->nr_nights - 1].day, last);
	if (line->older_nights)
		snprintf(older, sizeof(older), "; %d older are not looked at (--nights)",
			 line->older_nights);
	report_fact(report, mark(number), "%s; %d night%s, %s to %s%s%s",
		    name ? name : "", line->nr_nights, plural(line->nr_nights), first, last, older,
		    history_emulated(line) ? "; emulated: no times" : "");
	free(name);
}

/* Builds the report of @view, which report_free() frees whatever is returned: 0 or -ENOMEM. */
int report_history(struct report *report, const struct history_view *view)
{
	const struct history *h = view->history;
	struct report_table *table = NULL;

	report_init(report, "history", "tlbsync history");
	report->one_kernel = true;
	add_headline(report, view);
	report_fact(report, "history", "%s: %d record%s, %d series%s", view->folder, h->nr_records,
		    plural(h->nr_records), history_nr_series(h),
		    view->passed_over ? "; files that cannot be used were passed over" : "");
	for (int i = 0; i < h->nr_lines; i++)
		add_line(report, i, &h->lines[i]);
	if (view->nr_changes)
		table = report_add_table(report, "moves", "Where levels moved, worst first",
					 move_columns, NR_MOVE_COLUMNS);
	if (table)
		table->lead = true;
	for (int i = 0; table && i < view->nr_changes; i++)
		if (!is_told(view, i))
			add_move(report, view, table, i);
	report_legend(report, table, "p: that nights of one level look so broken in two; also: what "
		      "else moved in that case and night.");
	history_figures(report, view);
	report_data(report, history_data(view));
	return report_finish(report);
}
