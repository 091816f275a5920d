// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A report as a page, the argument first: what it says, IPIs against the number of CPUs,
 * what changed. Everything else is there, folded away.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/figures.h"
#include "render/html.h"
#include "render/report-lines.h"
#include "render/shell.h"

enum { MOST_COLUMNS = 7 };	/* for which a tablet has room */

/* A page while it is printed. */
struct page {
	FILE *out;
	const struct report *report;
	const struct plots *plots;
	int plot;	/* the next one */
};

/* ---- contents -------------------------------------------------------------------- */

/* "What changed" as the name of a place in the page: "what-changed". */
static void put_id(FILE *out, const char *title)
{
	bool gap = false;

	for (const char *c = title; *c; c++) {
		bool letter = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') ||
			      (*c >= 'A' && *c <= 'Z');

		if (letter && gap)
			fputc('-', out);
		if (letter)
			fputc(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c, out);
		gap = !letter && *c != ',';
	}
}

static void put_link(FILE *out, const char *title)
{
	fputs("<a href=\"#", out);
	put_id(out, title);
	fputs("\">", out);
	html_text(out, title);
	fputs("</a>\n", out);
}

static void put_heading(FILE *out, const char *title)
{
	fputs("<h2 id=\"", out);
	put_id(out, title);
	fputs("\">", out);
	html_text(out, title);
	fputs("</h2>\n", out);
}

/* A part that is folded away, until fold_end(). */
static void fold_begin(FILE *out, const char *title)
{
	fputs("<details><summary>", out);
	put_heading(out, title);
	fputs("</summary>\n", out);
}

static void fold_end(FILE *out)
{
	fputs("</details>\n", out);
}

static bool is_first_of_section(const struct report *report, int figure)
{
	return !figure || strcmp(report->figures[figure].section,
				 report->figures[figure - 1].section);
}

static bool is_front(const struct figure *figure)
{
	return figure->kind == FIGURE_SCALE || figure->kind == FIGURE_BARS;
}

/*
 * The first table is what the page is about, unless it is of what never changed; of the
 * others, times say what changed too.
 */
static bool is_folded(const struct report *report, int table)
{
	const char *id = report->tables[table].id;

	return !strcmp(id, "constant") || (table && strcmp(id, "times"));
}

/* An empty one is folded away for good. */
static bool is_shown(const struct report *report, int table, bool folded)
{
	return is_folded(report, table) == folded && (!folded || report->tables[table].nr_rows);
}

static void link_tables(const struct page *page, bool folded)
{
	for (int i = 0; i < page->report->nr_tables; i++)
		if (is_shown(page->report, i, folded))
			put_link(page->out, page->report->tables[i].title);
}

static void link_sections(const struct page *page, bool front)
{
	const struct report *report = page->report;

	for (int i = 0; i < report->nr_figures; i++)
		if (is_first_of_section(report, i) && is_front(&report->figures[i]) == front)
			put_link(page->out, report->figures[i].section);
}

static void contents(const struct page *page)
{
	const struct report *report = page->report;

	fputs("<nav>\n", page->out);
	link_sections(page, true);
	link_tables(page, false);
	link_sections(page, false);
	link_tables(page, true);
	if (report->nr_notes)
		put_link(page->out, "Notes");
	put_link(page->out, "What was measured");
	fputs("</nav>\n", page->out);
}

/* ---- tables ---------------------------------------------------------------------- */

static void put_cell(FILE *out, const struct report_column *column, const struct cell *cell,
		     bool card_head, const char *link)
{
	static const char *const classes[] = { " good", "", " bad" };
	char *text = cell_words(cell, " → ");

	fprintf(out, "<td class=\"%s%s%s\"", column->right ? "n" : "w",
		classes[cell->direction + 1], column->drop ? " drop" : "");
	if (!card_head)
		fprintf(out, " data-head=\"%s\"", column->head);
	fputs(">", out);
	if (link)
		fprintf(out, "<a href=\"#%s\">", link);
	html_words(out, text ? text : "");
	fputs(link ? "</a></td>" : "</td>", out);
	free(text);
}

