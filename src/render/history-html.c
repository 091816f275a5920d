// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A history as a page: in front the change points, worst first, each with a link to its
 * graph; then machine by machine and case by case the graphs, and a line for whatever
 * has none.
 */
#include <stdlib.h>

#include "render/history.h"
#include "render/html.h"
#include "render/plot.h"

struct page {
	FILE *out;
	const struct history_report *report;
	const struct plots *plots;
	int plot;	/* the next one */
};

/* As html_text() for a name on the heap, which is freed. */
static void name(FILE *out, char *text)
{
	html_text(out, text ? text : "(out of memory)");
	free(text);
}

static const char *class_of(const struct history_change *change)
{
	static const char *const classes[] = { "good", "moved", "bad" };

	return classes[history_direction(change->series, change->point) + 1];
}

/* "s" and the place of the series among all: the name of its graph in the page. */
static int number_of(const struct history *h, const struct history_change *change)
{
	int number = 0;

	for (const struct history_machine *m = h->machines; m <= change->machine; m++)
		for (int i = 0; i < m->nr_cases && (m < change->machine ||
						    &m->cases[i] < change->c); i++)
			number += m->cases[i].nr_series;
	return number + (int)(change->series - change->c->series);
}

static void change_row(FILE *out, const struct history *h, const struct history_change *change)
{
	enum unit unit = change->series->metric.unit;
	const struct change_point *p = change->point;
	char text[TEXT_SIZE], night[11];

	history_date(change->machine->nights[p->night].day, night);
	fprintf(out, "<tr><td class=\"value %s\">%s ", class_of(change), history_verdict(change));
	html_text(out, history_relative(text, p));
	fprintf(out, "</td><td><a href=\"#s%d\">", number_of(h, change));
	name(out, history_case_name(change->c));
	if (h->nr_machines > 1)
		html_format(out, " [%d]", (int)(change->machine - h->machines) + 1);
	fputs("</a></td><td class=\"value\" data-head=\"metric\">", out);
	html_text(out, change->series->metric.name);
	fputs("</td><td class=\"value\" data-head=\"level\">", out);
	html_text(out, history_value(text, unit, p->before));
	fputs(" → ", out);
	html_text(out, history_value(text, unit, p->after));
	fprintf(out, "</td><td class=\"value\" data-head=\"p\">%.1g</td>"
		"<td class=\"value\" data-head=\"first night\">%s</td>"
		"<td data-head=\"kernels\">", p->p, night);
	name(out, history_kernels(change, true));
	fputs("</td></tr>\n", out);
}

static void front(struct page *page)
{
	const struct history_report *report = page->report;
	const char *nothing = history_nothing(report->history);
	FILE *out = page->out;
	int worse = 0;

	for (int i = 0; i < report->nr_changes; i++)
		worse += history_direction(report->changes[i].series,
					   report->changes[i].point) > 0;
	html_format(out, "%d record%s of %d machine%s", report->history->nr_records,
		    report->history->nr_records == 1 ? "" : "s", report->history->nr_machines,
		    report->history->nr_machines == 1 ? "" : "s");
	if (report->passed_over)
		html_format(out, "; %d file%s passed over", report->passed_over,
			    report->passed_over == 1 ? "" : "s");
	fputs("</p>\n<h2>Worst first</h2>\n", out);
	if (!report->nr_changes) {
		fprintf(out, "<p>%s</p>\n", nothing ? nothing : "No level has moved.");
		return;
	}
	fprintf(out, "<p>%d change point%s, %d for the worse. p: that nights of one level "
		"look so broken in two.</p>\n<table class=\"cards\">\n<thead><tr><th>change</th>"
		"<th>case</th><th>metric</th><th>level</th><th>p</th><th>first night</th>"
		"<th>between kernels</th></tr></thead>\n<tbody>\n", report->nr_changes,
		report->nr_changes == 1 ? "" : "s", worse);
	for (int i = 0; i < report->nr_changes; i++)
		change_row(out, report->history, &report->changes[i]);
	fputs("</tbody>\n</table>\n", out);
}

/* One line a change point below its graph. */
static void change_item(FILE *out, const struct history_change *change)
{
	enum unit unit = change->series->metric.unit;
	const struct change_point *p = change->point;
	char text[TEXT_SIZE], last[11], night[11];

	history_date(change->machine->nights[p->last].day, last);
	history_date(change->machine->nights[p->night].day, night);
	fprintf(out, "<li><span class=\"%s\">%s ", class_of(change), history_verdict(change));
	html_text(out, history_relative(text, p));
	fputs("</span>: ", out);
	html_text(out, history_value(text, unit, p->before));
	fputs(" → ", out);
	html_text(out, history_value(text, unit, p->after));
	fprintf(out, "; <span class=\"value\">p %.1g</span>; between <span class=\"value\">%s</span> "
		"and <span class=\"value\">%s</span>; ", p->p, last, night);
	name(out, history_kernels(change, true));
	fputs("</li>\n", out);
}

