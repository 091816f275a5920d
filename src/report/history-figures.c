// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A graph for each series that moved, with its levels, the worst first; a small line for
 * each other that is not constant; a row for all that never moved.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/history-parts.h"
#include "report/parts.h"
#include "report/words.h"

/* What the axis of @s counts in, and its @name. */
double history_axis_unit(const struct history_series *s, const char **name)
{
	static const struct { double unit; const char *name; } steps[] = {
		{ 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" },
	};
	int i = 0;

	if (s->metric.unit != UNIT_NS) {
		*name = s->metric.unit == UNIT_RATE ? "1000 ops/s" : "per op";
		return s->metric.unit == UNIT_RATE ? 1000 : 1;
	}
	while (i < 3 && s->most < steps[i].unit)
		i++;
	*name = steps[i].name;
	return steps[i].unit;
}

static void fill_nights(struct report *report, struct figure *figure,
			const struct history_line *line, const struct history_series *s)
{
	double unit = history_axis_unit(s, &figure->unit);

	figure->nights = report_room(report, (size_t)line->nr_nights, sizeof(*figure->nights));
	for (int i = 0; figure->nights && i < line->nr_nights; i++)
		figure->nights[i] = s->night[i] / unit;
	figure->nr_nights = figure->nights ? line->nr_nights : 0;
}

static void fill_levels(struct report *report, struct figure *figure,
			const struct history_line *line, const struct history_series *s)
{
	double unit = history_axis_unit(s, &figure->unit);

	figure->levels = report_room(report, (size_t)s->nr_points + 1, sizeof(*figure->levels));
	for (int i = 0; figure->levels && i <= s->nr_points; i++)
		figure->levels[figure->nr_levels++] = (struct figure_level){
			.from = i ? s->points[i - 1].night : 0,
			.to = i < s->nr_points ? s->points[i].last : line->nr_nights - 1,
			.level = (i ? s->points[i - 1].after : s->points[0].before) / unit,
		};
	figure->kernels = report_room(report, (size_t)line->nr_nights, sizeof(*figure->kernels));
	for (int i = 0; figure->kernels && i < line->nr_nights; i++)
		figure->kernels[i] = report_text(report, "%s", line->nights[i].kernel);
}

static const char *series_words(char buf[WORDS_SIZE], const struct history_series *s,
				double value)
{
	return s->metric.unit == UNIT_NS ? words_time(buf, value) :
	       s->metric.unit == UNIT_RATE ? words_rate(buf, value) : words_plain(buf, value);
}

/* One line a change point, below its graph. */
static char *item_text(struct report *report, const struct history_change *change)
{
	const struct change_point *p = change->point;
	char last[11], night[11], *kernels = history_kernels(report, change), *text;
	char before[WORDS_SIZE], after[WORDS_SIZE];

	history_date(change->line->nights[p->last].day, last);
	history_date(change->line->nights[p->night].day, night);
	text = report_text(report, "%s: %s to %s, between %s and %s; %s; p %.1g",
			   history_verdict(change), series_words(before, change->series, p->before),
			   series_words(after, change->series, p->after), last, night,
			   kernels ? kernels : "", p->p);
	free(kernels);
	return text;
}

/* The first change of @series in the view, which is its worst; -1 where it has none. */
static int first_change(const struct history_view *view, const struct history_series *series)
{
	for (int i = 0; i < view->nr_changes; i++)
		if (view->changes[i].series == series)
			return i;
	return -1;
}

/* What a link to the graph of @series calls it, on the heap; NULL where it has none. */
char *history_graph_id(struct report *report, const struct history_view *view,
		       const struct history_series *series)
{
	int at = first_change(view, series);

	return at < 0 ? NULL : report_text(report, "moved-%d", at + 1);
}

static void add_graph(struct report *report, const struct history_view *view, int at)
{
	const struct history_line *line = view->changes[at].line;
	const struct history_case *c = view->changes[at].c;
	const struct history_series *s = view->changes[at].series;
	struct figure *figure = report_add_figure(report, FIGURE_NIGHTS, "Series that moved");
	char *name = history_case_name(report, view->history, line, c);

	if (figure) {
		figure->id = history_graph_id(report, view, s);
		fill_nights(report, figure, line, s);
		fill_levels(report, figure, line, s);
		figure->title = report_text(report, "%s: %s, %s", name ? name : "", s->metric.name,
					    figure->unit);
		for (int i = 0; i < s->nr_points; i++)
			report_add_text(report, &figure->items, &figure->nr_items,
				item_text(report, &(struct history_change){ line, c, s, &s->points[i] }));
	}
	free(name);
}

static void add_spark(struct report *report, const struct history *h,
		      const struct history_line *line, const struct history_case *c,
		      const struct history_series *s)
{
	struct figure *figure = report_add_figure(report, FIGURE_SPARK, "Series that did not move");
	char median[WORDS_SIZE], least[WORDS_SIZE], most[WORDS_SIZE];
	char *name = history_case_name(report, h, line, c);

	if (figure) {
		fill_nights(report, figure, line, s);
		figure->title = report_text(report, "%s: %s", name ? name : "", s->metric.name);
		figure->caption = report_text(report, "median %s, from %s to %s%s",
					      series_words(median, s, s->median),
					      series_words(least, s, s->least),
					      series_words(most, s, s->most),
					      s->metric.unit == UNIT_NS ||
					      s->metric.unit == UNIT_RATE ? "" : " per op");
	}
	free(name);
}

static bool is_constant(const struct history_series *s)
{
	return !s->nr_points && !(s->measured > 1 && s->least < s->most);
}

/* The table of what never changed, which is there from its first row on. */
static struct report_table *constant_table(struct report *report)
{
	static const struct report_column columns[] = {
		{ "case", "case", .right = false }, { "metric", "metric", .right = false },
		{ "always", "always", .right = true },
	};
	static const char id[] = "constant";
	int nr = report->nr_tables;

	if (nr && !strcmp(report->tables[nr - 1].id, id))
		return &report->tables[nr - 1];
	return report_add_table(report, id, "Series that never changed", columns, 3);
}

/* Takes @name over. */
static void add_constant(struct report *report, char *name, const struct history_series *s)
{
	struct cell *cells = report_add_row(report, constant_table(report));

	if (!cells) {
		free(name);
		return;
	}
	cells[0] = cell_text(name);
	cells[1] = cell_text(report_text(report, "%s", s->metric.name));
	cells[2] = cell_value(s->measured ? history_value(s, s->median) : value_unknown());
}

/* The series that did not move: those that waver, or those that never changed. */
static void each_series(struct report *report, const struct history *h, bool constant)
{
	for (int i = 0; i < h->nr_lines; i++) {
		const struct history_line *line = &h->lines[i];

		for (int j = 0; j < line->nr_cases; j++)
			for (int k = 0; k < line->cases[j].nr_series; k++) {
				const struct history_case *c = &line->cases[j];
				const struct history_series *s = &c->series[k];

				if (constant && is_constant(s))
					add_constant(report, history_case_name(report, h, line, c), s);
				if (!constant && !s->nr_points && !is_constant(s))
					add_spark(report, h, line, c, s);
			}
	}
}

/* Adds all figures of a history, those of one section together, and the constants. */
void history_figures(struct report *report, const struct history_view *view)
{
	for (int i = 0; i < view->nr_changes; i++)
		if (first_change(view, view->changes[i].series) == i)
			add_graph(report, view, i);
	each_series(report, view->history, false);
	each_series(report, view->history, true);
}
