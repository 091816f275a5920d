// SPDX-License-Identifier: GPL-2.0-or-later
/* What gnuplot draws of a comparison. Colours are those of both sides everywhere. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "render/figures.h"
#include "render/history-plot.h"

#define SCALE_WIDTH	400
#define SCALE_HEIGHT	300
#define LATENCY_WIDTH	360	/* a phone shows it in its own size */
#define LATENCY_HEIGHT	230
#define BINS_A_DOUBLING	6
#define MAX_BINS	(64 * BINS_A_DOUBLING)
#define TAIL		0.999	/* the axis ends there: one late op would squeeze the rest */

static const char *const side_names[2] = { "base", "patched" };

/* Above the plot, so that it hides nothing. */
static const char key[] = "set key outside top center horizontal samplen 1.5\n";

static void scale_data(FILE *script, const struct figure *figure, int side)
{
	fprintf(script, "$%s << END\n", side_names[side]);
	for (int i = 0; i < figure->nr_points; i++)
		fprintf(script, "%g %.7g\n", figure->points[i].x, figure->points[i].y[side]);
	fputs("END\n", script);
}

/* The lowest figure of @figure that is not 0, and whether there is a 0; and the highest. */
static bool find_span(const struct figure *figure, double *least, double *most)
{
	bool zero = false;

	*least = INFINITY;
	*most = 0;
	for (int i = 0; i < figure->nr_points; i++)
		for (int side = 0; side < 2; side++) {
			double y = figure->points[i].y[side];

			zero |= y <= 0;
			if (y > 0)
				*least = fmin(*least, y);
			*most = fmax(*most, y);
		}
	return zero;
}

/*
 * A figure against CPUs online or initiators, with a line, both axes by doublings: from 2
 * CPUs to 128 each step shows. 0 has no place on such an axis, so it is drawn at the foot,
 * and named. Patched is the smaller dot: equal counts show both. Dots are circles, as wide
 * everywhere on an axis by doublings: a marker would be lost with the SVG's head.
 */
static int plot_scale(struct plots *plots, const struct figure *figure)
{
	FILE *script = plots_add(plots, SCALE_WIDTH, SCALE_HEIGHT);
	double most = 2, from = INFINITY, least, top, foot;
	bool zero = find_span(figure, &least, &top);

	if (!script)
		return -ENOMEM;
	for (int i = 0; i < figure->nr_points; i++) {
		most = fmax(most, figure->points[i].x);
		from = fmin(from, figure->points[i].x);
	}
	foot = zero ? fmin(0.35, least / 2) : least / 1.5;
	for (int side = 0; side < 2; side++)
		scale_data(script, figure, side);
	fprintf(script, "%sset border 3\nset tics out nomirror\nset logscale xy 2\n"
		"set style fill solid 1.0 noborder\n"
		"set xlabel '%s'\nset ylabel '%s'\n"
		"set xrange [%g:%g]\nset yrange [%g:%g]\nset xtics 2\nset ytics (0 %g)\n"
		"do for [i=0:40] { set ytics add (i < 10 ? sprintf('%%d', 2**i) : i < 20 ? "
		"sprintf('%%dK', 2**(i-10)) : sprintf('%%dM', 2**(i-20)) 2**i) }\n",
		key, figure->x_label, figure->y_label, 0.85 * from, 1.3 * most, foot / 1.3, 1.5 * top,
		foot);
	if (zero)
		fprintf(script, "set ytics add ('0' %g)\n", foot);
	fputs("plot ", script);
	if (figure->line)
		fprintf(script, "sample [x=%g:%g] %s title '%s' with lines lw 1 dt 2 lc rgb '#808890', ",
			from, most, figure->line, figure->line_title);
	fprintf(script, "$base using 1:($2 > 0 ? $2 : %g):($1 * 0.075) title 'base' with circles lc rgb '"
		BASE_COLOUR "', $patched using 1:($2 > 0 ? $2 : %g):($1 * 0.05) title 'patched' "
		"with circles lc rgb '" PATCHED_COLOUR "'\n", foot, foot);
	return 0;
}

static int bin_of(double ns)
{
	return ns < 1 ? 0 : (int)(log2(ns) * BINS_A_DOUBLING);
}

/* Shares of ops a bin, in percent, from bin @first to bin @last. */
static void latency_data(FILE *script, const struct histogram *hist, int side, int first,
			 int last, double unit)
{
	double share[MAX_BINS] = { 0 };

	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		if (hist->count[i])
			share[bin_of((double)hist_bucket_lower(i))] +=
				100.0 * (double)hist->count[i] / (double)hist->total;
	fprintf(script, "$%s << END\n", side_names[side]);
	for (int i = first; i <= last; i++)
		fprintf(script, "%.5g %.5g\n", exp2((double)i / BINS_A_DOUBLING) / unit, share[i]);
	fputs("END\n", script);
}

