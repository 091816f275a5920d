// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows of cells, and the layout that a line has room for. */
#include "render/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "render/style.h"
#include "render/text.h"

#define LEAST_WIDTH	10	/* of a column whose words wrap */

struct cell_of_text {
	char *text;
	int width;
	enum tint tint;
	bool spans;	/* the whole line */
};

struct table {
	const struct column *columns;
	int nr_columns;
	struct cell_of_text *cells;
	int nr_cells, room;
	int err;
};

/* How a table is printed: a hidden column has width -1. */
struct layout {
	int width[MAX_COLUMNS];
	int least[MAX_COLUMNS];	/* where no word breaks within */
	int gap, line;	/* line: 0 has no end */
};

/* A table of at most MAX_COLUMNS @columns, which must outlive it; NULL without memory. */
struct table *table_new(const struct column *columns, int nr_columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table) {
		table->columns = columns;
		table->nr_columns = nr_columns;
	}
	return table;
}

static int make_room(struct table *table)
{
	int room = table->room ? 2 * table->room : 64;
	struct cell_of_text *cells;

	if (table->nr_cells < table->room)
		return 0;
	cells = realloc(table->cells, (size_t)room * sizeof(*cells));
	if (!cells)
		return -ENOMEM;
	table->cells = cells;
	table->room = room;
	return 0;
}

/* Appends a cell; after the last column's the next row begins. */
void table_cell(struct table *table, enum tint tint, const char *format, ...)
{
	struct cell_of_text *cell;
	va_list args;

	if (table->err || (table->err = make_room(table)))
		return;
	cell = &table->cells[table->nr_cells];
	cell->spans = false;
	va_start(args, format);
	if (vasprintf(&cell->text, format, args) < 0)
		table->err = -ENOMEM;
	va_end(args);
	if (table->err)
		return;
	text_clean(cell->text);
	cell->width = text_width(cell->text);
	cell->tint = tint;
	table->nr_cells++;
}

/* A row that is one line of text, as wide as it is. */
void table_heading(struct table *table, const char *text)
{
	int first = table->nr_cells;

	table_cell(table, TINT_NONE, "%s", text);
	for (int i = 1; i < table->nr_columns; i++)
		table_cell(table, TINT_NONE, "%s", "");
	if (!table->err)
		table->cells[first].spans = true;
}

/* ---- the layout --------------------------------------------------------------- */

static int natural_width(const struct table *table, int column)
{
	int width = text_width(table->columns[column].head);

	for (int i = column; i < table->nr_cells; i += table->nr_columns)
		if (!table->cells[i - column].spans && table->cells[i].width > width)
			width = table->cells[i].width;
	return width;
}

/* How narrow a column may be before a word in it breaks where it never should. */
static int least_width(const struct table *table, int column)
{
	int width = text_longest_part(table->columns[column].head);

	for (int i = column; i < table->nr_cells; i += table->nr_columns) {
		int part = text_longest_part(table->cells[i].text);

		if (!table->cells[i - column].spans && part > width)
			width = part;
	}
	return width > LEAST_WIDTH ? width : LEAST_WIDTH;
}

static int line_width(const struct table *table, const struct layout *layout)
{
	int sum = -layout->gap;

	for (int i = 0; i < table->nr_columns; i++)
		if (layout->width[i] >= 0)
			sum += layout->width[i] + layout->gap;
	return sum;
}

/* The shown column that is dropped next; -1: none may be. */
static int next_to_drop(const struct table *table, const struct layout *layout)
{
	int best = -1;

	for (int i = 0; i < table->nr_columns; i++)
		if (layout->width[i] >= 0 && table->columns[i].drop &&
		    (best < 0 || table->columns[i].drop > table->columns[best].drop))
			best = i;
	return best;
}

/*
 * The widest column of words that can be narrower still, one whose words stay whole if
 * there is any; -1: none.
 */
