// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A comparison as a page: what was compared, counts, times, sync IPIs against the number
 * of CPUs, latencies, and which CPUs were interrupted, case by case.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/compare-parts.h"
#include "render/cpu-map.h"
#include "render/html.h"
#include "render/shell.h"

#define LABEL_WIDTH	9	/* of the header's lines */

struct compare_page {
	const struct compare_view *view;
	struct plots *plots;		/* in the page's order */
	struct scale_point *point;
	int nr_points;
};

/* The page as it is printed. */
struct page {
	FILE *out;
	const struct compare_view *view;
	const struct compare_page *parts;
	int plot;			/* the next one */
};

/* Each line of @text, which is taken apart, as a list; with @labels as terms. */
static void lines(FILE *out, char *text, bool labels)
{
	char *line;

	fputs(labels ? "<dl>\n" : "<ul>\n", out);
	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		if (labels) {
			size_t label = strcspn(line, " ");
			size_t facts = strlen(line) > LABEL_WIDTH ? LABEL_WIDTH : label;

			fputs("<dt>", out);
			html_format(out, "%.*s", (int)label, line);
			fputs("</dt><dd>", out);
			html_text(out, line + facts);
			fputs("</dd>\n", out);
		} else {
			fputs("<li>", out);
			html_text(out, line);
			fputs("</li>\n", out);
		}
	}
	fputs(labels ? "</dl>\n" : "</ul>\n", out);
}

/* What @print prints of the view, as a list; nothing where that is nothing. */
static int list(struct page *page, bool labels,
		void (*print)(FILE *out, const struct compare_view *view))
{
	char *text = compare_lines(page->view, print);

	if (!text)
		return -ENOMEM;
	if (*text)
		lines(page->out, text, labels);
	free(text);
	return 0;
}

static void title(FILE *out, const struct compare_case *c)
{
	char *text = compare_title(c);

	html_text(out, text ? text : c->id.workload);
	free(text);
}

/* @text with its arrow as one character. */
static void arrow(FILE *out, const char *text)
{
	const char *at = strstr(text, " -> ");

	if (!at) {
		html_text(out, text);
		return;
	}
	html_format(out, "%.*s", (int)(at - text), text);
	fputs(" → ", out);
	html_text(out, at + strlen(" -> "));
}

static void count_row(FILE *out, const struct compare_case *c, enum ipi_class cls)
{
	static const char *const heads[NR_COUNT_CELLS] = {
		"IPIs", "base → patched", "per op", "expected", "change",
	};
	const char *agree = cls == IPI_OTHER ? "" : compare_agree(c);
	char cell[NR_COUNT_CELLS][CELL_SIZE];

	count_cells(c, cls, cell);
	fputs("<tr><td>", out);
	title(out, c);
	fputs("</td>", out);
	for (int i = 0; i < NR_COUNT_CELLS; i++) {
		fprintf(out, "<td%s%s%s>", *cell[i] ? " data-head=\"" : "",
			*cell[i] ? heads[i] : "", *cell[i] ? "\"" : "");
		arrow(out, cell[i]);
		fputs("</td>", out);
	}
	fprintf(out, "<td%s class=\"%s\">%s</td></tr>\n", *agree ? " data-head=\"agree\"" : "",
		!strncmp(agree, "NO", 2) ? "bad" : "", agree);
}

/* The sum over all cases, for who reads one line only. */
static void headline(FILE *out, const struct comparison *cmp)
{
	char base[TEXT_SIZE], patched[TEXT_SIZE];
	uint64_t sync[NR_SIDES] = { 0 };
	int matched = 0, agree = 0;

	for (int i = 0; i < cmp->nr_cases; i++) {
		const struct compare_case *c = &cmp->cases[i];

		if (!compare_matched(c))
			continue;
		matched++;
		agree += compare_verdict(c) == VERDICT_TRUE;
		for (int side = 0; side < NR_SIDES; side++)
			sync[side] += c->side[side].total[IPI_SYNC];
	}
	text_count(base, sync[SIDE_BASE]);
	text_count(patched, sync[SIDE_PATCHED]);
	fprintf(out, "<p><b>Sync IPIs of all cases: <span class=\"base\">%s</span> → "
		"<span class=\"patched\">%s</span>.</b> %d of %d cases have the counts that the "
		"kernel source predicts, in every op.</p>\n", base, patched, agree, matched);
}

static void counts(struct page *page)
{
	const struct comparison *cmp = page->view->cmp;
	FILE *out = page->out;

	headline(out, cmp);
	fputs("<h2>Counts</h2>\n<table class=\"cards\">\n<thead><tr><th>case</th><th>IPIs</th>"
	      "<th>base → patched</th><th>per op</th><th>expected</th><th>change</th>"
	      "<th>agree</th></tr></thead>\n<tbody>\n", out);
	for (int i = 0; i < cmp->nr_cases; i++)
		for (int cls = 0; cls < NR_IPI_CLASSES; cls++)
			if (compare_matched(&cmp->cases[i]) &&
			    count_shown(&cmp->cases[i], (enum ipi_class)cls))
				count_row(out, &cmp->cases[i], (enum ipi_class)cls);
	fputs("</tbody>\n</table>\n", out);
}