/*
 * Ticks that people count in, on the axis from @from to @to by factors: 1, 2 and 5 of each
 * decade; of a short axis as many in equal steps, of a long one the decades.
 */
static void latency_ticks(FILE *script, double from, double to)
{
	static const double steps[] = { 1, 2, 5, 10 };
	double step = pow(10, floor(log10((to - from) / 5))), decade;
	const char *separator = "";
	int i = 0;

	fputs("set xtics (", script);
	while (to / from < 4 && (to - from) / (step * steps[i]) > 6)
		i++;
	step *= steps[i];
	for (double at = ceil(from / step) * step; to / from < 4 && at <= to; at += step) {
		fprintf(script, "%s'%.6g' %.6g", separator, at, at);
		separator = ", ";
	}
	for (decade = pow(10, floor(log10(from))); to / from >= 4 && decade <= to; decade *= 10)
		for (i = 0; i < (to / from < 1000 ? 3 : 1); i++) {
			if (decade * steps[i] < from || decade * steps[i] > to)
				continue;
			fprintf(script, "%s'%.6g' %.6g", separator, decade * steps[i],
				decade * steps[i]);
			separator = ", ";
		}
	fputs(")\n", script);
}

static void plot_sides(FILE *script, const struct figure *figure)
{
	static const char *const how[2] = {
		"title 'base' with steps lw 4 lc rgb '" BASE_COLOUR "'",
		"title 'patched' with steps lw 1.5 lc rgb '" PATCHED_COLOUR "'",
	};
	const char *separator = "plot ";

	for (int side = 0; side < 2; side++) {
		if (!figure->hist[side])
			continue;
		fprintf(script, "%s$%s using 1:2 %s", separator, side_names[side], how[side]);
		separator = ", ";
	}
	fputs("\n", script);
}

/*
 * How the ops of both sides are spread over latencies. Patched is the thinner line: where
 * both are equal, both are seen. A side may have none.
 */
static int plot_latency(struct plots *plots, const struct figure *figure)
{
	double least = INFINITY, most = 0, from, to, unit;
	FILE *script = plots_add(plots, LATENCY_WIDTH, LATENCY_HEIGHT);
	int first, last;

	if (!script)
		return -ENOMEM;
	for (int side = 0; side < 2; side++) {
		const struct histogram *hist = figure->hist[side];

		least = hist ? fmin(least, (double)hist->min) : least;
		most = hist ? fmax(most, (double)hist_quantile(hist, TAIL)) : most;
	}
	first = bin_of(least);
	last = bin_of(most) + 1 < MAX_BINS ? bin_of(most) + 1 : MAX_BINS - 1;
	unit = least >= 1e6 ? 1e6 : least >= 1e3 ? 1e3 : 1;
	for (int side = 0; side < 2; side++)
		if (figure->hist[side])
			latency_data(script, figure->hist[side], side, first, last, unit);
	from = exp2((double)first / BINS_A_DOUBLING) / unit;
	to = exp2((double)(last + 1) / BINS_A_DOUBLING) / unit;
	fprintf(script, "%sset border 3\nset tics out nomirror\nset logscale x\n"
		"set xlabel '%s, %s'\nset ylabel '%% %s'\nset yrange [0:*]\n"
		"set xrange [%.5g:%.5g]\n", key, figure->x_label,
		unit > 1e3 ? "ms" : unit > 1 ? "us" : "ns", figure->y_label, from, to);
	latency_ticks(script, from, to);
	plot_sides(script, figure);
	return 0;
}

/* Is it drawn by gnuplot? */
bool figure_is_plot(const struct figure *figure)
{
	return figure->kind != FIGURE_BARS && figure->kind != FIGURE_CPUS &&
	       figure->kind != FIGURE_HEAT;
}

/* Adds the plot of @figure, for which figure_is_plot(). Returns 0 or -ENOMEM. */
int figure_plot(struct plots *plots, const struct figure *figure)
{
	switch (figure->kind) {
	case FIGURE_SCALE:
		return plot_scale(plots, figure);
	case FIGURE_LATENCY:
		return plot_latency(plots, figure);
	case FIGURE_NIGHTS:
		return plot_nights(plots, figure);
	default:
		return plot_spark(plots, figure);
	}
}

/*
 * Draws all figures of @report that gnuplot draws, in their order. Returns 0 with *@plots,
 * the caller's to plots_free(); or -errno with @why, -ENOENT where there is no gnuplot.
 */
int figures_draw(const struct report *report, struct plots **plots, char *why, size_t size)
{
	int err = 0;

	*plots = plots_new();
	if (!*plots)
		err = -ENOMEM;
	for (int i = 0; i < report->nr_figures && !err; i++)
		if (figure_is_plot(&report->figures[i]))
			err = figure_plot(*plots, &report->figures[i]);
	if (err)
		snprintf(why, size, "out of memory");
	else
		err = plots_draw(*plots, why, size);
	if (!err)
		return 0;
	plots_free(*plots);
	*plots = NULL;
	return err;
}
