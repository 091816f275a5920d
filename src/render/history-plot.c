// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plots of a history: for a series with change points a graph with its levels and
 * kernels, for any other that is not constant a small line. What never moved needs none.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "render/history.h"
#include "render/plot.h"

#define GRAPH_WIDTH	360	/* a phone shows it in its own size */
#define GRAPH_HEIGHT	250
#define SPARK_WIDTH	128
#define SPARK_HEIGHT	24
#define SPARK_POINTS	64
#define MAX_KERNELS	12	/* named on one axis */
#define LONGEST_KERNEL	16

#define NIGHT_COLOUR	"#4c8dd6"	/* these three are seen on white and on black */
#define LEVEL_COLOUR	"#d98a1f"
#define CHANGE_COLOUR	"#d2493f"

/* Nights of one kernel are not named twice, and not where they would overlap. */
static void kernel_axis(FILE *script, const struct history_machine *m)
{
	const char *separator = "";
	double apart = (double)m->nr_nights / MAX_KERNELS, last = -apart;

	fputs("set xtics nomirror rotate by 90 right (", script);
	for (int i = 0; i < m->nr_nights; i++) {
		if ((i && !strcmp(m->nights[i].kernel, m->nights[i - 1].kernel)) ||
		    i - last < apart)
			continue;
		fputs(separator, script);
		plot_text(script, m->nights[i].kernel, LONGEST_KERNEL);
		fprintf(script, " %d", i);
		separator = ", ";
		last = i;
	}
	fputs(")\n", script);
}

/* A gap breaks the line; a night between two gaps is a short line of its own. */
static void night_data(FILE *script, const struct history_machine *m,
		       const struct history_series *s, double unit)
{
	bool before = false;

	fputs("$nights << END\n", script);
	for (int i = 0; i < m->nr_nights; i++) {
		bool here = !isnan(s->night[i]);
		bool after = i + 1 < m->nr_nights && !isnan(s->night[i + 1]);

		if (here && !before && !after)
			fprintf(script, "%g %.7g\n%g %.7g\n\n", i - 0.2, s->night[i] / unit,
				i + 0.2, s->night[i] / unit);
		else if (here)
			fprintf(script, "%d %.7g\n%s", i, s->night[i] / unit, after ? "" : "\n");
		before = here;
	}
	fputs("END\n", script);
}

static void levels(FILE *script, const struct history_machine *m,
		   const struct history_series *s, double unit)
{
	for (int i = 0; i <= s->nr_points; i++) {
		double from = i ? s->points[i - 1].night : 0;
		double to = i < s->nr_points ? s->points[i].last : m->nr_nights - 1;
		double level = (i ? s->points[i - 1].after : s->points[0].before) / unit;

		fprintf(script, "set arrow from first %g,%.7g to first %g,%.7g nohead lw 2 "
			"lc rgb '" LEVEL_COLOUR "' front\n", from, level, to, level);
		if (i < s->nr_points)
			fprintf(script, "set arrow from first %g,graph 0 to first %g,graph 1 "
				"nohead dt 2 lc rgb '" CHANGE_COLOUR "'\n",
				(to + s->points[i].night) / 2, (to + s->points[i].night) / 2);
	}
}

/* What the axis of @s counts in, and its @name. */
double history_axis_unit(const struct history_series *s, const char **name)
{
	static const struct { double unit; const char *name; } steps[] = {
		{ 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" },
	};
	int i = 0;

	if (s->metric.unit != UNIT_NS) {
		*name = s->metric.unit == UNIT_RATE ? "1000 ops/s" : "per op";
		return s->metric.unit == UNIT_RATE ? 1000 : 1;
	}
	while (i < 3 && s->most < steps[i].unit)
		i++;
	*name = steps[i].name;
	return steps[i].unit;
}

static int add_graph(struct plots *plots, const struct history_machine *m,
		     const struct history_series *s)
{
	FILE *script = plots_add(plots, GRAPH_WIDTH, GRAPH_HEIGHT);
	const char *name;
	double unit = history_axis_unit(s, &name);

	if (!script)
		return -ENOMEM;
	night_data(script, m, s, unit);
	kernel_axis(script, m);
	levels(script, m, s, unit);
	fprintf(script, "set border 3\nset ytics nomirror\nset format y '%%.6g'\n"
		"set xrange [-0.5:%g]\nset offsets graph 0, graph 0, graph 0.05, graph 0.05\n"
		"plot $nights using 1:2 with lines lw 1 lc rgb '" NIGHT_COLOUR "'\n",
		m->nr_nights - 0.5);
	return 0;
}

/* Means of a few nights each, as many as there is room for. */
static int add_spark(struct plots *plots, const struct history_machine *m,
		     const struct history_series *s)
{
	FILE *script = plots_add(plots, SPARK_WIDTH, SPARK_HEIGHT);
	int step = (m->nr_nights + SPARK_POINTS - 1) / SPARK_POINTS;

	if (!script)
		return -ENOMEM;
	fputs("$nights << END\n", script);
	for (int i = 0; i < m->nr_nights; i += step) {
		double sum = 0;
		int nr = 0;

		for (int j = i; j < i + step && j < m->nr_nights; j++) {
			if (!isnan(s->night[j])) {
				sum += s->night[j];
				nr++;
			}
		}
		if (nr)
			fprintf(script, "%d %.7g\n", i, sum / nr);
	}
	fprintf(script, "END\nunset border\nunset tics\nset margins 0,0,0,0\n"
		"set xrange [-1:%d]\nset autoscale yfix\n"
		"plot $nights using 1:2 with lines lw 1 lc rgb '" NIGHT_COLOUR "'\n",
		m->nr_nights);
	return 0;
}

/* Is it drawn? A constant is not. */
bool history_has_plot(const struct history_series *s)
{
	return s->nr_points || (s->measured > 1 && s->least < s->most);
}

/*
 * Draws the plots of all series for which history_has_plot(), in their order. NULL with
 * @why filled if that is not possible here.
 */
struct plots *history_plots(const struct history *h, char *why, size_t size)
{
	struct plots *plots = plots_new();
	int err = plots ? 0 : -ENOMEM;

	for (int i = 0; i < h->nr_machines; i++) {
		const struct history_machine *m = &h->machines[i];

		for (int j = 0; j < m->nr_cases; j++) {
			for (int k = 0; k < m->cases[j].nr_series && !err; k++) {
				const struct history_series *s = &m->cases[j].series[k];

				if (s->nr_points)
					err = add_graph(plots, m, s);
				else if (history_has_plot(s))
					err = add_spark(plots, m, s);
			}
		}
	}
	if (err)
		snprintf(why, size, "out of memory");
	else
		err = plots_draw(plots, why, size);
	if (!err)
		return plots;
	plots_free(plots);
	return NULL;
}
