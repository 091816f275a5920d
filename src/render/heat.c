// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From CPU to CPU: a row a sender, a column a target, darker the longer it took. Both sides
 * of a figure share one scale of equal ratios, which is told below them.
 */
#include <math.h>

#include "render/figures.h"
#include "render/html.h"
#include "report/words.h"

#define CELL	14	/* units of the drawing */
#define LEFT	34
#define TOP	16
#define GAP	3	/* between nodes */

enum { NR_SHADES = 6 };

struct heat_scale {
	double from, step;	/* ns of the first shade; ratio to the next */
};

static struct heat_scale scale_of(const struct figure_heat *map)
{
	double least = INFINITY, most = 0;

	for (int side = 0; side < 2; side++)
		for (int i = 0; i < map->nr_from * map->nr_to; i++) {
			double ns = map->ns[side][i];

			if (isnan(ns))
				continue;
			least = fmin(least, ns);
			most = fmax(most, ns);
		}
	least = fmax(least, 1);
	return (struct heat_scale){ least, pow(fmax(most, least) / least, 1. / NR_SHADES) };
}

static int shade_of(const struct heat_scale *scale, double ns)
{
	int shade = scale->step > 1.0001 ? (int)(log(fmax(ns, 1) / scale->from) / log(scale->step)) : 0;

	return shade < 0 ? 0 : shade >= NR_SHADES ? NR_SHADES - 1 : shade;
}

static bool new_node(const struct figure_heat *map, int to)
{
	return to && map->node[to] != map->node[to - 1];
}

/* Where column @to begins, if the one before it begins at @before. */
static int next_column(const struct figure_heat *map, int to, int before)
{
	return to ? before + CELL + (new_node(map, to) ? GAP : 0) : LEFT;
}

/* Each CPU's number where there is room for it, else the first of each node. */
static void put_heads(FILE *out, const struct figure_heat *map)
{
	for (int to = 0, x = 0; to < map->nr_to; to++) {
		x = next_column(map, to, x);
		if (map->nr_to <= 16 || !to || new_node(map, to))
			fprintf(out, "<text x=\"%d\" y=\"%d\">%d</text>", x + 1, TOP - 5,
				map->to[to]);
	}
}

static void put_cell(FILE *out, const struct figure_heat *map, const struct heat_scale *scale,
		     int side, int from, int to, int x)
{
	double ns = map->ns[side][from * map->nr_to + to];
	char words[WORDS_SIZE];

	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", x,
		TOP + from * CELL, CELL - 1, CELL - 1);
	if (isnan(ns))
		fputs(" class=\"none\"/>", out);
	else
		fprintf(out, " class=\"h%d\"><title>CPU %d to CPU %d: %s</title></rect>",
			shade_of(scale, ns), map->from[from], map->to[to], words_time(words, ns));
}

static void put_side(FILE *out, const struct figure *figure, const struct heat_scale *scale, int side,
		     bool named)
{
	static const char *const names[2] = { "base", "patched" };
	const struct figure_heat *map = figure->heat;
	int width = LEFT, height = TOP + map->nr_from * CELL;

	for (int to = 0; to < map->nr_to; to++)
		width = next_column(map, to, width);
	width += CELL;
	fputs("<div class=\"heat\">", out);
	if (named)
		fprintf(out, "<p class=\"%s\">%s</p>", names[side], names[side]);
	fprintf(out, "<svg viewBox=\"0 0 %d %d\" style=\"width:%dpx\" role=\"img\" aria-label=\"",
		width, height, width * 5 / 4);
	html_text(out, figure->title);
	fputs("\">", out);
	put_heads(out, map);
	for (int from = 0; from < map->nr_from; from++) {
		fprintf(out, "<text x=\"0\" y=\"%d\">%d</text>", TOP + (from + 1) * CELL - 4,
			map->from[from]);
		for (int to = 0, x = 0; to < map->nr_to; to++) {
			x = next_column(map, to, x);
			put_cell(out, map, scale, side, from, to, x);
		}
	}
	fputs("</svg></div>\n", out);
}

static void put_scale(FILE *out, const struct heat_scale *scale)
{
	int nr = scale->step > 1.0001 ? NR_SHADES : 1;

	fputs("<p class=\"scale\">median from:", out);
	for (int i = 0; i < nr; i++) {
		char words[WORDS_SIZE];

		fprintf(out, " <span class=\"t\"><i class=\"h%d\"></i> %s</span>", i,
			words_time(words, scale->from * pow(scale->step, i)));
	}
	fputs("</p>\n", out);
}

/* Draws what @figure has of both sides on @out. Errors stay in @out. */
void figure_heat(FILE *out, const struct figure *figure, bool one_kernel)
{
	struct heat_scale scale = scale_of(figure->heat);

	fputs(one_kernel ? "<div>\n" : "<div class=\"maps\">\n", out);
	for (int side = 0; side < 2; side++)
		if (figure->heat->has[side])
			put_side(out, figure, &scale, side, !one_kernel);
	fputs("</div>\n", out);
	put_scale(out, &scale);
}

/* How to read the maps, once for all of them. */
void figure_heat_legend(FILE *out)
{
	fputs("<p>A row is the CPU that asked, a column the CPU that was asked, both in the order of "
	      "the machine: nodes stand apart. The darker, the longer from queueing a request to the "
	      "begin of its function. A cell under the pointer tells its figure.</p>\n", out);
}
