// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Plots over nights: for a series that moved a graph with its levels and kernels, for any
 * other a small line.
 */
#include "render/history-plot.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define GRAPH_WIDTH	360	/* a phone shows it in its own size */
#define GRAPH_HEIGHT	210	/* and the kernels' names below it */
#define LETTER_WIDTH	7
#define SPARK_WIDTH	128
#define SPARK_HEIGHT	24
#define SPARK_POINTS	64
#define MAX_KERNELS	12	/* named on one axis */
#define LONGEST_KERNEL	28

#define NIGHT_COLOUR	"#4c8dd6"	/* these three are seen on white and on black */
#define LEVEL_COLOUR	"#d98a1f"
#define CHANGE_COLOUR	"#d2493f"

/* Nights of one kernel are not named twice, and not where they would overlap. */
static void kernel_axis(FILE *script, const struct figure *figure)
{
	const char *separator = "";
	double apart = (double)figure->nr_nights / MAX_KERNELS, last = -apart;

	fputs("set xtics out nomirror rotate by 90 right (", script);
	for (int i = 0; i < figure->nr_nights; i++) {
		if ((i && !strcmp(figure->kernels[i], figure->kernels[i - 1])) || i - last < apart)
			continue;
		fputs(separator, script);
		plot_text(script, figure->kernels[i], LONGEST_KERNEL);
		fprintf(script, " %d", i);
		separator = ", ";
		last = i;
	}
	fputs(")\n", script);
}

/* Letters of the longest name, as far as it is shown. */
static int longest_kernel(const struct figure *figure)
{
	size_t longest = 0;

	for (int i = 0; i < figure->nr_nights; i++)
		if (strlen(figure->kernels[i]) > longest)
			longest = strlen(figure->kernels[i]);
	return longest > LONGEST_KERNEL ? LONGEST_KERNEL : (int)longest;
}

/* A little room above and below; what is never negative has no axis below 0. */
static void value_axis(FILE *script, const struct figure *figure)
{
	double least = INFINITY, most = -INFINITY, room;

	for (int i = 0; i < figure->nr_nights; i++) {
		least = fmin(least, figure->nights[i]);
		most = fmax(most, figure->nights[i]);
	}
	room = most > least ? 0.05 * (most - least) : fmax(0.05 * fabs(most), 0.5);
	if (most >= least)
		fprintf(script, "set yrange [%.7g:%.7g]\n",
			least >= 0 ? fmax(0, least - room) : least - room, most + room);
}

/* A gap breaks the line; a night between two gaps is a short line of its own. */
static void night_data(FILE *script, const struct figure *figure)
{
	const double *night = figure->nights;
	bool before = false;

	fputs("$nights << END\n", script);
	for (int i = 0; i < figure->nr_nights; i++) {
		bool here = !isnan(night[i]);
		bool after = i + 1 < figure->nr_nights && !isnan(night[i + 1]);

		if (here && !before && !after)
			fprintf(script, "%g %.7g\n%g %.7g\n\n", i - 0.2, night[i], i + 0.2,
				night[i]);
		else if (here)
			fprintf(script, "%d %.7g\n%s", i, night[i], after ? "" : "\n");
		before = here;
	}
	fputs("END\n", script);
}

static void levels(FILE *script, const struct figure *figure)
{
	for (int i = 0; i < figure->nr_levels; i++) {
		const struct figure_level *level = &figure->levels[i];

		fprintf(script, "set arrow from first %d,%.7g to first %d,%.7g nohead lw 2 "
			"lc rgb '" LEVEL_COLOUR "' front\n", level->from, level->level, level->to,
			level->level);
		if (i + 1 < figure->nr_levels)
			fprintf(script, "set arrow from first %g,graph 0 to first %g,graph 1 "
				"nohead dt 2 lc rgb '" CHANGE_COLOUR "'\n",
				(level->to + level[1].from) / 2.0, (level->to + level[1].from) / 2.0);
	}
}

/* Adds the graph of a series that moved. Returns 0 or -ENOMEM. */
int plot_nights(struct plots *plots, const struct figure *figure)
{
	FILE *script = plots_add(plots, GRAPH_WIDTH,
				 GRAPH_HEIGHT + LETTER_WIDTH * longest_kernel(figure));

	if (!script)
		return -ENOMEM;
	night_data(script, figure);
	kernel_axis(script, figure);
	value_axis(script, figure);
	levels(script, figure);
	fprintf(script, "set key outside top center horizontal samplen 1.5\n"
		"set border 3\nset ytics out nomirror\nset format y '%%.6g'\n"
		"set xlabel 'night, named by its kernel'\nset ylabel '%s'\nset xrange [-0.5:%g]\n"
		"plot $nights using 1:2 title 'night' with lines lw 1 lc rgb '" NIGHT_COLOUR "', "
		"NaN title 'level' with lines lw 2 lc rgb '" LEVEL_COLOUR "', "
		"NaN title 'change' with lines dt 2 lc rgb '" CHANGE_COLOUR "'\n",
		figure->unit, figure->nr_nights - 0.5);
	return 0;
}

/* Adds a small line: means of a few nights each, as many as there is room for. */
int plot_spark(struct plots *plots, const struct figure *figure)
{
	FILE *script = plots_add(plots, SPARK_WIDTH, SPARK_HEIGHT);
	int step = (figure->nr_nights + SPARK_POINTS - 1) / SPARK_POINTS;

	if (!script)
		return -ENOMEM;
	fputs("$nights << END\n", script);
	for (int i = 0; i < figure->nr_nights; i += step) {
		double sum = 0;
		int nr = 0;

		for (int j = i; j < i + step && j < figure->nr_nights; j++) {
			if (!isnan(figure->nights[j])) {
				sum += figure->nights[j];
				nr++;
			}
		}
		if (nr)
			fprintf(script, "%d %.7g\n", i, sum / nr);
	}
	fprintf(script, "END\nunset border\nunset tics\nset margins 0,0,0,0\n"
		"set xrange [0:%d]\nset autoscale yfix\n"
		"plot $nights using 1:2 with lines lw 1 lc rgb '" NIGHT_COLOUR "'\n",
		figure->nr_nights > 1 ? figure->nr_nights - 1 : 1);
	return 0;
}
