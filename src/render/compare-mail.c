// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A comparison to paste into a mail: plain ASCII, never wider than 75 columns, which is
 * where the lines of a patch's message end. Ends with the command that repeats it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/compare-parts.h"
#include "render/shell.h"

#define MAIL_WIDTH	75
#define LABEL_WIDTH	9	/* of the header's lines: what follows is indented by it */

static int count_rows(struct table *table, const struct compare_case *c)
{
	char cell[NR_COUNT_CELLS][CELL_SIZE];
	char *title = compare_title(c), *heading = NULL;
	char base[TEXT_SIZE], patched[TEXT_SIZE];
	const struct compare_side *b = &c->side[SIDE_BASE], *p = &c->side[SIDE_PATCHED];

	text_count(base, b->ops);
	text_count(patched, p->ops);
	if (!title || asprintf(&heading, "%s: %s%s%s ops; agree: %s", title, base,
			       b->ops == p->ops ? "" : " and ", b->ops == p->ops ? "" : patched,
			       compare_agree(c)) < 0)
		heading = NULL;
	if (heading)
		table_heading(table, heading);
	for (int cls = 0; cls < NR_IPI_CLASSES && heading; cls++) {
		if (!count_shown(c, (enum ipi_class)cls))
			continue;
		count_cells(c, (enum ipi_class)cls, cell);
		for (int i = 0; i < NR_COUNT_CELLS; i++)
			table_cell(table, TINT_NONE, "%s%s", i ? "" : "  ", cell[i]);
	}
	free(title);
	free(heading);
	return heading ? 0 : -ENOMEM;
}

static int count_table(FILE *out, const struct compare_view *view)
{
	static const struct column columns[NR_COUNT_CELLS] = {
		{ "IPIs", ALIGN_LEFT }, { "base -> patched", ALIGN_RIGHT },
		{ "per op", ALIGN_RIGHT }, { "expected", ALIGN_RIGHT }, { "change", ALIGN_LEFT },
	};
	struct table *table = table_new(columns, NR_COUNT_CELLS);
	struct style style = { 0 };
	int err = table ? 0 : -ENOMEM;

	for (int i = 0; i < view->cmp->nr_cases && !err; i++)
		if (compare_matched(&view->cmp->cases[i]))
			err = count_rows(table, &view->cmp->cases[i]);
	if (!err)
		err = table_print(table, out, &style);
	table_free(table);
	return err;
}

/* Everything but the command, as wide as it comes. */
static int write_body(FILE *out, const struct compare_view *view)
{
	struct style style = { .dense = view->noise != NULL };
	int err = 0;

	compare_header(out, view);
	if (!view->shifts->halves) {
		fputc('\n', out);
		err = count_table(out, view);
	}
	if (!err && view->shifts->nr) {
		fputc('\n', out);
		err = time_table(out, &style, view);
		fputc('\n', out);
		time_legend(out, view);
	}
	fputc('\n', out);
	compare_notes(out, view);
	return err;
}

/* @text line by line in ASCII, none wider than a mail; the last is ended by itself. */
static void wrap_body(FILE *out, char *text)
{
	bool header = true;
	char *line;

	text_ascii(text);
	while ((line = strsep(&text, "\n"))) {
		header &= *line != '\0';
		if (text || *line)
			text_wrap(out, line, MAIL_WIDTH, header ? LABEL_WIDTH : 2);
	}
}

/* Prints a comparison as mail on @out. Returns 0, or -ENOMEM. */
int render_compare_mail(FILE *out, const struct compare_view *view)
{
	char *body = NULL;
	size_t size;
	FILE *memory = open_memstream(&body, &size);
	int err = memory ? write_body(memory, view) : -ENOMEM;

	if (memory && fclose(memory))
		err = -ENOMEM;
	if (!err) {
		wrap_body(out, body);
		fputs("\nThis table again:\n\n", out);
		shell_command(out, view->words, view->nr_words, MAIL_WIDTH);
	}
	free(body);
	return err;
}
