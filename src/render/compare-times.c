// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is said of times: medians over boots, the shift between them, and how sure that
 * is. Every cell has a bounded width, so that the table fits into a mail.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/compare-parts.h"

/*
 * The columns and which cell each shows; their number is returned. Boots of one kernel
 * have a floor and no test, a comparison has a floor only with --aa.
 */
int time_columns(const struct compare_view *view, struct column columns[NR_TIME_CELLS],
		 int cell[NR_TIME_CELLS])
{
	bool halves = view->shifts->halves;
	int nr = 0;

	static const struct column all[NR_TIME_CELLS] = {
		{ "metric", ALIGN_LEFT }, { "base", ALIGN_RIGHT }, { "IQR", ALIGN_RIGHT },
		{ "patched", ALIGN_RIGHT }, { "IQR", ALIGN_RIGHT }, { "change", ALIGN_RIGHT },
		{ "95% interval", ALIGN_RIGHT }, { "p", ALIGN_RIGHT },
		{ "shows", ALIGN_RIGHT }, { "floor", ALIGN_RIGHT },
	};

	for (int i = 0; i < NR_TIME_CELLS; i++) {
		if (halves ? i == TIME_P || i == TIME_SMALLEST : i == TIME_FLOOR && !view->noise)
			continue;
		columns[nr] = all[i];
		cell[nr++] = i;
	}
	if (halves) {
		columns[TIME_BASE].head = "earlier";
		columns[TIME_PATCHED].head = "later";
		columns[TIME_CHANGE].head = "shift";
	}
	return nr;
}

static const char *value_text(char buf[TEXT_SIZE], const struct metric *metric, double value)
{
	return metric->unit == UNIT_COUNT ? text_plain(buf, value) :
	       metric->unit == UNIT_RATE ? text_rate(buf, value) : text_time(buf, value);
}

/* A shift in parts of the base's median, or in the metric's own unit if that is 0. */
static const char *shift_text(char buf[TEXT_SIZE], const struct shift *shift, double value,
			      bool sign)
{
	double relative = shift_relative(shift, value);

	if (isnan(relative))
		return value_text(buf, shift->metric, value);
	return text_percent(buf, relative, sign);
}

/* The distance of the quartiles in parts of the median. */
static void spread_cell(char cell[CELL_SIZE], const struct summary *side)
{
	if (side->median > 0)
		text_percent(cell, (side->three_quarters - side->quarter) / side->median, false);
	else
		strcpy(cell, "-");
}

static void interval_cell(char cell[CELL_SIZE], const struct shift *shift)
{
	char lo[TEXT_SIZE], hi[TEXT_SIZE];
	size_t len;

	shift_text(lo, shift, shift->test.lo, true);
	shift_text(hi, shift, shift->test.hi, true);
	len = strlen(lo);
	if (lo[len - 1] == '%')
		lo[len - 1] = '\0';
	snprintf(cell, CELL_SIZE, "%s..%s", lo, hi);
	len = strlen(cell);
	if (cell[len - 1] == '%')
		cell[len - 1] = '\0';
}

/* p with three figures at most: "0.34", "0.002", "4e-05". */
static void p_cell(char cell[CELL_SIZE], double p)
{
	snprintf(cell, CELL_SIZE, p >= 0.0995 ? "%.2f" : p >= 0.00095 ? "%.3f" : "%.0e", p);
}

