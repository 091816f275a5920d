// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A map of the machine: a tile a CPU, in a frame a memory node. Tiles wrap, so many CPUs
 * fit a phone too. Their shade means the same in every map: whoever compares two of them
 * compares figures. What the op itself asked for stands in the tile; what came from others
 * stands below it.
 */
#include "render/figures.h"
#include "render/html.h"

/* From which value on a tile has which shade, and what the legend says of it. */
static const struct shade {
	double from;
	const char *words;
} shades[] = {
	{ 0, "0" }, { 1e-9, "below 0.01" }, { 0.01, "0.01" }, { 0.5, "0.5" }, { 1.5, "1.5" },
	{ 8, "8" },
};

enum { NR_SHADES = sizeof(shades) / sizeof(shades[0]) };

static int shade_of(double value)
{
	int shade = 0;

	while (shade + 1 < NR_SHADES && value >= shades[shade + 1].from)
		shade++;
	return shade;
}

static void put_rate(FILE *out, double value)
{
	if (value > 0 && value < 0.01)
		fputs("&lt;0.01", out);
	else
		fprintf(out, value >= 99.5 ? "%.0f" : "%.3g", value);
}

static void put_tile(FILE *out, const struct figure_cpu *cpu, int side)
{
	double own = cpu->own_known[side] ? cpu->own[side] : cpu->foreign[side];
	double foreign = cpu->own_known[side] ? cpu->foreign[side] : 0;

	fprintf(out, "<i class=\"cpu s%d\"><small>%d%s%s</small>", shade_of(own), cpu->cpu,
		cpu->role ? " " : "", cpu->role ? cpu->role : "");
	put_rate(out, own);
	if (foreign > 0) {
		fputs("<small>+", out);
		put_rate(out, foreign);
		fputs("</small>", out);
	}
	fputs("</i>", out);
}

/* The next node above @node that has a CPU; @node itself if there is none. */
static int next_node(const struct figure *figure, int node)
{
	int next = node;

	for (int i = 0; i < figure->nr_cpus; i++) {
		int here = figure->cpus[i].node;

		if (here > node && (next == node || here < next))
			next = here;
	}
	return next;
}

static void put_node(FILE *out, const struct figure *figure, int node, int side)
{
	fputs("<span class=\"node\">", out);
	if (node < 0)
		fputs("<b>no node known</b>", out);
	else
		fprintf(out, "<b>node %d</b>", node);
	for (int i = 0; i < figure->nr_cpus; i++)
		if (figure->cpus[i].node == node)
			put_tile(out, &figure->cpus[i], side);
	fputs("</span>", out);
}

static void put_side(FILE *out, const struct figure *figure, int side)
{
	static const char *const names[2] = { "base", "patched" };
	int node = -2;

	fprintf(out, "<div><p>%s, <span class=\"%s\">%s</span></p><div class=\"map\">",
		figure->unit, names[side], names[side]);
	while (next_node(figure, node) != node) {
		node = next_node(figure, node);
		put_node(out, figure, node, side);
	}
	fputs("</div></div>\n", out);
}

/* Draws both sides of @figure on @out. Errors stay in @out. */
void figure_cpus(FILE *out, const struct figure *figure)
{
	fputs("<div class=\"maps\">\n", out);
	for (int side = 0; side < 2; side++)
		if (figure->nr_cpus && figure->cpus[0].known[side])
			put_side(out, figure, side);
	fputs("</div>\n", out);
}

/* What the tiles mean, once for all maps. */
void figure_cpus_legend(FILE *out)
{
	fputs("<p>A tile is a CPU: its number and role, and the IPIs that an op sent to it. "
	      "Behind + stand those that others sent meanwhile, "
	      "and the tool itself between ops; records of older versions do not "
	      "tell them apart. Shades, per op, from:</p>\n<div class=\"map\">", out);
	for (int i = 0; i < NR_SHADES; i++)
		fprintf(out, "<i class=\"cpu s%d\">%s</i>", i, shades[i].words);
	fputs("</div>\n", out);
}