static void time_row(struct page *page, const struct shift *shift,
		     const struct column *columns, const int *which, int nr)
{
	const char *class = !shift->changed ? "" : shift_direction(shift) < 0 ? "good" : "bad";
	char cell[NR_TIME_CELLS][CELL_SIZE];
	FILE *out = page->out;

	time_cells(page->view, shift, cell);
	fputs("<tr><td>", out);
	title(out, &page->view->cmp->cases[shift->at_case]);
	fputs("</td>", out);
	for (int i = 0; i < nr; i++) {
		fprintf(out, "<td data-head=\"%s\" class=\"%s\">", columns[i].head,
			which[i] == TIME_CHANGE ? class : "");
		html_text(out, cell[which[i]]);
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

static int times(struct page *page)
{
	const struct shifts *shifts = page->view->shifts;
	struct column columns[NR_TIME_CELLS];
	int which[NR_TIME_CELLS], nr = time_columns(page->view, columns, which);
	FILE *out = page->out;

	if (!shifts->nr)
		return 0;
	fputs("<h2>Times</h2>\n<table class=\"cards\">\n<thead><tr><th>case</th>", out);
	for (int i = 0; i < nr; i++)
		fprintf(out, "<th>%s</th>", columns[i].head);
	fputs("</tr></thead>\n<tbody>\n", out);
	for (int i = 0; i < shifts->nr; i++)
		time_row(page, &shifts->shift[i], columns, which, nr);
	fputs("</tbody>\n</table>\n", out);
	return list(page, false, time_legend);
}

static void scale(struct page *page)
{
	FILE *out = page->out;
	int cases = 0;

	if (!page->parts->nr_points)
		return;
	for (int i = 0; i < page->parts->nr_points; i++)
		cases += page->parts->point[i].cases;
	fputs("<h2>Sync IPIs against CPUs</h2>\n<figure class=\"wide\"><figcaption>"
	      "<span class=\"base\">● base</span>, <span class=\"patched\">● patched</span>, "
	      "- - the line N-1. ", out);
	fprintf(out, "Counted in %d case%s of which the kernel source predicts one broadcast "
		"to all other CPUs an op; points of equal counts lie on each other."
		"</figcaption>\n", cases, cases == 1 ? "" : "s");
	plots_print(page->parts->plots, page->plot++, "graph", "sync IPIs per op against CPUs", out);
	fputs("\n</figure>\n", out);
}

static void latencies(struct page *page)
{
	const struct comparison *cmp = page->view->cmp;
	FILE *out = page->out;
	bool any = false;

	for (int i = 0; i < cmp->nr_cases; i++) {
		if (!compare_has_latency(page->view, &cmp->cases[i]))
			continue;
		if (!any)
			fputs("<h2>Latencies</h2>\n<p>All ops of all boots together: "
			      "<span class=\"base\">base</span> over "
			      "<span class=\"patched\">patched</span>, up to the larger p99.9. "
			      "For the eye; what is told of times comes from boots.</p>\n"
			      "<div class=\"graphs\">\n", out);
		any = true;
		fputs("<figure><figcaption>", out);
		title(out, &cmp->cases[i]);
		fputs("</figcaption>\n", out);
		plots_print(page->parts->plots, page->plot++, "graph", "latencies", out);
		fputs("\n</figure>\n", out);
	}
	if (any)
		fputs("</div>\n", out);
}

static bool has_map(const struct compare_case *c)
{
	return compare_matched(c) && c->side[SIDE_BASE].nr_cpus && c->side[SIDE_PATCHED].nr_cpus &&
	       (cpu_map_most(&c->side[SIDE_BASE], IPI_SYNC) > 0 ||
		cpu_map_most(&c->side[SIDE_BASE], IPI_FLUSH) > 0 ||
		cpu_map_most(&c->side[SIDE_PATCHED], IPI_SYNC) > 0 ||
		cpu_map_most(&c->side[SIDE_PATCHED], IPI_FLUSH) > 0);
}

/* Both sides of one class in one shade, so that they can be held against each other. */
static void class_maps(struct page *page, const struct compare_case *c, enum ipi_class cls)
{
	double most = 0;
	FILE *out = page->out;

	for (int side = 0; side < NR_SIDES; side++)
		if (cpu_map_most(&c->side[side], cls) > most)
			most = cpu_map_most(&c->side[side], cls);
	for (int side = 0; side < NR_SIDES && most > 0; side++) {
		const char *name = side_name((enum side)side);

		fprintf(out, "<div><p>%s, <span class=\"%s\">%s</span></p>", ipi_class_name(cls),
			name, name);
		cpu_map(out, &page->view->cmp->boots[side][0].rec, &c->side[side], cls, most);
		fputs("</div>\n", out);
	}
}

static void maps(struct page *page)
{
	const struct comparison *cmp = page->view->cmp;
	FILE *out = page->out;
	bool any = false;

	for (int i = 0; i < cmp->nr_cases; i++) {
		const struct compare_case *c = &cmp->cases[i];

		if (!has_map(c))
			continue;
		if (!any)
			fputs("<h2>Which CPUs were interrupted</h2>\n<p>IPIs handled on each CPU, "
			      "per op, and the CPU's role in the case.</p>\n", out);
		any = true;
		fputs("<h3>", out);
		title(out, c);
		fputs("</h3>\n<div class=\"maps\">\n", out);
		class_maps(page, c, IPI_SYNC);
		class_maps(page, c, IPI_FLUSH);
		fputs("</div>\n", out);
	}
}

static int notes(struct page *page)
{
	char *text = compare_lines(page->view, compare_notes);

	if (!text)
		return -ENOMEM;
	if (*text) {
		fputs("<h2>Notes</h2>\n", page->out);
		lines(page->out, text, false);
	}
	free(text);
	return 0;
}

static int command(struct page *page)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return -ENOMEM;
	shell_command(memory, page->view->words, page->view->nr_words, 0);
	if (fclose(memory)) {
		free(text);
		return -ENOMEM;
	}
	text[strcspn(text, "\n")] = '\0';
	fputs("<h2>This page again</h2>\n<p><code>", page->out);
	html_text(page->out, text);
	fputs("</code></p>\n", page->out);
	free(text);
	return 0;
}

/*
 * Prints the page on @out. Returns 0 or -ENOMEM; errors of writing stay in @out.
 */
int compare_page_print(FILE *out, const struct compare_page *parts)
{
	struct page page = { .out = out, .view = parts->view, .parts = parts };
	bool halves = parts->view->shifts->halves;
	int err;

	html_begin(out, halves ? "tlbsync noise floor" : "tlbsync comparison");
	err = list(&page, true, compare_header);
	if (!err && !halves)
		counts(&page);
	if (!err)
		err = times(&page);
	if (!err && !halves) {
		scale(&page);
		latencies(&page);
		maps(&page);
	}
	if (!err)
		err = notes(&page);
	if (!err)
		err = command(&page);
	html_end(out);
	return err;
}

/* All graphs of the page, in its order. */
static int add_plots(struct compare_page *page)
{
	const struct comparison *cmp = page->view->cmp;
	int err = 0;

	if (page->nr_points)
		err = compare_plot_scale(page->plots, page->point, page->nr_points);
	for (int i = 0; i < cmp->nr_cases && !err; i++)
		if (compare_has_latency(page->view, &cmp->cases[i]))
			err = compare_plot_latency(page->plots, &cmp->cases[i]);
	return err;
}

static int find_points(struct compare_page *page)
{
	if (page->view->shifts->halves)
		return 0;
	page->nr_points = scale_points(page->view->scale, page->view->cmp, &page->point);
	return page->nr_points < 0 ? page->nr_points : 0;
}

/*
 * Draws what a page of @view needs. Returns 0 with *@page, which compare_page_free() frees
 * and which points at @view; or -errno with @why filled, -ENOENT where there is no gnuplot.
 */
int compare_page_new(struct compare_page **page, const struct compare_view *view,
		     char *why, size_t size)
{
	struct compare_page *new = calloc(1, sizeof(*new));
	int err = -ENOMEM;

	snprintf(why, size, "out of memory");
	if (new) {
		new->view = view;
		new->plots = plots_new();
	}
	if (new && new->plots) {
		err = find_points(new);
		if (!err)
			err = add_plots(new);
		if (!err)
			err = plots_draw(new->plots, why, size);
	}
	if (err) {
		compare_page_free(new);
		new = NULL;
	}
	*page = new;
	return err;
}

/* Is there a case that one broadcast an op is predicted for? */
bool compare_page_has_graph(const struct compare_page *page)
{
	return page->nr_points > 0;
}

/* The graph of sync IPIs against CPUs as an SVG file. Errors of writing stay in @out. */
void compare_graph_print(FILE *out, const struct compare_page *page)
{
	plots_print_file(page->plots, 0, "Sync IPIs per op against CPUs online: base follows "
			 "the line N-1, patched lies below", out);
}

/* NULL is fine. */
void compare_page_free(struct compare_page *page)
{
	if (!page)
		return;
	free(page->point);
	plots_free(page->plots);
	free(page);
}
