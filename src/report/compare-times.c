// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is said of times: medians over boots, the shift between them, and how sure that is.
 */
#include <math.h>

#include "report/compare-parts.h"
#include "report/parts.h"
#include "report/words.h"

enum {
	TIME_CASE, TIME_METRIC, TIME_BASE, TIME_BASE_IQR, TIME_PATCHED, TIME_PATCHED_IQR,
	TIME_CHANGE, TIME_INTERVAL, TIME_P, TIME_SHOWS, TIME_FLOOR, NR_TIME_COLUMNS,
};

static const struct report_column all_columns[NR_TIME_COLUMNS] = {
	{ "case", "case", .right = false }, { "metric", "metric", .right = false },
	{ "base", "base", .right = true }, { "IQR", "base_iqr", .right = true, .drop = 1 },
	{ "patched", "patched", .right = true },
	{ "IQR", "patched_iqr", .right = true, .drop = 1 },
	{ "change", "change", .right = true }, { "95% interval", "interval", .right = true },
	{ "p", "p", .right = true }, { "shows", "shows", .right = true, .drop = 2 },
	{ "floor", "floor", .right = true },
};

/*
 * The columns and what each shows; their number is returned. Boots of one kernel have a
 * floor and no test, a comparison has a floor only with --aa.
 */
static int choose_columns(const struct compare_view *view, struct report_column *columns,
			  int *which)
{
	bool halves = view->shifts->halves;
	int nr = 0;

	for (int i = 0; i < NR_TIME_COLUMNS; i++) {
		if (halves ? i == TIME_P || i == TIME_SHOWS : i == TIME_FLOOR && !view->noise)
			continue;
		columns[nr] = all_columns[i];
		which[nr++] = i;
	}
	if (halves) {
		columns[TIME_BASE].head = columns[TIME_BASE].key = "earlier";
		columns[TIME_PATCHED].head = columns[TIME_PATCHED].key = "later";
		columns[TIME_CHANGE].head = columns[TIME_CHANGE].key = "shift";
	}
	return nr;
}

static enum quantity quantity_of(const struct metric *metric)
{
	return metric->unit == UNIT_NS ? QUANTITY_NS :
	       metric->unit == UNIT_RATE ? QUANTITY_RATE : QUANTITY_PLAIN;
}

/* @value in parts of the base's median, or in the metric's own unit if that is 0. */
struct value shift_value(const struct shift *shift, double value, bool sign)
{
	double relative = shift_relative(shift, value);
	struct value v = isnan(relative) ? value_of(quantity_of(shift->metric), value) :
			 value_of(QUANTITY_SHARE, relative);

	v.sign = sign;
	v.known = isfinite(value);
	return v;
}

/* The distance of the quartiles in parts of the median. */
static struct cell spread_cell(const struct summary *side)
{
	return cell_value(value_of(QUANTITY_SHARE, side->median > 0 ?
		(side->three_quarters - side->quarter) / side->median : NAN));
}

static struct cell change_cell(const struct shift *shift, bool halves)
{
	struct cell cell = { .kind = shift->tested ? CELL_UNTOLD : CELL_EMPTY };

	if (!shift->changed && !halves)
		return cell;
	cell = cell_value(shift_value(shift, shift->test.shift, true));
	cell.direction = shift->changed ? shift_direction(shift) : 0;
	return cell;
}

static struct cell time_cell(struct report *report, const struct compare_view *view,
			     const struct shift *shift, int which)
{
	enum quantity quantity = quantity_of(shift->metric);

	switch (which) {
	case TIME_CASE:
		return cell_text(report_case(report, &view->cmp->cases[shift->at_case].id));
	case TIME_METRIC:
		return cell_text(report_text(report, "%s", shift->metric->name));
	case TIME_BASE:
	case TIME_PATCHED:
		return cell_value(value_of(quantity, shift->side[which == TIME_PATCHED].median));
	case TIME_BASE_IQR:
	case TIME_PATCHED_IQR:
		return spread_cell(&shift->side[which == TIME_PATCHED_IQR]);
	case TIME_CHANGE:
		return change_cell(shift, view->shifts->halves);
	case TIME_INTERVAL:
		return (struct cell){ .kind = CELL_RANGE,
				      .v = { shift_value(shift, shift->test.lo, true),
					     shift_value(shift, shift->test.hi, true) } };
	case TIME_P:
		return shift->tested ? cell_value(value_of(QUANTITY_P, shift->p)) :
		       cell_value(value_unknown());
	case TIME_SHOWS:
		return cell_value(shift_value(shift, shift->tested ? shift->smallest : NAN, false));
	default:
		return cell_value(shift_value(shift, shift->floor, false));
	}
}

static bool shows_nothing(const struct shifts *shifts)
{
	for (int i = 0; i < shifts->nr; i++)
		if (shifts->shift[i].tested && isfinite(shifts->shift[i].smallest))
			return false;
	return shifts->nr_tests > 0;
}

/* How to read the columns. */
static void add_legend(struct report *report, struct report_table *table,
		       const struct compare_view *view)
{
	const struct shifts *shifts = view->shifts;

	if (shifts->halves) {
		report_legend(report, table, "floor: up to which runs of one kernel differ: the "
			      "farther end of the interval of the shift from the earlier boots to "
			      "the later.");
		return;
	}
	report_legend(report, table, "change: Hodges-Lehmann shift, where p < %.2f%s; ~: nothing can "
		      "be told; -: not tested.", SHIFTS_ALPHA,
		      view->noise ? " and above the floor" : "");
	report_legend(report, table, "p: Holm-corrected over %d test%s; IQR: between the quartiles, "
		      "of the median; interval: each by itself.", shifts->nr_tests,
		      plural(shifts->nr_tests));
	report_legend(report, table, "shows: the smallest shift that so many boots would show, 4 "
		      "times in 5%s.", view->noise ? "; floor: none below it is a change" : "");
	if (shows_nothing(shifts))
		report_legend(report, table, "So few boots can show no change among %d tests: record "
			      "more, or test less (--test).", shifts->nr_tests);
}

/* Did any time of the case change? */
static bool case_changed(const struct shifts *shifts, int at_case)
{
	for (int i = 0; i < shifts->nr; i++)
		if (shifts->shift[i].at_case == at_case && shifts->shift[i].changed)
			return true;
	return false;
}

/* Adds the table of times; nothing where there are none. */
void compare_times(struct report *report, const struct compare_view *view)
{
	struct report_column columns[NR_TIME_COLUMNS];
	int which[NR_TIME_COLUMNS], nr = choose_columns(view, columns, which);
	struct report_table *table;

	if (!view->shifts->nr)
		return;
	table = report_add_table(report, "times", view->cmp->blocks ? "Times, medians over the blocks" :
				 "Times, medians over the boots", columns, nr);
	if (!table)
		return;
	table->grouped = true;
	table->unchanged = "no change of times can be told";
	for (int i = 0; i < view->shifts->nr; i++) {
		const struct shift *shift = &view->shifts->shift[i];
		struct cell *cells = report_add_row(report, table);

		for (int j = 0; cells && j < nr; j++)
			cells[j] = time_cell(report, view, shift, which[j]);
		if (cells)
			table->rows[table->nr_rows - 1].unchanged = !view->shifts->halves &&
				!case_changed(view->shifts, shift->at_case);
	}
	add_legend(report, table, view);
}
