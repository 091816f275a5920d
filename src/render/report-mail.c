// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A report to paste into a mail: plain ASCII, never wider than 75 columns, which is where
 * the lines of a patch's message end. Cases in which nothing changed are one line. Ends
 * with the command that makes it again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/report-lines.h"
#include "render/shell.h"
#include "render/text.h"

#define MAIL_WIDTH	75

static void put_headline(FILE *out, const struct report *report)
{
	for (int i = 0; i < report->nr_headline; i++)
		lines_put(out, report->headline[i], MAIL_WIDTH, 2);
}

static int put_table(FILE *out, const struct report_table *table)
{
	const struct style style = { .width = MAIL_WIDTH };
	int err;

	fprintf(out, "\n%s\n", table->title);
	err = lines_table(out, &style, table, true);
	for (int i = 0; i < table->nr_legend; i++)
		lines_put(out, table->legend[i], MAIL_WIDTH, 2);
	return err;
}

/* Everything but the command. */
static int write_body(FILE *out, const struct report *report)
{
	int err = 0;

	put_headline(out, report);
	fputc('\n', out);
	lines_facts(out, report, MAIL_WIDTH);
	for (int i = 0; i < report->nr_tables && !err; i++)
		if (!report->tables[i].detail)
			err = put_table(out, &report->tables[i]);
	if (lines_has_notes(report, DETAIL_USUAL))
		fputc('\n', out);
	lines_notes(out, report, MAIL_WIDTH, DETAIL_USUAL);
	return err;
}

/* Prints @report as mail on @out. Returns 0, or -ENOMEM. */
int render_mail(FILE *out, const struct report *report)
{
	char *body = NULL;
	size_t size;
	FILE *memory = open_memstream(&body, &size);
	int err = memory ? write_body(memory, report) : -ENOMEM;

	if (memory && fclose(memory))
		err = -ENOMEM;
	if (!err) {
		text_ascii(body);
		fputs(body, out);
	}
	if (!err && report->nr_words) {
		fputs("\nMade by:\n\n", out);
		shell_command(out, report->words, report->nr_words, MAIL_WIDTH);
	}
	free(body);
	return err;
}
