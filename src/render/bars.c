// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two bars a label, base above patched, on an axis of whole numbers. Labels stand above
 * their bars, so that a phone has room for both.
 */
#include <math.h>

#include "render/figures.h"
#include "render/html.h"

#define WIDTH	360
#define LEFT	6
#define RIGHT	44	/* for the figure behind a bar */
#define STEP	46	/* from label to label */
#define TOP	24	/* the legend */
#define FOOT	40	/* the axis */

static const char *const colours[2] = { BASE_COLOUR, PATCHED_COLOUR };

/* Whole ticks, at most eight of them: 1, 2, 5, 10, 20, ... apart. */
static double tick_step(double most)
{
	double decade = fmax(1, pow(10, floor(log10(most / 8))));

	for (int i = 1; i <= 5; i = i == 2 ? 5 : 2 * i)
		if (most / (i * decade) <= 8)
			return i * decade;
	return 10 * decade;
}

static double most_of(const struct figure *figure)
{
	double most = 1;

	for (int i = 0; i < figure->nr_points; i++)
		most = fmax(most, fmax(figure->points[i].y[0], figure->points[i].y[1]));
	return ceil(most);
}

static double place(double value, double most)
{
	return LEFT + value / most * (WIDTH - LEFT - RIGHT);
}

/* Lines stand behind the bars only: they would strike the labels out. */
static void put_axis(FILE *out, const struct figure *figure, double most, int height)
{
	double step = tick_step(most);

	for (int at = 0; at * step <= most; at++) {
		double x = place(at * step, most);

		fprintf(out, "<path d=\"");
		for (int i = 0; i < figure->nr_points; i++)
			fprintf(out, "M%.1f %dV%d", x, TOP + i * STEP + 17, TOP + i * STEP + 41);
		fprintf(out, "\" stroke=\"#808890\" stroke-width=\"0.5\"/>"
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\" fill=\"black\">%.4g</text>",
			x, height - FOOT + 12, at ? "middle" : "start", at * step);
	}
	fprintf(out, "<text x=\"%d\" y=\"%d\" fill=\"black\">sync IPIs per op</text>", LEFT,
		height - 8);
}

static void put_legend(FILE *out)
{
	static const char *const names[2] = { "base", "patched" };

	for (int side = 0; side < 2; side++)
		fprintf(out, "<rect x=\"%d\" y=\"4\" width=\"10\" height=\"10\" fill=\"%s\"/>"
			"<text x=\"%d\" y=\"13\" fill=\"black\">%s</text>", LEFT + 70 * side,
			colours[side], LEFT + 70 * side + 14, names[side]);
}

static void put_bars(FILE *out, const struct figure *figure, int at, double most)
{
	int top = TOP + at * STEP;

	fprintf(out, "<text x=\"%d\" y=\"%d\" fill=\"black\">", LEFT, top + 13);
	html_text(out, figure->labels[at]);
	fputs("</text>", out);
	for (int side = 0; side < 2; side++) {
		double value = figure->points[at].y[side];

		fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"10\" fill=\"%s\"/>"
			"<text x=\"%.1f\" y=\"%d\" fill=\"black\">%.4g</text>", LEFT,
			top + 18 + 12 * side, fmax(place(value, most) - LEFT, 0.8), colours[side],
			place(value, most) + 4, top + 27 + 12 * side, value);
	}
}

/* Draws @figure as SVG on @out; @alone: as a file of its own. Errors stay in @out. */
void figure_bars(FILE *out, const struct figure *figure, bool alone)
{
	int height = TOP + figure->nr_points * STEP + FOOT;
	double most = most_of(figure);

	if (alone)
		svg_begin(out, WIDTH, height, figure->title);
	else
		fprintf(out, "<svg class=\"graph\" viewBox=\"0 0 %d %d\" role=\"img\" "
			"aria-label=\"sync IPIs per op, base and patched\">", WIDTH, height);
	fputs("<g font-family=\"sans-serif\" font-size=\"11\">", out);
	put_axis(out, figure, most, height);
	put_legend(out);
	for (int i = 0; i < figure->nr_points; i++)
		put_bars(out, figure, i, most);
	fputs("</g></svg>\n", out);
}