/* All cells of a row; "~" where no change can be told, "-" where none was looked for. */
void time_cells(const struct compare_view *view, const struct shift *shift,
		char cell[NR_TIME_CELLS][CELL_SIZE])
{
	const struct summary *base = &shift->side[SIDE_BASE];
	const struct summary *patched = &shift->side[SIDE_PATCHED];

	strcpy(cell[TIME_METRIC], shift->metric->name);
	value_text(cell[TIME_BASE], shift->metric, base->median);
	value_text(cell[TIME_PATCHED], shift->metric, patched->median);
	spread_cell(cell[TIME_BASE_IQR], base);
	spread_cell(cell[TIME_PATCHED_IQR], patched);
	strcpy(cell[TIME_CHANGE], shift->tested ? "~" : "-");
	if (shift->changed || view->shifts->halves)
		shift_text(cell[TIME_CHANGE], shift, shift->test.shift, true);
	interval_cell(cell[TIME_INTERVAL], shift);
	strcpy(cell[TIME_P], "-");
	strcpy(cell[TIME_SMALLEST], "-");
	if (shift->tested) {
		p_cell(cell[TIME_P], shift->p);
		shift_text(cell[TIME_SMALLEST], shift, shift->smallest, false);
		if (isinf(shift->smallest))
			strcpy(cell[TIME_SMALLEST], "none");
	}
	strcpy(cell[TIME_FLOOR], "none");
	if (isfinite(shift->floor))
		shift_text(cell[TIME_FLOOR], shift, shift->floor, false);
}

static bool shows_nothing(const struct shifts *shifts)
{
	for (int i = 0; i < shifts->nr; i++)
		if (shifts->shift[i].tested && isfinite(shifts->shift[i].smallest))
			return false;
	return shifts->nr_tests > 0;
}

/* How to read the columns, a line each. */
void time_legend(FILE *out, const struct compare_view *view)
{
	const struct shifts *shifts = view->shifts;

	if (*shifts->none)
		return;
	if (shifts->halves) {
		fputs("floor: up to which runs of one kernel differ: the farther end of the interval "
		      "of the shift from the earlier boots to the later.\n", out);
		return;
	}
	fprintf(out, "change: Hodges-Lehmann shift, where p < %.2f%s; ~: nothing can be told; "
		"-: not tested.\n", SHIFTS_ALPHA, view->noise ? " and above the floor" : "");
	fprintf(out, "p: Holm-corrected over %d test%s; IQR: between the quartiles, of the median; "
		"interval: each by itself.\n", shifts->nr_tests,
		shifts->nr_tests == 1 ? "" : "s");
	fprintf(out, "shows: the smallest shift that so many boots would show, 4 times in 5%s.\n",
		view->noise ? "; floor: none below it is a change" : "");
	if (shows_nothing(shifts))
		fprintf(out, "So few boots can show no change among %d tests: record more, "
			"or test less (--test).\n", shifts->nr_tests);
}

static void time_row(struct table *table, const struct compare_view *view,
		     const struct shift *shift, const int *which, int nr)
{
	enum tint tint = !shift->changed ? TINT_NONE : shift_direction(shift) < 0 ? TINT_GOOD :
			 shift_direction(shift) > 0 ? TINT_BAD : TINT_NONE;
	char cell[NR_TIME_CELLS][CELL_SIZE];

	time_cells(view, shift, cell);
	for (int i = 0; i < nr; i++)
		table_cell(table, which[i] == TIME_CHANGE ? tint : TINT_NONE, "%s", cell[which[i]]);
}

/*
 * The table of times, each case under its title, on @out; nothing where there is none.
 * Returns 0 or -ENOMEM.
 */
int time_table(FILE *out, const struct style *style, const struct compare_view *view)
{
	struct column columns[NR_TIME_CELLS];
	int which[NR_TIME_CELLS], nr = time_columns(view, columns, which), last = -1, err;
	struct table *table = table_new(columns, nr);

	if (!table)
		return -ENOMEM;
	for (int i = 0; i < view->shifts->nr; i++) {
		const struct shift *shift = &view->shifts->shift[i];

		if (shift->at_case != last) {
			char *title = compare_title(&view->cmp->cases[shift->at_case]);

			table_heading(table, title ? title : "");
			free(title);
		}
		last = shift->at_case;
		time_row(table, view, shift, which, nr);
	}
	err = view->shifts->nr ? table_print(table, out, style) : 0;
	table_free(table);
	return err;
}