static void graph(struct page *page, const struct history_machine *m,
		  const struct history_case *c, const struct history_series *s, int number)
{
	FILE *out = page->out;
	const char *unit;

	history_axis_unit(s, &unit);
	fprintf(out, "<figure id=\"s%d\"><figcaption><b>", number);
	html_text(out, s->metric.name);
	fprintf(out, "</b>, %s</figcaption>\n", unit);
	plots_print(page->plots, page->plot++, "graph", s->metric.name, out);
	fputs("\n<ul>\n", out);
	for (int i = 0; i < s->nr_points; i++)
		change_item(out, &(struct history_change){ m, c, s, &s->points[i] });
	fputs("</ul></figure>\n", out);
}

static void row(struct page *page, const struct history_series *s, int plot)
{
	char median[TEXT_SIZE], least[TEXT_SIZE], most[TEXT_SIZE];
	FILE *out = page->out;

	fputs("<tr><td>", out);
	html_text(out, s->metric.name);
	fputs("</td><td class=\"value\">", out);
	html_text(out, s->measured ? history_value(median, s->metric.unit, s->median) : "-");
	fputs("</td><td>", out);
	if (plot < 0) {
		fputs(s->measured ? "always" : "not measured", out);
	} else {
		html_format(out, "%s to %s", history_value(least, s->metric.unit, s->least),
			    history_value(most, s->metric.unit, s->most));
		plots_print(page->plots, plot, "spark", s->metric.name, out);
	}
	fputs("</td></tr>\n", out);
}

/* Graphs first, then the table of the rest; plots were drawn in the series' order. */
static void one_case(struct page *page, const struct history_machine *m,
		     const struct history_case *c, int number)
{
	FILE *out = page->out;
	int first = page->plot, still = 0;

	fputs("<h3>", out);
	name(out, history_case_name(c));
	fputs("</h3>\n<div class=\"graphs\">\n", out);
	for (int i = 0; i < c->nr_series; i++) {
		if (c->series[i].nr_points)
			graph(page, m, c, &c->series[i], number + i);
		else
			page->plot += history_has_plot(&c->series[i]);
		still += !c->series[i].nr_points;
	}
	fputs("</div>\n", out);
	if (still)
		fputs("<table><thead><tr><th>no change found</th><th>median</th><th>nights</th>"
		      "</tr></thead>\n<tbody>\n", out);
	for (int i = 0; i < c->nr_series; i++) {
		bool drawn = history_has_plot(&c->series[i]);

		if (!c->series[i].nr_points)
			row(page, &c->series[i], drawn ? first : -1);
		first += drawn;
	}
	if (still)
		fputs("</tbody></table>\n", out);
}

static void one_machine(struct page *page, int index, int *number)
{
	const struct history_machine *m = &page->report->history->machines[index];
	FILE *out = page->out;
	char first[11], last[11];

	history_date(m->nights[0].day, first);
	history_date(m->nights[m->nr_nights - 1].day, last);
	fprintf(out, "<h2>[%d] ", index + 1);
	name(out, history_machine_name(m));
	fprintf(out, "</h2>\n<p>%d night%s, %s to %s. The axis names the kernel of a night; "
		"nights without a record take no room on it.", m->nr_nights,
		m->nr_nights == 1 ? "" : "s", first, last);
	if (m->older_nights)
		fprintf(out, " %d older nights are not shown.", m->older_nights);
	if (history_emulated(m))
		fputs(" Emulated: no times are shown.", out);
	fputs("</p>\n", out);
	for (int i = 0; i < m->nr_cases; i++) {
		one_case(page, m, &m->cases[i], *number);
		*number += m->cases[i].nr_series;
	}
}

/* Prints the page; @plots are those of history_plots(). Errors stay in @out. */
void history_page(FILE *out, const struct history_report *report, const struct plots *plots)
{
	struct page page = { .out = out, .report = report, .plots = plots };
	int number = 0;

	html_begin(out, "tlbsync history");
	fputs("<p>", out);
	html_text(out, report->folder);
	fputs(": ", out);
	front(&page);
	for (int i = 0; i < report->history->nr_machines; i++)
		one_machine(&page, i, &number);
	html_end(out);
}
