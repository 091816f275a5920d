// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The map from CPU to CPU on a terminal. Where the CPUs do not fit beside each other, those
 * of a node become one column, and their figures a mean.
 */
#include <math.h>
#include <stdlib.h>

#include "render/figures.h"

#define FIGURE	6	/* columns of a figure */
#define HEAD	9	/* in front of them */

struct grid {
	const struct figure_heat *map;
	bool nodes;		/* a column and a row a node */
	double unit;
	const char *unit_name;
};

static double most_of(const struct figure_heat *map)
{
	double most = 0;

	for (int i = 0; i < map->nr_from * map->nr_to; i++)
		if (!isnan(map->ns[0][i]))
			most = fmax(most, map->ns[0][i]);
	return most;
}

static bool begins_group(const struct grid *grid, int to)
{
	return !grid->nodes || !to || grid->map->node[to] != grid->map->node[to - 1];
}

/* The node of a row; it is one of the columns too. */
static int node_of(const struct figure_heat *map, int cpu)
{
	for (int i = 0; i < map->nr_to; i++)
		if (map->to[i] == cpu)
			return map->node[i];
	return -1;
}

static bool same_row(const struct grid *grid, int a, int b)
{
	return grid->nodes ? node_of(grid->map, grid->map->from[a]) ==
	       node_of(grid->map, grid->map->from[b]) : a == b;
}

static bool same_column(const struct grid *grid, int a, int b)
{
	return grid->nodes ? grid->map->node[a] == grid->map->node[b] : a == b;
}

/* The mean of all figures in the group of row @from and column @to; NAN: there are none. */
static double mean_of(const struct grid *grid, int from, int to)
{
	const struct figure_heat *map = grid->map;
	double sum = 0, n = 0;

	for (int i = 0; i < map->nr_from; i++) {
		if (!same_row(grid, from, i))
			continue;
		for (int j = 0; j < map->nr_to; j++) {
			double ns = map->ns[0][i * map->nr_to + j];

			if (!same_column(grid, to, j) || isnan(ns))
				continue;
			sum += ns;
			n++;
		}
	}
	return n > 0 ? sum / n : NAN;
}

static void put_row(FILE *out, const struct grid *grid, int from)
{
	const struct figure_heat *map = grid->map;

	fprintf(out, "%*d  ", HEAD - 2, grid->nodes ? node_of(map, map->from[from]) :
		map->from[from]);
	for (int to = 0; to < map->nr_to; to++) {
		double ns;

		if (!begins_group(grid, to))
			continue;
		ns = mean_of(grid, from, to);
		if (isnan(ns))
			fprintf(out, "%*s", FIGURE, "-");
		else
			fprintf(out, "%*.*f", FIGURE, ns / grid->unit < 99.95 ? 1 : 0, ns / grid->unit);
	}
	fputc('\n', out);
}

static bool is_first_of_row(const struct grid *grid, int from)
{
	for (int i = 0; i < from; i++)
		if (same_row(grid, i, from))
			return false;
	return true;
}

static bool fits(const struct figure_heat *map, int width)
{
	return HEAD + FIGURE * map->nr_to <= width;
}

/* Prints the map of @figure, of one kernel, in @width columns. Errors stay in @out. */
void figure_heat_text(FILE *out, const struct figure *figure, int width)
{
	const struct figure_heat *map = figure->heat;
	struct grid grid = { .map = map, .nodes = !fits(map, width), .unit = 1, .unit_name = "ns" };
	double most = most_of(map);

	if (most >= 1e3) {
		grid.unit = most >= 1e7 ? 1e6 : 1e3;
		grid.unit_name = most >= 1e7 ? "ms" : "us";
	}
	fprintf(out, "\nFrom %s (rows) to %s (columns), median in %s\n\n%*s",
		grid.nodes ? "node" : "CPU", grid.nodes ? "node" : "CPU", grid.unit_name, HEAD, "");
	for (int to = 0; to < map->nr_to; to++)
		if (begins_group(&grid, to))
			fprintf(out, "%*d", FIGURE, grid.nodes ? map->node[to] : map->to[to]);
	fputc('\n', out);
	for (int from = 0; from < map->nr_from; from++)
		if (is_first_of_row(&grid, from))
			put_row(out, &grid, from);
}
