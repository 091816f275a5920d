// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A report for an issue or a page on GitHub: the same as in a mail, with tables. Whatever
 * could be markup is escaped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/report-lines.h"
#include "render/shell.h"
#include "render/text.h"

/* Cleaned @text as literal text. */
static void put(FILE *out, const char *text)
{
	char *clean = strdup(text);

	if (!clean)
		return;
	text_clean(clean);
	for (const char *c = clean; *c; c++) {
		if (*c == '<' || *c == '>')
			fputs(*c == '<' ? "&lt;" : "&gt;", out);
		else if (*c == '&')
			fputs("&amp;", out);
		else
			fprintf(out, "%s%c", strchr("\\`*_[]|~#!", *c) ? "\\" : "", *c);
	}
	free(clean);
}

static void put_heads(FILE *out, const struct report_table *table)
{
	fputs("|", out);
	for (int i = 0; i < table->nr_columns; i++)
		fprintf(out, " %s |", table->columns[i].head);
	fputs("\n|", out);
	for (int i = 0; i < table->nr_columns; i++)
		fputs(table->columns[i].right ? "--:|" : "---|", out);
	fputs("\n", out);
}

static int put_row(FILE *out, const struct report_table *table, const struct row *row)
{
	fputs("|", out);
	for (int i = 0; i < table->nr_columns; i++) {
		char *text = cell_words(&row->cells[i], " -> ");

		if (!text)
			return -ENOMEM;
		fputs(" ", out);
		put(out, text);
		fputs(" |", out);
		free(text);
	}
	fputs("\n", out);
	return 0;
}

/* Rows in which nothing changed are counted, not shown. */
static int put_table(FILE *out, const struct report_table *table)
{
	int shown = 0, err = 0;

	fputs("### ", out);
	put(out, table->title);
	fputs("\n\n", out);
	for (int i = 0; i < table->nr_rows && !err; i++) {
		if (table->rows[i].unchanged)
			continue;
		if (!shown++)
			put_heads(out, table);
		err = put_row(out, table, &table->rows[i]);
	}
	if (shown)
		fputs("\n", out);
	if (lines_unchanged(table))
		fprintf(out, "%d case%s unchanged: %s.\n\n", lines_unchanged(table),
			lines_unchanged(table) == 1 ? "" : "s", table->unchanged);
	for (int i = 0; i < table->nr_legend; i++) {
		fputs("- ", out);
		put(out, table->legend[i]);
		fputs(i + 1 == table->nr_legend ? "\n\n" : "\n", out);
	}
	return err;
}

static void put_notes(FILE *out, const struct report *report)
{
	for (int i = 0; i < report->nr_notes; i++) {
		char *text;

		if (report->notes[i].level == NOTE_DETAIL)
			continue;
		text = lines_note(&report->notes[i], LINES_CASES);
		fputs("- ", out);
		put(out, text ? text : "");
		fputs("\n", out);
		free(text);
	}
	if (lines_has_notes(report, DETAIL_USUAL))
		fputs("\n", out);
}

/* Prints @report in Markdown on @out. Returns 0, or -ENOMEM. */
int render_markdown(FILE *out, const struct report *report)
{
	int err = 0;

	for (int i = 0; i < report->nr_headline; i++) {
		fputs("**", out);
		put(out, report->headline[i]);
		fputs("**\n", out);
	}
	fputs("\n", out);
	for (int i = 0; i < report->nr_facts; i++) {
		fprintf(out, "- %s: ", report->facts[i].label);
		put(out, report->facts[i].text);
		fputs("\n", out);
	}
	fputs("\n", out);
	for (int i = 0; i < report->nr_tables && !err; i++)
		if (!report->tables[i].detail)
			err = put_table(out, &report->tables[i]);
	put_notes(out, report);
	if (!err && report->nr_words) {
		fputs("Made by:\n\n    ", out);
		shell_command(out, report->words, report->nr_words, 0);
	}
	return err;
}