static int next_to_narrow(const struct table *table, const struct layout *layout)
{
	int best = -1, whole = -1;

	for (int i = 0; i < table->nr_columns; i++) {
		if (table->columns[i].right || layout->width[i] <= LEAST_WIDTH)
			continue;
		if (best < 0 || layout->width[i] > layout->width[best])
			best = i;
		if (layout->width[i] > layout->least[i] &&
		    (whole < 0 || layout->width[i] > layout->width[whole]))
			whole = i;
	}
	return whole >= 0 ? whole : best;
}

static void fit(const struct table *table, struct layout *layout, int width)
{
	int column;

	*layout = (struct layout){ .gap = 2, .line = width };
	for (int i = 0; i < table->nr_columns; i++)
		layout->width[i] = natural_width(table, i);
	if (!width || line_width(table, layout) <= width)
		return;
	layout->gap = 1;
	for (int i = 0; i < table->nr_columns; i++)
		layout->least[i] = least_width(table, i);
	while (line_width(table, layout) > width &&
	       (column = next_to_drop(table, layout)) >= 0)
		layout->width[column] = -1;
	while (line_width(table, layout) > width &&
	       (column = next_to_narrow(table, layout)) >= 0)
		layout->width[column]--;
}

/* ---- printing ------------------------------------------------------------------- */

/* A row under way: what of each cell is still to be printed. */
struct pending {
	const char *text[MAX_COLUMNS];
	enum tint tint[MAX_COLUMNS];
};

/* @owed: spaces that come before the next text, so that none stand at a line's end. */
static void print_part(FILE *out, const char *text, int bytes, int *owed, enum tint tint,
		       const struct style *style)
{
	if (!bytes)
		return;
	fprintf(out, "%*s%s%.*s%s", *owed, "", style_start(style, tint), bytes, text,
		style_end(style, tint));
	*owed = 0;
}

/* One line of a row. True if any cell goes on in the next. */
static bool print_line(const struct table *table, const struct layout *layout,
		       struct pending *pending, FILE *out, const struct style *style)
{
	bool more = false;
	int owed = 0;

	for (int i = 0; i < table->nr_columns; i++) {
		int columns, bytes, pad;

		if (layout->width[i] < 0)
			continue;
		bytes = text_break(pending->text[i], layout->width[i], &columns);
		pad = layout->width[i] - columns;
		owed += table->columns[i].right ? pad : 0;
		print_part(out, pending->text[i], bytes, &owed, pending->tint[i], style);
		owed += table->columns[i].right ? layout->gap : pad + layout->gap;
		pending->text[i] += bytes;
		pending->text[i] += strspn(pending->text[i], " ");
		more |= *pending->text[i] != '\0';
	}
	fputc('\n', out);
	return more;
}

static void print_row(const struct table *table, const struct layout *layout,
		      const struct cell_of_text *cells, FILE *out, const struct style *style)
{
	struct pending pending;

	if (cells->spans) {
		text_wrap(out, cells->text, layout->line, 2);
		return;
	}
	for (int i = 0; i < table->nr_columns; i++) {
		pending.text[i] = cells[i].text;
		pending.tint[i] = cells[i].tint;
	}
	while (print_line(table, layout, &pending, out, style))
		;
}

/*
 * Prints heads and rows within the style's width, nothing behind the last text of a line.
 * Returns 0, or -ENOMEM.
 */
int table_print(const struct table *table, FILE *out, const struct style *style)
{
	struct pending heads;
	struct layout layout;

	if (table->err)
		return table->err;
	fit(table, &layout, style->width);
	for (int i = 0; i < table->nr_columns; i++) {
		heads.text[i] = table->columns[i].head;
		heads.tint[i] = TINT_DIM;
	}
	while (print_line(table, &layout, &heads, out, style))
		;
	for (int i = 0; i < table->nr_cells; i += table->nr_columns)
		print_row(table, &layout, &table->cells[i], out, style);
	return 0;
}

/* Frees a table; NULL is fine. */
void table_free(struct table *table)
{
	if (!table)
		return;
	for (int i = 0; i < table->nr_cells; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}
