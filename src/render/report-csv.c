// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A report for spreadsheets and data frames: each table as comma-separated values (RFC 4180)
 * below a line of column names, empty lines between them, and before them the headline as
 * lines that begin with "# ". Figures are unrounded and in the unit that their column is
 * named after; a pair is two columns; what is unknown is empty; an estimate begins with ~.
 */
#include <stdlib.h>
#include <string.h>

#include "render/cell.h"
#include "render/render.h"
#include "render/text.h"

enum { MAX_PARTS = 4 };

/* The names of a cell's parts, behind that of its column; NULL ends them. */
static const char *const *parts_of(enum cell_kind kind)
{
	static const char *const one[MAX_PARTS + 1] = { "" };
	static const char *const sides[MAX_PARTS + 1] = { "_base", "_patched" };
	static const char *const classes[MAX_PARTS + 1] = { "_sync", "_flush" };
	static const char *const range[MAX_PARTS + 1] = { "_low", "_high" };
	static const char *const all[MAX_PARTS + 1] = {
		"_sync_base", "_flush_base", "_sync_patched", "_flush_patched",
	};

	switch (kind) {
	case CELL_PAIR:
	case CELL_BOTH:
		return sides;
	case CELL_EXPECT:
	case CELL_CHANGES:
		return classes;
	case CELL_EXPECTS:
		return all;
	case CELL_RANGE:
		return range;
	default:
		return one;
	}
}

static int nr_parts(const char *const *parts)
{
	int nr = 0;

	while (parts[nr])
		nr++;
	return nr;
}

/* The parts of the column's cells: some may be unknown, and have fewer. */
static const char *const *column_parts(const struct report_table *table, int column)
{
	const char *const *most = parts_of(CELL_EMPTY);

	for (int i = 0; i < table->nr_rows; i++) {
		const char *const *parts = parts_of(table->rows[i].cells[column].kind);

		if (nr_parts(parts) > nr_parts(most))
			most = parts;
	}
	return most;
}

static void put_text(FILE *out, const char *text)
{
	char *clean = strdup(text);

	if (!clean)
		return;
	text_clean(clean);
	if (strchr("=+-@", *clean) && clean[0] && clean[1])
		fputc('\'', out);	/* to a spreadsheet it would be a formula */
	if (!strpbrk(clean, ",\"\n")) {
		fputs(clean, out);
	} else {
		fputc('"', out);
		for (const char *c = clean; *c; c++)
			fprintf(out, *c == '"' ? "\"\"" : "%c", *c);
		fputc('"', out);
	}
	free(clean);
}

static void put_value(FILE *out, const struct value *value)
{
	if (value->known && value->quantity == QUANTITY_COUNT)
		fprintf(out, "%s%llu", value->estimate ? "~" : "",
			(unsigned long long)value->count);
	else if (value->known)
		fprintf(out, "%s%.15g", value->estimate ? "~" : "", value->number);
}

static void put_change(FILE *out, const struct change *change)
{
	static const char *const words[] = {
		[CHANGE_UNKNOWN] = "", [CHANGE_SAME] = "1", [CHANGE_GONE] = "0",
		[CHANGE_NEW] = "new",
	};

	if (change->kind < CHANGE_FACTOR)
		fputs(words[change->kind], out);
	else
		fprintf(out, "%.15g", change->factor);
}

static void put_part(FILE *out, const struct cell *cell, int part)
{
	char *text;

	switch (cell->kind) {
	case CELL_EMPTY:
		break;
	case CELL_CHANGES:
		put_change(out, &cell->change[part]);
		break;
	case CELL_TEXT:
	case CELL_UNTOLD:
	case CELL_VERDICT:
		text = part ? NULL : cell_words(cell, "");
		put_text(out, text ? text : "");
		free(text);
		break;
	default:
		if (!cell->varies[part / 2 % 2])
			put_value(out, &cell->v[part]);
	}
}

static void put_heads(FILE *out, const struct report_table *table)
{
	for (int i = 0; i < table->nr_columns; i++) {
		const char *const *parts = column_parts(table, i);

		for (int j = 0; parts[j]; j++)
			fprintf(out, "%s%s%s", i || j ? "," : "", table->columns[i].key, parts[j]);
	}
	fputs("\n", out);
}

static void put_table(FILE *out, const struct report_table *table)
{
	fprintf(out, "\n# %s\n", table->title);
	put_heads(out, table);
	for (int i = 0; i < table->nr_rows; i++) {
		for (int j = 0; j < table->nr_columns; j++) {
			int nr = nr_parts(column_parts(table, j));

			for (int k = 0; k < nr; k++) {
				fputs(j || k ? "," : "", out);
				put_part(out, &table->rows[i].cells[j], k);
			}
		}
		fputs("\n", out);
	}
}

/* Prints @report as CSV on @out. Errors of writing stay in @out; always 0. */
int render_csv(FILE *out, const struct report *report)
{
	for (int i = 0; i < report->nr_headline; i++) {
		char *clean = strdup(report->headline[i]);

		if (clean)
			text_clean(clean);
		fprintf(out, "# %s\n", clean ? clean : "");
		free(clean);
	}
	for (int i = 0; i < report->nr_tables; i++)
		put_table(out, &report->tables[i]);
	return 0;
}
