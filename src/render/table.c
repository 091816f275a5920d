// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A table builder. Cells fill the rows from left to right; a cell that does not
 * fit into memory makes the whole table fail at print, so callers check once.
 */
#include "render/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "render/style.h"
#include "render/text.h"

struct cell {
	char *text;
	int width;
	enum tint tint;
	bool spans;	/* its row holds nothing else */
};

struct table {
	const struct column *columns;
	int nr_columns;
	struct cell *cells;
	int nr_cells;
	int room;
	int err;
};

/* An empty table; @columns must outlive it. NULL without memory. */
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
	int room = table->room ? 2 * table->room : 8 * table->nr_columns;
	struct cell *cells;

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
	struct cell *cell;
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

static int column_width(const struct table *table, int column)
{
	int width = text_width(table->columns[column].head);

	for (int i = column; i < table->nr_cells; i += table->nr_columns)
		if (!table->cells[i].spans && table->cells[i].width > width)
			width = table->cells[i].width;
	return width;
}

/* @owed: spaces that come before the next text, so that none stand at a line's end. */
static void print_cell(const struct table *table, int column, const struct cell *cell,
		       int *owed, FILE *out, const struct style *style)
{
	int pad = cell->spans ? 0 : column_width(table, column) - cell->width;
	bool right = table->columns[column].align == ALIGN_RIGHT;

	if (column)
		*owed += style->dense ? 1 : 2;
	if (right)
		*owed += pad;
	if (*cell->text) {
		fprintf(out, "%*s%s%s%s", *owed, "", style_start(style, cell->tint), cell->text,
			style_end(style, cell->tint));
		*owed = 0;
	}
	if (!right)
		*owed += pad;
}

/* One row from @cells on; a heading is all of it. */
static void print_row(const struct table *table, const struct cell *cells, FILE *out,
		      const struct style *style)
{
	int owed = 0;

	for (int i = 0; i < table->nr_columns && (!i || !cells->spans); i++)
		print_cell(table, i, &cells[i], &owed, out, style);
	fputc('\n', out);
}

/*
 * Prints heads and rows, columns two spaces apart and nothing behind the last text of a
 * line. Returns 0, or -ENOMEM.
 */
int table_print(const struct table *table, FILE *out, const struct style *style)
{
	int owed = 0;

	if (table->err)
		return table->err;
	for (int i = 0; i < table->nr_columns; i++) {
		char *head = (char *)table->columns[i].head;
		struct cell cell = { head, text_width(head), TINT_DIM, false };

		print_cell(table, i, &cell, &owed, out, style);
	}
	fputc('\n', out);
	for (int i = 0; i < table->nr_cells; i += table->nr_columns)
		print_row(table, &table->cells[i], out, style);
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