static int words_first(const struct report_table *table)
{
	int nr = 0;

	while (nr < table->nr_columns && !table->columns[nr].right && nr < 2)
		nr++;
	return nr;
}

/* How many there are where room is short. */
static int columns_kept(const struct report_table *table)
{
	int nr = 0;

	for (int i = 0; i < table->nr_columns; i++)
		nr += !table->columns[i].drop;
	return nr;
}

static void put_rows(FILE *out, const struct report_table *table, bool unchanged)
{
	int heads = words_first(table);

	fprintf(out, "<table%s>\n<thead><tr>", columns_kept(table) > MOST_COLUMNS ?
		" class=\"wide\"" : "");
	for (int i = 0; i < table->nr_columns; i++)
		fprintf(out, "<th class=\"%s%s\">%s</th>", table->columns[i].right ? "n" : "w",
			table->columns[i].drop ? " drop" : "", table->columns[i].head);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (int i = 0; i < table->nr_rows; i++) {
		if (table->rows[i].unchanged != unchanged)
			continue;
		fputs("<tr>", out);
		for (int j = 0; j < table->nr_columns; j++)
			put_cell(out, &table->columns[j], &table->rows[i].cells[j], j < heads,
				 j + 1 == heads ? table->rows[i].link : NULL);
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n</table>\n", out);
}

static bool any_row(const struct report_table *table, bool unchanged)
{
	for (int i = 0; i < table->nr_rows; i++)
		if (table->rows[i].unchanged == unchanged)
			return true;
	return false;
}

static void put_legend(FILE *out, const struct report_table *table)
{
	if (!table->nr_legend)
		return;
	fputs("<ul class=\"dim\">\n", out);
	for (int i = 0; i < table->nr_legend; i++) {
		fputs("<li>", out);
		html_words(out, table->legend[i]);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void put_table(FILE *out, const struct report_table *table)
{
	int unchanged = lines_unchanged(table);

	if (any_row(table, false) || !unchanged)
		put_rows(out, table, false);
	if (unchanged) {
		fprintf(out, "<details><summary>%d case%s unchanged: ", unchanged,
			unchanged == 1 ? "" : "s");
		html_words(out, table->unchanged);
		fputs("</summary>\n", out);
		put_rows(out, table, true);
		fold_end(out);
	}
	put_legend(out, table);
}

static void tables(const struct page *page, bool folded)
{
	const struct report *report = page->report;

	for (int i = 0; i < report->nr_tables; i++) {
		const struct report_table *table = &report->tables[i];

		if (!is_shown(report, i, folded))
			continue;
		if (folded)
			fold_begin(page->out, table->title);
		else
			put_heading(page->out, table->title);
		put_table(page->out, table);
		if (folded)
			fold_end(page->out);
	}
}

/* ---- figures --------------------------------------------------------------------- */

static void put_figure(struct page *page, const struct figure *figure)
{
	FILE *out = page->out;

	fputs("<figure", out);
	if (figure->id)
		fprintf(out, " id=\"%s\"", figure->id);
	fprintf(out, "%s><figcaption><b>", figure->kind == FIGURE_SCALE ||
		figure->kind == FIGURE_BARS ? " class=\"wide\"" : "");
	html_words(out, figure->title);
	fputs("</b>", out);
	if (figure->caption) {
		fputs("<br>", out);
		html_words(out, figure->caption);
	}
	fputs("</figcaption>\n", out);
	if (figure->kind == FIGURE_BARS)
		figure_bars(out, figure, false);
	else if (figure->kind == FIGURE_CPUS)
		figure_cpus(out, figure);
	else if (figure->kind == FIGURE_HEAT)
		figure_heat(out, figure, page->report->one_kernel);
	else
		plots_print(page->plots, page->plot++,
			    figure->kind == FIGURE_SPARK ? "spark" : "graph", figure->title, out);
	for (int i = 0; i < figure->nr_items; i++) {
		fputs(i ? "<li>" : "<ul><li>", out);
		html_words(out, figure->items[i]);
		fputs(i + 1 == figure->nr_items ? "</li></ul>" : "</li>\n", out);
	}
	fputs("</figure>\n", out);
}

/* Those in front of the tables, or those behind, section by section. */
static void figures(struct page *page, bool front)
{
	const struct report *report = page->report;
	FILE *out = page->out;

	for (int i = 0; i < report->nr_figures; i++) {
		const struct figure *figure = &report->figures[i];

		if (is_front(figure) != front)
			continue;
		if (is_first_of_section(report, i)) {
			if (front)
				put_heading(out, figure->section);
			else
				fold_begin(out, figure->section);
			if (figure->kind == FIGURE_CPUS)
				figure_cpus_legend(out);
			if (figure->kind == FIGURE_HEAT)
				figure_heat_legend(out);
			fprintf(out, "<div class=\"%s\">\n", front ? "front" :
				figure->kind == FIGURE_CPUS || figure->kind == FIGURE_HEAT ?
				"cpus" : "graphs");
		}
		put_figure(page, figure);
		if (i + 1 < report->nr_figures && !is_first_of_section(report, i + 1))
			continue;
		fputs("</div>\n", out);
		if (!front)
			fold_end(out);
	}
}

/* ---- the rest -------------------------------------------------------------------- */

static void headline(const struct page *page)
{
	fputs("<section class=\"headline\">\n", page->out);
	for (int i = 0; i < page->report->nr_headline; i++) {
		fputs("<p>", page->out);
		html_words(page->out, page->report->headline[i]);
		fputs("</p>\n", page->out);
	}
	fputs("</section>\n", page->out);
}

static void notes(const struct page *page)
{
	const struct report *report = page->report;

	if (!report->nr_notes)
		return;
	fold_begin(page->out, "Notes");
	fputs("<ul>\n", page->out);
	for (int i = 0; i < report->nr_notes; i++) {
		char *text = lines_note(&report->notes[i], report->notes[i].nr_cases);

		fputs("<li>", page->out);
		html_words(page->out, text ? text : "");
		fputs("</li>\n", page->out);
		free(text);
	}
	fputs("</ul>\n", page->out);
	fold_end(page->out);
}

static int command(const struct page *page)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return -ENOMEM;
	shell_command(memory, page->report->words, page->report->nr_words, 0);
	if (fclose(memory)) {
		free(text);
		return -ENOMEM;
	}
	text[strcspn(text, "\n")] = '\0';
	fputs("<p>Made by:</p>\n<p><code>", page->out);
	html_text(page->out, text);
	fputs("</code></p>\n", page->out);
	free(text);
	return 0;
}

static int facts(const struct page *page)
{
	const struct report *report = page->report;
	int err = 0;

	fold_begin(page->out, "What was measured");
	fputs("<dl>\n", page->out);
	for (int i = 0; i < report->nr_facts; i++) {
		fprintf(page->out, "<dt>%s</dt><dd>", report->facts[i].label);
		html_text(page->out, report->facts[i].text);
		fputs("</dd>\n", page->out);
	}
	fputs("</dl>\n", page->out);
	if (report->nr_words)
		err = command(page);
	fold_end(page->out);
	return err;
}

/*
 * Prints @report as a page on @out, with the @plots of figures_draw(). Returns 0 or
 * -ENOMEM; errors of writing stay in @out.
 */
int render_html(FILE *out, const struct report *report, const struct plots *plots)
{
	struct page page = { .out = out, .report = report, .plots = plots };
	int err;

	html_begin(out, report->title);
	headline(&page);
	contents(&page);
	figures(&page, true);
	tables(&page, false);
	figures(&page, false);
	tables(&page, true);
	notes(&page);
	err = facts(&page);
	html_end(out);
	return err;
}

/*
 * Prints the report's graph of IPIs against CPUs as an SVG file. Returns 0, or -ENOENT
 * where it has none.
 */
int render_svg(FILE *out, const struct report *report, const struct plots *plots)
{
	for (int i = 0, plot = 0; i < report->nr_figures; i++) {
		const struct figure *figure = &report->figures[i];

		if (figure->kind == FIGURE_BARS) {
			figure_bars(out, figure, true);
			return 0;
		}
		if (figure->kind == FIGURE_SCALE) {
			plots_print_file(plots, plot, figure->title, out);
			return 0;
		}
		plot += figure_is_plot(figure);
	}
	return -ENOENT;
}
