// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A report on a terminal: what it says in a few sentences, then what it is of, the tables,
 * and the notes, a reason a line with the cases that it holds for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/report-lines.h"
#include "render/style.h"
#include "render/text.h"

static enum tint tint_of(const struct cell *cell)
{
	if (cell->kind == CELL_VERDICT && cell->said == SAID_SKIPPED)
		return TINT_DIM;
	return cell->direction > 0 ? TINT_BAD : cell->direction < 0 ? TINT_GOOD : TINT_NONE;
}

static int add_row(struct table *table, const struct report_table *from, const struct row *row,
		   int first)
{
	for (int i = first; i < from->nr_columns; i++) {
		char *text = cell_words(&row->cells[i], " -> ");

		if (!text)
			return -ENOMEM;
		table_cell(table, tint_of(&row->cells[i]), "%s", text);
		free(text);
	}
	return 0;
}

static bool same_group(const struct row *a, const struct row *b)
{
	return !strcmp(a->cells[0].text, b->cells[0].text);
}

/* In how many groups of rows nothing changed; each row of an ordinary table is a group. */
int lines_unchanged(const struct report_table *table)
{
	int nr = 0;

	for (int i = 0; i < table->nr_rows; i++)
		nr += table->rows[i].unchanged &&
		      !(table->grouped && i && same_group(&table->rows[i], &table->rows[i - 1]));
	return nr;
}

/*
 * Prints @from as a table of text; with @fold, rows in which nothing changed are counted
 * in a line below it. Returns 0 or -ENOMEM.
 */
int lines_table(FILE *out, const struct style *style, const struct report_table *from,
		bool fold)
{
	struct column columns[MAX_COLUMNS];
	int first = from->grouped, unchanged = fold ? lines_unchanged(from) : 0, shown = 0, err = 0;
	struct table *table;

	for (int i = first; i < from->nr_columns; i++)
		columns[i - first] = (struct column){ from->columns[i].head,
			from->columns[i].right, from->columns[i].drop };
	table = table_new(columns, from->nr_columns - first);
	if (!table)
		return -ENOMEM;
	for (int i = 0; i < from->nr_rows && !err; i++) {
		const struct row *row = &from->rows[i];

		if (fold && row->unchanged)
			continue;
		if (first && (!shown || !same_group(row, row - 1)))
			table_heading(table, row->cells[0].text);
		shown++;
		err = add_row(table, from, row, first);
	}
	if (!err && (shown || !unchanged))
		err = table_print(table, out, style);
	if (unchanged)
		fprintf(out, "%d case%s unchanged: %s.\n", unchanged, unchanged == 1 ? "" : "s",
			from->unchanged);
	table_free(table);
	return err;
}

/* One line of words, cleaned and wrapped. */
void lines_put(FILE *out, const char *text, int width, int indent)
{
	char *copy = strdup(text);

	if (!copy)
		return;
	text_clean(copy);
	text_wrap(out, copy, width, indent);
	free(copy);
}

/* The facts, "label    words" each. */
void lines_facts(FILE *out, const struct report *report, int width)
{
	for (int i = 0; i < report->nr_facts; i++) {
		char *line;

		if (asprintf(&line, "%-*s%s", LINES_LABEL, report->facts[i].label,
			     report->facts[i].text) < 0)
			return;
		lines_put(out, line, width, LINES_LABEL);
		free(line);
	}
}

/* "the reason (3 cases: a; b; c)" on the heap; at most @most of them are named. */
char *lines_note(const struct report_note *note, int most)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (note->nr_cases == 1)
		fprintf(out, "%s: ", note->cases[0]);
	fputs(note->text, out);
	for (int i = 0; i < note->nr_cases && i < most && note->nr_cases > 1; i++) {
		if (!i)
			fprintf(out, " (%d cases: ", note->nr_cases);
		fprintf(out, "%s%s", i ? "; " : "", note->cases[i]);
	}
	if (note->nr_cases > most)
		fprintf(out, "; and %d more", note->nr_cases - most);
	if (note->nr_cases > 1)
		fputs(")", out);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* The notes that @detail wants, a paragraph each. */
void lines_notes(FILE *out, const struct report *report, int width, enum detail detail)
{
	for (int i = 0; i < report->nr_notes; i++) {
		const struct report_note *note = &report->notes[i];
		char *text;

		if (note->level == NOTE_DETAIL && detail != DETAIL_ALL)
			continue;
		text = lines_note(note, detail == DETAIL_ALL ? note->nr_cases : LINES_CASES);
		if (text)
			lines_put(out, text, width, 2);
		free(text);
	}
}

/* Are there any notes that @detail wants? */
bool lines_has_notes(const struct report *report, enum detail detail)
{
	for (int i = 0; i < report->nr_notes; i++)
		if (report->notes[i].level != NOTE_DETAIL || detail == DETAIL_ALL)
			return true;
	return false;
}

static int print_table(FILE *out, const struct style *style, const struct report *report, int at)
{
	const struct report_table *table = &report->tables[at];
	int err;

	fputc('\n', out);
	if (!table->lead)
		fprintf(out, "%s\n\n", table->title);
	err = lines_table(out, style, table, false);
	if (table->nr_legend && (at || report->words))
		fputc('\n', out);
	for (int i = 0; i < table->nr_legend; i++)
		lines_put(out, table->legend[i], style->width, 2);
	return err;
}

/* Prints @report on @out. Returns 0, or -ENOMEM. */
int render_text(FILE *out, const struct style *style, const struct report *report,
		enum detail detail)
{
	int err = 0;

	for (int i = 0; i < report->nr_headline; i++)
		lines_put(out, report->headline[i], style->width, 2);
	if (detail == DETAIL_HEADLINE)
		return 0;
	fputc('\n', out);
	lines_facts(out, report, style->width);
	for (int i = 0; i < report->nr_tables && !err; i++)
		if (!report->tables[i].detail || detail == DETAIL_ALL)
			err = print_table(out, style, report, i);
	if (lines_has_notes(report, detail))
		fputc('\n', out);
	lines_notes(out, report, style->width, detail);
	return err;
}
