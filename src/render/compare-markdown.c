// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A comparison for an issue or a page on GitHub: the same as in a mail, as tables.
 * Whatever could be markup is escaped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/compare-parts.h"
#include "render/shell.h"

#define LABEL_WIDTH	9	/* of the header's lines */

/* @len bytes of cleaned @text as literal text. */
static void put(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '<' || text[i] == '>')
			fputs(text[i] == '<' ? "&lt;" : "&gt;", out);
		else if (text[i] == '&')
			fputs("&amp;", out);
		else
			fprintf(out, "%s%c", strchr("\\`*_[]|~#!", text[i]) ? "\\" : "", text[i]);
	}
}

static void put_cell(FILE *out, const char *text)
{
	fputs(" ", out);
	put(out, text, strlen(text));
	fputs(" |", out);
}

static void put_heads(FILE *out, const struct column *columns, int nr, const char *first)
{
	fputs("|", out);
	put_cell(out, first);
	for (int i = 0; i < nr; i++)
		put_cell(out, columns[i].head);
	fputs("\n|---|", out);
	for (int i = 0; i < nr; i++)
		fputs(columns[i].align == ALIGN_RIGHT ? "--:|" : "---|", out);
	fputs("\n", out);
}

/* Each line of @text as an item of a list; with @labels the first columns are bold. */
static void put_list(FILE *out, char *text, bool labels)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		size_t label = labels ? strcspn(line, " ") : 0;

		if (!*line)
			continue;
		fputs("- ", out);
		if (labels) {
			fprintf(out, "**%.*s**: ", (int)label, line);
			line += strlen(line) > LABEL_WIDTH ? LABEL_WIDTH : label;
		}
		put(out, line, strlen(line));
		fputs("\n", out);
	}
	fputs("\n", out);
}

/* What @lines prints of @view, as a list. */
static int list(FILE *out, const struct compare_view *view, bool labels,
		void (*lines)(FILE *out, const struct compare_view *view))
{
	char *text = compare_lines(view, lines);

	if (!text)
		return -ENOMEM;
	if (*text)
		put_list(out, text, labels);
	free(text);
	return 0;
}

static void put_title(FILE *out, const struct compare_case *c)
{
	char *title = compare_title(c);

	fputs("|", out);
	put_cell(out, title ? title : c->id.workload);
	free(title);
}

static void count_table(FILE *out, const struct comparison *cmp)
{
	static const struct column columns[NR_COUNT_CELLS + 1] = {
		{ "IPIs", ALIGN_LEFT }, { "base -> patched", ALIGN_RIGHT },
		{ "per op", ALIGN_RIGHT }, { "expected", ALIGN_RIGHT }, { "change", ALIGN_LEFT },
		{ "agree", ALIGN_LEFT },
	};
	char cell[NR_COUNT_CELLS][CELL_SIZE];

	put_heads(out, columns, NR_COUNT_CELLS + 1, "case");
	for (int i = 0; i < cmp->nr_cases; i++)
		for (int cls = 0; cls < NR_IPI_CLASSES; cls++) {
			const struct compare_case *c = &cmp->cases[i];

			if (!compare_matched(c) || !count_shown(c, (enum ipi_class)cls))
				continue;
			put_title(out, c);
			count_cells(c, (enum ipi_class)cls, cell);
			for (int j = 0; j < NR_COUNT_CELLS; j++)
				put_cell(out, cell[j]);
			put_cell(out, cls == IPI_OTHER ? "" : compare_agree(c));
			fputs("\n", out);
		}
	fputs("\n", out);
}

static void times_table(FILE *out, const struct compare_view *view)
{
	char cell[NR_TIME_CELLS][CELL_SIZE];
	struct column columns[NR_TIME_CELLS];
	int which[NR_TIME_CELLS], nr = time_columns(view, columns, which);

	put_heads(out, columns, nr, "case");
	for (int i = 0; i < view->shifts->nr; i++) {
		const struct shift *shift = &view->shifts->shift[i];

		put_title(out, &view->cmp->cases[shift->at_case]);
		time_cells(view, shift, cell);
		for (int j = 0; j < nr; j++)
			put_cell(out, cell[which[j]]);
		fputs("\n", out);
	}
	fputs("\n", out);
}

/* Prints a comparison in Markdown on @out. Returns 0, or -ENOMEM. */
int render_compare_markdown(FILE *out, const struct compare_view *view)
{
	int err = list(out, view, true, compare_header);

	if (!err && !view->shifts->halves)
		count_table(out, view->cmp);
	if (!err && view->shifts->nr) {
		times_table(out, view);
		err = list(out, view, false, time_legend);
	}
	if (!err)
		err = list(out, view, false, compare_notes);
	if (!err) {
		fputs("This table again:\n\n    ", out);
		shell_command(out, view->words, view->nr_words, 0);
	}
	return err;
}
